"""`callmon analyze`: the main job, for one or many files, one at a time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from callmon.call import Analysis
from callmon.commands.engine import Engine
from callmon.commands.output import console, say, write_text
from callmon.commands.progress import showing
from callmon.empathy.rubric import load_rubric
from callmon.errors import CallmonError
from callmon.pipeline import analyse, analyse_transcript
from callmon.report.html import render, render_index
from callmon.report.terminal import Row, print_call, print_table
from callmon.settings import load_settings
from callmon.speech.transcripts import read_transcript


@dataclass(frozen=True)
class Target:
    """Where the results of one file go; None is nowhere."""

    file: Path
    json: Path | None
    report: Path | None


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 only when every file was analysed."""
    _check_usage(arguments)
    settings = load_settings(
        asr=arguments.asr, language=arguments.language, rubric=arguments.rubric
    )
    rubric = load_rubric(settings.rubric)
    transcript = read_transcript(arguments.transcript) if arguments.transcript else None
    engine = Engine(settings)
    agent = _agent(arguments)
    targets = list(_targets(arguments))

    rows: list[Row] = []
    for target in targets:
        try:
            with showing(target.file.name) as progress:
                if transcript is not None and not arguments.files:
                    analysis = analyse_transcript(
                        target.file, transcript, rubric=rubric, agent=agent
                    )
                else:
                    analysis = analyse(
                        target.file,
                        rubric=rubric,
                        transcriber=engine,
                        transcript=transcript,
                        agent=agent,
                        language=settings.language,
                        max_seconds=settings.max_call_seconds,
                        progress=progress,
                    )
            if target.json is not None:
                write_text(target.json, analysis.model_dump_json(indent=1) + "\n")
            if target.report is not None:
                sound = target.file if arguments.embed_audio else None
                write_report(target.report, analysis, sound=sound)
        except CallmonError as error:
            say(f"callmon: {target.file}: {error}")
            rows.append(Row(name=target.file.name, analysis=None, error=str(error)))
            continue
        rows.append(Row(name=target.file.name, analysis=analysis, error=None))
        if arguments.json is None and arguments.report is None:
            print_call(analysis, console(sys.stdout))

    analysed = [row.analysis for row in rows if row.analysis is not None]
    if arguments.json == "-":
        _print_json(analysed, many=len(targets) > 1)
    if len(targets) > 1:
        if arguments.report is not None:
            pages = [
                (t, r.analysis) for t, r in zip(targets, rows, strict=True) if r.analysis
            ]
            entries = [(a, t.report.name) for t, a in pages if t.report]
            write_text(arguments.report / "index.html", render_index(entries))
        print_table(rows, console(sys.stderr if arguments.json == "-" else sys.stdout))
    return 0 if len(analysed) == len(rows) else 1


def _check_usage(arguments: argparse.Namespace) -> None:
    """Wrong combinations end here, with the usage and exit code 2."""
    fail = arguments.parser.error
    if not arguments.files and arguments.transcript is None:
        fail("name at least one recording, or a transcript with --transcript")
    if arguments.transcript is not None and len(arguments.files) > 1:
        fail("--transcript belongs to one recording; name one FILE, or none")
    if arguments.embed_audio and arguments.report is None:
        fail("--embed-audio puts the sound into the page of --report; name that too")
    if arguments.embed_audio and not arguments.files:
        fail("--embed-audio needs a recording, and only a transcript was named")
    for option, path in (("--json", arguments.json), ("--report", arguments.report)):
        if path in (None, "-"):
            continue
        if len(arguments.files) > 1 and Path(path).is_file():
            fail(f"{option} {path} is a file; several recordings need a folder")


def _agent(arguments: argparse.Namespace) -> str | None:
    """The name of the agent's voice, when the user knows it."""
    if arguments.agent_speaker is not None:
        return f"speaker {arguments.agent_speaker}"
    return None if arguments.agent_channel == "auto" else str(arguments.agent_channel)


def _targets(arguments: argparse.Namespace) -> Iterator[Target]:
    """Where each file's results go: a file for one, files in a folder for several."""
    files: list[Path] = arguments.files or [arguments.transcript]
    json = None if arguments.json in (None, "-") else Path(arguments.json)
    report: Path | None = arguments.report
    taken: set[str] = {"index"}
    for file in files:
        stem, number = file.stem or "call", 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{file.stem}-{number}"
        taken.add(stem.casefold())
        in_folder = len(files) > 1
        yield Target(
            file=file,
            json=_place(json, f"{stem}.json", in_folder=in_folder),
            report=_place(report, f"{stem}.html", in_folder=in_folder),
        )


def _place(path: Path | None, name: str, *, in_folder: bool) -> Path | None:
    if path is None:
        return None
    return path / name if in_folder or path.is_dir() else path


def write_report(page: Path, analysis: Analysis, *, sound: Path | None) -> None:
    """Writes the HTML page of one call, with the recording's sound in it where given."""
    from callmon.audio.encode import to_mp3

    embedded = to_mp3(sound) if sound is not None else None
    write_text(page, render(analysis, audio=embedded, audio_type="audio/mpeg"))


def _print_json(documents: Sequence[Analysis], *, many: bool) -> None:
    """One JSON document on standard output: the analysis, or the list of them."""
    if many:
        whole = TypeAdapter(list[Analysis]).dump_json(list(documents), indent=1)
        sys.stdout.write(whole.decode() + "\n")
    elif documents:
        sys.stdout.write(documents[0].model_dump_json(indent=1) + "\n")
