"""Who speaks when: talk, silence, overlap and interruptions, all from voice activity."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from callmon.call import Activity, Dynamics, Interruption, Interval, Party, Role, Turn
from callmon.intervals import clip, complement, intersection, seconds, union

SILENCE = 2.0
"""Seconds from which a silence is listed: pauses within fluent talk are shorter."""

PAUSE = 0.5
"""Seconds. Over a gap this short in its activity a voice counts as speaking on: it is a
breath or a pause within a phrase."""

HELD_BEFORE = 1.0
"""Seconds since the interrupted turn began: who has said less than a phrase has not taken
the floor yet, and the two have merely started together."""

OVERLAP = 0.3
"""Seconds of both voices. Shorter ones are the ordinary change of turn, in which the next
speaker comes in on the last syllable (Heldner and Edlund 2010; Levinson and Torreira
2015: most overlaps at a change of turn are under 0.3 s)."""

HELD_AFTER = 1.0
"""Seconds that the interrupting voice must go on alone: else it did not take the floor."""


def measure_dynamics(
    turns: Sequence[Turn],
    activities: Sequence[Activity],
    roles: Mapping[str, Role],
    *,
    duration: float,
) -> Dynamics:
    """Talk, silence, overlap and interruptions of a call of `duration` seconds.

    All times are taken from the activity, within [0, duration); only the words of the
    agent come from the turns. Silence before the first and after the last word counts.

    An interruption is a turn, no backchannel, that starts while another voice speaks,
    when that voice had been speaking for HELD_BEFORE and speaks on for at least OVERLAP,
    and when the interrupting one is speaking as the other stops (which had not finished,
    and gave way) and goes on for HELD_AFTER. A voice that tries and gives up,
    or that comes in on the last syllable, does not interrupt.
    """
    speech = [
        (activity.speaker, clip(activity.intervals, start=0.0, end=duration))
        for activity in activities
    ]
    talk: dict[Party, list[Interval]] = defaultdict(list)
    for speaker, intervals in speech:
        talk[_party(speaker, roles)].extend(intervals)
    everybody = union(interval for _, intervals in speech for interval in intervals)
    quiet = complement(everybody, start=0.0, end=duration)
    overlaps = union(
        interval
        for place, (_, intervals) in enumerate(speech)
        for _, others in speech[place + 1 :]
        for interval in intersection(intervals, others)
    )
    spoken = {party: round(seconds(intervals), 3) for party, intervals in talk.items()}
    return Dynamics(
        talk=spoken,
        silence=round(seconds(quiet), 3),
        overlap=round(seconds(overlaps), 3),
        longest_silence=max(quiet, key=lambda gap: gap.duration, default=None),
        silences=tuple(gap for gap in quiet if gap.duration >= SILENCE),
        interruptions=_interruptions(turns, speech),
        agent_words_per_minute=_words_per_minute(turns, spoken.get("agent", 0.0)),
    )


def _interruptions(
    turns: Sequence[Turn], speech: Sequence[tuple[str, Sequence[Interval]]]
) -> tuple[Interruption, ...]:
    spells: dict[str, tuple[Interval, ...]] = {
        speaker: union(intervals, gap=PAUSE) for speaker, intervals in speech
    }
    found: list[Interruption] = []
    latest: dict[str, Turn] = {}
    for turn in turns:
        if turn.backchannel or turn.start is None:
            continue
        for other in latest.values():
            both = _cut_in(turn, other, spells)
            if both is not None:
                found.append(
                    Interruption(
                        by=turn.party,
                        turn=turn.index,
                        interrupted=other.index,
                        start=both.start,
                        end=both.end,
                    )
                )
        latest[turn.speaker] = turn
    return tuple(found)


def _cut_in(
    turn: Turn, other: Turn, spells: Mapping[str, Sequence[Interval]]
) -> Interval | None:
    """The time in which both speak, if `turn` takes the floor from `other` there."""
    if turn.speaker == other.speaker or turn.start is None or other.start is None:
        return None
    cutting = _spell_after(spells.get(turn.speaker, ()), turn.start)
    if cutting is None:
        return None
    start = max(turn.start, cutting.start)
    cut = _spell_after(spells.get(other.speaker, ()), start)
    if cut is None or cut.start >= start:
        return None
    # Who takes a breath while cutting in still holds the floor when the other stops.
    holding = _spell_after(spells[turn.speaker], cut.end)
    takes_the_floor = (
        start - other.start >= HELD_BEFORE
        and cut.end - start >= OVERLAP
        and holding is not None
        and holding.start <= cut.end
        and holding.end - cut.end >= HELD_AFTER
    )
    return Interval(start=start, end=cut.end) if takes_the_floor else None


def _spell_after(spells: Sequence[Interval], time: float) -> Interval | None:
    """The stretch of speech that goes on at the time, else the next one."""
    place = bisect_right(spells, time, key=lambda spell: spell.end)
    return spells[place] if place < len(spells) else None


def _words_per_minute(turns: Sequence[Turn], talk: float) -> float | None:
    words = sum(len(turn.text.split()) for turn in turns if turn.party == "agent")
    return round(words / talk * 60, 1) if words and talk else None


def _party(speaker: str, roles: Mapping[str, Role]) -> Party:
    return roles[speaker].party if speaker in roles else "unknown"
