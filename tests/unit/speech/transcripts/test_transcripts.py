from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from callmon.call import Segment, Word
from callmon.errors import BadTranscript
from callmon.speech.transcripts.transcripts import (
    MAX_BYTES,
    check_fit,
    parse_transcript,
    read_transcript,
)

VTT = """WEBVTT - a call

NOTE made by hand

STYLE
::cue { color: red }

greeting
00:01.000 --> 00:03.500 align:start
<v Agent>Good morning, <b>how</b> can I help?</v>

00:00:04.000 --> 00:00:06.000
<v.loud.first Customer>My bill &amp; my line
are wrong &lt;again&gt;</v>
"""

SRT = """1
00:00:01,000 --> 00:00:03,500
[Agent] Good morning

2
00:00:04,000 --> 00:00:06,000
Customer: My bill is wrong

3
00:00:06,500 --> 00:00:08,000
and my line too
"""


def said(text: str) -> list[tuple[str | None, str]]:
    return [(segment.party, segment.text) for segment in parse_transcript(text)]


def times(text: str) -> list[tuple[float | None, float | None]]:
    return [(segment.start, segment.end) for segment in parse_transcript(text)]


def problem(text: str) -> str:
    with pytest.raises(BadTranscript) as caught:
        parse_transcript(text)
    return str(caught.value)


# --- WebVTT ---------------------------------------------------------------------------


def test_voice_tags_of_webvtt_name_the_speakers() -> None:
    assert said(VTT) == [
        ("agent", "Good morning, how can I help?"),
        ("customer", "My bill & my line are wrong <again>"),
    ]


def test_times_of_webvtt_may_leave_out_the_hours() -> None:
    assert times(VTT) == [(1.0, 3.5), (4.0, 6.0)]


def test_two_voices_in_one_cue_are_two_segments() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Agent>Yes?</v> <v Caller>Hello</v>\n"
    assert said(text) == [("agent", "Yes?"), ("customer", "Hello")]


def test_words_that_look_like_a_label_stay_words_in_a_voice_tag() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Agent>Customer: that is you\n"
    assert said(text) == [("agent", "Customer: that is you")]


def test_a_cue_without_any_speaker_is_refused_with_its_line() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\nhello there\n"
    assert "line 4 has no speaker" in problem(text)


def test_a_line_of_times_that_is_none_is_refused_with_its_line() -> None:
    assert "line 3 has an arrow but no times" in problem("WEBVTT\n\n00:01 --> soon\nHi\n")


def test_empty_lines_before_the_header_do_no_harm() -> None:
    assert said("\n\n" + VTT) == said(VTT)


# --- SRT ------------------------------------------------------------------------------


def test_srt_labels_and_a_cue_that_goes_on() -> None:
    assert said(SRT) == [
        ("agent", "Good morning"),
        ("customer", "My bill is wrong"),
        ("customer", "and my line too"),
    ]


def test_times_of_srt_have_commas() -> None:
    assert times(SRT) == [(1.0, 3.5), (4.0, 6.0), (6.5, 8.0)]


def test_an_empty_line_inside_an_srt_cue_loses_no_words() -> None:
    text = SRT.replace("Good morning", "one\n\ntwo")
    assert said(text)[0] == ("agent", "one two")


def test_an_srt_file_with_only_wrong_times_is_refused_as_srt() -> None:
    assert "line 2 has an arrow" in problem("1\n00:00:01 --> soon\nAgent: one\n")


def test_words_before_the_first_srt_cue_are_refused() -> None:
    text = "hello\n1\n00:00:01,000 --> 00:00:03,000\nAgent: one\n"
    assert "line 1 stands before" in problem(text)


def test_a_sound_in_brackets_is_no_speaker() -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\nAgent: one\n[Laughter] two\n"
    assert said(text) == [("agent", "one [Laughter] two")]


# --- plain text -----------------------------------------------------------------------


def test_plain_lines_with_labels() -> None:
    text = "Agent: Hello.\nCUSTOMER: Hi.\nmore of it\n\nIVR: Please hold."
    assert said(text) == [
        ("agent", "Hello."),
        ("customer", "Hi. more of it"),
        ("other", "Please hold."),
    ]


def test_plain_lines_without_times_have_none() -> None:
    assert times("Agent: Hello.\nCustomer: Hi.") == [(None, None), (None, None)]


def test_times_before_labels_and_an_end_from_the_number_of_words() -> None:
    text = "[00:12] Agent: one two three four five six seven\n[00:20] Customer: Hi.\n"
    assert times(text) == [(12.0, 13.4), (20.0, 20.2)]


def test_an_estimated_end_never_passes_the_next_start() -> None:
    text = "[00:12] Agent: one two three four five six seven\n[00:13] Customer: Hi.\n"
    assert times(text)[0] == (12.0, 13.0)


