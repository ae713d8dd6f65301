"""`callmon doctor`."""

from __future__ import annotations

import argparse
import sys

from callmon.commands.output import console
from callmon.doctor import Report, examine
from callmon.settings import load_settings


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when calls can be analysed with the speech model in the settings."""
    settings = load_settings()
    report = examine(settings)
    if arguments.json:
        sys.stdout.write(report.model_dump_json(indent=1) + "\n")
    else:
        _print(report, asr=settings.asr)
    return 0 if report.asr is not None else 1


def _print(report: Report, *, asr: str) -> None:
    from rich.table import Table
    from rich.text import Text

    readable = [name for name, can in report.codecs.items() if can]
    here = [model.name for model in report.models if model.path]
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in (
        *((name, number or "not installed") for name, number in report.versions.items()),
        ("threads", str(report.threads)),
        ("GPUs", str(report.gpus) if report.gpus else "none that can be used"),
        ("formats", f"WAV, FLAC, {', '.join(readable)}"),
        ("models here", ", ".join(here) or "none"),
        ("speech model", f"{asr}: {report.asr}" if report.asr else f"{asr}: not here"),
        ("data", f"{report.data} ({report.free / 1e9:.0f} GB free)"),
        ("second opinion", report.opinions or "off: no language model is asked"),
    ):
        table.add_row(Text(name, style="dim"), Text(value))
    out = console(sys.stdout)
    out.print(table)
    out.print()
    for sentence in report.missing or ("Nothing is missing.",):
        out.print(Text(sentence))
