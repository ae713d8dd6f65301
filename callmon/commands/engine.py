"""The engines of the settings, each loaded once, at the first call that needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from callmon.call import Activity, Audio
from callmon.commands.output import say
from callmon.empathy.text_model import TextModel
from callmon.opinion.asker import Asker
from callmon.opinion.endpoint import Endpoint
from callmon.settings import Settings
from callmon.speech.diarization.diarize import Clustering
from callmon.speech.diarization.diarizer import Diarizer
from callmon.speech.diarization.pyannote_loading import DEFAULT
from callmon.speech.diarization.pyannote_pipeline import Pyannote
from callmon.speech.recognition.transcribe import Transcript, Whisper
from callmon.weights import COMMUNITY, find, from_hub, models_folder, present

CLUSTERING = "clustering"


def chosen_diarizer(settings: Settings) -> str:
    """The name of the diarizer that the settings come to on this machine."""
    if settings.diarizer != "auto":
        return settings.diarizer
    return COMMUNITY if present(COMMUNITY, settings.model_cache) else CLUSTERING


def load_text_model() -> TextModel:
    """The text model that ships with callmon; raises MissingModel when it is not there."""
    return TextModel.load(models_folder() / "empathy")


def load_asker(settings: Settings) -> Asker | None:
    """The language model for second opinions; None where the settings name none."""
    if settings.opinion_url is None or settings.opinion_model is None:
        return None
    key = settings.opinion_key
    return Endpoint(
        settings.opinion_url,
        model=settings.opinion_model,
        key=key.get_secret_value() if key is not None else None,
        plain_http=settings.opinion_plain_http,
    )


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
        token = settings.hub_token.get_secret_value() if settings.hub_token else None
        named = chosen_diarizer(settings)
        if named == CLUSTERING:
            return Clustering.load(models_folder() / "voices")
        if named in (COMMUNITY, DEFAULT):
            # The commit and the sums of the manifest, not whatever the hub has today.
            if not settings.offline and not present(COMMUNITY, cache):
                say(f"fetching the diarizer {COMMUNITY} (this once)")
            fetch = partial(from_hub, token=token)
            named = str(find(COMMUNITY, cache=cache, offline=settings.offline, fetch=fetch))
        return Pyannote.load(
            named,
            token=token,
            device=settings.device,
            threads=settings.threads,
            cache=cache,
            offline=settings.offline,
        )
