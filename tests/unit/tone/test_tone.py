from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval, Party, Turn
from callmon.tone.speech import customer_speech
from callmon.tone.tone import measure_tones

Sound = NDArray[np.float32]
Speak = Callable[..., Sound]
RATE = 16000


class RecordingOfReads:
    """Sound in memory that remembers every stretch that was read."""

    sample_rate = RATE

    def __init__(self, *channels: Sound) -> None:
        self._channels = channels
        self.reads: list[tuple[int, float, float]] = []

    @property
    def channels(self) -> int:
        return len(self._channels)

    @property
    def duration(self) -> float:
        return len(self._channels[0]) / RATE

    def read(self, channel: int, start: float, end: float) -> Sound:
        self.reads.append((channel, start, end))
        return self._channels[channel][round(start * RATE) : round(end * RATE)]


def turn(
    index: int,
    start: float | None,
    end: float | None,
    *,
    party: Party = "customer",
    speaker: str = "right",
    backchannel: bool = False,
) -> Turn:
    return Turn(
        index=index,
        party=party,
        party_confidence=1.0,
        start=start,
        end=end,
        text="",
        speaker=speaker,
        backchannel=backchannel,
    )


def active(speaker: str, channel: int, *times: tuple[float, float]) -> Activity:
    return Activity(
        speaker=speaker,
        channel=channel,
        intervals=tuple(Interval(start=start, end=end) for start, end in times),
    )


