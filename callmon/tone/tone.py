"""The customer's voice, turn by turn, beside this caller's ordinary voice.

Only the customer's voice is ever read: `speech.customer_speech` is the one place that
decides what is heard, and `_read` the one place that reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from callmon.call import Activity, Audio, Interval, Tone, TonePart, Turn, Voice
from callmon.tone.arousal import agreement, arousal_of, label_arousal
from callmon.tone.baseline import (
    LEAST_SECONDS,
    LEAST_TURNS,
    Ordinary,
    compare,
    enough_speech,
    ordinary_voice,
)
from callmon.tone.prosody import Frames, Prosody, frames, join, measure, measure_parts
from callmon.tone.speech import LEAST_PARTY_CONFIDENCE, Speech, customer_speech

VERSION = "prosody/3"
"""Of the method, as the document names it; raised when the same sound gives other tones."""

LEAST_SPEECH = 1.5
"""Seconds of speech in a turn, about six syllables: fewer give no rate and no middle."""
LEAST_VOICED = 0.4
"""Seconds of voiced speech, about four vowels: fewer give no pitch (whisper, noise)."""
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
    heard: list[tuple[Frames, ...]] = []
    for done, stretch in enumerate(speech, start=1):
        heard.append(_read(audio, stretch))
        if progress is not None:
            progress(done / len(speech))
    tones: dict[int, Tone] = {}
    for voice in dict.fromkeys(stretch.speaker for stretch in speech):
        own = [pair for pair in zip(speech, heard, strict=True) if pair[0].speaker == voice]
        tones |= {tone.turn: tone for tone in tones_of_voice(own)}
    return tuple(tones[stretch.turn] for stretch in speech)


def tones_of_voice(
    heard: Sequence[tuple[Speech, Sequence[Frames]]],
) -> tuple[Tone, ...]:
    """The tones of all turns of one voice in one call, each beside the others.

    Each turn comes with the frames of its parts.
    """
    measured = _measure_caller([parts for _, parts in heard])
    reasons = [
        _why_not_taken(speech) or _why_unscorable(turn)
        for (speech, _), (turn, _) in zip(heard, measured, strict=True)
    ]
    scorable = [
        turn for (turn, _), why in zip(measured, reasons, strict=True) if why is None
    ]
    if not enough_speech(scorable):
        unknown = _no_baseline(scorable)
        return tuple(
            Tone(turn=speech.turn, **dict(_nothing(why or unknown)))
            for (speech, _), why in zip(heard, reasons, strict=True)
        )
    ordinary = ordinary_voice(scorable)
    return tuple(
        Tone(turn=speech.turn, **dict(_nothing(why)))
        if why is not None
        else Tone(
            turn=speech.turn,
            parts=_parts(speech, parts, ordinary),
            **dict(_voice(turn, ordinary)),
        )
        for (speech, _), (turn, parts), why in zip(heard, measured, reasons, strict=True)
    )


def _read(audio: Audio, speech: Speech) -> tuple[Frames, ...]:
    """The frames of each part."""
    return tuple(
        frames(
            [
                audio.read(speech.channel, start, min(start + LONGEST_PIECE, interval.end))
                for interval in part
                for start in _starts(interval)
            ],
            sample_rate=audio.sample_rate,
        )
        for part in speech.parts
    )


def _starts(interval: Interval) -> list[float]:
    """Where to begin reading, so that no piece is longer than `LONGEST_PIECE`."""
    count = math.ceil(interval.duration / LONGEST_PIECE)
    return [interval.start + number * LONGEST_PIECE for number in range(count)]


def _measure_caller(
    heard: Sequence[Sequence[Frames]],
) -> list[tuple[Prosody, tuple[Prosody, ...]]]:
    """The measures of each turn and its parts, with the caller's own range known."""
    import numpy as np

    first = [measure(join(parts)).pitch for parts in heard]
    known = [pitch for pitch in first if not math.isnan(pitch)]
    usual = float(np.median(known)) if known else None
    return [measure_parts(parts, usual_pitch=usual) for parts in heard]


def _why_not_taken(speech: Speech) -> str | None:
    """The reason why a turn's speech is no ground for a claim, whatever is heard in it."""
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
    if not speech.parts:
        return "No speech in the customer's own voice was found in this turn."
    return None


def _why_unscorable(prosody: Prosody) -> str | None:
    """The reason why nothing can be told from what was heard; None if scorable."""
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


def _parts(
    speech: Speech, parts: Sequence[Prosody], ordinary: Mapping[str, Ordinary]
) -> tuple[TonePart, ...]:
    """The voice of each part of a turn that has more than one."""
    if len(parts) < 2:
        return ()
    return tuple(
        TonePart(
            start=part[0].start,
            end=part[-1].end,
            **dict(_nothing(why) if why is not None else _voice(prosody, ordinary)),
        )
        for part, prosody in zip(speech.parts, parts, strict=True)
        for why in [_why_unscorable(prosody)]
    )


def _nothing(reason: str) -> Voice:
    return Voice(arousal=None, label=None, confidence=0.0, measures={}, unscorable=reason)


def _voice(prosody: Prosody, ordinary: Mapping[str, Ordinary]) -> Voice:
    measures = compare(prosody, ordinary)
    distances = {name: measure.distance for name, measure in measures.items()}
    arousal = arousal_of(distances)
    return Voice(
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
