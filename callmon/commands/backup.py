"""`callmon backup`: all that is needed to begin again elsewhere, into a folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from callmon.commands.output import say
from callmon.errors import BadBackup, StoreOutdated
from callmon.settings import Settings, load_settings
from callmon.store.access import audit
from callmon.store.backups.media import add_sounds
from callmon.store.backups.write import finish, write
from callmon.store.database import Database
from callmon.store.media import Media


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when it is whole; 1 when sounds could not be copied."""
    settings = load_settings()
    folder: Path = arguments.folder
    at = datetime.now(UTC)
    with _open(settings.database_url) as database:
        manifest = write(
            database,
            folder,
            settings=settings_text(settings),
            rubric=_rubric(settings),
            at=at,
        )
        number = next(each.rows for each in manifest.tables if each.table == "recordings")
        say(f"the database: {number} recordings, and all that is known of them")
        whole = True
        if arguments.media:
            source = Media.open(settings.media_url)
            manifest, copied = add_sounds(folder, manifest, source)
            whole = copied.is_whole
            say(f"the media: {copied.copied} recordings")
            for keys, what in (
                (copied.missing, "not in the media store; they were deleted, or are lost"),
                (copied.damaged, "damaged in the media store, and left out"),
            ):
                if keys:
                    say(f"callmon: {len(keys)} recordings are {what}: {_some(keys)}")
        finish(folder, manifest)
        with database.writing() as connection:
            detail = {"recordings": number, "media": arguments.media}
            audit.record(connection, who="cli", action="backup.made", detail=detail, at=at)
    say(
        f"{folder} holds what customers said and hashes of keys and passwords: keep it as"
        " closely as the database."
    )
    if not arguments.media:
        say(f"The media were only listed; they stay in {_shown(settings.media_url)}.")
    return 0 if whole else 1


def _open(url: str) -> Database:
    """Raises StoreOutdated with what to do for a backup, since `migrate` comes after it."""
    try:
        return Database.open(url)
    except StoreOutdated as error:
        raise StoreOutdated(
            f"{error} The backup has to be made by the callmon that the database is of."
        ) from None


def settings_text(settings: Settings) -> str:
    """The settings that were set, as `callmon.toml` has them; of secrets only the names."""
    values = settings.model_dump(mode="json", exclude_unset=True)
    lines = ["# As they were when the backup was made. Secrets are not among them."]
    for name in sorted(values):
        if isinstance(getattr(settings, name), SecretStr) or "@" in str(values[name]):
            lines.append(f"# {name} was set")
        elif values[name] is not None:
            lines.append(f"{name} = {_toml(values[name])}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        there = {name: inner for name, inner in value.items() if inner is not None}
        inside = ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in there.items())
        return "{" + inside + "}"
    return json.dumps(value)


def _rubric(settings: Settings) -> bytes | None:
    if settings.rubric is None:
        return None
    try:
        return settings.rubric.read_bytes()
    except OSError as error:
        raise BadBackup(f"{settings.rubric} cannot be read: {error.strerror}.") from None


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:3]) + (", …" if len(keys) > 3 else "")


def _shown(url: str) -> str:
    """Without a name and a password, which an address may hold."""
    return "the media store of the settings" if "@" in url else url
