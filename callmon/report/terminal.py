"""A call, and a list of calls, printed for a terminal of eighty columns or more.

Nothing here depends on colour, and a pipe gets plain text. Every string from outside
is freed of control characters and printed as `rich.text.Text`, in which square
brackets mean nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callmon import intervals
from callmon.call import Analysis, Opinion, Party
from callmon.report import moments, transcript, wording

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PARTY_STYLES: Final[dict[Party, str]] = {
    "agent": "blue",
    "customer": "yellow",
    "other": "dim",
    "unknown": "dim",
}
LONGEST_NAME: Final = 120
"""Characters of a file name; more would push the rest of the report off the screen."""


@dataclass(frozen=True)
class Row:
    """One file of a run: its analysis, or the sentence that says why there is none."""

    name: str
    analysis: Analysis | None = None
    error: str | None = None


def print_call(analysis: Analysis, console: Console) -> None:
    """Who spoke when, what called for empathy, what the agent did, what to look at."""
    seen_moments = moments.moments(analysis)
    seen_findings = moments.findings(analysis, seen_moments)

    _print_head(analysis, console, title=analysis.recording.name)
    _print_transcript(analysis, console, seen_moments, seen_findings)
    _print_moments(console, seen_moments)
    _print_findings(console, seen_findings, judged=moments.was_judged(analysis))
    _print_done_well(analysis, console)
    _print_promises(analysis, console)
    _print_score(analysis, console)


def print_summary(analysis: Analysis, console: Console, *, title: str) -> None:
    """The call on a few lines: its moments, what to look at, what was done well."""
    seen_moments = moments.moments(analysis)
    grid = _grid(narrow=(3, 7))
    for moment in seen_moments:
        outcome = wording.OUTCOMES[moment.verdict]
        grid.add_row(
            _text(moment.letter, "bold"),
            _text(_place(moment.opportunity.start, moment.turn), "dim"),
            _text(f"{outcome}: {moment.opportunity.emotion}{_quoted(moment.quote)}"),
        )
    for seen in moments.findings(analysis, seen_moments):
        finding = seen.finding
        grid.add_row(
            _text(str(seen.number), "bold"),
            _text(_place(finding.start, finding.turn), "dim"),
            _text(f"{wording.FINDINGS[finding.kind]} ({finding.severity})"),
        )
    for done in analysis.commendations:
        grid.add_row(
            _text("+", "green"),
            _text(_place(done.start, done.turn), "dim"),
            _text(done.summary),
        )
    _print_head(analysis, console, title=title)
    if grid.row_count:
        console.print()
        console.print(grid)
    _print_score(analysis, console)
    console.print()


def print_table(rows: Sequence[Row], console: Console) -> None:
    """One line for each file, then the sentences of those that were not analysed."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("file", ratio=1, min_width=16, overflow="fold")
    table.add_column("length", justify="right", no_wrap=True)
    table.add_column("moments", justify="right", no_wrap=True)
    table.add_column("met", justify="right", no_wrap=True)
    table.add_column("missed", justify="right", no_wrap=True)
    table.add_column("findings")
    table.add_column("state", no_wrap=True)
    for row in rows:
        name = _text(row.name[:LONGEST_NAME])
        if row.analysis is None:
            dashes = [_text("–", "dim") for _ in range(5)]
            table.add_row(name, *dashes, _text("failed", "red"))
            continue
        score = row.analysis.score
        table.add_row(
            name,
            _text(wording.clock(row.analysis.recording.duration)),
            _text(str(len(row.analysis.opportunities))),
            _text(str(score.met)),
            _text(str(score.missed)),
            _text(_severities(row.analysis)),
            _text("analysed", "green"),
        )
    console.print(table)
    for row in rows:
        if row.analysis is None:
            why = row.error or "It was not analysed."
            console.print(_text(f"{row.name[:LONGEST_NAME]}: {why}", "red"))


