"""The whole run on one screen: a recorded call in, the analysis document out.

recording ─audio─▶ voices ─speech─▶ turns ─tone─▶ tones of the customer
                                      └─empathy─▶ moments ─findings─▶ Analysis
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from callmon.audio.decode import decode
from callmon.call import Analysis, Recording, Segment
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import TextModel
from callmon.findings.rules import load_rules
from callmon.speech.diarization.diarizer import Diarizer
from callmon.speech.recognition.transcribe import Transcriber
from callmon.speech.roles.parlance import Direction
from callmon.speech.roles.roles import SURE_ENOUGH
from callmon.steps import (
    Spoken,
    attribute,
    conclude,
    hear,
    listen,
    read,
    recognise,
    tell_apart,
)

Progress = Callable[[str, float], None]
"""Called with the name of a step and the share of it that is done, 0 to 1."""


def analyse(
    path: Path,
    *,
    rubric: Rubric,
    text_model: TextModel | None = None,
    diarizer: Diarizer,
    transcriber: Transcriber | None = None,
    transcript: Sequence[Segment] | None = None,
    agent: str | None = None,
    agent_channel: Literal["left", "right"] | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
    language: str | None = None,
    started: datetime | None = None,
    max_seconds: float = 14_400.0,
    progress: Progress = lambda _step, _share: None,
) -> Analysis:
    """Analyses one recorded call.

    The words come from `transcript` where one is given, else from `transcriber`; the
    voices of a call with one channel from `diarizer`. From `started`, when the call began,
    the dates of deadlines are counted. What else is given is explained at
    the steps that take it, in `callmon.steps`. Raises BadRecording when the sound cannot
    be analysed and BadTranscript when the transcript does not fit it.
    """
    if transcript is None and transcriber is None:
        raise ValueError("analyse needs a transcriber or a transcript")
    # What is wrong in it is told before the long part.
    load_rules(rubric.findings, common=rubric.common)
    with decode(
        path, max_seconds=max_seconds, progress=partial(progress, "decode")
    ) as audio:
        heard = listen(audio, progress=partial(progress, "activity"))
        progress("speakers", 0.0)
        voices = tell_apart(audio, heard, diarizer, progress=partial(progress, "speakers"))
        progress("words", 0.0)
        if transcript is not None:
            spoken = Spoken(asr=None, language=language, segments=tuple(transcript))
        elif transcriber is not None:
            spoken = recognise(
                audio,
                heard,
                transcriber,
                language=language,
                progress=partial(progress, "words"),
            )
        progress("turns", 0.0)
        told = attribute(
            heard,
            voices,
            spoken,
            agent=agent,
            agent_channel=agent_channel,
            direction=direction,
            role_confidence=role_confidence,
        )
        progress("tone", 0.0)
        tones = hear(audio, told, progress=partial(progress, "tone"))
    progress("judgement", 0.0)
    return conclude(
        identify(
            path,
            duration=heard.duration,
            channels=heard.channels,
            metadata=known(spoken.language, started=started),
        ),
        told,
        heard=heard,
        voices=voices,
        spoken=spoken,
        tones=tones,
        rubric=rubric,
        text_model=text_model,
    )


def analyse_transcript(
    path: Path,
    transcript: Sequence[Segment],
    *,
    rubric: Rubric,
    text_model: TextModel | None = None,
    agent: str | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
    language: str | None = None,
    started: datetime | None = None,
) -> Analysis:
    """Analyses a chat or a transcript without its recording: no voice, no silence."""
    told = read(
        transcript,
        agent=agent,
        direction=direction,
        role_confidence=role_confidence,
        language=language,
    )
    return conclude(
        identify(path, metadata=known(language, started=started)),
        told,
        spoken=Spoken(asr=None, language=language, segments=tuple(transcript)),
        rubric=rubric,
        text_model=text_model,
    )


def known(language: str | None, *, started: datetime | None = None) -> dict[str, str]:
    """The metadata that a run finds by itself or is told."""
    found = {"language": language} if language else {}
    return found | ({"started": started.isoformat()} if started else {})


def identify(
    path: Path,
    *,
    duration: float | None = None,
    channels: int | None = None,
    metadata: Mapping[str, Any],
) -> Recording:
    """Id, hash and name of what was read: the same content is the same recording."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Recording(
        id=sha256[:16],
        sha256=sha256,
        # Names are bytes on most systems, and not all of them are UTF-8.
        name=os.fsencode(path.name).decode("utf-8", "replace"),
        duration=None if duration is None else round(duration, 3),
        channels=channels,
        metadata=metadata,
    )
