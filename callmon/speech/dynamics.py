"""Who speaks when: talk, silence, hold, overlap, interruptions, response latency.

All of it comes from voice activity, never from the words' times. What was cut out of the
sound is masked: as if those seconds did not exist.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from callmon.call import Activity, Dynamics, Interruption, Interval, Party, Role, Turn
from callmon.intervals import (
    clip,
    complement,
    difference,
    intersection,
    seconds,
    union,
)
from callmon.speech.hold import find_hold

SILENCE = 2.0
"""Seconds from which a silence is listed: pauses within fluent talk are shorter."""

PAUSE = 0.5
"""Seconds. Over a gap this short in its activity a voice counts as speaking on: it is a
breath or a pause within a phrase."""

HELD_BEFORE = 1.0
"""Seconds since the interrupted voice began, or began again after a pause: who has said
less than a phrase has not taken the floor yet, and the two have merely started together."""

OVERLAP = 0.5
"""Seconds of both voices. Shorter ones are the ordinary change of turn, in which the next
speaker comes in on the last word: most overlaps there are under 0.3 s (Heldner and Edlund
2010; Levinson and Torreira 2015), and voice activity, which begins early and ends late,
makes each up to 0.2 s longer."""

HELD_AFTER = 1.0
"""Seconds that the interrupting voice must go on alone: else it did not take the floor."""


def measure_dynamics(
    turns: Sequence[Turn],
    activities: Sequence[Activity],
    roles: Mapping[str, Role],
    *,
    duration: float,
    redacted: Sequence[Interval] = (),
) -> Dynamics:
    """Who speaks when in a call of `duration` seconds.

    All times are taken from the activity, within [0, duration) and outside `redacted`;
    of the turns come the words, and which sounds are a recording (party `other`).

    Talk: seconds of speech by party. Silence: seconds in which nobody speaks and nobody
    waits on hold, also before the first and after the last word. Hold: see `find_hold`.
    Overlap: seconds in which two voices speak. Talk less overlap, silence, and what of
    the hold nobody speaks in are together the duration less what is redacted.

    An interruption is a turn, no backchannel and no recording, that starts while another
    voice speaks, when that voice had been speaking for HELD_BEFORE and speaks on for at
    least OVERLAP, and when the interrupting one is speaking as the other stops (which had
    not finished, and gave way) and goes on for HELD_AFTER. A voice that tries and gives
    up, or that comes in on the last words, does not interrupt.

    Response latency is the median floor transfer offset (de Ruiter et al. 2006) between
    agent and customer, see `_latencies`.
    """
    cut = clip(redacted, start=0.0, end=duration)
    speech = [
        (
            activity.speaker,
            difference(clip(activity.intervals, start=0.0, end=duration), cut),
        )
        for activity in activities
    ]
    talk = _by_party(turns, speech, roles)
    hold = find_hold(
        turns,
        agent=talk.get("agent", ()),
        customer=talk.get("customer", ()),
        other=talk.get("other", ()),
        duration=duration,
        redacted=cut,
    )
    everybody = [interval for _, intervals in speech for interval in intervals]
    quiet = complement([*everybody, *hold, *cut], start=0.0, end=duration)
    overlaps = union(
        interval
        for place, (_, intervals) in enumerate(speech)
        for _, others in speech[place + 1 :]
        for interval in intersection(intervals, others)
    )
    spells = {speaker: union(intervals, gap=PAUSE) for speaker, intervals in speech}
    spoken = {party: round(seconds(times), 3) for party, times in talk.items()}
    return Dynamics(
        talk=spoken,
        silence=round(seconds(quiet), 3),
        overlap=round(seconds(overlaps), 3),
        longest_silence=max(quiet, key=lambda gap: gap.duration, default=None),
        silences=tuple(gap for gap in quiet if gap.duration >= SILENCE),
        hold=hold,
        redacted=cut,
        interruptions=_interruptions(turns, spells, masked=cut),
        response_latency=_latencies(turns, spells, masked=union([*hold, *cut])),
        agent_words_per_minute=_words_per_minute(turns, spoken.get("agent", 0.0)),
    )


def _by_party(
    turns: Sequence[Turn],
    speech: Iterable[tuple[str, Sequence[Interval]]],
    roles: Mapping[str, Role],
) -> dict[Party, tuple[Interval, ...]]:
    """When each party speaks; a recording in a voice's channel is not that voice."""
    recordings: dict[str, list[Interval]] = defaultdict(list)
    for turn in turns:
        if turn.party == "other" and turn.start is not None and turn.end is not None:
            recordings[turn.speaker].append(Interval(start=turn.start, end=turn.end))
    talk: dict[Party, list[Interval]] = defaultdict(list)
    for speaker, intervals in speech:
        party = roles[speaker].party if speaker in roles else "unknown"
        talk[party].extend(difference(intervals, recordings[speaker]))
        if played := intersection(intervals, recordings[speaker]):
            talk["other"].extend(played)
    return {party: union(times) for party, times in talk.items()}