def _print_head(analysis: Analysis, console: Console, *, title: str) -> None:
    console.print(_text(title[:LONGEST_NAME], "bold"))
    console.print(_text(_facts(analysis), "dim"))
    for warning in analysis.warnings:
        console.print(_text(f"! {warning.message}", "yellow"))


def _print_transcript(
    analysis: Analysis,
    console: Console,
    seen_moments: Sequence[moments.Moment],
    seen_findings: Sequence[moments.NumberedFinding],
) -> None:
    _heading("Who spoke when", console)
    if not analysis.turns:
        console.print(_text("No words were recognised in this call.", "dim"))
        return
    grid = _grid(narrow=(7, 14))
    for line in transcript.lines(analysis, seen_moments, seen_findings):
        notes = [
            *(
                f"moment {m.letter}: {m.opportunity.emotion}, "
                f"{wording.STRENGTHS[m.opportunity.strength]}"
                for m in line.moments
            ),
            *([wording.TONES[line.tone.label]] if line.tone and line.tone.label else []),
            *line.behaviours,
        ]
        grid.add_row(
            _text(_place(line.turn.start, line.turn.index), "dim"),
            _text(
                wording.PARTIES[line.turn.party], f"bold {PARTY_STYLES[line.turn.party]}"
            ),
            _stack(
                _text(line.turn.text),
                _text(f"[{'; '.join(notes)}]" if notes else "", "dim"),
            ),
        )
    console.print(grid)


def _print_moments(console: Console, seen: Sequence[moments.Moment]) -> None:
    if not seen:
        return
    _heading("Moments that called for empathy", console)
    grid = _grid(narrow=(3, 7))
    for moment in seen:
        opportunity, outcome = moment.opportunity, moment.outcome
        strength = wording.STRENGTHS[opportunity.strength]
        told = _text(f"{opportunity.emotion}, {strength}{_quoted(moment.quote)}")
        result = wording.OUTCOMES[moment.verdict] + "."
        if outcome and outcome.rung:
            result += f" {wording.RUNGS[outcome.rung]}"
        if outcome and outcome.reason:
            result += f" {outcome.reason}"
        if outcome and outcome.recovered:
            later = f", after {wording.amount(outcome.delay)}" if outcome.delay else ""
            result += f" It was met later{later}."
        if outcome and outcome.settling is not None:
            result += f" {wording.settling(outcome.settling).capitalize()}."
        did = ", ".join(wording.behaviour(said) for said in moment.behaviours)
        grid.add_row(
            _text(moment.letter, "bold"),
            _text(_place(opportunity.start, moment.turn), "dim"),
            _stack(
                told,
                _text(result, "green" if moment.verdict == "met" else ""),
                _text(f"The agent: {did}" if did else "", "dim"),
            ),
        )
    console.print(grid)


def _print_findings(
    console: Console, seen: Sequence[moments.NumberedFinding], *, judged: bool
) -> None:
    _heading("To look at", console)
    if not seen:
        nothing = "Nothing was found that a coach should look at."
        if not judged:
            nothing = "Nothing, because empathy was not judged."
        console.print(_text(nothing, "dim"))
        return
    grid = _grid(narrow=(3, 7))
    for number, finding in ((s.number, s.finding) for s in seen):
        title = _text(wording.FINDINGS[finding.kind], "bold")
        title.append_text(
            _text(f"  {finding.severity}, {wording.percent(finding.confidence)} sure")
        )
        quotes = [
            _text(f"{_place(e.start, e.turn)} “{e.quote}”", "italic")
            for e in finding.evidence
            if e.quote
        ]
        grid.add_row(
            _text(str(number), "bold"),
            _text(_place(finding.start, finding.turn), "dim"),
            _stack(
                title,
                *quotes,
                _text(finding.summary),
                _text(finding.cleared_by),
                *_second(finding.opinion),
            ),
        )
    console.print(grid)


def _second(opinion: Opinion | None) -> list[Text]:
    if opinion is None:
        return []
    return [_text(f"Second opinion: {wording.opinion(opinion)}", "dim")]


