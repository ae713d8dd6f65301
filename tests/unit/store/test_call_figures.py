"""The bands that the fairness report compares."""

from __future__ import annotations

import pytest

from callmon.call import Measure, Tone, Turn, Word
from callmon.store.reports.call_figures import confidence_band, pitch_band


def turn(*confidences: float) -> Turn:
    words = tuple(
        Word(text="word", start=float(n), end=n + 0.5, confidence=confidence)
        for n, confidence in enumerate(confidences)
    )
    return Turn(
        index=0,
        party="customer",
        party_confidence=1.0,
        start=0.0,
        end=9.0,
        text="word " * len(words),
        words=words,
        speaker="left",
    )


def tone(ordinary: float | None) -> Tone:
    pitch = Measure(
        value=0.5, unit="semitones", baseline=0.0, distance=0.3, ordinary=ordinary
    )
    return Tone(
        turn=0,
        arousal=0.1,
        label="ordinary",
        confidence=0.9,
        measures={"pitch": pitch},
        unscorable=None,
    )


@pytest.mark.parametrize(
    ("confidences", "band"),
    [((0.5, 0.6), "low"), ((0.6,), "middle"), ((0.9, 0.6), "middle"), ((0.8,), "high")],
)
def test_words_are_unsure_or_sure_on_the_whole(
    confidences: tuple[float, ...], band: str
) -> None:
    assert confidence_band([turn(*confidences)]) == band


def test_a_transcript_without_sound_has_no_confidence() -> None:
    assert confidence_band([]) is None
    assert confidence_band([turn()]) is None


@pytest.mark.parametrize(
    ("hertz_in_semitones", "band"),
    # 119, 139, 141, 179, 181 and 207 Hz over 100 Hz.
    [
        (3.0, "low"),
        (5.7, "low"),
        (5.95, "middle"),
        (10.08, "middle"),
        (10.3, "high"),
        (12.6, "high"),
    ],
)
def test_voices_are_low_middle_or_high(hertz_in_semitones: float, band: str) -> None:
    assert pitch_band([tone(hertz_in_semitones), tone(None)]) == band


def test_a_voice_that_was_not_measured_has_no_band() -> None:
    assert pitch_band([]) is None
    assert pitch_band([tone(None)]) is None
