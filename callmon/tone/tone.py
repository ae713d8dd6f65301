"""The customer's voice, turn by turn, beside this caller's ordinary voice.

Only the customer's voice is ever read: `customer_speech` is the one place that decides
what is heard, and `_read` the one place that reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from callmon import intervals
from callmon.call import Activity, Audio, Interval, Measure, Tone, Turn
from callmon.tone.arousal import agreement, arousal_of, label_arousal
from callmon.tone.baseline import (
    LEAST_SECONDS,
    LEAST_TURNS,
    compare,
    enough_speech,
    ordinary_voice,
)
from callmon.tone.prosody import Frames, Prosody, frames, measure

VERSION = "prosody/2"
"""Of the method, as the document names it; raised when the same sound gives other tones."""

LEAST_SPEECH = 1.5
"""Seconds of speech in a turn, about six syllables: fewer give no rate and no middle."""
LEAST_VOICED = 0.4
"""Seconds of voiced speech, about four vowels: fewer give no pitch (whisper, noise)."""
LEAST_PARTY_CONFIDENCE = 0.8
"""That a voice is the customer's, however low the roles themselves were set: an agent's
voice must not be read."""
MOST_SHARED = 0.5
"""Share of the turn in which another voice speaks too."""
MOST_CLIPPED = 0.05
"""Share of samples at full scale. Measured on speech cut off at its own tops: loudness is
then 0.7 dB too low, a third of its least spread, and at twice the share 1.7 dB."""
LEAST_SNR = 15.0
"""Decibels over the floor. Measured on speech in white noise: here loudness and balance
move by 1 dB, within their least spreads; at 12 by more than 2 dB, beyond them."""

LONGEST_PIECE = 30.0
"""Seconds read at a time, so that an hour of hold music taken for speech fits memory."""
FULL_CONFIDENCE_SECONDS = 4.0
"""Seconds of speech after which more of it does not make a turn surer."""


@dataclass(frozen=True)
class Speech:
    """What may be heard of one customer turn."""

    turn: int
    speaker: str
    channel: int
    intervals: tuple[Interval, ...]
    """The customer's own, without those in which another voice is heard too."""
    shared: float = 0.0
    """Share of the turn's speech that was left out because of another voice."""
    party_confidence: float = 1.0
    """That this is the customer, 0 to 1."""


def measure_tones(
    audio: Audio,
    turns: Sequence[Turn],
    activities: Sequence[Activity],
    *,
    progress: Callable[[float], None] | None = None,
) -> tuple[Tone, ...]:
    """One tone for each customer turn that is not a backchannel, scorable or not.

    No tone is made for an agent, another or an unknown party, and nothing of their
    speech is read. `progress` is called with the share done, 0 to 1.
    """
    speech = customer_speech(turns, activities)
    heard: list[Frames] = []
    for done, stretch in enumerate(speech, start=1):
        heard.append(_read(audio, stretch))
        if progress is not None:
            progress(done / len(speech))
    tones: dict[int, Tone] = {}
    for voice in dict.fromkeys(stretch.speaker for stretch in speech):
        own = [pair for pair in zip(speech, heard, strict=True) if pair[0].speaker == voice]
        tones |= {tone.turn: tone for tone in tones_of_voice(own)}
    return tuple(tones[stretch.turn] for stretch in speech)


def tones_of_voice(heard: Sequence[tuple[Speech, Frames]]) -> tuple[Tone, ...]:
    """The tones of all turns of one voice in one call, each beside the others."""
    measured = _measure_caller([stretch for _, stretch in heard])
    reasons = [
        _why_unscorable(speech, prosody)
        for (speech, _), prosody in zip(heard, measured, strict=True)
    ]
    scorable = [
        prosody for prosody, why in zip(measured, reasons, strict=True) if why is None
    ]
    if not enough_speech(scorable):
        return tuple(
            _unscorable(speech.turn, why or _no_baseline(scorable))
            for (speech, _), why in zip(heard, reasons, strict=True)
        )
    ordinary = ordinary_voice(scorable)
    return tuple(
        _tone(speech.turn, prosody, compare(prosody, ordinary))
        if why is None
        else _unscorable(speech.turn, why)
        for (speech, _), prosody, why in zip(heard, measured, reasons, strict=True)
    )


