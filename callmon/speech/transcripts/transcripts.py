"""Reads transcripts made elsewhere: callmon JSON, WebVTT, SRT, and labelled plain text.

The form is told by the content, not by the file's name. Every segment has a speaker;
a label that names a party gives the party, others (names, "Speaker 1") leave it open.
Times are there for all segments or for none.

WebVTT: https://www.w3.org/TR/webvtt1/. SRT has no standard; points and commas are read
in its times, and labels in the forms `[Agent]`, `Agent:` and `<v Agent>`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path

from callmon.call import Segment
from callmon.errors import BadTranscript
from callmon.speech.transcripts.forms import (
    CONTROL,
    Piece,
    cue_pieces,
    has_cues,
    json_pieces,
    one_line,
    text_pieces,
)
from callmon.speech.transcripts.labels import LONGEST_LABEL

# Four hours of words with their times take about 5 MB of JSON.
MAX_BYTES = 20_000_000
# Transcribers round, and pad the last cue.
OVERHANG_SECONDS = 2.0
# Where a segment has a start but no end, its words are given 300 a minute, a rate that
# people rarely pass (210 is the mean of conversation, Tauroza and Allison 1990): an end
# that is too late could pass the end of the recording.
WORDS_PER_SECOND = 5.0
# Every byte is a character of Latin-1, but one in four of random bytes is a control
# character; text has next to none.
BINARY_SHARE = 0.05

_WORKING = (
    "callmon JSON, WebVTT, SRT, or lines such as `Agent: Hello` and `Customer: Hello`"
    " would work"
)


def read_transcript(path: Path) -> tuple[Segment, ...]:
    """The segments of a transcript file, in its order.

    Raises BadTranscript, with the line and with what would work, when the file cannot be
    read as a transcript.
    """
    name = one_line(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadTranscript(
                f"it is longer than {MAX_BYTES / 1e6:.0f} MB; the transcript of one call"
                " would work."
            )
        return parse_transcript(_decode(data))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise BadTranscript(f"The transcript {name} cannot be read: {reason}.") from None
    except BadTranscript as error:
        raise BadTranscript(f"The transcript {name} cannot be used: {error}") from None


def parse_transcript(text: str) -> tuple[Segment, ...]:
    """The segments of a transcript's text; raises BadTranscript as `read_transcript`."""
    lines = re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))
    if not text.strip():
        raise BadTranscript(f"it is empty; {_WORKING}.")
    if re.match(r'\s*(?:\{|\[\s*[\[{\]"])', text):
        pieces = json_pieces(text)
    elif text.lstrip("\ufeff\r\n ").startswith("WEBVTT"):
        pieces = cue_pieces(lines, vtt=True)
    elif has_cues(lines):
        pieces = cue_pieces(lines, vtt=False)
    else:
        pieces = text_pieces(lines)
    return _segments(pieces)


def check_fit(segments: Sequence[Segment], duration: float) -> None:
    """Raises BadTranscript when a transcript is longer than its recording, in seconds."""
    ends = [segment.end for segment in segments if segment.end is not None]
    ends += [word.end for segment in segments for word in segment.words]
    end = max(ends, default=0.0)
    if end > duration + OVERHANG_SECONDS:
        raise BadTranscript(
            f"The transcript goes on until {_minutes(end)}, but the recording ends at"
            f" {_minutes(duration)}. The transcript of this recording, or one without"
            " times, would work."
        )


def _decode(data: bytes) -> str:
    """Text of UTF-8 or UTF-16, else of Windows' Latin-1; raises BadTranscript if binary."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    elif data[1:200:2].count(0) > 80 or data[0:200:2].count(0) > 80:
        # UTF-16 without its mark: every second byte of English text is zero.
        big = data[0:200:2].count(0) > data[1:200:2].count(0)
        text = data.decode("utf-16-be" if big else "utf-16-le", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    strange = len(CONTROL.findall(text)) + text.count("\ufffd")
    if strange > BINARY_SHARE * len(text):
        raise BadTranscript(f"it is not text but some other kind of file; {_WORKING}.")
    return text


def _segments(pieces: Sequence[Piece]) -> tuple[Segment, ...]:
    """Segments of pieces whose times have been checked; ends that are open are filled."""
    if not any(one_line(piece.text) for piece in pieces):
        raise BadTranscript(f"there are no words in it; {_WORKING}.")
    _check_times(pieces)
    segments: list[Segment] = []
    following: float | None = None
    for piece in reversed(pieces):
        end = piece.end
        if piece.start is not None and end is None:
            end = piece.start + len(piece.text.split()) / WORDS_PER_SECOND
            if following is not None and piece.start < following:
                end = min(end, following)
        following = piece.start
        segments.append(
            Segment(
                speaker=one_line(piece.label or "")[:LONGEST_LABEL] or "speaker",
                start=piece.start,
                end=end,
                text=one_line(piece.text),
                words=piece.words,
                confidence=piece.confidence,
                party=piece.party,
            )
        )
    return tuple(reversed(segments))


def _check_times(pieces: Sequence[Piece]) -> None:
    timed = any(piece.start is not None for piece in pieces)
    latest = 0.0
    for piece in pieces:
        if piece.start is None:
            if timed or piece.end is not None:
                raise BadTranscript(
                    f"{piece.where} has no start, while others have; a start for every"
                    " segment, or for none, would work."
                )
            continue
        if piece.start < latest:
            raise BadTranscript(
                f"{piece.where} starts at {_minutes(piece.start)}, before the one above it"
                f" ({_minutes(latest)}); segments in order of their starts would work."
            )
        latest = piece.start
        spans = [(piece.start, piece.start if piece.end is None else piece.end)]
        spans += [(word.start, word.end) for word in piece.words]
        for start, end in spans:
            if end < start:
                raise BadTranscript(
                    f"{piece.where} ends at {_minutes(end)}, before it starts"
                    f" ({_minutes(start)}); an end after the start would work."
                )


def _minutes(seconds: float) -> str:
    """Minutes and seconds for people: 75.25 is `1:15.25`."""
    whole, rest = divmod(seconds, 60)
    return f"{whole:.0f}:{rest:06.3f}".rstrip("0").rstrip(".")
