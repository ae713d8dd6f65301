"""The forms in which transcripts are written, each read into pieces.

A piece is what the form says and no more: a label, a text, and times if there are any.
`transcripts` checks the pieces and makes segments of them.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from callmon.call import Party, Word
from callmon.errors import BadTranscript
from callmon.speech.transcripts.labels import (
    LONGEST_LABEL,
    is_label,
    looks_like_name,
    party_of,
)

# Four hours with a line of text every third of a second.
MAX_PIECES = 50_000
_TOO_MANY = f"it has more than {MAX_PIECES} turns; the transcript of one call would work."

# All control characters but tab and line ends; marks that turn the direction of text;
# halves of surrogate pairs, which JSON can carry and no file can hold.
CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_CLOCK = r"-?\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?"
_CUE = re.compile(rf"\s*({_CLOCK})\s*-->\s*({_CLOCK})(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_TAG = re.compile(r"</?[a-zA-Z0-9:.][^<>]*>")
# What SRT files that callmon wrote escape; nothing else is an escape in SRT.
_SRT_ESCAPE = re.compile(r"&(lt|gt|amp);")
_SOUNDS = {
    "applause", "beep", "crosstalk", "cough", "hold", "inaudible", "laughs", "laughter",
    "music", "noise", "pause", "sighs", "silence", "static", "unintelligible",
}  # fmt: skip

# A line of plain text or of a cue: a bullet, a time in brackets or bare, and a label in
# brackets or before a colon, with Markdown's marks of bold around it.
_BULLET = r"\s*(?:[-–—•>*]\s+)?"
_SPAN = rf"(?P<start>{_CLOCK})(?:\s*(?:-->|[-–—])\s*(?P<end>{_CLOCK}))?"
_NAME = rf"[^\W_][^:\[\]()<>*\n]{{0,{LONGEST_LABEL - 1}}}"
_LABELLED = re.compile(
    rf"{_BULLET}(?:[\[(]?{_SPAN}[\])]?\s*[-–—]?\s*)?[*_]{{0,2}}"
    rf"(?:[\[(](?P<bracketed>{_NAME})[\])]:?"
    rf"|(?P<plain>{_NAME})(?:[\[(](?P<note>[^:\[\]()]{{0,30}}|{_CLOCK})[\])]\s*)?:(?=\s|[*_]|$))"
    r"[*_]{0,2}\s*(?P<text>.*)"
)
_TIMED = re.compile(rf"{_BULLET}[\[(]{_SPAN}[\])]\s*(?P<text>.*)")


@dataclass(frozen=True)
class Piece:
    """A stretch of a transcript as it stands there, before speakers are settled."""

    where: str
    """For error messages: `line 3`, `turn 3`."""
    label: str | None
    text: str
    start: float | None = None
    end: float | None = None
    certain: bool = False
    """True where this can only be a label."""
    otherwise: Piece | None = None
    """The same stretch, for when the label proves to be none."""
    party: Party | None = None
    words: tuple[Word, ...] = ()
    confidence: float = 1.0


def one_line(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join(CONTROL.sub("", text).split())


# Three digits of hours are the most that a clock time holds.
_Seconds = Annotated[float, Field(ge=0, lt=1000 * 3600, allow_inf_nan=False)]


class _JsonWord(BaseModel):
    text: str
    start: _Seconds
    end: _Seconds
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class _JsonTurn(BaseModel):
    """A turn of the analysis document, or of anything that has its first five keys."""

    party: str | None = None
    speaker: str | None = None
    text: str
    start: _Seconds | None = None
    end: _Seconds | None = None
    words: Annotated[tuple[_JsonWord, ...], Field(fail_fast=True)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class _JsonDocument(BaseModel):
    # Otherwise a hostile file makes millions of complaints.
    turns: Annotated[tuple[_JsonTurn, ...], Field(fail_fast=True)]


def json_pieces(text: str) -> list[Piece]:
    """Turns of the analysis document, or of any object or list of that form."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadTranscript(
            f"line {error.lineno}, column {error.colno} is not JSON ({error.msg});"
            " what a JSON writer made would work."
        ) from None
    except (ValueError, RecursionError):
        raise BadTranscript(
            "its JSON has a number or a nesting beyond all measure;"
            ' {"turns": [{"party": "agent", "text": "Hello"}]} would work.'
        ) from None
    turns = content.get("turns") if isinstance(content, dict) else content
    if isinstance(turns, list) and len(turns) > MAX_PIECES:
        raise BadTranscript(_TOO_MANY)
    try:
        document = _JsonDocument.model_validate(
            {"turns": content} if isinstance(content, list) else content
        )
    except ValidationError as error:
        fault = error.errors()[0]
        place = [part + 1 if isinstance(part, int) else part for part in fault["loc"]]
        at = " ".join(map(str, place)).replace("turns ", "turn ", 1)
        raise BadTranscript(
            f"{at or 'the document'}: {fault['msg'][:1].lower()}{fault['msg'][1:]};"
            ' {"turns": [{"party": "agent", "text": "Hello"}]} would work.'
        ) from None
    return [_json_piece(turn, f"turn {n}") for n, turn in enumerate(document.turns, 1)]


