"""The speech engine of the settings, loaded once, at the first call that needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from callmon.call import Activity, Audio
from callmon.settings import Settings
from callmon.speech.transcribe import Transcript, Whisper
from callmon.weights import find


class Engine:
    """A Transcriber that finds and loads its model when the first words are wanted.

    So a wrong file is told before a missing model, and a transcript needs no model.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.asr
        self._settings = settings

    @cached_property
    def _whisper(self) -> Whisper:
        settings = self._settings
        folder = find(settings.asr, cache=settings.model_cache, offline=settings.offline)
        return Whisper.load(
            folder, name=self.name, device=settings.device, threads=settings.threads
        )

    def transcribe(
        self,
        audio: Audio,
        activities: Sequence[Activity],
        *,
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        return self._whisper.transcribe(
            audio, activities, language=language, progress=progress
        )
