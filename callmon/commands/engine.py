"""The speech engine of the settings, loaded once, at the first call that needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from callmon.call import Activity, Audio
from callmon.commands.output import say
from callmon.settings import Settings
from callmon.speech.transcribe import Transcript, Whisper
from callmon.weights import find, present


class Engine:
    """A Transcriber that finds and loads its model when the first words are wanted.

    So a wrong file is told before a missing model, and a transcript needs no model.
    """

    def __init__(self, settings: Settings) -> None:
        # A folder's path is nobody else's business; its own name tells the model.
        self.name = Path(settings.asr).name
        self._settings = settings
        self._whisper: Whisper | None = None

    def _load(self, progress: Callable[[float], None] | None) -> Whisper:
        settings = self._settings
        if not settings.offline and not present(settings.asr, settings.model_cache):
            say(f"fetching the speech model {self.name} (this once)")
        folder = find(
            settings.asr,
            cache=settings.model_cache,
            offline=settings.offline,
            progress=progress,
        )
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
        if self._whisper is None:
            self._whisper = self._load(progress)
        return self._whisper.transcribe(
            audio, activities, language=language, progress=progress
        )