def customer_speech(
    turns: Sequence[Turn], activities: Sequence[Activity]
) -> tuple[Speech, ...]:
    """Where the customer alone is heard, for each customer turn but backchannels.

    In the channel of the customer's voice this leaves out all times in which another
    voice is active there, and all turns of others that go by the same voice. Another
    channel does not disturb.
    """
    voices = {activity.speaker: activity for activity in activities}
    found: list[Speech] = []
    for turn in turns:
        if turn.party != "customer" or turn.backchannel:
            continue
        nothing = Speech(
            turn=turn.index,
            speaker=turn.speaker,
            channel=0,
            intervals=(),
            party_confidence=turn.party_confidence,
        )
        voice = voices.get(turn.speaker)
        unsure = turn.party_confidence < LEAST_PARTY_CONFIDENCE
        if unsure or voice is None or turn.start is None or turn.end is None:
            found.append(nothing)
            continue
        own = intervals.clip(voice.intervals, start=turn.start, end=turn.end)
        others = [
            interval
            for activity in activities
            if activity.channel == voice.channel and activity is not voice
            for interval in activity.intervals
        ]
        others += [
            Interval(start=other.start, end=other.end)
            for other in turns
            if other.party != "customer"
            and voices.get(other.speaker) is voice
            and other.start is not None
            and other.end is not None
        ]
        alone = intervals.difference(own, others)
        spoken = intervals.seconds(own)
        shared = 1 - intervals.seconds(alone) / spoken if spoken else 0.0
        found.append(
            replace(nothing, channel=voice.channel, intervals=alone, shared=shared)
        )
    return tuple(found)


def _read(audio: Audio, speech: Speech) -> Frames:
    pieces = [
        audio.read(speech.channel, start, min(start + LONGEST_PIECE, interval.end))
        for interval in speech.intervals
        for start in _starts(interval)
    ]
    return frames(pieces, sample_rate=audio.sample_rate)


def _starts(interval: Interval) -> list[float]:
    """Where to begin reading, so that no piece is longer than `LONGEST_PIECE`."""
    count = math.ceil(interval.duration / LONGEST_PIECE)
    return [interval.start + number * LONGEST_PIECE for number in range(count)]


def _measure_caller(heard: Sequence[Frames]) -> list[Prosody]:
    """The measures of each turn, the second time with the caller's own range known."""
    import numpy as np

    first = [measure(stretch) for stretch in heard]
    known = [prosody.pitch for prosody in first if not math.isnan(prosody.pitch)]
    if not known:
        return first
    usual = float(np.median(known))
    return [measure(stretch, usual_pitch=usual) for stretch in heard]


def _why_unscorable(speech: Speech, prosody: Prosody) -> str | None:
    """The reason why nothing is claimed about a turn, one sentence; None if scorable."""
    if speech.party_confidence < LEAST_PARTY_CONFIDENCE:
        return (
            "It is not sure enough that this is the customer"
            f" ({speech.party_confidence:.0%}); {LEAST_PARTY_CONFIDENCE:.0%} are needed"
            " before a voice is read."
        )
    if speech.shared > MOST_SHARED:
        return (
            f"Another voice speaks during {speech.shared:.0%} of this turn;"
            f" at most {MOST_SHARED:.0%} can be scored."
        )
    if not speech.intervals:
        return "No speech in the customer's own voice was found in this turn."
    if prosody.seconds < LEAST_SPEECH:
        return (
            f"Only {prosody.seconds:.2f} s of speech;"
            f" {LEAST_SPEECH:.2f} s are needed to measure a voice."
        )
    if prosody.clipped > MOST_CLIPPED:
        return (
            f"The recording is overloaded: {prosody.clipped:.0%} of the samples of this"
            f" turn are at full scale; at most {MOST_CLIPPED:.0%} can be scored."
        )
    if prosody.voiced_seconds < LEAST_VOICED:
        return (
            f"Only {prosody.voiced_seconds:.2f} s of this turn have a pitch;"
            f" {LEAST_VOICED:.2f} s are needed."
        )
    if prosody.snr < LEAST_SNR:
        return (
            f"Too much noise: the voice is {prosody.snr:.0f} dB above it;"
            f" {LEAST_SNR:.0f} dB are needed."
        )
    return None


def _no_baseline(scorable: Sequence[Prosody]) -> str:
    seconds = sum(prosody.seconds for prosody in scorable)
    return (
        f"This caller's ordinary voice is not known: {seconds:.1f} s in"
        f" {len(scorable)} turns can be measured in this call; {LEAST_SECONDS:.0f} s in"
        f" {LEAST_TURNS} turns are needed."
    )


def _unscorable(turn: int, reason: str) -> Tone:
    return Tone(
        turn=turn, arousal=None, label=None, confidence=0.0, measures={}, unscorable=reason
    )


def _tone(turn: int, prosody: Prosody, measures: Mapping[str, Measure]) -> Tone:
    distances = {name: measure.distance for name, measure in measures.items()}
    arousal = arousal_of(distances)
    return Tone(
        turn=turn,
        arousal=arousal,
        label=label_arousal(arousal, distances),
        confidence=_sureness(prosody) * agreement(arousal, distances),
        measures=measures,
        unscorable=None,
    )


def _sureness(prosody: Prosody) -> float:
    """How much there is to measure, 0 to 1: a third of normal speech is voiced at least."""
    amount = min(1.0, prosody.seconds / FULL_CONFIDENCE_SECONDS)
    voiced = min(1.0, 3 * prosody.voiced_seconds / prosody.seconds)
    return math.sqrt(amount) * voiced
