"""What the written guide holds: a rubric, the coding scheme and the limits, for people.

Nothing in it is a second version of a rule: examples come from the rubric, the table of
outcomes from the function that judges, and the numbers from where they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from callmon.call import (
    Behaviour,
    BehaviourName,
    Cue,
    Emotion,
    FindingKind,
    Opportunity,
    OutcomeName,
    Rung,
    Valence,
)
from callmon.empathy.rubric import POSITIVE, CueRule, Guided, Rubric
from callmon.findings.ladder import outcome_of
from callmon.report import wording

STRENGTHS: Final[Mapping[Literal[1, 2, 3], str]] = {
    1: "named softly, or only implied by small trouble",
    2: "plainly named, or a circumstance with real cost",
    3: "intensified, repeated, or a heavy circumstance",
}

POSITIVE_RUNGS: Final[frozenset[Rung]] = frozenset(
    {"ignored", "acknowledged", "acknowledged_specific"}
)
"""The steps that an answer to good news can reach."""

OUTCOMES: Final[Mapping[OutcomeName, str]] = {
    "met": "The answer reached the step that the moment needs.",
    "partial": "Something was there for the feeling, and not enough; it counts half.",
    "missed": "Nothing, or too little, was there for the feeling.",
    "impeded": "The agent never had the turn: the line dropped, a transfer or a hold began,"
    " or the customer went on.",
    "unscorable": "The words or the parties are too uncertain to judge; it says why.",
}

LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "model.opportunity": ("", "how sure the text model must be that a sentence is a cue"),
    "model.veto": ("", "below it the model silences a rule"),
    "mirroring.shared_with_form": ("words", "shared, after an opening such as “so …”"),
    "mirroring.shared_without_form": ("words", "shared, in a statement about the customer"),
    "mirroring.share": ("", "least share of a sentence's content that the customer said"),
    "mirroring.customer_turns": ("turns", "of the customer that may be given back"),
    "findings.window_turns": ("agent turns", "in which an answer is in time"),
    "findings.window_talk_seconds": ("s of talk", "after which an answer is late"),
    "findings.silence_seconds": ("s", "from which a silence is told"),
    "findings.silence_within_seconds": ("s", "after a moment in which a silence counts"),
    "findings.closing_call_seconds": ("s", "length of call from which a check is expected"),
    "findings.closing_call_turns": ("turns", "the same for a text without times"),
    "findings.closing_turns": ("turns", "at the end, in which an end is confirmed"),
    "findings.again_within_seconds": ("s", "in which the same feeling comes up again soon"),
    "findings.again_within_turns": ("turns", "the same for a text without times"),
    "findings.party_confidence": ("", "below it it is not clear enough who speaks"),
    "findings.word_confidence": ("", "below it the words are too uncertain"),
    "findings.overlap_share": ("", "of an answer under another voice; above it in doubt"),
    "findings.told_words": ("words", "with content that make a telling"),
    "findings.doubtful_words": ("words", "shared, from which it may have been given back"),
    "findings.retold_share": ("", "of the shorter telling that is in the other"),
    "findings.retold_words": ("words", "that two tellings share at least"),
    "findings.scripted_times": ("times", "from which the same words are told"),
    "findings.scripted_likeness": ("", "from which two sentences are the same words"),
    "findings.settled": ("robust deviations", "by which the voice came down"),
}
"""By the place of a number in the rubric: its unit, and what it decides."""


@dataclass(frozen=True)
class CueExample:
    """Words of a customer, and what they are."""

    words: str
    cue: Cue
    strength: int


@dataclass(frozen=True)
class FeelingPage:
    """A feeling of the scheme, with words in which customers show it."""

    emotion: Emotion
    valence: Valence
    examples: tuple[CueExample, ...]


@dataclass(frozen=True)
class BehaviourPage:
    """A behaviour of the scheme: the rubric's own words about it, and its rules'."""

    name: BehaviourName
    entry: Guided
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step of the response ladder, and what an answer on it comes to."""

    number: int
    rung: Rung
    says: str
    outcomes: tuple[str, ...]
    """For a mild, a clear, a strong negative moment, and a positive one."""


@dataclass(frozen=True)
class FindingPage:
    """A kind of finding."""

    kind: FindingKind
    entry: Guided
    shown: bool
    severity: str


@dataclass(frozen=True)
class Limit:
    """A number of the rubric."""

    name: str
    value: str
    """With its unit."""
    decides: str


@dataclass(frozen=True)
class Guide:
    """The guide, in the order in which it is read."""

    version: str
    moment: Guided
    cues: tuple[Guided, ...]
    feelings: tuple[FeelingPage, ...]
    strengths: tuple[tuple[int, str, tuple[str, ...]], ...]
    """Number, meaning, examples."""
    behaviours: tuple[BehaviourPage, ...]
    ladder: tuple[Step, ...]
    outcomes: tuple[tuple[str, str], ...]
    findings: tuple[FindingPage, ...]
    limits: tuple[Limit, ...]


