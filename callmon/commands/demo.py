"""`callmon demo`: the sample calls, from their sound to the pages."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from time import perf_counter

from pydantic import ValidationError

import callmon
from callmon.audio.decode import decode
from callmon.call import Analysis
from callmon.commands.analyze import write_report
from callmon.commands.engine import Engine, VoicesApart, load_text_model
from callmon.commands.output import console, say, write_text
from callmon.commands.progress import showing
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.jobs.products import WRITERS
from callmon.pipeline import analyse
from callmon.report.html import render_index
from callmon.report.terminal import Row, print_summary, print_table
from callmon.samples import Sample, samples
from callmon.settings import Settings, load_settings
from callmon.weights import models_folder, present

STAMP = ".made-by"
"""File beside the pages that says what made them."""
DECIDING = (
    *("audio", "speech", "tone", "empathy", "findings", "report", "samples"),
    *("__init__.py", "call.py", "intervals.py", "pipeline.py", "steps.py"),
)
"""The parts of the program by which results differ."""


def run(arguments: argparse.Namespace) -> int:
    """Analyses every sample; the real speech model is taken where it is already here.

    Pages that the same program made with the same models are kept as they are.
    """
    settings = demo_settings(arguments.asr)
    rubric = load_rubric(settings.rubric)
    folder: Path = arguments.output
    began = perf_counter()
    stamp = stamp_of(settings)
    analyses = made_before(folder, stamp)
    if analyses:
        say("Nothing has changed since the last run: these are its results.")
    else:
        say(f"Analysing {len(samples())} calls with the speech model `{settings.asr}`.")
        analyses = _make(folder, settings, rubric)
        write_text(folder / STAMP, stamp)

    out = console(sys.stdout)
    for sample, analysis in zip(samples(), analyses, strict=True):
        print_summary(analysis, out, title=sample.dialogue["title"])
    print_table([Row(name=a.recording.name, analysis=a) for a in analyses], out)
    minutes = sum(a.recording.duration or 0.0 for a in analyses) / 60
    say(f"{minutes:.1f} minutes of calls in {perf_counter() - began:.0f} s.")
    sys.stdout.write(
        f"\nOpen {(folder / 'index.html').resolve()}\n"
        f"Review these calls in the browser: {_command()} serve --demo {folder}\n"
    )
    return 0


def demo_settings(asr: str | None) -> Settings:
    """With this speech model; else the one that is set, or `demo` where it is not here."""
    settings = load_settings(asr=asr, language="en")
    if asr is None and not present(settings.asr, cache=settings.model_cache):
        settings = load_settings(asr="demo", language="en")
    return settings


def _command() -> str:
    """How callmon was called just now, so that the same way works again."""
    called = Path(sys.argv[0])
    return sys.argv[0] if called.name == "callmon" else "callmon"


def _make(folder: Path, settings: Settings, rubric: Rubric) -> list[Analysis]:
    """Analyses the samples and writes a page and a document for each, and the index."""
    engine, diarizer = Engine(settings), VoicesApart(settings)
    text_model = load_text_model()
    analyses: list[Analysis] = []
    for sample in samples():
        with showing(sample.recording.name) as progress:
            analysis = analyse(
                sample.recording,
                rubric=rubric,
                text_model=text_model,
                diarizer=diarizer,
                transcriber=engine,
                language=settings.language,
                progress=progress,
            )
            page = page_of(folder, sample)
            _make_products(sample, page)
            write_report(page, analysis, sound=page.with_suffix(".mp3").read_bytes())
            write_text(page.with_suffix(".json"), analysis.model_dump_json(indent=1) + "\n")
        analyses.append(analysis)
    entries = [
        (analysis, page_of(folder, sample).name)
        for sample, analysis in zip(samples(), analyses, strict=True)
    ]
    write_text(folder / "index.html", render_index(entries))
    return analyses


def _make_products(sample: Sample, page: Path) -> None:
    """Writes what browsers need of the sound, for `callmon serve --demo`."""
    page.parent.mkdir(parents=True, exist_ok=True)
    with decode(sample.recording) as audio:
        for ending, write in WRITERS.items():
            with page.with_suffix(ending).open("wb") as target:
                write(audio, target)


def page_of(folder: Path, sample: Sample) -> Path:
    """Beside it lie the document and the sound, under the same name."""
    return folder / f"{sample.name}.html"


def stamp_of(settings: Settings) -> str:
    """What decides the results: the stages, their models, the samples, the settings."""
    package = Path(callmon.__file__).parent
    digest = hashlib.sha256(settings.model_dump_json().encode())
    for root in (*(package / each for each in DECIDING), models_folder()):
        for path in sorted((root, *root.rglob("*"))):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.name.encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def made_before(folder: Path, stamp: str) -> list[Analysis]:
    """The documents that are there already, if all are and this program made them."""
    try:
        if (folder / STAMP).read_text(encoding="utf-8") != stamp:
            return []
        endings = (".html", *WRITERS)
        made = (page_of(folder, s).with_suffix(e) for s in samples() for e in endings)
        if not all(path.is_file() for path in made):
            return []
        return [
            Analysis.model_validate_json(
                page_of(folder, s).with_suffix(".json").read_bytes()
            )
            for s in samples()
        ]
    except (OSError, ValidationError):
        return []
