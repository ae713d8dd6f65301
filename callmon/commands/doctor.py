"""`callmon doctor`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from callmon.commands.output import console
from callmon.doctor.check import Check
from callmon.doctor.installed import Report, examine
from callmon.doctor.running import examine_running
from callmon.report.wording import harmless
from callmon.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when nothing is broken of what runs; where nothing runs yet, when calls
    can be analysed with the speech model in the settings."""
    settings = load_settings()
    report = examine(settings)
    checks = examine_running(settings)
    if arguments.json:
        document = report.model_dump(mode="json")
        document["running"] = None
        if checks is not None:
            document["running"] = [check.model_dump(mode="json") for check in checks]
        sys.stdout.write(json.dumps(document, indent=1) + "\n")
    else:
        out = console(sys.stdout)
        _print(out, report, asr=settings.asr)
        if checks is not None:
            out.print()
            _print_running(out, checks)
    if checks is None:
        return int(report.asr is None)
    # A machine that only serves pages has no model; the check of the models says more.
    return int(any(check.state == "broken" for check in checks))


def _print(out: Console, report: Report, *, asr: str) -> None:
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
    out.print(table)
    out.print()
    for sentence in report.missing or ("Nothing is missing.",):
        out.print(Text(sentence))


def _print_running(out: Console, checks: Sequence[Check]) -> None:
    """A line for each part, and below it what to do."""
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "warning": "yellow", "broken": "bold red"}
    table = Table.grid(padding=(0, 2, 0, 0))
    for check in checks:
        text = "\n".join(harmless(each) for each in (check.found, check.advice) if each)
        table.add_row(
            Text(check.name, style="dim"),
            Text(check.state, style=styles[check.state]),
            Text(text, overflow="fold"),
        )
    out.print(table)