def _interruptions(
    turns: Sequence[Turn],
    spells: Mapping[str, Sequence[Interval]],
    *,
    masked: Sequence[Interval],
) -> tuple[Interruption, ...]:
    found: list[Interruption] = []
    latest: dict[str, Turn] = {}
    for turn in turns:
        if turn.backchannel or turn.start is None or turn.party == "other":
            continue
        for other in latest.values():
            both = _cut_in(turn, other, spells)
            # Who falls silent because the sound was cut out has not given way.
            if both is None or _touches(masked, both.start, both.end):
                continue
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
    start = _onset(turn, spells)
    if turn.speaker == other.speaker or start is None or other.start is None:
        return None
    cut = _spell_after(spells.get(other.speaker, ()), start)
    if cut is None or cut.start >= start:
        return None
    # Who takes a breath while cutting in still holds the floor when the other stops.
    holding = _spell_after(spells[turn.speaker], cut.end)
    takes_the_floor = (
        start - max(other.start, cut.start) >= HELD_BEFORE
        and cut.end - start >= OVERLAP
        and holding is not None
        and holding.start <= cut.end
        and holding.end - cut.end >= HELD_AFTER
    )
    return Interval(start=start, end=cut.end) if takes_the_floor else None


def _latencies(
    turns: Sequence[Turn],
    spells: Mapping[str, Sequence[Interval]],
    *,
    masked: Sequence[Interval],
) -> dict[str, float]:
    """By party, the median of its floor transfer offsets in seconds.

    The offset of a turn is from the end of the other party's speech before it to its
    own beginning; below zero where it begins before the other has ended and speaks on
    after. A turn that begins and ends within the other's speech has not taken the floor,
    and one that comes after a hold or after redacted sound answers to neither.
    """
    offsets: dict[str, list[float]] = defaultdict(list)
    floor = [
        turn
        for turn in turns
        if turn.party in ("agent", "customer") and not turn.backchannel
    ]
    for before, turn in pairwise(floor):
        start = _onset(turn, spells)
        if start is None or before.start is None or before.party == turn.party:
            continue
        end = _end_of_speech(spells.get(before.speaker, ()), start)
        own = _spell_after(spells[turn.speaker], start)
        if end is None or end <= before.start or own is None or own.end <= end:
            continue
        if not _touches(masked, min(start, end), max(start, end)):
            offsets[turn.party].append(start - end)
    return {party: round(median(values), 3) for party, values in offsets.items()}


def _onset(turn: Turn, spells: Mapping[str, Sequence[Interval]]) -> float | None:
    """When the turn's voice is first heard in it."""
    if turn.start is None:
        return None
    spell = _spell_after(spells.get(turn.speaker, ()), turn.start)
    return None if spell is None else max(turn.start, spell.start)


def _spell_after(spells: Sequence[Interval], time: float) -> Interval | None:
    """The stretch of speech that goes on at the time, else the next one."""
    place = bisect_right(spells, time, key=lambda spell: spell.end)
    return spells[place] if place < len(spells) else None


def _end_of_speech(spells: Sequence[Interval], time: float) -> float | None:
    """When the voice that speaks at the time stops, else when it stopped before."""
    place = bisect_right(spells, time, key=lambda spell: spell.start)
    return spells[place - 1].end if place else None


def _touches(masked: Sequence[Interval], start: float, end: float) -> bool:
    """Whether some of the masked time lies in or at [start, end]."""
    place = bisect_right(masked, start, key=lambda interval: interval.end)
    place -= place > 0 and masked[place - 1].end == start
    return place < len(masked) and masked[place].start <= end


def _words_per_minute(turns: Sequence[Turn], talk: float) -> float | None:
    words = sum(len(turn.text.split()) for turn in turns if turn.party == "agent")
    return round(words / talk * 60, 1) if words and talk else None
