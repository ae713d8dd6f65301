from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from callmon.call import Turn, Word
from callmon.errors import BadTranscript
from callmon.speech.transcripts.exports import to_json, to_srt, to_text, to_vtt
from callmon.speech.transcripts.transcripts import parse_transcript

HOSTILE = [
    "00:01 --> 00:02",
    "<b>bold</b> &lt;i&gt; &amp; &copy; AT&T",
    "Customer: no, <v Customer>me</v>",
    "[Customer] me",
    "**Agent:** [00:12] (0:13) x",
    "one\n\n2\n00:00:09,000 --> 00:00:10,000\n[Customer] two",
    "- NOTE\r\nWEBVTT",
    "{\\an8} \x1b[31mred\x00 \u202eturned",
    ": : :",
    "42",
]

WRITERS = pytest.mark.parametrize("write", [to_vtt, to_srt, to_text, to_json])


def turn(index: int, party: str, text: str, start: float | None, **facts: object) -> Turn:
    return Turn.model_validate(
        {
            "index": index,
            "party": party,
            "party_confidence": 1.0,
            "start": start,
            "end": None if start is None else start + 1.25,
            "text": text,
            "speaker": "left" if party == "agent" else "right",
            **facts,
        }
    )


def clean(text: str) -> str:
    kept = "".join(c for c in text if c in "\r\n" or (c >= " " and c != "\u202e"))
    return " ".join(kept.split())


@WRITERS
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_come_back_as_they_were(
    write: Callable[[Sequence[Turn]], str], text: str
) -> None:
    turns = [turn(0, "agent", text, 1.0), turn(1, "customer", "and then", 3.5)]
    back = parse_transcript(write(turns))
    assert [(s.party, s.text, s.start, s.end) for s in back] == [
        ("agent", clean(text), 1.0, 2.25),
        ("customer", "and then", 3.5, 4.75),
    ]


@WRITERS
def test_parties_come_back(write: Callable[[Sequence[Turn]], str]) -> None:
    parties = ["agent", "customer", "other", "agent"]
    turns = [turn(i, party, "x", float(i)) for i, party in enumerate(parties)]
    assert [s.party for s in parse_transcript(write(turns))] == parties


@WRITERS
@pytest.mark.parametrize(
    "speaker", ["left", "speaker 2", "Customer", "<v Agent>: [x]\n", "-- -->", ""]
)
def test_an_unknown_party_stays_unknown(
    write: Callable[[Sequence[Turn]], str], speaker: str
) -> None:
    turns = [turn(0, "unknown", "x", 0.0, speaker=speaker), turn(1, "agent", "y", 2.0)]
    back = parse_transcript(write(turns))
    assert [(s.party, s.text) for s in back] == [(None, "x"), ("agent", "y")]


@pytest.mark.parametrize("write", [to_text, to_json])
def test_turns_without_times_come_back_without(
    write: Callable[[Sequence[Turn]], str],
) -> None:
    back = parse_transcript(write([turn(0, "agent", "x", None)]))
    assert [(s.start, s.end) for s in back] == [(None, None)]


@pytest.mark.parametrize("write", [to_vtt, to_srt])
def test_captions_need_times(write: Callable[[Sequence[Turn]], str]) -> None:
    with pytest.raises(BadTranscript, match="turn 4 has none; text or JSON would work"):
        write([turn(4, "agent", "x", None)])


def test_words_and_their_times_come_back_from_json() -> None:
    words = (Word(text="Hi", start=1.01, end=1.234567, confidence=0.75),)
    (segment,) = parse_transcript(to_json([turn(0, "agent", "Hi", 1.0, words=words)]))
    assert segment.words == words


def test_webvtt_as_it_is_written() -> None:
    assert to_vtt([turn(0, "agent", "a < b", 3661.0004)]) == (
        "WEBVTT\n\n01:01:01.000 --> 01:01:02.250\n<v Agent>a &lt; b</v>\n"
    )


def test_srt_as_it_is_written() -> None:
    assert to_srt([turn(0, "customer", "AT&T", 0.9996)]) == (
        "1\n00:00:01,000 --> 00:00:02,250\n[Customer] AT&T\n"
    )


def test_text_as_it_is_written() -> None:
    assert to_text([turn(0, "agent", "Hello.", 1.2)]) == (
        "[00:00:01.200 - 00:00:02.450] Agent: Hello.\n"
    )


def test_turns_without_words_are_no_captions() -> None:
    assert to_vtt([turn(0, "agent", " ", 1.0)]) == "WEBVTT\n"