def _print_done_well(analysis: Analysis, console: Console) -> None:
    if not analysis.commendations:
        return
    _heading("Done well", console)
    grid = _grid(narrow=(3, 7))
    for done in analysis.commendations:
        quotes = [_text(f"“{e.quote}”", "italic") for e in done.evidence if e.quote]
        grid.add_row(
            _text("+", "green"),
            _text(_place(done.start, done.turn), "dim"),
            _stack(_text(done.summary), *quotes),
        )
    console.print(grid)


def _print_promises(analysis: Analysis, console: Console) -> None:
    if not analysis.commitments:
        return
    _heading("Promises", console)
    grid = _grid(narrow=(3, 7))
    for promise in analysis.commitments:
        when = promise.deadline or "no time named"
        if promise.due:
            when += f", {wording.due(promise.due)}"
        grid.add_row(
            _text("-"),
            _text(_place(promise.start, promise.turn), "dim"),
            _stack(
                _text(f"{promise.action} ({when}; {wording.LEVELS[promise.level]})"),
                _text(wording.promise(promise), "" if promise.open else "dim"),
            ),
        )
    console.print(grid)


def _print_score(analysis: Analysis, console: Console) -> None:
    score = analysis.score
    line = moments.score_sentence(analysis)
    if score.value is not None:
        line += f": {wording.percent(score.value)}"
        if score.interval is not None:
            low, high = (wording.percent(end) for end in score.interval)
            line += f", between {low} and {high} (95 % interval)"
    console.print()
    console.print(_text(line, "bold"))
    if parts := moments.score_parts(analysis):
        console.print(_text(" · ".join(parts)))
    for remark in moments.score_remarks(analysis):
        console.print(_text(remark, "dim"))


def _facts(analysis: Analysis) -> str:
    recording, dynamics = analysis.recording, analysis.dynamics
    if recording.duration is None:
        facts = ["transcript only"]
    else:
        facts = [wording.clock(recording.duration)]
    if recording.channels is not None:
        facts.append("1 channel" if recording.channels == 1 else "2 channels")
    if dynamics is not None:
        total = sum(dynamics.talk.values())
        facts += [
            f"{name.lower()} {wording.percent(dynamics.talk[party] / total)}"
            for party, name in wording.PARTIES.items()
            if dynamics.talk.get(party)
        ]
        facts.append(f"silence {wording.amount(dynamics.silence)}")
        if dynamics.hold:
            facts.append(f"on hold {wording.amount(intervals.seconds(dynamics.hold))}")
        if dynamics.redacted:
            facts.append(f"cut out {wording.amount(intervals.seconds(dynamics.redacted))}")
        facts.append(f"two voices {wording.amount(dynamics.overlap)}")
        if cuts := wording.interruptions(dynamics):
            facts.append(cuts)
        facts += [
            f"{name.lower()} answers {wording.latency(median)}"
            for party, name in wording.PARTIES.items()
            if (median := dynamics.response_latency.get(party)) is not None
        ]
    if voice := analysis.voice:
        facts.append(f"customer's voice: {wording.trend(voice)}, {wording.ends(voice)}")
    return " · ".join(facts)


def _severities(analysis: Analysis) -> str:
    counts = Counter(finding.severity for finding in analysis.findings)
    words = [
        f"{counts[severity]} {severity}"
        for severity in wording.SEVERITIES
        if counts[severity]
    ]
    return ", ".join(words) or "none"


def _heading(words: str, console: Console) -> None:
    console.print()
    console.print(_text(words, "bold underline"))


def _grid(*, narrow: tuple[int, int]) -> Table:
    """Two narrow columns and one that takes the rest of the width."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    for width in narrow:
        grid.add_column(min_width=width, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    return grid


def _stack(*lines: Text) -> RenderableType:
    from rich.console import Group

    return Group(*(line for line in lines if line.plain))


def _quoted(words: str) -> str:
    return f": “{words}”" if words else ""


def _place(start: float | None, turn: int) -> str:
    return f"turn {turn + 1}" if start is None else wording.clock(start)


def _text(words: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(wording.harmless(words), style=style)
