import pytest
from pydantic import ValidationError

from callmon.call import Tone, TonePart, Turn, Word


def turn(text: str, *words: tuple[str, float, float]) -> Turn:
    return Turn(
        index=0,
        party="customer",
        party_confidence=1.0,
        start=10.0,
        end=20.0,
        text=text,
        words=tuple(Word(text=w, start=a, end=b, confidence=1.0) for w, a, b in words),
        speaker="right",
    )


def test_a_quote_is_located_by_its_words() -> None:
    spoken = turn(
        "I am so upset",
        ("I", 10, 10.2),
        ("am", 10.2, 10.5),
        ("so", 11, 11.3),
        ("upset", 11.4, 12),
    )
    assert spoken.locate(5, 13) == (11, 12)


def test_a_repeated_word_is_located_where_it_stands() -> None:
    spoken = turn("no no wait", ("no", 10, 10.2), ("no", 11, 11.2), ("wait", 12, 12.4))
    assert spoken.locate(3, 5) == (11, 11.2)


def test_without_word_times_the_quote_has_the_time_of_its_turn() -> None:
    assert turn("I am so upset").locate(5, 13) == (10.0, 20.0)


def test_a_turn_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        turn("hello").text = "bye"  # type: ignore[misc]


def tone_of_two_sentences() -> Tone:
    parts = tuple(
        TonePart(
            start=start,
            end=end,
            arousal=arousal,
            label="ordinary",
            confidence=0.8,
            measures={},
            unscorable=None,
        )
        for start, end, arousal in ((10.0, 14.0, 0.2), (14.5, 20.0, 0.9))
    )
    return Tone(
        turn=0,
        arousal=0.6,
        label="ordinary",
        confidence=0.9,
        measures={},
        unscorable=None,
        parts=parts,
    )


@pytest.mark.parametrize(
    ("start", "end", "arousal"),
    [
        (11.0, 13.0, 0.2),
        (14.4, 16.0, 0.9),
        (10.0, 20.0, 0.6),
        (13.0, 16.0, 0.6),
        (None, None, 0.6),
    ],
)
def test_a_quote_has_the_voice_of_its_own_sentence_else_of_the_turn(
    start: float | None, end: float | None, arousal: float
) -> None:
    assert tone_of_two_sentences().within(start, end).arousal == arousal
