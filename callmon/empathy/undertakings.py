"""What a sentence undertakes: each undertaking by itself, how firm it is, and by when.

"I'll refund the fee today, and I'll look into the rest" undertakes two things, one with a
deadline and one that is vague. A time belongs to an undertaking only where it stands in its
clause, or right before it: "You've waited since Monday, so I'll send it" has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from callmon.empathy.patterns import compile_patterns
from callmon.empathy.rubric import BehaviourRule, Rubric
from callmon.empathy.sentences import Sentence

Place = tuple[int, int]
"""Of words in a sentence's plain form."""

_SUBJECT = (
    "(?:i|we|you|he|she|it|they|there|this|that|these|those|nobody|somebody|someone"
    "|everything)"
)
_VERB = "(?:is|are|was|were|has|have|had|will|would|can|takes?|works|suits)"
_ELSE = re.compile(
    "(?:"
    # After a comma or a connective, a subject or a question of its own.
    r"(?:,(?:(?:and|so(?! that)|but|or|then|because|since|as|well|okay|now|while) ){0,2}"
    r"|[ ,](?:and|so(?! that)|but|or|then|because|since|(?<!soon )as|while|although) )"
    rf"(?={_SUBJECT}|what|why|how|who|is|are|was|were|do|did|does|can|could|may|would|will"
    r"|(?:shall|should)(?! (?:i|we)(?:$|,))|any|thank|thanks|sorry|please|let|have a"
    rf"|(?:the|your|my|our|an?|one of our) (?:\w+ ){{1,3}}{_VERB}\b)"
    r"|[ ,](?:and|but|or) (?=if )"
    # Where nobody writes commas, what begins with nothing else than a clause.
    r"|[ ,](?=anything else|is there anything|(?:can|could|may) i|(?:can|could|would|do"
    r"|did|are) you|is that|does that|thank you|thanks|sorry|because|but|let me"
    r"|(?<!promise )(?<!what )(?<!sure )(?<!that )(?<!thing )"
    r"(?:i|we) (?:will|am going to|are going to))"
    r")\b"
)
"""Where, on `Sentence.paused`, a clause ends because another one begins."""
_OPENERS = (
    "(?:and|but|so|then|well|okay|right|all right|yes|sure|of course|no problem|great"
    "|perfect|because|or)"
)
_OPENS = re.compile(rf"(?:.*,|.* (?={_OPENERS} ))?(?:{_OPENERS}[ ,]){{0,3}}")
"""What may stand before a deadline that opens a clause."""
_GOES_ON = re.compile(
    r"(?:you|it|that|this|they|he|she|the \w+) (?:will|should|is going to|are going to)\b"
    r"(?! have (?:been|come|had))|you (?:have|get|receive) "
)
_JOINTS = ("and ", "so ", "then ", "now ")
"""Which lead-ins may begin with, though they belong to nobody's clause."""
_AND = re.compile(r"(?: and |,(?:and )?)(?:then )?")

_UNMADE = "(?<!get )(?<!getting )(?<!have )(?<!having )(?<!got )"
"""Before a past participle: "get it refunded today" tells of no past."""
_CONDITION = re.compile(
    r"\b(?:should have|(?:was|were) (?:due|supposed|meant|going)|if|unless|in case)\b"
)
_PAST = re.compile(
    rf"\b{_UNMADE}(?:i|you|we|they|he|she|who|which|what|why|nobody|somebody|someone)"
    r" (?:\w+ )?(?:was|were|had|did|made|paid|sent|bought|came|took|got|rang|spoke|told"
    r"|said|went|(?!need)\w+ed)\b"
    rf"|\b{_UNMADE}(?:it|that|there) (?:was|were|had|did|came|went|broke|\w+ed)\b"
    r"|\b(?:has|have) (?:been|already|just)\b"
)
_AHEAD = re.compile(
    r"(?:by|within|before|in|over|no later|next|tomorrow|first thing|(?:the )?day after)\b"
)
"""Deadlines that lie ahead whatever was told before them."""


