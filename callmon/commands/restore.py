"""`callmon restore`: what `callmon backup` wrote, into an empty place."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from callmon.commands.output import say
from callmon.jobs.queue import Queue
from callmon.jobs.sweep import heal
from callmon.settings import load_settings
from callmon.store.backups.form import (
    MEDIA,
    SETTINGS,
    Manifest,
    check_files,
    read_manifest,
    sounds,
)
from callmon.store.backups.media import Copied, bring_sounds, damaged_sounds
from callmon.store.backups.restore import check_place, restore
from callmon.store.database import Database
from callmon.store.media import INCOMING, MADE, Media


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when all is there; 1 when sounds are missing or damaged."""
    folder: Path = arguments.folder
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    if arguments.check:
        return _check(folder, manifest)
    settings = load_settings()
    check_place(settings.database_url, manifest)
    # First, for they harm nothing: what fails here can be begun again.
    media = Media.open(settings.media_url)
    found = bring_sounds(folder, manifest, media)
    now = datetime.now(UTC)
    in_work = restore(settings.database_url, folder, manifest, at=now)
    with (
        Database.open(settings.database_url) as database,
        Queue.open(settings.queue_url) as queue,
    ):
        queued = heal(database, queue, at=now)
    say(f"restored, as it was on {manifest.at:%Y-%m-%d %H:%M} UTC by {manifest.callmon}")
    if queued:
        say(f"{len(queued)} recordings wait for a worker, of which {in_work} were in work")
    say(
        "Keys and accounts that were ended since hold again (`callmon keys list`, `callmon"
        " users list`), and recordings that were deleted since are back: delete them again."
        f" Everybody signs in anew. The settings as they were: {folder / SETTINGS}."
    )
    _tell_of_sounds(folder, media, found)
    return 0 if found.is_whole else 1


def _tell_of_sounds(folder: Path, media: Media, found: Copied) -> None:
    say(f"the media: {found.copied} files copied, {found.there} were there")
    if found.missing:
        say(
            f"callmon: {len(found.missing)} recordings have no sound in the media store,"
            f" such as {found.missing[0]}. Everything else of them is here."
        )
    if found.damaged:
        say(
            f"callmon: {len(found.damaged)} files of the backup are damaged and were left"
            f" out, such as {found.damaged[0]}"
        )
    listed = {sound.key for sound in sounds(folder)}
    younger = sum(key not in listed for key in _recorded(media))
    if younger:
        say(
            f"callmon: {younger} files in the media store are of no recording in the"
            " backup; they may have come after it. Workers delete them: copy them away"
            " before you start one."
        )


def _recorded(media: Media) -> Iterator[str]:
    """The keys of sounds, without what is made of them or being received."""
    for key, _ in media.keys():  # noqa: SIM118 no mapping
        if not key.startswith(INCOMING) and not key.endswith(MADE):
            yield key


def _check(folder: Path, manifest: Manifest) -> int:
    """Reads everything in the backup and writes nothing."""
    broken = 0
    for key in damaged_sounds(folder) if manifest.media else ():
        say(f"callmon: {folder / MEDIA / key} is missing or damaged")
        broken += 1
    if not broken:
        say(f"the backup of {manifest.at:%Y-%m-%d %H:%M} UTC is as it was written")
    return 1 if broken else 0
