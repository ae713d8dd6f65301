"""`callmon demo`: the sample calls, from their sound to the pages."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from callmon.audio.encode import to_mp3
from callmon.call import Analysis
from callmon.commands.analyze import write_report
from callmon.commands.engine import Engine
from callmon.commands.output import console, say, write_text
from callmon.commands.progress import showing
from callmon.empathy.rubric import load_rubric
from callmon.pipeline import analyse
from callmon.report.html import render_index
from callmon.report.terminal import Row, print_summary, print_table
from callmon.samples import samples
from callmon.settings import load_settings
from callmon.weights import present


def run(arguments: argparse.Namespace) -> int:
    """Analyses every sample; the real speech model is taken where it is already here."""
    settings = load_settings(asr=arguments.asr, language="en")
    if arguments.asr is None and not present(settings.asr, cache=settings.model_cache):
        settings = load_settings(asr="demo", language="en")
    rubric = load_rubric(settings.rubric)
    engine = Engine(settings)
    say(f"Analysing {len(samples())} sample calls with the speech model `{engine.name}`.")

    folder = arguments.output
    began = perf_counter()
    entries: list[tuple[Analysis, str]] = []
    for sample in samples():
        with showing(sample.recording.name) as progress:
            analysis = analyse(
                sample.recording,
                rubric=rubric,
                transcriber=engine,
                language=settings.language,
                progress=progress,
            )
            page = folder / f"{sample.name}.html"
            write_report(page, analysis, sound=to_mp3(sample.recording))
            write_text(page.with_suffix(".json"), analysis.model_dump_json(indent=1) + "\n")
        entries.append((analysis, page.name))
        print_summary(analysis, console(sys.stdout), title=sample.dialogue["title"])
    write_text(folder / "index.html", render_index(entries))
    print_table(
        [Row(name=a.recording.name, analysis=a) for a, _ in entries], console(sys.stdout)
    )
    minutes = sum(a.recording.duration or 0.0 for a, _ in entries) / 60
    say(f"{minutes:.1f} minutes of calls in {perf_counter() - began:.0f} s.")
    sys.stdout.write(f"\nOpen {(folder / 'index.html').resolve()}\n")
    return 0