@pytest.mark.parametrize(
    "line",
    [
        "[00:00:12.5 - 00:00:14] Agent: Hello",
        "(0:12.5–0:14) Agent: Hello",
        "[00:12.5 --> 00:14] [Agent] Hello",
        "- [00:12,500 - 00:14,000] **Agent:** Hello",
    ],
)
def test_ways_to_write_times_and_label(line: str) -> None:
    (segment,) = parse_transcript(f"{line}\n")
    assert (segment.party, segment.start, segment.end, segment.text) == (
        "agent",
        12.5,
        14.0,
        "Hello",
    )


def test_a_time_behind_the_label() -> None:
    (segment,) = parse_transcript("Agent (01:02): Hello")
    assert (segment.speaker, segment.start, segment.text) == ("Agent", 62.0, "Hello")


def test_a_line_with_a_time_and_no_label_is_the_same_speaker() -> None:
    assert said("[00:01] Agent: one\n[00:05] two") == [("agent", "one"), ("agent", "two")]


def test_names_are_speakers_without_a_party() -> None:
    segments = parse_transcript("Laura: Hello.\nTom: Hi.\nLaura: So.")
    assert [(s.speaker, s.party) for s in segments] == [
        ("Laura", None),
        ("Tom", None),
        ("Laura", None),
    ]


def test_a_word_with_a_colon_inside_a_labelled_call_is_no_speaker() -> None:
    assert said("Customer: Well.\nListen: I paid.") == [
        ("customer", "Well. Listen: I paid.")
    ]


def test_a_name_that_comes_twice_in_a_labelled_call_is_a_speaker() -> None:
    text = "Agent: Hello.\nDan: One.\nAgent: Two.\nDan: Three."
    assert [s.speaker for s in parse_transcript(text)] == ["Agent", "Dan", "Agent", "Dan"]


def test_text_without_any_label_is_refused_with_its_line() -> None:
    assert "line 2 has no speaker" in problem("\nhello there, how are you")


# --- JSON -----------------------------------------------------------------------------


def test_json_with_party_and_further_keys() -> None:
    text = json.dumps(
        {
            "call_id": 7,
            "turns": [
                {"i": 0, "party": "agent", "text": "Hello"},
                {"party": "customer", "text": "Hi"},
            ],
        }
    )
    assert said(text) == [("agent", "Hello"), ("customer", "Hi")]


def test_json_with_speaker_in_place_of_party() -> None:
    text = json.dumps({"turns": [{"speaker": "Support rep", "text": "Hello"}]})
    (segment,) = parse_transcript(text)
    assert (segment.speaker, segment.party) == ("Support rep", "agent")


def test_json_of_an_unknown_party_keeps_the_voice_only() -> None:
    text = json.dumps([{"party": "unknown", "speaker": "speaker 1", "text": "Hello"}])
    (segment,) = parse_transcript(text)
    assert (segment.speaker, segment.party) == ("speaker 1", None)


def test_json_words_keep_their_times() -> None:
    word = {"text": "Hi", "start": 1.0, "end": 1.4, "confidence": 0.5}
    text = json.dumps(
        {"turns": [{"party": "agent", "text": "Hi", "start": 1, "end": 2, "words": [word]}]}
    )
    (segment,) = parse_transcript(text)
    assert [w.model_dump() for w in segment.words] == [word]


def test_json_that_does_not_parse_is_refused_with_its_line() -> None:
    assert "line 3, column" in problem('{\n "turns": [\n {"party": agent}]}')


@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        ({"party": "agent"}, "turn 1 text"),
        ({"text": "Hi"}, "turn 1 has neither"),
        ({"party": "agent", "text": "Hi", "start": -1}, "turn 1 start"),
        ({"party": "agent", "text": "Hi", "start": float("nan")}, "turn 1 start"),
        (
            {"party": "agent", "text": "Hi", "start": 3, "end": 2},
            "turn 1 ends at 0:02, before",
        ),
        ({"party": "agent", "text": "Hi", "end": 2}, "turn 1 has no start"),
        ({"party": "agent", "text": 5}, "turn 1 text"),
        (
            {
                "party": "agent",
                "text": "Hi",
                "start": 1,
                "end": 2,
                "words": [{"text": "Hi", "start": 2, "end": 1}],
            },
            "turn 1 ends at 0:01, before",
        ),
    ],
)
def test_json_turns_that_cannot_be(turn: dict[str, object], seen: str) -> None:
    assert seen in problem(json.dumps({"turns": [turn]}))


@pytest.mark.parametrize(
    "text",
    ["{}", "[[[[[", "[" * 100_000, '{"turns": {}}', '{"turns": [1' + "0" * 5000 + "]}"],
)
def test_hostile_json_is_refused(text: str) -> None:
    assert problem(text)


# --- times ----------------------------------------------------------------------------


def test_starts_that_go_backwards_are_refused_with_the_line() -> None:
    assert "line 2 starts at 0:05, before" in problem("[00:10] Agent: a\n[00:05] Caller: b")


