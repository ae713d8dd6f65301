"""Labelled dialogues, and what anybody says of them, brought side by side.

Matching: an opportunity is found when it shares a turn with a labelled one, and each is
used once. A behaviour is found in its turn. A finding about the customer's moment is
found when it is about the labelled turn; one about the agent's words may be shown two
turns away; one about the whole call is found wherever it is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from agreement import EXACT, PRESENCE, Item, Scale, weighted_kappa

from callmon.call import BehaviourName, FindingKind, Rung, Turn
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
WHOLE_CALL_KINDS = frozenset(
    {"no_commitment", "vague_commitment", "missing_closing_check", "scripted_empathy"}
)
"""Kinds about the whole call."""
NEAR = 2
"""Turns. A finding about an agent's turn may be shown at the next or previous one."""

LEVELS = ("specific", "generic", "timed", "concrete", "vague")
"""The first of these that a turn holds is the level of its behaviour."""

OPPORTUNITIES = "opportunities"
STRONG = "opportunities, strength 2-3"
"""Of the labelled ones those of strength 2 and 3; a false one is false at any strength."""
MISSED = "outcome missed"

SCALES: Mapping[str, Scale] = {
    OPPORTUNITIES: PRESENCE,
    STRONG: PRESENCE,
    "emotion": EXACT,
    "strength": weighted_kappa(("1", "2", "3")),
    "outcome": EXACT,
    MISSED: PRESENCE,
    "rung": weighted_kappa(get_args(Rung)),
    **dict.fromkeys(get_args(BehaviourName), PRESENCE),
    "level of acknowledgement": EXACT,
    "level of commitment": EXACT,
    **dict.fromkeys(get_args(FindingKind), PRESENCE),
    "all findings": PRESENCE,
}
"""Every measure, in the order of the report. Emotion, strength, outcome and rung are of
the opportunities, and levels of the behaviours, that both sides saw."""


@dataclass(frozen=True)
class Call:
    """A dialogue with its labels, as in the files."""

    name: str
    turns: tuple[Turn, ...]
    labels: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Where its words are from: the letters that the name of its file begins with."""
        return re.split(r"[\W\d_]", self.name)[0] or "others"


@dataclass(frozen=True)
class Moment:
    """An opportunity as anybody may have found it; None where nothing is said of that."""

    turns: tuple[int, ...]
    outcome: str | None = None
    emotion: str | None = None
    strength: str | None = None
    rung: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Said:
    """A behaviour as anybody may have found it."""

    turn: int
    behaviour: str
    level: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Flag:
    """A finding, at all the turns that it is about."""

    kind: str
    turns: tuple[int, ...]


@dataclass(frozen=True)
class Judgement:
    """What somebody says of one call."""

    moments: Sequence[Moment]
    behaviours: Sequence[Said]
    findings: Sequence[Flag] = ()


@dataclass(frozen=True)
class Judge:
    """Somebody who says what is in a call."""

    name: str
    claims: frozenset[str]
    """The measures that it says anything of; the others are not counted against it."""
    judge: Callable[[Call], Judgement]


def read_calls(folder: Path) -> tuple[Call, ...]:
    """The calls of `calls/*.json` with `labels/*.json`."""
    return tuple(
        _read(path, folder / "labels" / path.name)
        for path in sorted((folder / "calls").glob("*.json"))
    )


def _read(call: Path, labels: Path) -> Call:
    turns = json.loads(call.read_text(encoding="utf-8"))["turns"]
    return Call(
        name=call.stem,
        turns=tuple(
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
            for turn in turns
        ),
        labels=json.loads(labels.read_text(encoding="utf-8")),
    )


def compare(call: Call, judge: Judge) -> list[Item]:
    """Every agreement and difference in one call."""
    judgement = judge.judge(call)
    items = (
        *_moments(call, judgement.moments),
        *_behaviours(call, judgement.behaviours),
        *_findings(call, judgement.findings),
    )
    return [item for item in items if item.measure in judge.claims]


def _moments(call: Call, moments: Sequence[Moment]) -> Iterator[Item]:
    free = list(moments)
    for label in call.labels["opportunities"]:
        turn, strong = label["turns"][0], label["strength"] > 1
        missed = "missed" if label["outcome"] == "missed" else None
        moment = next((m for m in free if set(m.turns) & set(label["turns"])), None)
        found = None
        if moment is not None:
            free.remove(moment)
            found = label["emotion"]
            yield from _details(call, label, moment)
        yield Item(call.name, OPPORTUNITIES, turn, label["emotion"], found)
        if strong:
            yield Item(call.name, STRONG, turn, label["emotion"], found)
        said = moment.outcome if moment is not None else None
        if missed or said == "missed":
            found = "missed" if said == "missed" else None
            yield Item(call.name, MISSED, turn, missed, found)
    for moment in free:
        turn, what = moment.turns[0], moment.emotion or "there"
        yield Item(call.name, OPPORTUNITIES, turn, None, what, moment.source)
        yield Item(call.name, STRONG, turn, None, what, moment.source)
        if moment.outcome == "missed":
            yield Item(call.name, MISSED, turn, None, "missed", moment.source)


def _details(call: Call, label: Mapping[str, Any], moment: Moment) -> Iterator[Item]:
    for measure in ("emotion", "strength", "outcome", "rung"):
        found: str | None = getattr(moment, measure)
        # The rung is null where the agent never had the turn.
        labelled = None if label[measure] is None else str(label[measure])
        if found is not None:
            turn = label["turns"][0]
            yield Item(call.name, measure, turn, labelled, found, moment.source)


def _behaviours(call: Call, said: Sequence[Said]) -> Iterator[Item]:
    wanted: dict[tuple[int, str], list[str]] = {}
    for label in call.labels["agent_labels"]:
        for behaviour in label["behaviours"]:
            name, _, level = behaviour.partition(":")
            wanted.setdefault((label["turn"], name), []).append(level)
    got: dict[tuple[int, str], list[Said]] = {}
    for one in said:
        got.setdefault((one.turn, one.behaviour), []).append(one)
    for place in sorted(wanted.keys() | got.keys()):
        turn, name = place
        labelled = name if place in wanted else None
        found = name if place in got else None
        source = ", ".join(sorted({one.source for one in got.get(place, ())}))
        yield Item(call.name, name, turn, labelled, found, source)
        levels = (
            _level(wanted.get(place, ())),
            _level([s.level for s in got.get(place, ())]),
        )
        if None not in levels:
            yield Item(call.name, f"level of {name}", turn, *levels, source)


def _level(levels: Sequence[str | None]) -> str | None:
    return next((level for level in LEVELS if level in levels), None)


def _findings(call: Call, flags: Sequence[Flag]) -> Iterator[Item]:
    free = list(flags)
    for label in call.labels["findings"]:
        kind, turn = label["kind"], label["turn"]
        match = next((f for f in free if f.kind == kind and _same_place(f, turn)), None)
        if match is not None:
            free.remove(match)
        for measure in (kind, "all findings"):
            yield Item(call.name, measure, turn, kind, kind if match else None)
    for flag in free:
        for measure in (flag.kind, "all findings"):
            yield Item(call.name, measure, flag.turns[0], None, flag.kind)


def _same_place(flag: Flag, turn: int) -> bool:
    if flag.kind in WHOLE_CALL_KINDS:
        return True
    if flag.kind in CUSTOMER_KINDS:
        return turn in flag.turns
    return abs(flag.turns[0] - turn) <= NEAR