@dataclass(frozen=True)
class Undertaking:
    """One thing that a sentence undertakes."""

    rule: BehaviourRule | None
    """The one that knows its words as a concrete undertaking."""
    words: Place
    """Its clause."""
    vague: bool
    deadline: Place | None


@dataclass(frozen=True)
class _Clause:
    start: int
    end: int
    elided: bool = False
    """Whether who acts is only said in the clause before: "I'll look and call you"."""


def undertakings(sentence: Sentence, rubric: Rubric) -> tuple[Undertaking, ...]:
    """What the sentence undertakes, in the order of its words.

    A sentence in which no words of an undertaking are known is one undertaking: the text
    model knows others.
    """
    clauses = tuple(_clauses(sentence, rubric)) or (_Clause(0, len(sentence.plain)),)
    whens = _whens(sentence, rubric)
    opening = {c: w for c in clauses for w in whens if _opens(w, c, sentence)}
    found: list[Undertaking] = []
    before = 0
    for clause in clauses:
        within = [
            when
            for when in whens
            if clause.start <= when[0] < clause.end
            and when not in opening.values()
            and _lies_ahead(when, clause, sentence)
        ]
        longest = max(within, key=lambda when: when[1] - when[0], default=None)
        deadline = opening.get(clause, longest)
        said = sentence.plain[before : clause.end].strip()
        if clause.elided:
            said = f"i will {sentence.plain[clause.start : clause.end]}"
        found.append(
            _undertaking(
                replace(sentence, plain=said),
                rubric,
                words=(clause.start, clause.end),
                deadline=deadline,
                # "Look and see why" is as open as its first half.
                open_end=clause.elided and found[-1].vague,
            )
        )
        before = clause.end
    return tuple(found)


def certain_level(
    sentence: Sentence, rubric: Rubric
) -> Literal["vague", "concrete"] | None:
    """How firm the words are certain to be, whatever the text model makes of them.

    Vague where a rule for vague words or an offer is all there is; concrete where something
    firm stands beside it. None where no vague words are said, so that the model decides.
    """
    if not _is_vague(sentence, rubric):
        return None
    return "concrete" if firm(sentence, rubric) else "vague"


def firm(sentence: Sentence, rubric: Rubric) -> Undertaking | None:
    """The first thing undertaken that a rule knows and that is not vague."""
    known = [u for u in undertakings(sentence, rubric) if u.rule and not u.vague]
    return min(known, key=lambda u: u.deadline is None, default=None)


def deadline(parts: Sequence[Sentence], rubric: Rubric) -> str | None:
    """When what the first sentence undertakes is due, in the words in which it was said.

    The second sentence counts where it goes on about it: "I'll send a new one. You will
    have it on Friday."
    """
    goes_on = re.compile(rf"^(?:{'|'.join(rubric.commitments.continued)})")
    for place, part in enumerate(parts[:2]):
        if place and not goes_on.search(part.plain):
            return None
        said = undertakings(part, rubric)
        meant = [u for u in said if not u.vague] or said
        meant = sorted(meant, key=lambda u: u.rule is None)
        for undertaking in meant:
            if undertaking.deadline:
                return part.words_at(*undertaking.deadline)
    return None


def _undertaking(
    alone: Sentence,
    rubric: Rubric,
    *,
    words: Place,
    deadline: Place | None,
    open_end: bool,
) -> Undertaking:
    """A time makes "get back to you" firm, which a rule knows; it makes no offer firm."""
    rule = next((r for r in _rules(rubric, vague=False) if r.find(alone)), None)
    offered = compile_patterns(rubric.commitments.offers).search(alone.plain)
    timed = rule is not None and deadline is not None
    vague = bool(offered) or (
        not timed and (open_end or any(r.find(alone) for r in _rules(rubric, vague=True)))
    )
    return Undertaking(rule=rule, words=words, vague=vague, deadline=deadline)


