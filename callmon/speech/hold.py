"""Finds where the customer waits on hold: announced by the agent, or filled by a recording.

A hold is a stretch in which the agent is away after having said so:

1. The agent's last TAIL words before it, since the hold before, announce it (`hold.toml`:
   "let me put you on hold", "bear with me"); or a recording plays in it (an announcement,
   music with words: party `other`).
2. It begins where the agent falls silent, or where the customer's assent ends ("sure").
3. It ends where the agent speaks again with substance: longer than a sound (SOUND) and
   with words. It ends with the recording when the agent does not come back.
4. What the customer says meanwhile is no waiting, except remarks of up to REMARK seconds
   ("still there?"). Pieces under SHORTEST are pauses.

Waiting that nobody announced is silence; so is, for now, waiting that was announced in
another language than English. Waiting before an agent has spoken, in a queue, is no hold
either: no agent has left.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from callmon.call import Interval, Turn, Value
from callmon.intervals import complement, difference, intersection, seconds, union
from callmon.plain import plain

SHORTEST = 5.0
"""Seconds. After "let me see" a shorter silence is thinking within the talk; it is half of
the ten seconds from which an unexplained silence is a finding in the coding scheme."""

SOUND = 0.6
"""Seconds. A listening signal, a sigh or a click is no longer: listening signals last 0.3
to 0.5 s, which activity rounds up."""

ASSENT = 2.0
"""Seconds after the agent in which the customer's assent begins: ten times the usual gap
between turns (0.2 s, Stivers et al. 2009)."""

REMARK = 3.0
"""Seconds of the customer's speech that do not end the waiting: a short sentence, about
eight words at the usual 150 to 180 words per minute."""

TAIL = 25
"""Words before the waiting in which the announcement is looked for: it comes with its
reason ("bear with me a moment while I bring up your account and have a look at what
happened with the order"), but what was said a minute ago announces nothing."""


class Announcement(Value):
    """A way to say that the customer has to wait."""

    says: str
    pattern: str
    """A regular expression over plain words."""
    unless: str | None = None
    """Words that are left out before the pattern is looked for."""
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


class Wording(Value):
    """The content of `hold.toml`."""

    language: str
    farewell: str
    """A regular expression; what was said before a goodbye announces nothing."""
    later: str
    """Part of a regular expression: no word of doing it after the call follows."""
    announcement: tuple[Announcement, ...]


def find_hold(
    turns: Sequence[Turn],
    *,
    agent: Sequence[Interval],
    customer: Sequence[Interval],
    other: Sequence[Interval],
    duration: float,
    redacted: Sequence[Interval] = (),
) -> tuple[Interval, ...]:
    """The stretches in which the customer waits on hold, within [0, duration).

    `agent`, `customer` and `other` are when each party speaks, by activity. The words of
    the turns only tell what was announced, and which sounds of the agent are speech.
    """
    words = sorted(_agent_words(turns))
    present = _with_words(union(agent), words)
    if not present:
        return ()
    spoken = union(customer, gap=SOUND)
    talk = [spell for spell in spoken if spell.duration > REMARK]
    found: list[Interval] = []
    since = 0.0
    for away in complement(present, start=present[0].start, end=duration):
        if away.duration < SHORTEST:
            continue
        waiting = difference([_after_assent(away, spoken)], [*talk, *redacted])
        waits = [wait for wait in waiting if wait.duration >= SHORTEST]
        if not waits:
            continue
        said = _before((waits[0].start + waits[0].end) / 2, words, since=since)
        if is_announcement(said) or seconds(intersection(other, waits)) > SOUND:
            found.extend(waits)
            since = away.end
    return tuple(found)


def is_announcement(text: str) -> bool:
    """Whether the text says that the other has to wait.

    >>> is_announcement("Bear with me a moment."), is_announcement("Thanks for holding.")
    (True, False)
    """
    farewell, announcements = _patterns()
    said = farewell.split(plain(text))[-1]
    return any(pattern.search(unless.sub("", said)) for pattern, unless in announcements)


def read_wording() -> Wording:
    """The ways to announce a hold that ship with the package."""
    text = files("callmon.speech").joinpath("hold.toml").read_text(encoding="utf-8")
    return Wording.model_validate(tomllib.loads(text))


Pattern = re.Pattern[str]


@cache
def _patterns() -> tuple[Pattern, tuple[tuple[Pattern, Pattern], ...]]:
    """The farewell, and each announcement with what is left out before."""
    wording = read_wording()
    nothing = r"(?!)"
    return _compiled(wording.farewell), tuple(
        (
            _compiled(entry.pattern.replace("{later}", wording.later)),
            _compiled(entry.unless or nothing),
        )
        for entry in wording.announcement
    )


def _compiled(pattern: str) -> Pattern:
    return re.compile(rf"\b(?:{pattern})\b")


def _agent_words(turns: Sequence[Turn]) -> Iterator[tuple[float, float, str]]:
    """End, start and text of each word.

    Where a turn has no times of words, all of them stand at its beginning, and an empty
    one lasts over the turn.
    """
    for turn in turns:
        if turn.party != "agent" or turn.start is None or turn.end is None:
            continue
        if turn.words:
            yield from ((word.end, word.start, word.text) for word in turn.words)
        elif turn.text:
            yield turn.start, turn.start, turn.text
            yield turn.end, turn.start, ""


def _with_words(
    spells: Sequence[Interval], words: Sequence[tuple[float, float, str]]
) -> list[Interval]:
    """The spells that are speech with substance."""
    heard = union(Interval(start=start, end=end) for end, start, _ in words)
    present: list[Interval] = []
    for spell in spells:
        place = bisect_right(heard, spell.start, key=lambda word: word.end)
        within = place < len(heard) and heard[place].start < spell.end
        if within and spell.duration > SOUND:
            present.append(spell)
    return present


def _after_assent(away: Interval, customer: Sequence[Interval]) -> Interval:
    """The absence from where the customer has agreed to it, if that is said at all."""
    place = bisect_right(customer, away.start, key=lambda spell: spell.end)
    if place == len(customer) or customer[place].start > away.start + ASSENT:
        return away
    return Interval(start=min(customer[place].end, away.end), end=away.end)


def _before(time: float, words: Sequence[tuple[float, float, str]], *, since: float) -> str:
    """The agent's last words from `since` to `time`.

    A word after a long silence is often dated to begin in it, so that its end counts.
    """
    first = bisect_left(words, since, key=lambda word: word[0])
    last = bisect_right(words, time, key=lambda word: word[0])
    texts = " ".join(text for _, _, text in words[max(first, last - TAIL) : last])
    return " ".join(texts.split()[-TAIL:])
