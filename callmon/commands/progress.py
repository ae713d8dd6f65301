"""Progress of an analysis on standard error: a bar on a terminal, else nothing moving."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from callmon.commands.output import console, say
from callmon.pipeline import Progress
from callmon.report.wording import harmless

# The steps of the pipeline in order: words for people, and the usual share of the time
# (measured on the sample calls; only the evenness of the bar depends on it).
STEPS: dict[str, tuple[str, float]] = {
    "decode": ("decoding", 0.09),
    "activity": ("listening for speech", 0.04),
    "speakers": ("telling voices apart", 0.02),
    "words": ("recognising words", 0.81),
    "turns": ("finding who is who", 0.01),
    "tone": ("measuring the customer's voice", 0.02),
    "judgement": ("judging", 0.01),
}


@contextmanager
def showing(name: str) -> Iterator[Progress]:
    """Shows the progress of one call while the block runs."""
    if not sys.stderr.isatty():
        say(f"analysing {name}")
        yield lambda _step, _share: None
        return

    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("[dim]{task.fields[step]}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(escape(harmless(name)), total=1.0, step="")

        def show(step: str, share: float) -> None:
            words, weight = STEPS[step]
            before = 0.0
            for earlier, (_, part) in STEPS.items():
                if earlier == step:
                    break
                before += part
            bar.update(task, completed=before + weight * share, step=words)

        yield show
