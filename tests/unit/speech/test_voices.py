import random

import pytest

from callmon.call import Activity, Interval, Segment, Word
from callmon.speech.voices import give_words, match_voices


def voice(speaker: str, *times: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in times)
    return Activity(speaker=speaker, channel=0, intervals=intervals)


def segment(speaker: str, start: float | None, end: float | None) -> Segment:
    return Segment(speaker=speaker, start=start, end=end, text="hello")


def test_a_label_takes_the_voice_that_speaks_at_its_times() -> None:
    voices = (voice("left", (0, 4), (10, 14)), voice("right", (5, 9)))
    named = match_voices([segment("Client", 5.2, 8.8), segment("Rep", 0.1, 3.9)], voices)
    assert [s.speaker for s in named] == ["right", "left"]


def test_two_labels_never_share_a_voice() -> None:
    voices = (voice("left", (0, 10)), voice("right", (10, 11)))
    named = match_voices(
        [segment("A", 0, 6), segment("B", 6, 9), segment("B", 10, 11)], voices
    )
    assert [s.speaker for s in named] == ["left", "right", "right"]


def test_a_label_without_times_keeps_its_name() -> None:
    named = match_voices([segment("Client", None, None)], (voice("left", (0, 4)),))
    assert named[0].speaker == "Client"


def test_a_label_heard_while_nobody_speaks_keeps_its_name() -> None:
    named = match_voices([segment("IVR", 20, 24)], (voice("left", (0, 4)),))
    assert named[0].speaker == "IVR"


def test_a_silent_customer_does_not_get_the_agents_voice() -> None:
    voices = (voice("left", (0, 10)),)
    named = match_voices([segment("Rep", 0, 9), segment("Client", 8, 10)], voices)
    assert [s.speaker for s in named] == ["left", "Client"]


def test_a_label_without_a_voice_never_passes_for_one() -> None:
    voices = (voice("speaker 1", (0, 4)),)
    named = match_voices([segment("speaker 2", 0, 4), segment("speaker 1", 8, 9)], voices)
    assert [s.speaker for s in named] == ["speaker 1", "speaker 1 (transcript)"]


def word(text: str, start: float, end: float, confidence: float = 0.9) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def spoken(*words: Word) -> Segment:
    return Segment(
        speaker="left",
        start=words[0].start,
        end=words[-1].end,
        text=" ".join(w.text for w in words),
        words=words,
    )


def given(segment: Segment, voices: tuple[Activity, ...]) -> list[tuple[str, str]]:
    return [(part.speaker, part.text) for part in give_words([segment], voices)]


def test_each_word_goes_to_the_voice_that_speaks_at_its_time() -> None:
    asked = spoken(word("Your", 0.0, 0.3), word("name?", 0.3, 0.9), word("Ann.", 1.2, 1.6))
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (1, 2)))
    first, second = give_words([asked], voices)
    assert (first.speaker, first.text, first.start, first.end) == (
        "speaker 1",
        "Your name?",
        0.0,
        0.9,
    )
    assert (second.speaker, second.text, second.words) == (
        "speaker 2",
        "Ann.",
        asked.words[2:],
    )


def test_a_word_across_a_border_goes_where_more_of_it_lies() -> None:
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (1, 2)))
    assert given(spoken(word("well", 0.8, 1.1)), voices) == [("speaker 1", "well")]


def test_a_word_in_a_pause_goes_to_the_nearest_voice() -> None:
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (4, 5)))
    assert given(spoken(word("so", 3.2, 3.5)), voices) == [("speaker 2", "so")]


def test_a_change_of_voice_moves_to_the_end_of_the_sentence_before() -> None:
    """The border of the voices is late: "Yes" begins before it."""
    heard = spoken(
        word("Is", 0.0, 0.2),
        word("it?", 0.2, 0.8),
        word("Yes", 0.8, 1.0),
        word("it", 1.0, 1.4),
    )
    voices = (voice("speaker 1", (0, 1.0)), voice("speaker 2", (1.0, 2)))
    assert given(heard, voices) == [("speaker 1", "Is it?"), ("speaker 2", "Yes it")]


