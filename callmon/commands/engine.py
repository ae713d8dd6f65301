"""The engines of the settings, each loaded once, at the first call that needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from callmon.call import Activity, Audio
from callmon.commands.output import say
from callmon.settings import Settings
from callmon.speech.diarize import Clustering
from callmon.speech.diarizer import Diarizer
from callmon.speech.pyannote_loading import DEFAULT
from callmon.speech.pyannote_pipeline import Pyannote
from callmon.speech.transcribe import Transcript, Whisper
from callmon.weights import find, models_folder, present

COMMUNITY = "community-1"
"""Name of pyannote.audio's pipeline in the manifest."""

CLUSTERING = "clustering"


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


class VoicesApart:
    """A Diarizer that is chosen and loaded when the first call with one channel comes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._diarizer: Diarizer | None = None

    @property
    def name(self) -> str:
        """Of the engine that ran; of the one that is asked for before it did."""
        return self._settings.diarizer if self._diarizer is None else self._diarizer.name

    def separate(
        self,
        audio: Audio,
        heard: Activity,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Activity, ...]:
        if self._diarizer is None:
            self._diarizer = self._load()
        return self._diarizer.separate(audio, heard, progress=progress)

    def _load(self) -> Diarizer:
        settings = self._settings
        cache = settings.model_cache
        named = COMMUNITY if settings.diarizer == DEFAULT else settings.diarizer
        pulled = named in ("auto", COMMUNITY) and present(COMMUNITY, cache)
        if named == CLUSTERING or (named == "auto" and not pulled):
            return Clustering.load(models_folder() / "voices")
        if pulled:
            named = str(find(COMMUNITY, cache=cache, offline=True))
        elif named == COMMUNITY:
            named = DEFAULT
        token = settings.hub_token
        return Pyannote.load(
            named,
            token=token.get_secret_value() if token else None,
            device=settings.device,
            threads=settings.threads,
            cache=cache,
            offline=settings.offline,
        )
