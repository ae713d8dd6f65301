"""Measures the judgement: `python scripts/evaluate.py empathy --data FOLDER`.

Opportunities, behaviours, outcomes and findings on labelled dialogues. Nothing is trained
or tuned here; figures are for the rubric as it stands.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callmon.call import Behaviour, Finding, Opportunity, Outcome, Turn
from callmon.empathy.commitments import find_commitments
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric, load_rubric
from callmon.findings.findings import find_findings
from callmon.findings.outcomes import judge
from callmon.findings.rules import load_rules
from callmon.speech.turns import is_backchannel_text

CUSTOMER_KINDS = frozenset(
    {
        "dismissive_response",
        "missed_empathy",
        "sympathy_without_empathy",
        "missed_joy",
        "no_mirroring",
        "repeated_telling",
    }
)
"""Kinds that are labelled at the customer's turn; the others at an agent's turn."""
WHOLE_CALL_KINDS = frozenset({"no_commitment", "vague_commitment", "missing_closing_check"})
"""Kinds about the whole call: at most one each, wherever it is shown."""
NEAR = 2
"""Turns. A finding about an agent's turn may be shown at the next or previous one."""


@dataclass
class Count:
    """Agreements and the two kinds of difference."""

    hit: int = 0
    false: int = 0
    miss: int = 0

    def figures(self) -> dict[str, float | int | None]:
        found, labelled = self.hit + self.false, self.hit + self.miss
        total = found + labelled
        return {
            "precision": round(self.hit / found, 2) if found else None,
            "recall": round(self.hit / labelled, 2) if labelled else None,
            "f1": round(2 * self.hit / total, 2) if total else None,
            "hit": self.hit,
            "false": self.false,
            "miss": self.miss,
        }


@dataclass
class Figures:
    """Counts over all calls."""

    opportunities: Count = field(default_factory=Count)
    missed: Count = field(default_factory=Count)
    outcome_exact: Count = field(default_factory=Count)
    emotion_exact: Count = field(default_factory=Count)
    behaviours: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    findings: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    calls_without: int = 0
    false_flags: Counter[str] = field(default_factory=Counter)
    """Kinds flagged, and not labelled, in calls without an opportunity."""
    false_rules: Counter[str] = field(default_factory=Counter)
    """Rules behind opportunities that nobody labelled."""


