"""The guide printed for a terminal or a pipe, and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callmon.guide.contents import BehaviourPage, Guide
from callmon.report import html, wording

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from callmon.empathy.rubric import Guided

MOMENTS = ("mild", "clear", "strong", "good news")
"""Columns of the table of outcomes."""


def render(guide: Guide) -> str:
    """The guide as HTML; it needs no network and no script."""
    return html.page("guide.html", guide=guide, moments=MOMENTS)


def print_guide(guide: Guide, console: Console) -> None:
    """The guide as text, in the order of the page."""
    _heading(console, f"How calls are judged (rubric {guide.version})")
    _print_entry(guide.moment, console)

    _heading(console, "How a feeling shows")
    for cue in guide.cues:
        _line(console, f"{cue.title} ({cue.name}): {cue.holds}")

    _heading(console, "The feelings")
    for feeling in guide.feelings:
        _line(console, f"{feeling.emotion} ({feeling.valence})", style="bold")
        for example in feeling.examples:
            strength = wording.STRENGTHS[example.strength]
            _line(console, f"  “{example.words}” – {example.cue}, {strength}")

    _heading(console, "How strong it is")
    for number, meaning, examples in guide.strengths:
        _line(console, f"{number} {wording.STRENGTHS[number]}: {meaning}", style="bold")
        for words in examples:
            _line(console, f"  “{words}”")

    _heading(console, "What an agent can do")
    for behaviour in guide.behaviours:
        _print_behaviour(behaviour, console)

    _heading(console, "The response ladder")
    for step in guide.ladder:
        _line(console, f"{step.number} {step.rung}: {step.says}", style="bold")
        for moment, outcome in zip(MOMENTS, step.outcomes, strict=True):
            if outcome != "–":
                _line(console, f"  {moment}: {outcome}")

    _heading(console, "What a moment comes to")
    for name, says in guide.outcomes:
        _line(console, f"{name}: {says}")

    _heading(console, "The findings")
    for finding in guide.findings:
        off = "" if finding.shown else ", not shown by this rubric"
        head = f"{finding.entry.title} ({finding.kind}; severity {finding.severity}{off})"
        _line(console, head, style="bold")
        _line(console, f"  Raised: {finding.entry.holds}")
        if finding.entry.cleared_by:
            _line(console, f"  Cleared by: {finding.entry.cleared_by}")

    _heading(console, "The numbers")
    for limit in guide.limits:
        decides = f": {limit.decides}" if limit.decides else ""
        _line(console, f"{limit.name} = {limit.value}{decides}")


def _print_behaviour(behaviour: BehaviourPage, console: Console) -> None:
    console.print()
    _line(console, f"{behaviour.entry.title} ({behaviour.name})", style="bold")
    _print_entry(behaviour.entry, console)
    _print_words("The rules also know", behaviour.examples, console)
    _print_words("and leave alone", behaviour.counterexamples, console)


def _print_entry(entry: Guided, console: Console) -> None:
    _line(console, entry.holds)
    if entry.excludes:
        _line(console, f"Not: {entry.excludes}")
    for title, shown in (("Good", entry.good), ("Weak", entry.weak)):
        for example in shown:
            _line(console, f"  {title}: “{example.words}” – {example.why}")


def _print_words(title: str, words: Sequence[str], console: Console) -> None:
    if words:
        _line(console, f"  {title}: {', '.join(f'“{w}”' for w in words)}", style="dim")


def _heading(console: Console, words: str) -> None:
    console.print()
    _line(console, words, style="bold underline")


def _line(console: Console, words: str, *, style: str = "") -> None:
    from rich.padding import Padding

    indent = len(words) - len(words.lstrip())
    console.print(Padding(_text(words.lstrip(), style), (0, 0, 0, indent), expand=False))


def _text(words: str, style: str) -> Text:
    from rich.text import Text

    return Text(wording.harmless(words), style=style)
