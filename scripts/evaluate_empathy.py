"""Measures the judgement: `python scripts/evaluate.py empathy`.

Opportunities, behaviours, outcomes and findings on labelled dialogues, for the product
and for what it is compared with, see empathy_baselines.py. Nothing is trained or tuned
here. Intervals are 95 %, from drawing calls again, see agreement.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agreement import RESAMPLES, SEED, Item, by_measure, figures
from empathy_baselines import convokit, phrase_list
from empathy_matching import (
    OPPORTUNITIES,
    SCALES,
    STRONG,
    Call,
    Flag,
    Judge,
    Judgement,
    Moment,
    Said,
    compare,
    read_calls,
)
from evaluate_data import add_data_argument, data_folder

from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.empathy.text_model import MODEL, TextModel
from callmon.findings.rules import load_rules
from callmon.judgement import judge_words
from callmon.weights import models_folder

LABELINGS: Mapping[str, float] = {
    "opportunities": 0.97,
    "outcome": 0.98,
    "outcome missed": 0.98,
    "rung": 0.95,
    "acknowledgement": 0.95,
    "mirroring": 0.91,
    "exploration": 1.0,
    "commitment": 0.95,
    "resolution_done": 0.97,
    "ownership": 0.78,
    "apology": 0.93,
    "dismissal": 0.94,
    "reassurance": 0.63,
    "missed_empathy": 0.93,
    "no_mirroring": 0.82,
}
"""Agreement of the two independent labelings of some dialogues before they were
reconciled, as told in the README beside them; not measured here."""
LABELED = "6bdbd24fcb3d0d11e5257901ff1d75a7ffbd5236753c1769e60d2a259edc25e4"
"""SHA-256 of the labels of these dialogues: of any others the figures say nothing."""

NO_CONVOKIT = (
    'ConvoKit is not installed, so it is left out. `pip install ".[peers]"` brings it.'
)
BEFORE, AFTER = 1, 2
"""Turns that are shown around a disagreement."""

Report = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser, holds="dialogues/calls/*.json and dialogues/labels/*.json")
    parser.add_argument(
        "--model",
        default=None,
        help="folder of the text model, or `none` for the patterns alone"
        " (default: models/empathy where it is there)",
    )
    parser.add_argument(
        "--errors",
        action="store_true",
        help="the disagreements with their words, to read; not for keeping",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(options: argparse.Namespace) -> None:
    folder = data_folder(options.data) / "dialogues"
    calls = read_calls(folder)
    if not calls:
        sys.exit(
            f"No calls in {folder / 'calls'}. Give --data a folder with dialogues/calls."
        )
    judges = list(_judges(options.model))
    items = {
        judge.name: [item for call in calls for item in compare(call, judge)]
        for judge in judges
    }
    if options.errors:
        print("\n".join(errors(calls, items[judges[0].name])))
        return
    report = evaluate(calls, judges, items, two_labelings(folder))
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def two_labelings(folder: Path) -> Mapping[str, float]:
    """How well two labelings of these very dialogues agreed, where that is known."""
    labels = hashlib.sha256()
    for path in sorted((folder / "labels").glob("*.json")):
        labels.update(path.read_bytes())
    return LABELINGS if labels.hexdigest() == LABELED else {}


def _judges(model: str | None) -> Iterator[Judge]:
    """The product first; patterns alone beside it where there is a model."""
    folder = models_folder() / "empathy" if model is None else Path(model)
    rubric = load_rubric()
    if model != "none" and (model is not None or (folder / MODEL).is_file()):
        yield product("with the text model", rubric, TextModel.load(folder))
    yield product("patterns alone", rubric, None)
    yield phrase_list()
    try:
        yield convokit()
    except ImportError:
        print(NO_CONVOKIT, file=sys.stderr)


def product(name: str, rubric: Rubric, model: TextModel | None) -> Judge:
    """callmon itself, from the words of the call."""
    rules = load_rules(rubric.findings, common=rubric.common)

    def judge(call: Call) -> Judgement:
        turns = call.turns
        reads = model.read(turns) if model is not None else ()
        judged = judge_words(turns, rubric, rules, reads)
        turns_of = {moment.id: moment.turns for moment in judged.opportunities}
        return Judgement(
            moments=[
                Moment(
                    turns=opportunity.turns,
                    outcome=outcome.outcome,
                    emotion=opportunity.emotion,
                    strength=str(opportunity.strength),
                    rung=outcome.rung,
                    source=", ".join(sorted({e.source for e in opportunity.evidence})),
                )
                for opportunity, outcome in zip(
                    judged.opportunities, judged.outcomes, strict=True
                )
            ],
            behaviours=[
                Said(b.turn, b.behaviour, b.level, b.source) for b in judged.behaviours
            ],
            findings=[
                Flag(f.kind, (f.turn, *turns_of.get(f.opportunity or "", ())))
                for f in judged.findings
            ],
        )

    return Judge(name, frozenset(SCALES), judge)


def evaluate(
    calls: Sequence[Call],
    judges: Sequence[Judge],
    items: Mapping[str, Sequence[Item]],
    labelings: Mapping[str, float],
) -> Report:
    """All figures of all judges, in total and by source."""
    by_source: dict[str, list[Call]] = {}
    for call in calls:
        by_source.setdefault(call.source, []).append(call)
    return {
        "calls": len(calls),
        "resamples": RESAMPLES,
        "seed": SEED,
        "two labelings": dict(labelings),
        "judges": {
            judge.name: {
                "all": _figures(calls, judge, items[judge.name]),
                "by source": {
                    source: _figures(part, judge, items[judge.name])
                    for source, part in by_source.items()
                },
                "calls without opportunity": _false_alarms(calls, items[judge.name]),
            }
            for judge in judges
        },
    }


def _figures(calls: Sequence[Call], judge: Judge, items: Sequence[Item]) -> Report:
    names = [call.name for call in calls]
    found = by_measure([item for item in items if item.call in set(names)])
    return {
        measure: figures(found.get(measure, ()), names, scale=scale)
        for measure, scale in SCALES.items()
        if measure in judge.claims
    }


def _false_alarms(calls: Sequence[Call], items: Sequence[Item]) -> Report:
    """What is flagged, and not labelled, where no customer's moment asks for anything."""
    quiet = {call.name for call in calls if not call.labels["opportunities"]}
    false = [item for item in items if item.call in quiet and item.labelled is None]
    flags = [item for item in false if item.measure == "all findings"]
    moments = [item for item in false if item.measure == OPPORTUNITIES]
    return {
        "calls": len(quiet),
        "false flags": len(flags),
        "by kind": dict(Counter(item.found for item in flags)),
        "false opportunities": len(moments),
        "rest on": dict(
            Counter(
                source.split()[0]  # without how sure the model was
                for item in moments
                for source in sorted(set(re.split(r", | \+ ", item.source)))
            )
        ),
    }