def _is_vague(sentence: Sentence, rubric: Rubric) -> bool:
    offers = compile_patterns(rubric.commitments.offers)
    return bool(offers.search(sentence.plain)) or any(
        rule.find(sentence) for rule in _rules(rubric, vague=True)
    )


def _rules(rubric: Rubric, *, vague: bool) -> Iterator[BehaviourRule]:
    for rule in rubric.behaviours:
        if rule.behaviour == "commitment" and (rule.level == "vague") is vague:
            yield rule


def _clauses(sentence: Sentence, rubric: Rubric) -> Iterator[_Clause]:
    """The clauses that undertake something, from who undertakes it to the next clause."""
    begins = [compile_patterns(rubric.commitments.lead_ins)]
    begins += [
        compile_patterns(rule.patterns)
        for rule in rubric.behaviours
        if rule.behaviour == "commitment"
    ]
    plain, paused = sentence.plain, sentence.paused
    end = 0
    for start in sentence.starts:
        if start < end or paused.startswith(_JOINTS, start):
            continue
        # "It will" alone undertakes nothing, but goes on about what was undertaken.
        if any(begin.match(plain, start) for begin in begins) or (
            end and _GOES_ON.match(plain, start)
        ):
            other = _ELSE.search(paused, start)
            end = other.start() if other else len(plain)
            yield from _conjuncts(plain, paused, start, end, rubric)


def _conjuncts(
    plain: str, paused: str, start: int, end: int, rubric: Rubric
) -> Iterator[_Clause]:
    """One clause, parted where the same person undertakes a second thing."""
    acts = [compile_patterns(rule.patterns) for rule in _rules(rubric, vague=False)]
    elided = False
    for joint in _AND.finditer(paused, start, end):
        if any(act.match(f"i will {plain[joint.end() : end]}") for act in acts):
            yield _Clause(start, joint.start(), elided)
            start, elided = joint.end(), True
    yield _Clause(start, end, elided)


def _whens(sentence: Sentence, rubric: Rubric) -> tuple[Place, ...]:
    """The deadlines in a sentence; those side by side are one: "at four, tomorrow"."""
    pattern = compile_patterns(rubric.commitments.deadlines)
    paused = sentence.paused
    found: list[Place] = []
    for part in re.finditer("[^,]+", paused):
        for match in pattern.finditer(paused, *part.span()):
            if not _is_time(match.span(), sentence):
                continue
            beside = found and paused[found[-1][1] : match.start()] in (" ", ",", " or ")
            start = found.pop()[0] if beside else match.start()
            found.append((start, match.end()))
    return tuple(found)


def _is_time(when: Place, sentence: Sentence) -> bool:
    """Whether it tells when, and not whose or what: "today's bill", "Friday is"."""
    said = sentence.words_at(*when)
    after = sentence.paused[when[1] :]
    return not re.search("['’`´]s$", said) and not re.match(rf" {_VERB}\b", after)


def _opens(when: Place, clause: _Clause, sentence: Sentence) -> bool:
    """Whether it stands right before the clause and begins what is said there."""
    if clause.elided or when[1] + 1 != clause.start:
        return False
    return _OPENS.fullmatch(sentence.paused, 0, when[0]) is not None


def _lies_ahead(when: Place, clause: _Clause, sentence: Sentence) -> bool:
    """Whether it is no time of something past, nor of a condition, nor of what comes
    next: "the one that came today", "if you pay by Friday", "and today I have"."""
    before = sentence.paused[clause.start : when[0]]
    after = sentence.paused[when[1] : clause.end]
    begins = re.search("(?:,|[ ,](?:and|but|so) )$", before)
    if begins and re.match(rf" {_SUBJECT}\b", after):
        return False
    if _CONDITION.search(before):
        return False
    return bool(_AHEAD.match(sentence.plain, when[0])) or not _PAST.search(before)
