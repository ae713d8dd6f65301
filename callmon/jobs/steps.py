"""The steps of one run: each is taken from the shelf where it was kept, else done and kept.

A step is kept under a fingerprint of all that it depends on: the recording, the steps
before it, the engines and the settings. So a run that was broken off goes on after its last
full step, and a re-analysis repeats only what would come out differently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import TypeAdapter

from callmon.audio.decode import Decoded, decode
from callmon.call import Analysis, Recording, Tone
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import TextModel
from callmon.pipeline import Progress, known
from callmon.speech.diarization.diarizer import Diarizer
from callmon.speech.recognition.transcribe import Transcriber
from callmon.steps import (
    Heard,
    Spoken,
    Told,
    Voices,
    attribute,
    conclude,
    hear,
    listen,
    recognise,
    tell_apart,
)
from callmon.store.calls.recordings import StoredRecording
from callmon.tone.tone import VERSION as TONE

VERSIONS = {"audio": 1, "transcript": 1, "speakers": 1}
"""Raised when the code of a step finds something else in the same sound."""

DECODED = 0.7
"""Share of decoding in the time of the first step; the rest is listening."""

T = TypeVar("T")


@dataclass(frozen=True)
class Engines:
    """What a worker analyses with, each loaded at most once in a process."""

    transcriber: Transcriber
    diarizer: Diarizer
    text_model: TextModel | None
    rubric: Rubric
    review: Callable[[Analysis], Analysis] = lambda analysis: analysis
    """What is done with the judgement last, such as asking for second opinions."""


@dataclass(frozen=True)
class Plan:
    """How one recording is to be analysed."""

    asr: str
    """What names the speech model in the settings."""
    diarizer: str
    language: str | None
    max_seconds: float
    agent_channel: Literal["left", "right"] | None
    direction: Literal["inbound", "outbound"] | None
    role_confidence: float
    agent_voice: str | None = None
    """The voice that somebody has named as the agent's."""


class Cancelled(Exception):
    """The run is no longer wanted, or another worker has it."""


class Shelf(Protocol):
    """Where the results of steps are kept."""

    def kept(self, step: str, fingerprint: str) -> bytes | None:
        """What was kept under this name, if it was."""

    def keep(self, step: str, fingerprint: str, document: bytes) -> None:
        """Keeps the result of a step. Raises Cancelled when it is not wanted any more."""


class Steps:
    """The steps of a run of one recording, open until `close`.

    Each attribute is worked out when it is first asked for, with those that it needs.
    """

    def __init__(
        self,
        recording: StoredRecording,
        *,
        sound: Callable[[], AbstractContextManager[Path]],
        engines: Engines,
        plan: Plan,
        rubric: Rubric | None = None,
        shelf: Shelf,
        progress: Progress = lambda _step, _share: None,
    ) -> None:
        self.recording = recording
        self._sound = sound
        self._engines = engines
        self._plan = plan
        self._rubric = rubric or engines.rubric
        self._shelf = shelf
        self._progress = progress
        self._stack = ExitStack()
        self._made: dict[str, Any] = {}

    def close(self) -> None:
        """Lets go of the sound."""
        self._stack.close()

    def take(self, step: str) -> None:
        """Takes one of `queue.STEPS`, and before it those that it needs.

        Raises BadRecording, Transient, and what the engines raise.
        """
        getattr(self, _RESULTS[step])

    @cached_property
    def audio(self) -> Decoded:
        path = self._stack.enter_context(self._sound())
        return self._stack.enter_context(
            decode(
                path,
                max_seconds=self._plan.max_seconds,
                progress=lambda share: self._progress("audio", share * DECODED),
            )
        )

    @cached_property
    def heard(self) -> Heard:
        return self._kept(
            "audio",
            self._names["audio"],
            TypeAdapter(Heard),
            lambda: listen(
                self.audio,
                progress=lambda share: self._progress(
                    "audio", DECODED + share * (1 - DECODED)
                ),
            ),
        )

    @cached_property
    def spoken(self) -> Spoken:
        heard = self.heard
        return self._kept(
            "transcript",
            self._names["transcript"],
            TypeAdapter(Spoken),
            lambda: recognise(
                self.audio,
                heard,
                self._engines.transcriber,
                language=self._plan.language,
                progress=lambda share: self._progress("transcript", share),
            ),
        )

    @cached_property
    def voices(self) -> Voices:
        heard = self.heard
        return self._kept(
            "speakers",
            self._names["speakers"],
            TypeAdapter(Voices),
            lambda: tell_apart(
                self.audio,
                heard,
                self._engines.diarizer,
                progress=lambda share: self._progress("speakers", share),
            ),
        )

    @cached_property
    def told(self) -> Told:
        return attribute(
            self.heard,
            self.voices,
            self.spoken,
            agent=self._plan.agent_voice,
            agent_channel=self._plan.agent_channel,
            direction=self._plan.direction,
            role_confidence=self._plan.role_confidence,
        )

    @cached_property
    def tones(self) -> tuple[Tone, ...]:
        told = self.told
        return self._kept(
            "tones",
            self._names["tones"],
            TypeAdapter(tuple[Tone, ...]),
            lambda: hear(
                self.audio, told, progress=lambda share: self._progress("tones", share)
            ),
        )

    @cached_property
    def analysis(self) -> Analysis:
        tones = self.tones
        self._progress("judgement", 0.0)
        stored = self.recording
        metadata = stored.metadata.model_dump(mode="json", exclude_defaults=True)
        analysis = conclude(
            Recording(
                id=stored.id,
                sha256=stored.sha256,
                name=stored.name,
                duration=round(self.heard.duration, 3),
                channels=self.heard.channels,
                metadata={**metadata, **known(self.spoken.language)},
            ),
            self.told,
            heard=self.heard,
            voices=self.voices,
            spoken=self.spoken,
            tones=tones,
            rubric=self._rubric,
            text_model=self._engines.text_model,
        )
        return self._engines.review(analysis)

    @cached_property
    def _names(self) -> dict[str, str]:
        """The fingerprint of each step that is kept."""
        plan = self._plan
        audio = fingerprint("audio", VERSIONS, self.recording.sha256, plan.max_seconds)
        transcript = fingerprint("transcript", audio, plan.asr, plan.language)
        speakers = fingerprint("speakers", audio, plan.diarizer)
        tones = fingerprint(
            "tones",
            TONE,
            transcript,
            speakers,
            plan.agent_channel,
            plan.direction,
            plan.role_confidence,
            plan.agent_voice,
        )
        return {
            "audio": audio,
            "transcript": transcript,
            "speakers": speakers,
            "tones": tones,
        }

    def _kept(
        self, step: str, name: str, form: TypeAdapter[T], work_out: Callable[[], T]
    ) -> T:
        if step not in self._made:
            document = self._shelf.kept(step, name)
            if document is not None:
                return form.validate_json(document)
            self._progress(step, 0.0)
            self._made[step] = work_out()
        # Asked again after an outage of the shelf, the step is not done again.
        result: T = self._made[step]
        self._shelf.keep(step, name, form.dump_json(result))
        return result


_RESULTS = {
    "audio": "heard",
    "transcript": "spoken",
    "speakers": "voices",
    "tones": "tones",
    "judgement": "analysis",
}


def fingerprint(*parts: object) -> str:
    """The SHA-256 of these parts, which are JSON."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