def errors(calls: Sequence[Call], items: Sequence[Item]) -> Iterator[str]:
    """Every disagreement with the words around it, measure by measure."""
    turns = {call.name: call.turns for call in calls}
    order = [measure for measure in SCALES if measure not in (STRONG, "all findings")]
    found = by_measure([item for item in items if not item.agrees])
    for item in (item for measure in order for item in found.get(measure, ())):
        said = f"labelled {item.labelled or '-'}, found {item.found or '-'}"
        rests = f" by {item.source}" if item.source else ""
        yield f"{item.measure}: {item.call} turn {item.turn}: {said}{rests}"
        for turn in turns[item.call]:
            if item.turn - BEFORE <= turn.index <= item.turn + AFTER:
                yield f"    {turn.index} {turn.party}: {turn.text}"


def as_text(report: Report) -> str:
    """Tables: everybody beside everybody, then the product with its intervals."""
    judges = report["judges"]
    first = next(iter(judges))
    labelings = report["two labelings"]
    known = ["two labelings"] if labelings else []
    lines = [
        f"{report['calls']} calls. {'F1, or as said':30}"
        + "".join(f"{name:>21}" for name in (*known, *judges))
    ]
    for measure, scale in SCALES.items():
        kind = "" if scale.key == "f1" else f", {scale.key}"
        cells = [_cell(labelings.get(measure)) for _ in known]
        cells += [_cell(j["all"].get(measure, {}).get(scale.key)) for j in judges.values()]
        lines.append(f"{measure + kind:40}" + "".join(f"{cell:>21}" for cell in cells))
    quiet = {name: judge["calls without opportunity"] for name, judge in judges.items()}
    for row in ("false opportunities", "false flags"):
        lines.append(
            f"{row}, {quiet[first]['calls']} calls without".ljust(40 + 21 * len(known))
            + "".join(f"{_count(judges[name], row):>21}" for name in judges)
        )
    if known:
        lines.append("two labelings: as told beside the dialogues, not measured here")
    lines.append(f"\n{first}, with 95 % intervals")
    lines += [f"{m:31} {_detail(f)}" for m, f in judges[first]["all"].items()]
    lines.append(f"false flags by kind: {quiet[first]['by kind']}")
    lines.append(f"false opportunities rest on: {quiet[first]['rest on']}")
    sources = judges[first]["by source"]
    lines.append(f"\n{first}, by source".ljust(41) + "".join(f"{s:>21}" for s in sources))
    for measure, scale in SCALES.items():
        cells = [_cell(found[measure][scale.key]) for found in sources.values()]
        lines.append(f"{measure:40}" + "".join(f"{cell:>21}" for cell in cells))
    return "\n".join(lines)


def _count(judge: Report, row: str) -> str:
    """A judge that makes no findings has no false ones either, which is no merit."""
    claimed = row != "false flags" or "all findings" in judge["all"]
    return str(judge["calls without opportunity"][row]) if claimed else ""


def _cell(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.2f}"


def _detail(measure: Report) -> str:
    parts: list[str] = []
    for name, value in measure.items():
        if name.endswith(" interval") or value is None:
            continue
        if isinstance(value, int):
            parts.append(f"{value} {name}")
            continue
        interval = measure[f"{name} interval"]
        told = " ({:.2f} to {:.2f})".format(*interval) if interval else ""
        parts.append(f"{name} {value:.2f}{told}")
    return "  ".join(parts)
