"""`callmon demo`: the sample calls, from their sound to the pages."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from time import perf_counter

from pydantic import ValidationError

import callmon
from callmon.audio.encode import to_mp3
from callmon.call import Analysis
from callmon.commands.analyze import write_report
from callmon.commands.engine import Engine, VoicesApart, load_text_model
from callmon.commands.output import console, say, write_text
from callmon.commands.progress import showing
from callmon.empathy.rubric import Rubric, load_rubric
from callmon.pipeline import analyse
from callmon.report.html import render_index
from callmon.report.terminal import Row, print_summary, print_table
from callmon.samples import Sample, samples
from callmon.settings import Settings, load_settings
from callmon.weights import models_folder, present

STAMP = ".made-by"
"""File beside the pages that says what made them."""


def run(arguments: argparse.Namespace) -> int:
    """Analyses every sample; the real speech model is taken where it is already here.

    Pages that the same program made with the same models are kept as they are.
    """
    settings = load_settings(asr=arguments.asr, language="en")
    if arguments.asr is None and not present(settings.asr, cache=settings.model_cache):
        settings = load_settings(asr="demo", language="en")
    rubric = load_rubric(settings.rubric)
    folder: Path = arguments.output
    began = perf_counter()
    stamp = _stamp(settings)
    analyses = _made_before(folder, stamp)
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
    sys.stdout.write(f"\nOpen {(folder / 'index.html').resolve()}\n")
    return 0


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
            page = _page(folder, sample)
            write_report(page, analysis, sound=to_mp3(sample.recording))
            write_text(page.with_suffix(".json"), analysis.model_dump_json(indent=1) + "\n")
        analyses.append(analysis)
    entries = [
        (analysis, _page(folder, sample).name)
        for sample, analysis in zip(samples(), analyses, strict=True)
    ]
    write_text(folder / "index.html", render_index(entries))
    return analyses


def _page(folder: Path, sample: Sample) -> Path:
    return folder / f"{sample.name}.html"


def _stamp(settings: Settings) -> str:
    """What decides the results: every file of the program and its models, the settings."""
    digest = hashlib.sha256(settings.model_dump_json().encode())
    for root in (Path(callmon.__file__).parent, models_folder()):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(root)).encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _made_before(folder: Path, stamp: str) -> list[Analysis]:
    """The documents that are there already, if all are and this program made them."""
    try:
        if (folder / STAMP).read_text(encoding="utf-8") != stamp:
            return []
        if not all(_page(folder, s).is_file() for s in samples()):
            return []
        return [
            Analysis.model_validate_json(_page(folder, s).with_suffix(".json").read_bytes())
            for s in samples()
        ]
    except (OSError, ValidationError):
        return []