def make_guide(rubric: Rubric) -> Guide:
    """The guide of a rubric. What a rubric says nothing about is told by its examples."""
    entries: dict[str, Guided] = {entry.name: entry for entry in rubric.guide}

    def entry(name: str) -> Guided:
        title = name.replace("_", " ").capitalize()
        return entries.get(name) or Guided.model_validate(
            {"name": name, "title": title, "holds": "The rubric does not describe it."}
        )

    shown = rubric.findings.get("kinds", ())
    return Guide(
        version=rubric.version,
        moment=entry("opportunity"),
        cues=tuple(entry(cue) for cue in get_args(Cue)),
        feelings=tuple(_feeling(emotion, rubric) for emotion in get_args(Emotion)),
        strengths=tuple(
            (n, meaning, tuple(_firsts(r for r in rubric.cues if r.strength == n)))
            for n, meaning in STRENGTHS.items()
        ),
        behaviours=tuple(
            _behaviour(name, entry(name), rubric) for name in get_args(BehaviourName)
        ),
        ladder=tuple(_step(n, rung) for n, rung in enumerate(get_args(Rung))),
        outcomes=tuple((wording.OUTCOMES[name], says) for name, says in OUTCOMES.items()),
        findings=tuple(
            FindingPage(
                kind=kind,
                entry=entry(kind),
                shown=kind in shown,
                severity=_severity(rubric.findings.get("severity", {}).get(kind)),
            )
            for kind in get_args(FindingKind)
        ),
        limits=tuple(_limits(rubric)),
    )


def _feeling(emotion: Emotion, rubric: Rubric) -> FeelingPage:
    return FeelingPage(
        emotion=emotion,
        valence="positive" if emotion in POSITIVE else "negative",
        examples=tuple(
            CueExample(words=rule.examples[0], cue=rule.cue, strength=rule.strength)
            for rule in rubric.cues
            if rule.emotion == emotion
        ),
    )


def _firsts(rules: Iterator[CueRule]) -> Iterator[str]:
    """An example each of the first few rules."""
    for rule, _ in zip(rules, range(4), strict=False):
        yield rule.examples[0]


def _behaviour(name: BehaviourName, entry: Guided, rubric: Rubric) -> BehaviourPage:
    own = [rule for rule in rubric.behaviours if rule.behaviour == name]
    return BehaviourPage(
        name=name,
        entry=entry,
        examples=tuple(words for rule in own for words in rule.examples),
        counterexamples=tuple(words for rule in own for words in rule.counterexamples),
    )


def _step(number: int, rung: Rung) -> Step:
    return Step(
        number=number,
        rung=rung,
        says=wording.RUNGS[rung],
        outcomes=(
            *(_comes_to(rung, "negative", strength) for strength in STRENGTHS),
            _comes_to(rung, "positive", 2) if rung in POSITIVE_RUNGS else "–",
        ),
    )


def _comes_to(rung: Rung, valence: Valence, strength: Literal[1, 2, 3]) -> str:
    """The outcome, and what it is with the one behaviour that can lift it."""
    lifts: tuple[BehaviourName, str] = (
        ("rapport", "with warmth")
        if valence == "positive"
        else ("mirroring", "with the problem given back")
    )
    moment = Opportunity(
        id="o1",
        turns=(0,),
        start=None,
        end=None,
        cue="explicit",
        emotion="joy" if valence == "positive" else "frustration",
        valence=valence,
        strength=strength,
        confidence=1.0,
        evidence=(),
    )
    lifting = Behaviour(
        turn=1,
        behaviour=lifts[0],
        level=None,
        confidence=1.0,
        quote="",
        start=None,
        end=None,
        source="",
    )
    plain, lifted = (
        wording.OUTCOMES[outcome_of(moment, rung, held)] for held in ([], [lifting])
    )
    return plain if lifted == plain else f"{plain}; {lifted.lower()} {lifts[1]}"


def _severity(written: object) -> str:
    return "as strong as the moment" if written == "strength" else str(written or "–")


def _limits(rubric: Rubric) -> Iterator[Limit]:
    sections = {
        "model": rubric.model.model_dump(),
        "mirroring": rubric.mirroring.model_dump(),
        "findings": rubric.findings,
    }
    for name, number in _numbers(sections):
        unit, decides = LIMITS.get(name, ("s" if name.endswith("_seconds") else "", ""))
        if name.startswith("model.behaviours."):
            behaviour = name.rpartition(".")[2].replace("_", " ")
            decides = f"how sure the text model must be of {behaviour}"
        yield Limit(name=name, value=f"{number:g} {unit}".strip(), decides=decides)


def _numbers(section: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, float]]:
    """All numbers in a table and the tables in it, with their dotted names."""
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{place}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{place}{name}", value
