"""`callmon watch`: takes in what appears in folders."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from callmon.commands.intake import opened, pattern_of
from callmon.commands.output import say
from callmon.errors import BadSettings
from callmon.intake.watcher import Options, Watcher
from callmon.settings import Settings, load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when it was ended; with --once when every file could be taken in."""
    settings = load_settings(
        source=arguments.source, after=arguments.after, poll=arguments.poll
    )
    folders = _folders(arguments.folders, settings)
    options = Options(
        after=settings.after,
        stable_seconds=settings.stable_seconds,
        sidecar_seconds=settings.sidecar_seconds,
        rescan_seconds=settings.rescan_seconds,
        poll=settings.poll,
        max_queued=settings.max_queued,
        pattern=pattern_of(settings),
        source=settings.source,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(settings) as intake:
        watcher = Watcher(folders, intake=intake, options=options, stop=stop, tell=say)
        if arguments.once:
            watcher.once()
        else:
            say(
                f"callmon: watching {', '.join(map(str, folders))}. Ctrl-C or SIGTERM ends"
                " it after the present file."
            )
            watcher.watch()
    say(f"{watcher.taken} taken in, {watcher.failed} not")
    return 1 if arguments.once and watcher.failed else 0


def _folders(named: Sequence[Path], settings: Settings) -> list[Path]:
    """The folders in full, without those that lie within another. Raises BadSettings."""
    found = []
    for path in named:
        if not path.is_dir():
            raise BadSettings(f"{path}: there is no such folder to watch.")
        found.append(path.resolve())
    own = [settings.data.resolve()]
    if "://" not in settings.media_url:
        own.append(Path(settings.media_url).resolve())
    for folder in found:
        for ours in own:
            # It would take in its own copies, and move or delete them.
            if ours.is_relative_to(folder) or folder.is_relative_to(ours):
                raise BadSettings(
                    f"{folder} cannot be watched: callmon keeps its own files in {ours}."
                    " A folder apart from that would work."
                )
    return [
        folder
        for folder in dict.fromkeys(found)
        if not any(folder != other and folder.is_relative_to(other) for other in found)
    ]
