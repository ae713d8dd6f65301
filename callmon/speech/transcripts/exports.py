"""Writes turns as WebVTT, SRT, plain text and JSON.

What is written here is read back by `transcripts.read_transcript` with the same
parties and texts, and the same times: to the millisecond, and exactly in JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from callmon.call import Turn
from callmon.errors import BadTranscript
from callmon.speech.transcripts.forms import one_line
from callmon.speech.transcripts.labels import LONGEST_LABEL, is_voice

# What a label cannot hold in one of the forms.
_NOT_IN_LABEL = re.compile(r"[^\w ]+")


def to_vtt(turns: Sequence[Turn]) -> str:
    """WebVTT with a voice tag for every turn.

    Raises BadTranscript when a turn has no times.
    """
    cues = ["WEBVTT\n"]
    for turn, start, end in _cues(turns, form="WebVTT", point="."):
        text = html.escape(one_line(turn.text), quote=False)
        cues.append(f"{start} --> {end}\n<v {_label(turn)}>{text}</v>\n")
    return "\n".join(cues)


def to_srt(turns: Sequence[Turn]) -> str:
    """SRT with a label such as `[Agent]` before every turn.

    Raises BadTranscript when a turn has no times.
    """
    cues = []
    for number, (turn, start, end) in enumerate(_cues(turns, form="SRT", point=","), 1):
        text = _escape_srt(one_line(turn.text))
        cues.append(f"{number}\n{start} --> {end}\n[{_label(turn)}] {text}\n")
    return "\n".join(cues)


def to_text(turns: Sequence[Turn]) -> str:
    """One line for every turn: `[00:00:01.200 - 00:00:05.900] Agent: Hello.`

    Without times the line begins with the label.
    """
    lines = []
    for turn in _spoken(turns):
        times = ""
        if turn.start is not None and turn.end is not None:
            times = f"[{_clock(turn.start, '.')} - {_clock(turn.end, '.')}] "
        lines.append(f"{times}{_label(turn)}: {one_line(turn.text)}\n")
    return "".join(lines)


def to_json(turns: Sequence[Turn]) -> str:
    """JSON with the key `turns` as in the analysis document, times of words included."""
    document = {"turns": [turn.model_dump(mode="json") for turn in turns]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _spoken(turns: Iterable[Turn]) -> list[Turn]:
    return [turn for turn in turns if one_line(turn.text)]


def _cues(
    turns: Iterable[Turn], *, form: str, point: str
) -> Iterator[tuple[Turn, str, str]]:
    """Turns with words, and their start and end as clock times."""
    for turn in _spoken(turns):
        if turn.start is None or turn.end is None:
            raise BadTranscript(
                f"{form} needs times, and turn {turn.index} has none; text or JSON would"
                " work."
            )
        yield turn, _clock(turn.start, point), _clock(turn.end, point)


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, rest = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{point}{rest:03}"


def _label(turn: Turn) -> str:
    """The party; for an unknown one the voice, in a form that is never read as a party."""
    if turn.party != "unknown":
        return turn.party.capitalize()
    voice = one_line(_NOT_IN_LABEL.sub(" ", turn.speaker))
    if not is_voice(voice):
        voice = f"Speaker {voice}"
    return voice[:LONGEST_LABEL].strip()


def _escape_srt(text: str) -> str:
    """SRT has no escapes, so only what would break it is written as one."""
    text = re.sub(r"&(?=(?:lt|gt|amp);)", "&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")
