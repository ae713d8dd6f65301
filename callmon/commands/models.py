"""`callmon models list|pull|verify|path`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from callmon.commands.output import console, say
from callmon.doctor import ModelState, model_states
from callmon.errors import BadSettings
from callmon.settings import load_settings
from callmon.weights import find, pull, verify


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    cache = settings.model_cache
    if arguments.verb == "list":
        return _list(cache, as_json=arguments.json)
    if arguments.verb == "pull":
        if settings.offline:
            raise BadSettings(
                "The setting offline is true, so nothing is downloaded. Set"
                " CALLMON_OFFLINE to false for this."
            )
        with _downloading(arguments.name) as progress:
            folder = pull(arguments.name, cache=cache, progress=progress)
        say(f"{arguments.name} is in {folder}")
        return 0
    if arguments.verb == "verify":
        problems = verify(arguments.name, cache=cache)
        for problem in problems:
            say(f"{arguments.name}: {problem}")
        if not problems:
            say(f"{arguments.name}: every file is as it should be")
        return 1 if problems else 0
    sys.stdout.write(f"{find(arguments.name, cache=cache, offline=True)}\n")
    return 0


def _list(cache: Path, *, as_json: bool) -> int:
    models = model_states(cache)
    if as_json:
        document = TypeAdapter(tuple[ModelState, ...]).dump_json(models, indent=1)
        sys.stdout.write(document.decode() + "\n")
        return 0

    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "here", "size", "licence", "when to take it"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    for model in models:
        table.add_row(
            model.name,
            "yes" if model.path else "-",
            f"{model.size / 1e6:.0f} MB",
            model.licence,
            model.about,
        )
    console(sys.stdout).print(table)
    say(f"Downloaded models are kept in {cache}.")
    return 0


@contextmanager
def _downloading(name: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        say(f"downloading {name}")
        yield None
        return

    from rich.progress import Progress

    with Progress(console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(f"downloading {name}", total=1.0)
        yield lambda share: bar.update(task, completed=share)