def call_of(sounds: Sequence[Sound]) -> tuple[RecordingOfReads, list[Turn], list[Activity]]:
    """A customer who says each sound in a turn of its own, half a second apart."""
    gap = np.zeros(RATE // 2, dtype=np.float32)
    times, at = [], 0.0
    for sound in sounds:
        times.append((at, at + len(sound) / RATE))
        at = times[-1][1] + 0.5
    samples = np.concatenate([part for sound in sounds for part in (sound, gap)])
    turns = [turn(index, *time) for index, time in enumerate(times)]
    silent = np.zeros_like(samples)
    return RecordingOfReads(silent, samples), turns, [active("right", 1, *times)]


# Whose voice is read


def test_agent_channel_is_never_read(speak: Speak) -> None:
    sound = speak(20.0)
    audio = RecordingOfReads(sound, sound)
    turns = [
        turn(0, 0.0, 4.0, party="agent", speaker="left"),
        turn(1, 4.0, 8.0),
        turn(2, 8.0, 12.0, party="agent", speaker="left"),
        turn(3, 12.0, 16.0),
        turn(4, 16.0, 20.0),
    ]
    activities = [active("left", 0, (0.0, 12.0)), active("right", 1, (3.0, 20.0))]
    tones = measure_tones(audio, turns, activities)
    assert [tone.turn for tone in tones] == [1, 3, 4]
    assert audio.reads == [(1, 4.0, 8.0), (1, 12.0, 16.0), (1, 16.0, 20.0)]


def test_in_mono_only_the_customer_alone_is_read(speak: Speak) -> None:
    audio = RecordingOfReads(speak(20.0))
    turns = [
        turn(0, 0.0, 5.0, party="agent", speaker="speaker 1"),
        turn(1, 4.0, 10.0, speaker="speaker 2"),
        turn(2, 10.0, 14.0, party="agent", speaker="speaker 1"),
        turn(3, 14.0, 20.0, speaker="speaker 2"),
    ]
    agent = active("speaker 1", 0, (0.0, 5.0), (7.0, 7.5), (10.0, 14.5))
    customer = active("speaker 2", 0, (4.0, 9.5), (14.0, 20.0))
    measure_tones(audio, turns, [agent, customer])
    assert audio.reads == [(0, 5.0, 7.0), (0, 7.5, 9.5), (0, 14.5, 20.0)]


@pytest.mark.parametrize("party", ["agent", "other", "unknown"])
def test_no_tone_and_no_read_for_any_other_party(speak: Speak, party: Party) -> None:
    audio, turns, activities = call_of([speak(3.0)] * 4)
    others = [t.model_copy(update={"party": party}) for t in turns]
    assert measure_tones(audio, others, activities) == ()
    assert audio.reads == []


def test_backchannel_has_no_tone() -> None:
    turns = [turn(0, 0.0, 1.0, backchannel=True)]
    assert customer_speech(turns, [active("right", 0, (0.0, 1.0))]) == ()


def test_second_voice_in_the_other_channel_does_not_disturb() -> None:
    activities = [active("left", 0, (0.0, 4.0)), active("right", 1, (0.0, 4.0))]
    [speech] = customer_speech([turn(0, 0.0, 4.0)], activities)
    assert (speech.parts, speech.shared) == (((Interval(start=0.0, end=4.0),),), 0.0)


def test_agent_turns_that_go_by_the_customers_voice_are_left_out() -> None:
    turns = [turn(0, 0.0, 6.0), turn(1, 4.0, 8.0, party="agent")]
    [speech] = customer_speech(turns, [active("right", 0, (0.0, 8.0))])
    assert speech.parts == ((Interval(start=0.0, end=4.0),),)


def test_higher_louder_faster_turn_is_raised_and_the_others_ordinary(speak: Speak) -> None:
    upset = speak(3.0, pitch=180.0, rate=5.5, level_db=-14.0)
    tones = measure_tones(*call_of([speak(3.0), speak(3.2), upset, speak(2.8)]))
    labels = [tone.label for tone in tones]
    assert labels == ["ordinary", "ordinary", "raised", "ordinary"]
    assert tones[2].measures["pitch"].value == pytest.approx(7.0, abs=0.5)
    assert tones[2].measures["loudness"].value == pytest.approx(6.0, abs=1.5)


def test_louder_turn_alone_is_not_raised(speak: Speak) -> None:
    louder = 3 * speak(3.0)
    tones = measure_tones(*call_of([speak(3.0), speak(3.2), louder, speak(2.8)]))
    assert tones[2].measures["loudness"].distance > 3
    assert tones[2].label == "ordinary"


def test_lower_softer_slower_turn_is_lowered(speak: Speak) -> None:
    low = speak(4.0, pitch=95.0, rate=2.5, level_db=-28.0)
    tones = measure_tones(*call_of([speak(3.0), speak(3.2), low, speak(2.8), speak(3.0)]))
    assert tones[2].label == "lowered"


def test_line_gain_changes_no_label(speak: Speak) -> None:
    sounds = [speak(3.0), speak(3.2), speak(3.0, pitch=170.0, rate=5.5), speak(2.8)]
    near = measure_tones(*call_of(sounds))
    far = measure_tones(*call_of([0.25 * sound for sound in sounds]))
    assert [tone.label for tone in near] == [tone.label for tone in far]
    assert near[2].arousal == pytest.approx(far[2].arousal, abs=0.05)


def test_less_speech_is_less_sure(speak: Speak) -> None:
    tones = measure_tones(*call_of([speak(5.0), speak(1.8), speak(4.0)]))
    assert tones[1].confidence < tones[0].confidence <= 1


def test_sentences_of_a_long_turn_are_told_apart(speak: Speak) -> None:
    calm, upset = speak(3.0), speak(3.0, pitch=180.0, rate=5.5, level_db=-14.0)
    audio, turns, activities = call_of([calm, speak(3.2), speak(2.8), calm, upset])
    long = turns[3].model_copy(update={"end": turns[4].end})
    tones = measure_tones(audio, [*turns[:3], long], activities)
    assert [part.label for part in tones[3].parts] == ["ordinary", "raised"]
    assert tones[3].parts[1].start == pytest.approx(turns[4].start)
    assert [tone.parts for tone in tones[:3]] == [()] * 3


def test_noisy_sentence_of_a_long_turn_is_unscorable(speak: Speak) -> None:
    sounds = [speak(3.0), speak(3.2), speak(3.0), speak(3.0), speak(3.0, noise_db=-25.0)]
    audio, turns, activities = call_of(sounds)
    long = turns[2].model_copy(update={"end": turns[4].end})
    tones = measure_tones(audio, [*turns[:2], long], activities)
    assert [part.unscorable is None for part in tones[2].parts] == [True, True, False]
    assert "noise" in (tones[2].parts[2].unscorable or "")


# What is not


def why(speak: Speak, odd: Sound) -> str | None:
    """The reason given for an odd turn among ordinary ones, which stay scorable."""
    tones = measure_tones(*call_of([speak(3.0), speak(3.0), speak(3.0), odd]))
    assert [tone.unscorable for tone in tones[:3]] == [None] * 3
    assert (tones[3].arousal, tones[3].label) == (None, None)
    return tones[3].unscorable


def test_short_turn_is_unscorable(speak: Speak) -> None:
    assert "s of speech" in (why(speak, speak(1.0)) or "")


def test_noisy_turn_is_unscorable(speak: Speak) -> None:
    assert "noise" in (why(speak, speak(3.0, noise_db=-25.0)) or "")


def test_overloaded_turn_is_unscorable(speak: Speak) -> None:
    assert "overloaded" in (why(speak, np.clip(40 * speak(3.0), -1, 1)) or "")


def test_unvoiced_turn_is_unscorable(speak: Speak) -> None:
    whisper = np.random.default_rng(1).standard_normal(3 * RATE).astype(np.float32)
    assert "have a pitch" in (why(speak, 0.05 * whisper) or "")


def test_silent_turn_is_unscorable(speak: Speak) -> None:
    assert "0.00 s of speech" in (why(speak, np.zeros(3 * RATE, dtype=np.float32)) or "")


def test_turn_with_two_voices_for_most_of_it_is_unscorable(speak: Speak) -> None:
    audio = RecordingOfReads(speak(16.0))
    turns = [turn(index, 4.0 * index, 4.0 * index + 4) for index in range(4)]
    voices = [active("right", 0, (0.0, 16.0)), active("left", 0, (12.0, 14.2))]
    tones = measure_tones(audio, turns, voices)
    assert "Another voice" in (tones[3].unscorable or "")
    assert tones[0].unscorable is None


def test_caller_who_hardly_speaks_has_no_baseline(speak: Speak) -> None:
    tones = measure_tones(*call_of([speak(3.0), speak(3.0)]))
    assert all("ordinary voice is not known" in (t.unscorable or "") for t in tones)


def test_turn_without_times_is_unscorable(speak: Speak) -> None:
    audio, _, activities = call_of([speak(3.0)])
    tones = measure_tones(audio, [turn(0, None, None)], activities)
    assert [tone.label for tone in tones] == [None]
    assert "No speech" in (tones[0].unscorable or "")
    assert audio.reads == []


def test_call_without_turns_has_no_tones() -> None:
    assert measure_tones(RecordingOfReads(np.zeros(RATE, np.float32)), [], []) == ()


def test_long_speech_is_read_in_pieces() -> None:
    audio = RecordingOfReads(np.zeros(70 * RATE, dtype=np.float32))
    measure_tones(audio, [turn(0, 0.0, 70.0)], [active("right", 0, (0.0, 70.0))])
    assert audio.reads == [(0, 0.0, 30.0), (0, 30.0, 60.0), (0, 60.0, 70.0)]


def test_progress_ends_at_one(speak: Speak) -> None:
    seen: list[float] = []
    measure_tones(*call_of([speak(1.0)] * 4), progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_voice_that_may_be_the_agents_is_not_read(speak: Speak) -> None:
    audio, turns, activities = call_of([speak(3.0)] * 4)
    unsure = [t.model_copy(update={"party_confidence": 0.6}) for t in turns]
    tones = measure_tones(audio, unsure, activities)
    assert all("not sure enough" in (tone.unscorable or "") for tone in tones)
    assert audio.reads == []


def test_two_customers_are_each_compared_with_themselves(speak: Speak) -> None:
    woman, man = speak(3.0, pitch=210.0), speak(3.0, pitch=105.0)
    audio, turns, [activity] = call_of([woman, man] * 4)
    turns = [
        t.model_copy(update={"speaker": ("speaker 1", "speaker 2")[t.index % 2]})
        for t in turns
    ]
    voices = [
        Activity(speaker=name, channel=1, intervals=activity.intervals[first::2])
        for first, name in enumerate(("speaker 1", "speaker 2"))
    ]
    tones = measure_tones(audio, turns, voices)
    assert [tone.turn for tone in tones] == list(range(8))
    assert all(abs(tone.measures["pitch"].value) < 0.5 for tone in tones)
