"""`callmon export`: findings and commitments as rows, transcripts in other forms."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Final

from callmon.call import Value
from callmon.commands.output import write_text, writing
from callmon.report.spreadsheet import write_csv, write_jsonl
from callmon.settings import load_settings
from callmon.speech.roles.roles import assign_roles
from callmon.speech.transcripts.exports import to_json, to_srt, to_text, to_vtt
from callmon.speech.transcripts.transcripts import read_transcript
from callmon.speech.turns import build_turns
from callmon.store.calls import questions
from callmon.store.calls.questions import StoredCommitment, StoredFinding
from callmon.store.database import Database

TRANSCRIPTS: Final = {"vtt": to_vtt, "srt": to_srt, "json": to_json, "text": to_text}
ROWS: Final = {"csv": write_csv, "jsonl": write_jsonl}

Ask = Callable[..., Sequence[StoredFinding | StoredCommitment]]

KINDS: Final[dict[str, tuple[Ask, type[Value]]]] = {
    "findings": (questions.findings, StoredFinding),
    "commitments": (questions.commitments, StoredCommitment),
}
PAGE: Final = 1000


def run(arguments: argparse.Namespace) -> int:
    # A file of that name is meant when there is one.
    if arguments.what in KINDS and not Path(arguments.what).exists():
        _export_rows(arguments)
    else:
        _export_transcript(arguments)
    return 0


def _export_transcript(arguments: argparse.Namespace) -> None:
    form = arguments.form or "text"
    filters = (arguments.agent, arguments.team, arguments.queue)
    if form not in TRANSCRIPTS or any((*filters, arguments.since, arguments.until)):
        arguments.parser.error(
            f"{arguments.what!r} is taken for a transcript's file; csv, jsonl and the"
            " choice of calls are for `findings` and `commitments`"
        )
    segments = read_transcript(Path(arguments.what))
    turns = build_turns(segments, assign_roles(segments), ())
    text = TRANSCRIPTS[form](turns)
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        write_text(arguments.output, text)


def _export_rows(arguments: argparse.Namespace) -> None:
    form = arguments.form or "csv"
    if form not in ROWS:
        arguments.parser.error(
            f"--format {form} is for transcripts; csv or jsonl would work"
        )
    ask, kind = KINDS[arguments.what]
    # All of them count; what a later analysis has superseded is not among them.
    columns = [name for name in kind.model_fields if name != "current"]
    wanted = partial(
        ask,
        agent=arguments.agent,
        team=arguments.team,
        queue=arguments.queue,
        since=_begin(arguments.since),
        until=_begin(arguments.until),
    )
    with Database.open(load_settings().database_url) as database:
        rows = _all(database, wanted)
        if arguments.output is None:
            ROWS[form](sys.stdout, columns, rows)
        else:
            with writing(arguments.output) as file:
                ROWS[form](file, columns, rows)


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)


def _all(database: Database, ask: Ask) -> Iterator[dict[str, Any]]:
    """Page by page, so that a million rows need no memory."""
    after = None
    while True:
        with database.reading() as connection:
            page = ask(connection, limit=PAGE, after=after)
        for row in page:
            yield row.model_dump(mode="json")
        if len(page) < PAGE:
            return
        after = page[-1].id
