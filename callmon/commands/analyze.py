"""`callmon analyze`: the main job, for one or many files, one at a time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from callmon.audio.encode import to_mp3
from callmon.call import Analysis
from callmon.commands.engine import Engine, VoicesApart, load_asker, load_text_model
from callmon.commands.output import console, say, write_text
from callmon.commands.progress import showing
from callmon.empathy.rubric_file import load_rubric
from callmon.errors import CallmonError, MissingModel
from callmon.opinion.second import second_opinions
from callmon.pipeline import analyse, analyse_transcript
from callmon.report.html import render, render_index
from callmon.report.terminal import Row, print_call, print_table
from callmon.settings import Settings, load_settings
from callmon.speech.transcripts.transcripts import read_transcript


@dataclass(frozen=True)
class Target:
    """Where the results of one file go; None is nowhere."""

    file: Path
    json: Path | None
    report: Path | None


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 only when every file was analysed."""
    _check_usage(arguments)
    targets = list(_targets(arguments))
    _check_places(arguments, targets)
    settings = load_settings(
        asr=arguments.asr,
        language=arguments.language,
        rubric=arguments.rubric,
        source=arguments.source,
    )
    rubric = load_rubric(settings.rubric)
    transcript = read_transcript(arguments.transcript) if arguments.transcript else None
    engine, diarizer = Engine(settings), VoicesApart(settings)
    text_model, asker = load_text_model(), load_asker(settings)
    agent = _agent(arguments)

    rows: list[Row] = []
    for target in targets:
        try:
            with showing(target.file.name) as progress:
                if transcript is not None and not arguments.files:
                    analysis = analyse_transcript(
                        target.file,
                        transcript,
                        rubric=rubric,
                        text_model=text_model,
                        agent=agent,
                        direction=settings.of_source.direction,
                        role_confidence=settings.role_confidence,
                        language=settings.language,
                        started=arguments.started,
                    )
                else:
                    analysis = analyse(
                        target.file,
                        rubric=rubric,
                        text_model=text_model,
                        diarizer=diarizer,
                        transcriber=engine,
                        transcript=transcript,
                        agent=agent,
                        agent_channel=_agent_channel(arguments, settings),
                        direction=settings.of_source.direction,
                        role_confidence=settings.role_confidence,
                        language=settings.language,
                        started=arguments.started,
                        max_seconds=settings.max_call_seconds,
                        progress=progress,
                    )
                if asker is not None:
                    analysis = second_opinions(
                        analysis, asker, below=settings.opinion_below
                    )
            if target.json is not None:
                write_text(target.json, analysis.model_dump_json(indent=1) + "\n")
            if target.report is not None:
                sound = (
                    to_mp3(target.file, max_seconds=settings.max_call_seconds)
                    if arguments.embed_audio
                    else None
                )
                write_report(target.report, analysis, sound=sound)
        except MissingModel:
            raise  # no file can be analysed, so it is told once
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
            write_text(Path(arguments.report) / "index.html", render_index(entries))
        print_table(rows, console(sys.stderr if arguments.json == "-" else sys.stdout))
    return 0 if len(analysed) == len(rows) else 1


def _check_usage(arguments: argparse.Namespace) -> None:
    """Wrong combinations end here, with the usage and exit code 2."""
    fail = arguments.parser.error
    if not arguments.files and arguments.transcript is None:
        fail("name at least one recording, or a transcript with --transcript")
    if arguments.transcript is not None and len(arguments.files) > 1:
        fail("--transcript belongs to one recording; name one FILE, or none")
    if arguments.started is not None and len(arguments.files) > 1:
        fail("--started belongs to one call; name one FILE")
    if arguments.embed_audio and arguments.report is None:
        fail("--embed-audio puts the sound into the page of --report; name that too")
    if arguments.embed_audio and not arguments.files:
        fail("--embed-audio needs a recording, and only a transcript was named")
    for option, path in (("--json", arguments.json), ("--report", arguments.report)):
        if path in (None, "-"):
            continue
        if len(arguments.files) > 1 and Path(path).is_file():
            fail(f"{option} {path!r} is a file; several recordings need a folder")


def _check_places(arguments: argparse.Namespace, targets: Sequence[Target]) -> None:
    """No result takes the place of what is read, or of another result."""
    fail = arguments.parser.error
    inputs = [*arguments.files, arguments.transcript, arguments.rubric]
    read = {path.resolve() for path in inputs if path is not None}
    for target in targets:
        for option, place in (("--json", target.json), ("--report", target.report)):
            if place is not None and place.resolve() in read:
                fail(f"{option} would write over {str(place)!r}, which is read")
        if target.json is not None and target.json == target.report:
            fail(f"--json and --report both name {str(target.json)!r}")


def _agent(arguments: argparse.Namespace) -> str | None:
    """The name of the agent's voice, when the user knows it."""
    if arguments.agent_speaker is not None:
        return f"speaker {arguments.agent_speaker}"
    return None if arguments.agent_channel == "auto" else arguments.agent_channel


def _agent_channel(
    arguments: argparse.Namespace, settings: Settings
) -> Literal["left", "right"] | None:
    """The channel of the agent by the settings, when the command line leaves it to them."""
    channel = settings.of_source.agent_channel
    if arguments.agent_channel == "auto" or channel == "auto":
        return None
    return channel


def _targets(arguments: argparse.Namespace) -> Iterator[Target]:
    """Where each file's results go: a file for one, files in a folder for several."""
    files: list[Path] = arguments.files or [arguments.transcript]
    json = None if arguments.json == "-" else arguments.json
    many = len(files) > 1
    taken: set[str] = {"index"}
    for file in files:
        stem, number = file.stem or "call", 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{file.stem}-{number}"
        taken.add(stem.casefold())
        yield Target(
            file=file,
            json=_place(json, f"{stem}.json", many=many),
            report=_place(arguments.report, f"{stem}.html", many=many),
        )


def _place(named: str | None, name: str, *, many: bool) -> Path | None:
    if named is None:
        return None
    folder = many or named.endswith("/") or Path(named).is_dir()
    return Path(named) / name if folder else Path(named)


def write_report(page: Path, analysis: Analysis, *, sound: bytes | None) -> None:
    """Writes the HTML page of one call, with its sound as MP3 in it where given."""
    write_text(page, render(analysis, audio=sound, audio_type="audio/mpeg"))


def _print_json(documents: Sequence[Analysis], *, many: bool) -> None:
    """One JSON document on standard output: the analysis, or the list of them."""
    if many:
        whole = TypeAdapter(list[Analysis]).dump_json(list(documents), indent=1)
        sys.stdout.write(whole.decode() + "\n")
    elif documents:
        sys.stdout.write(documents[0].model_dump_json(indent=1) + "\n")