def test_a_change_of_voice_moves_to_the_end_of_the_sentence_after() -> None:
    """The border of the voices is early: "it?" ends after it."""
    heard = spoken(
        word("Is", 0.0, 0.5),
        word("it?", 0.5, 0.75),
        word("Yes", 0.9, 1.2),
        word("is", 1.2, 2),
    )
    voices = (voice("speaker 1", (0, 0.5)), voice("speaker 2", (0.5, 2)))
    assert given(heard, voices) == [("speaker 1", "Is it?"), ("speaker 2", "Yes is")]


def test_a_change_of_voice_stays_where_no_sentence_ends_near() -> None:
    heard = spoken(word("I", 0.0, 0.4), word("think", 0.4, 1.0), word("no", 1.0, 1.5))
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (1, 2)))
    assert given(heard, voices) == [("speaker 1", "I think"), ("speaker 2", "no")]


def test_a_short_word_in_a_sentence_stays_there_when_nobody_speaks_at_its_time() -> None:
    heard = spoken(word("one", 0.0, 0.9), word("of", 1.1, 1.2), word("them", 1.5, 2.0))
    voices = (voice("speaker 1", (0, 1), (1.5, 2)), voice("speaker 2", (1.16, 1.18)))
    assert given(heard, voices) == [("speaker 1", "one of them")]


def test_a_word_thrown_in_is_its_speakers_own() -> None:
    heard = spoken(word("one", 0.0, 0.9), word("mhm", 1.0, 1.3), word("them", 1.5, 2.0))
    voices = (voice("speaker 1", (0, 1), (1.5, 2)), voice("speaker 2", (1, 1.4)))
    assert [speaker for speaker, _ in given(heard, voices)] == [
        "speaker 1",
        "speaker 2",
        "speaker 1",
    ]


def test_the_confidence_of_a_part_is_that_of_its_words_by_length() -> None:
    heard = spoken(
        word("a", 0.0, 0.2, 1.0), word("telephone", 0.2, 1.0, 0.5), word("x", 2.0, 3.0, 0.1)
    )
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (2, 3)))
    first, second = give_words([heard], voices)
    assert first.confidence == pytest.approx(0.55)
    assert second.confidence == pytest.approx(0.1)


def test_a_sound_without_words_goes_as_a_whole() -> None:
    voices = (voice("speaker 1", (0, 1)), voice("speaker 2", (1, 4)))
    (sound,) = give_words([Segment(speaker="left", start=0.5, end=2, text="")], voices)
    assert (sound.speaker, sound.start, sound.end) == ("speaker 2", 0.5, 2)


def test_without_times_or_voices_a_segment_stays_as_it_is() -> None:
    timeless = segment("left", None, None)
    timed = segment("left", 0, 1)
    assert give_words([timeless], (voice("speaker 1", (0, 4)),)) == (timeless,)
    assert give_words([timed], ()) == (timed,)


@pytest.mark.parametrize("seed", range(200))
def test_every_word_is_given_exactly_once(seed: int) -> None:
    chance = random.Random(seed)
    at, segments = 0.0, []
    for _ in range(chance.randint(1, 4)):
        words = []
        for number in range(chance.randint(1, 12)):
            start = at + chance.choice((0.0, 0.1, 1.0)) * chance.random()
            at = start + 0.6 * chance.random()
            words.append(word(f"w{number}{chance.choice(('', '', '.', '?”'))}", start, at))
        segments.append(spoken(*words))
    edges = sorted(chance.uniform(0, at) for _ in range(2 * chance.randint(1, 8)))
    times: list[list[tuple[float, float]]] = [[], [], []]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        chance.choice(times).append((start, end))
    voices = tuple(voice(f"speaker {n}", *own) for n, own in enumerate(times, start=1))

    parts = give_words(segments, voices)

    assert [w for part in parts for w in part.words] == [
        w for s in segments for w in s.words
    ]
    assert " ".join(part.text for part in parts) == " ".join(s.text for s in segments)
    assert {part.speaker for part in parts} <= {each.speaker for each in voices}