def _json_piece(turn: _JsonTurn, where: str) -> Piece:
    label = turn.speaker or turn.party
    if not label:
        raise BadTranscript(
            f"{where} has neither `party` nor `speaker`;"
            ' `"party": "agent"` or `"customer"` would work.'
        )
    return Piece(
        where=where,
        label=label,
        text=turn.text,
        start=turn.start,
        end=turn.end,
        party=party_of(turn.party or label),
        words=tuple(
            Word(text=one_line(w.text), start=w.start, end=w.end, confidence=w.confidence)
            for w in turn.words or ()
        ),
        confidence=turn.confidence,
    )


def has_cues(lines: Sequence[str]) -> bool:
    """Whether these are lines of SRT, also when its first line of times is wrong."""
    first_is_broken = lines[0].strip().isdecimal() and "-->" in "".join(lines[1:2])
    return first_is_broken or any(map(_CUE.fullmatch, lines))


def cue_pieces(lines: Sequence[str], *, vtt: bool) -> list[Piece]:
    """The cues of WebVTT and SRT: a line of times, then lines of text.

    An empty line ends a cue of WebVTT; what stands between it and the next times is a
    name or a note. In SRT only the number of the next cue ends one.
    """
    return _settled(_cue_lines(lines, vtt=vtt))


def _cue_lines(lines: Sequence[str], *, vtt: bool) -> Iterator[Piece]:
    unescape = html.unescape if vtt else _unescape_srt
    times: tuple[float, float] | None = None
    for number, line in enumerate(lines, start=1):
        where = f"line {number}"
        if "-->" in line:
            times = _cue_times(line, where)
        elif not line.strip():
            times = None if vtt else times
        elif line.strip().isdecimal() and "-->" in "".join(lines[number : number + 1]):
            continue
        elif times is not None:
            for piece in _voices(line, where, unescape):
                yield _at(times, piece)
        elif not vtt:
            raise BadTranscript(
                f"{where} stands before the first line of times; a number and"
                " `00:00:01,000 --> 00:00:04,000` would work."
            )


def _cue_times(line: str, where: str) -> tuple[float, float]:
    cue = _CUE.fullmatch(line)
    if cue is None:
        raise BadTranscript(
            f"{where} has an arrow but no times;"
            " `00:00:01.000 --> 00:00:04.000` would work."
        )
    return _seconds(cue[1], where), _seconds(cue[2], where)


def _at(times: tuple[float, float], piece: Piece) -> Piece:
    """The same piece with the times of its cue."""
    otherwise = piece.otherwise and _at(times, piece.otherwise)
    return replace(piece, start=times[0], end=times[1], otherwise=otherwise)


