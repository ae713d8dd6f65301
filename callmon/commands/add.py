"""`callmon add`: takes recordings in from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from callmon.commands.intake import opened, pattern_of
from callmon.commands.output import console, say
from callmon.errors import BadRecording, BadSettings
from callmon.intake.accept import Intake, accept
from callmon.intake.describe import describe
from callmon.intake.fields import Told, read_fields
from callmon.intake.folder import look
from callmon.intake.manifest import Manifest, read_manifest
from callmon.intake.name_pattern import NamePattern
from callmon.intake.sidecar import ENDING, find_sidecar
from callmon.jobs.queue import BATCH, REANALYSIS, UPLOAD
from callmon.report.wording import harmless
from callmon.settings import load_settings

PRIORITIES: Final = {"first": UPLOAD, "batch": BATCH, "last": REANALYSIS}

FIELDS: Final = (
    "agent", "team", "queue", "customer", "started", "direction", "language",
    "external_id", "agent_channel",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What became of one file."""

    file: str
    id: str | None = None
    name: str | None = None
    state: str | None = None
    known: bool = False
    warnings: tuple[str, ...] = ()
    error: str | None = None
    """Why it was not taken in."""


@dataclass(frozen=True)
class Batch:
    """What holds for all files of one command."""

    form: Told
    manifest: Manifest | None
    pattern: NamePattern | None
    source: str | None
    priority: int


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when every file is in, also those that were known already."""
    settings = load_settings(source=arguments.source)
    batch = Batch(
        form=_form(arguments),
        manifest=None if arguments.manifest is None else read_manifest(arguments.manifest),
        pattern=pattern_of(settings),
        source=settings.source,
        priority=PRIORITIES[arguments.priority],
    )
    files = [
        file
        for file in _files(arguments.files)
        if arguments.manifest is None or file.absolute() != arguments.manifest.absolute()
    ]
    if not files:
        raise BadSettings("There is no recording among what was named.")
    rows: list[Row] = []
    try:
        with opened(settings) as intake, _showing(len(files)) as step:
            for file in files:
                rows.append(_add(file, intake, batch))
                step()
    finally:
        # Also when it ends early, so that everybody knows what is in.
        _print(rows, as_json=arguments.json)
    if batch.manifest is not None and (unused := batch.manifest.unused()):
        say(f"{len(unused)} lines of the list name no file here, such as {unused[0][:200]}")
    return 1 if any(row.error for row in rows) else 0


def _form(arguments: argparse.Namespace) -> Told:
    given = {name: getattr(arguments, name) for name in FIELDS}
    labels = {}
    for label in arguments.label:
        name, there, value = label.partition("=")
        if not there:
            arguments.parser.error(f"--label {label!r}: NAME=VALUE would work")
        labels[name] = value
    told = read_fields({**given, "labels": labels}, where="The command line")
    for warning in told.warnings:
        say(f"callmon: {warning}")
    return told


def _files(named: Sequence[Path]) -> Iterator[Path]:
    """The files that were named, and those in folders that were; no sidecars."""
    for path in named:
        if path.is_dir():
            yield from sorted(seen.path for seen in look(path))
        elif path.suffix != ENDING or not path.exists():
            yield path


def _add(file: Path, intake: Intake, batch: Batch) -> Row:
    shown = harmless(str(file))
    told = describe(
        file.absolute().parts,
        form=batch.form,
        row=None if batch.manifest is None else batch.manifest.of(file),
        sidecar=find_sidecar(file),
        pattern=batch.pattern,
    )
    try:
        if not file.is_file():
            raise BadRecording(f"There is no file at {str(file)!r}. Check the path.")
        with file.open("rb") as stream:
            accepted = accept(
                stream,
                intake,
                name=file.name,
                metadata=told.metadata,
                warnings=told.warnings,
                source=batch.source,
                priority=batch.priority,
                at=datetime.now(UTC),
            )
    except BadRecording as error:
        return Row(file=shown, error=str(error))
    except OSError as error:
        return Row(file=shown, error=f"It cannot be read: {error.strerror}.")
    recording = accepted.recording
    return Row(
        file=shown,
        id=recording.id,
        name=recording.name,
        state=recording.state,
        known=accepted.known,
        warnings=told.warnings,
    )


@contextmanager
def _showing(number: int) -> Iterator[Callable[[], object]]:
    """Progress over the files, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    with Progress(
        BarColumn(), MofNCompleteColumn(), console=console(sys.stderr), transient=True
    ) as bar:
        task = bar.add_task("", total=number)
        yield lambda: bar.advance(task)


def _print(rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
        return

    if not rows:  # it ended before the first one, and the error says why
        return

    from rich.table import Table
    from rich.text import Text

    table = Table("id", "state", "file", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        state = row.state or "not taken in"
        table.add_row(
            Text(row.id or ""),
            Text(f"{state} (known already)" if row.known else state),
            Text(row.file, overflow="fold"),
        )
    console(sys.stdout).print(table)
    for row in rows:
        for sentence in (*row.warnings, *((row.error,) if row.error else ())):
            say(f"callmon: {row.file}: {sentence}")