@dataclass(frozen=True)
class Judged:
    """What the product says of one call."""

    opportunities: tuple[Opportunity, ...]
    outcomes: tuple[Outcome, ...]
    behaviours: tuple[Behaviour, ...]
    findings: tuple[Finding, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with dialogues/calls/*.json and dialogues/labels/*.json",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(options: argparse.Namespace) -> None:
    report = as_dict(evaluate(options.data))
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def evaluate(data: Path) -> Figures:
    """Runs the text part of the product on every labelled dialogue."""
    folder = data / "dialogues"
    calls = sorted((folder / "calls").glob("*.json"))
    if not calls:
        sys.exit(
            f"No calls in {folder / 'calls'}. Give --data a folder with dialogues/calls."
        )
    rubric = load_rubric()
    figures = Figures()
    for path in calls:
        call = json.loads(path.read_text(encoding="utf-8"))
        labels = json.loads((folder / "labels" / path.name).read_text(encoding="utf-8"))
        turns = turns_of(call)
        compare(figures, labels, judge_call(turns, rubric))
    return figures


def turns_of(call: dict[str, Any]) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            index=turn["i"],
            party=turn["party"],
            party_confidence=1.0,
            start=turn.get("start"),
            end=turn.get("end"),
            text=turn["text"],
            speaker=turn["party"],
            backchannel=is_backchannel_text(turn["text"]),
        )
        for turn in call["turns"]
    )


def judge_call(turns: tuple[Turn, ...], rubric: Rubric) -> Judged:
    rules = load_rules(rubric.findings)
    opportunities = find_opportunities(turns, (), rubric)
    behaviours = find_behaviours(turns, rubric)
    commitments = find_commitments(turns, behaviours, rubric)
    responses, outcomes = judge(opportunities, behaviours, turns, rules)
    findings, _ = find_findings(
        opportunities, responses, outcomes, behaviours, commitments, turns, (), None, rules
    )
    return Judged(opportunities, outcomes, behaviours, findings)


def compare(figures: Figures, labels: dict[str, Any], judged: Judged) -> None:
    """Adds one call's agreements and differences."""
    _compare_opportunities(figures, labels["opportunities"], judged)
    _compare_behaviours(figures, labels["agent_labels"], judged.behaviours)
    flagged = _compare_findings(figures, labels["findings"], judged)
    if not labels["opportunities"]:
        figures.calls_without += 1
        figures.false_flags.update(flagged)


def _compare_opportunities(
    figures: Figures, labelled: Sequence[dict[str, Any]], judged: Judged
) -> None:
    free = list(zip(judged.opportunities, judged.outcomes, strict=True))
    for label in labelled:
        pair = next((p for p in free if set(p[0].turns) & set(label["turns"])), None)
        wanted_missed = label["outcome"] == "missed"
        if pair is None:
            figures.opportunities.miss += 1
            figures.missed.miss += wanted_missed
            continue
        free.remove(pair)
        opportunity, outcome = pair
        figures.opportunities.hit += 1
        said_missed = outcome.outcome == "missed"
        figures.missed.hit += said_missed and wanted_missed
        figures.missed.false += said_missed and not wanted_missed
        figures.missed.miss += wanted_missed and not said_missed
        _agree(figures.outcome_exact, same=outcome.outcome == label["outcome"])
        _agree(figures.emotion_exact, same=opportunity.emotion == label["emotion"])
    for opportunity, outcome in free:
        figures.opportunities.false += 1
        figures.missed.false += outcome.outcome == "missed"
        figures.false_rules.update({e.source for e in opportunity.evidence})


def _compare_behaviours(
    figures: Figures, labelled: Sequence[dict[str, Any]], found: Sequence[Behaviour]
) -> None:
    wanted = {
        (label["turn"], name.split(":")[0])
        for label in labelled
        for name in label["behaviours"]
    }
    got = {(behaviour.turn, behaviour.behaviour) for behaviour in found}
    for _, name in wanted & got:
        figures.behaviours[name].hit += 1
    for _, name in got - wanted:
        figures.behaviours[name].false += 1
    for _, name in wanted - got:
        figures.behaviours[name].miss += 1


def _compare_findings(
    figures: Figures, labelled: Iterable[dict[str, Any]], judged: Judged
) -> list[str]:
    """Returns the kinds that were found and not labelled."""
    by_id = {opportunity.id: opportunity for opportunity in judged.opportunities}
    free = list(judged.findings)
    for label in labelled:
        same = [f for f in free if f.kind == label["kind"]]
        match = next((f for f in same if _same_place(f, label, by_id)), None)
        if match is None:
            figures.findings[label["kind"]].miss += 1
        else:
            free.remove(match)
            figures.findings[label["kind"]].hit += 1
    for finding in free:
        figures.findings[finding.kind].false += 1
    return [finding.kind for finding in free]


def _same_place(
    finding: Finding, label: dict[str, Any], by_id: dict[str, Opportunity]
) -> bool:
    if finding.kind in WHOLE_CALL_KINDS:
        return True
    if finding.kind in CUSTOMER_KINDS:
        moment = by_id.get(finding.opportunity or "")
        return label["turn"] in (moment.turns if moment else (finding.turn,))
    return abs(finding.turn - label["turn"]) <= NEAR


def _agree(count: Count, *, same: bool) -> None:
    count.hit += same
    count.false += not same
    count.miss += not same


def as_dict(figures: Figures) -> dict[str, Any]:
    findings = Count()
    for count in figures.findings.values():
        findings.hit += count.hit
        findings.false += count.false
        findings.miss += count.miss
    return {
        "opportunities": figures.opportunities.figures(),
        "outcome missed": figures.missed.figures(),
        "outcome exact, of matched": figures.outcome_exact.figures()["precision"],
        "emotion exact, of matched": figures.emotion_exact.figures()["precision"],
        "behaviours": {n: c.figures() for n, c in sorted(figures.behaviours.items())},
        "findings": {n: c.figures() for n, c in sorted(figures.findings.items())},
        "all findings": findings.figures(),
        "calls without opportunity": figures.calls_without,
        "false flags in them": dict(figures.false_flags),
        "rules behind false opportunities": dict(figures.false_rules.most_common()),
    }


def as_text(report: dict[str, Any]) -> str:
    lines: list[str] = []
    for name, value in report.items():
        if isinstance(value, dict) and "f1" not in value and value:
            lines.append(name)
            lines += [f"  {inner:<26} {_row(figure)}" for inner, figure in value.items()]
        else:
            lines.append(f"{name:<28} {_row(value)}")
    return "\n".join(lines)


def _row(value: Any) -> str:
    if not isinstance(value, dict) or "f1" not in value:
        return str(value)
    return (
        f"F1 {value['f1']}  P {value['precision']}  R {value['recall']}"
        f"  ({value['hit']} right, {value['false']} false, {value['miss']} missed)"
    )