def _voices(line: str, where: str, unescape: Callable[[str], str]) -> Iterator[Piece]:
    """What the voices of one line of a cue say."""
    before, *voiced = _VOICE.split(line)
    before = unescape(_TAG.sub("", before))
    if before.strip() or not voiced:
        yield _labelled(before, where)
    for label, said in zip(voiced[::2], voiced[1::2], strict=True):
        yield Piece(
            where, unescape(label).strip(), unescape(_TAG.sub("", said)), certain=True
        )


def _unescape_srt(text: str) -> str:
    return _SRT_ESCAPE.sub(lambda found: html.unescape(found[0]), text)


def text_pieces(lines: Iterable[str]) -> list[Piece]:
    """Lines such as `Agent: Hello`; a line without a label belongs to the one before."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    return _settled(_labelled(line, f"line {number}") for number, line in numbered)


def _labelled(line: str, where: str) -> Piece:
    """A line of text with the label and the times that it may begin with."""
    # The patterns are slow on long runs of spaces.
    line = one_line(line)
    timed = _TIMED.match(line)
    unlabelled = Piece(where, None, line)
    if timed:
        unlabelled = Piece(where, None, timed["text"], *_span(timed, where))
    found = _LABELLED.match(line)
    if found is None or (found["bracketed"] or "").casefold() in _SOUNDS:
        return unlabelled
    label = (found["bracketed"] or found["plain"]).strip()
    start, end = _span(found, where)
    note = found["note"]
    if note and re.fullmatch(_CLOCK, note):
        start = _seconds(note, where)
    elif note:
        label = f"{label} ({note})"
    sure = is_label(label) or (start is not None and looks_like_name(label))
    return Piece(where, label, found["text"], start, end, sure, otherwise=unlabelled)


def _span(found: re.Match[str], where: str) -> tuple[float | None, float | None]:
    start, end = found.group("start", "end")
    return (
        None if start is None else _seconds(start, where),
        None if end is None else _seconds(end, where),
    )


def _seconds(clock: str, where: str) -> float:
    """Seconds of `1:02:03.5`, `02:03,500` or `2:03`."""
    if clock.startswith("-"):
        raise BadTranscript(
            f"{where} has the negative time {clock}; 00:00 or later would work."
        )
    *hours, minutes, seconds = clock.replace(",", ".").split(":")
    if float(seconds) >= 60 or (hours and int(minutes) >= 60):
        raise BadTranscript(
            f"{where} has {clock}, which is no time; 01:02:03.456 would work."
        )
    before = int(hours[0]) * 3600 if hours else 0
    return before + int(minutes) * 60 + float(seconds)


def _settled(found: Iterable[Piece]) -> list[Piece]:
    """Decides which labels are labels, and gives what has none to the speaker before.

    "Laura: I see" may be a speaker, or words of the speaker before. A label that is not
    certain counts when it looks like a name and either comes twice or stands in a
    transcript in which no label is certain.
    """
    pieces = list(islice(found, MAX_PIECES + 1))
    if len(pieces) > MAX_PIECES:
        raise BadTranscript(_TOO_MANY)
    some_certain = any(piece.certain for piece in pieces)
    seen = Counter(piece.label.casefold() for piece in pieces if piece.label)
    settled: list[tuple[Piece, list[str]]] = []
    for stretch in pieces:
        piece, label = stretch, stretch.label
        if label and not piece.certain and piece.otherwise:
            likely = not some_certain or seen[label.casefold()] > 1
            if not (likely and looks_like_name(label)):
                piece, label = piece.otherwise, None
        if label is not None:
            settled.append((replace(piece, party=party_of(label)), [piece.text]))
            continue
        if not settled:
            raise BadTranscript(
                f"{piece.where} has no speaker; `Agent: Hello`, `[Agent] Hello` or, in"
                " WebVTT, `<v Agent>Hello` would work."
            )
        last, texts = settled[-1]
        if piece.start is None or (piece.start, piece.end) == (last.start, last.end):
            texts.append(piece.text)
        else:
            same = replace(piece, label=last.label, party=last.party)
            settled.append((same, [piece.text]))
    joined = (replace(piece, text=one_line(" ".join(texts))) for piece, texts in settled)
    return [piece for piece in joined if piece.text]