def test_equal_starts_are_fine() -> None:
    assert len(times("[00:10] Agent: a\n[00:10] Caller: b")) == 2


def test_negative_times_are_refused_with_the_line() -> None:
    assert "line 1 has the negative time -0:05" in problem("[-0:05] Agent: a")


def test_a_minute_has_sixty_seconds() -> None:
    assert "line 1 has 00:75" in problem("[00:75] Agent: a")


def test_times_for_some_lines_only_are_refused_with_the_line() -> None:
    assert "line 2 has no start" in problem("[00:10] Agent: a\nCaller: b")


def test_a_transcript_may_end_a_little_after_its_recording() -> None:
    check_fit([Segment(speaker="a", start=0, end=61.9, text="x")], 60.0)


def test_a_transcript_longer_than_its_recording_is_refused() -> None:
    with pytest.raises(
        BadTranscript, match=r"until 1:02\.1, but the recording ends at 1:00"
    ):
        check_fit([Segment(speaker="a", start=0, end=62.1, text="x")], 60.0)


def test_words_beyond_the_end_of_the_recording_are_refused() -> None:
    late = Word(text="x", start=900.0, end=901.0, confidence=1.0)
    with pytest.raises(BadTranscript, match="until 15:01"):
        check_fit([Segment(speaker="a", start=0, end=1, text="x", words=(late,))], 60.0)


def test_times_beyond_all_clocks_are_refused() -> None:
    with pytest.raises(BadTranscript, match="turn 1 end"):
        parse_transcript('[{"party": "agent", "text": "x", "start": 1, "end": 1e308}]')


def test_a_transcript_without_times_fits_every_recording() -> None:
    check_fit([Segment(speaker="a", start=None, end=None, text="x")], 1.0)


# --- files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "Agent: Grüße".encode(),
        "\ufeffAgent: Grüße".encode(),
        "Agent: Grüße".encode("utf-16"),
        ("Agent: Grüße " + "x" * 200).encode("utf-16-le"),
        "Agent: Grüße".encode("latin-1"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(data)
    (segment,) = read_transcript(path)
    assert segment.text.startswith("Grüße")
    assert segment.party == "agent"


def test_control_characters_and_turned_text_are_taken_out() -> None:
    (segment,) = parse_transcript("Agent: He\x1b[31mllo\x07 \u202edlrow\x85end")
    assert segment.text == "He[31mllo dlrow end"


def test_half_characters_from_json_are_taken_out() -> None:
    (segment,) = parse_transcript('[{"party": "agent", "text": "a\\ud800b"}]')
    assert segment.text == "ab"


@pytest.mark.parametrize("data", [b"", b" \n\n", b"Agent:\nCustomer:\n", b'{"turns": []}'])
def test_an_empty_transcript_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(data)
    with pytest.raises(
        BadTranscript, match=r"call\.txt cannot be used: (it is empty|there are no)"
    ):
        read_transcript(path)


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 8, b"RIFF\x00\x01\x02\x03WAVE", b"\xff\xfe\x00\xd8" * 50]
)
def test_files_that_are_not_text_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "call.vtt"
    path.write_bytes(data)
    with pytest.raises(BadTranscript, match="not text"):
        read_transcript(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTranscript, match="no such file"):
        read_transcript(tmp_path / "none.txt")
    with pytest.raises(BadTranscript, match="is a directory"):
        read_transcript(tmp_path)


def test_a_very_long_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BadTranscript, match="longer than 20 MB"):
        read_transcript(path)


def test_very_many_segments_are_refused() -> None:
    assert "more than 50000" in problem("Agent: a\n" * 60_000)
    assert "more than 50000" in problem("[" + "{}," * 60_000 + "{}]")


@pytest.mark.parametrize(
    "text",
    [
        "[00:12]" + " " * 1_000_000 + "x",
        "Agent: <v" + " " * 1_000_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * 1_000_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v a>" + "<a" * 500_000,
        '[{"party": "agent", "text": "", "words": [' + "{}," * 300_000 + "{}]}]",
    ],
)
@pytest.mark.timeout(10)
def test_hostile_text_takes_no_long_time(text: str) -> None:
    with contextlib.suppress(BadTranscript):
        parse_transcript(text)


def test_no_words_of_the_call_stand_in_an_error() -> None:
    assert "secret" not in problem("secret words without a label\n")


def test_the_name_of_the_file_loses_its_control_characters(tmp_path: Path) -> None:
    with pytest.raises(BadTranscript) as caught:
        read_transcript(tmp_path / "a\x1b[31mb.txt")
    assert "\x1b" not in str(caught.value)


def test_the_labelled_dialogues_are_read(shared: Path) -> None:
    for path in sorted((shared / "dialogues" / "calls").glob("*.json")):
        turns = json.loads(path.read_text())["turns"]
        segments = read_transcript(path)
        assert [s.party for s in segments] == [t["party"] for t in turns]
