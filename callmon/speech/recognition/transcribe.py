"""Speech to text: the words of every voice, only where that voice is speaking."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, pairwise
from pathlib import Path
from typing import Any, Protocol

from callmon.call import Activity, Audio, Segment, Suppressed, Value, Word
from callmon.errors import BadSettings, MissingModel
from callmon.speech.recognition.clips import LONGEST_CLIP, Clip, cut_clips
from callmon.speech.recognition.decoding import Heard, decode, vote, window_seconds
from callmon.speech.recognition.device import (
    Device,
    find_device,
    threads_to_take,
    usable_cores,
)
from callmon.speech.recognition.placement import is_doubtful, settle, words_by_clip
from callmon.speech.recognition.windows import Window, pack, window_of

log = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
"""Hertz; every Whisper model is trained on it."""

VOTES = 4
"""Windows that are asked for the language. The fullest of each quarter of the call: a
menu or a greeting in another language is outvoted, and one encoding each is cheap."""

SHORTEST_WINDOW, LONGEST_WINDOW = 4, 30
"""Seconds. Whisper has places for 30 s of sound; in under 4 s no sentence fits."""

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
"""Without these CTranslate2 cannot load a Whisper model (the tokenizer would be looked
for on a model hub)."""


class Transcript(Value):
    """What was said in a call."""

    language: str | None
    """ISO 639-1 code, given or detected; null when nothing was said."""
    segments: tuple[Segment, ...]
    """Sorted by start."""
    suppressed: tuple[Suppressed, ...] = ()
    """Recognised and left out, because nobody said it there; sorted by start."""


class Transcriber(Protocol):
    """Anything that turns speech to words; `Whisper` is the real one."""

    @property
    def name(self) -> str:
        """Of the model, as the document of the analysis names it."""

    def transcribe(
        self,
        audio: Audio,
        activities: Sequence[Activity],
        *,
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript: ...


class Whisper:
    """A Whisper model (Radford et al. 2022) in CTranslate2 form, run by faster-whisper."""

    def __init__(self, model: Any, *, name: str, device: Device) -> None:
        """Wraps a loaded `faster_whisper.WhisperModel`; see `load`."""
        self.name = name
        self.device = device
        self.model = model

    @classmethod
    def load(
        cls, folder: Path, *, name: str, device: str = "auto", threads: int = 0
    ) -> Whisper:
        """Loads the model in `folder`, once for any number of calls.

        `device` is `cpu` (computing in int8), `cuda` or `cuda:1` (float16), or `auto`:
        cuda where a GPU can be used. `threads` is the number of processor threads; 0
        takes the cores, up to eight.

        Raises MissingModel when the folder holds no usable model, BadSettings when the
        device does not exist here or cannot compute.
        """
        missing = [file for file in MODEL_FILES if not (folder / file).is_file()]
        if missing:
            raise MissingModel(
                f"The speech model {name!r} is not complete in {folder}: "
                f"{', '.join(missing)} is missing. Fetch the model again, or name a folder "
                "with a Whisper model in CTranslate2 form."
            )
        found = find_device(device)
        threads = threads_to_take(threads, cores=usable_cores())
        try:
            try:
                model = _loaded(folder, found, threads=threads)
            except _UnusableGPU as error:
                if device != "auto":
                    raise BadSettings(
                        f"A GPU is here, but it cannot compute ({error}). Install the "
                        "missing CUDA library, free its memory, or set the device to cpu."
                    ) from error
                log.warning("the GPU cannot compute, so the processor is used: %s", error)
                found = Device("cpu")
                model = _loaded(folder, found, threads=threads)
        except BadSettings:
            raise
        # What the engine raises for broken weights is not declared: RuntimeError and
        # ValueError from CTranslate2, plain Exception from the tokenizer.
        except Exception as error:
            raise MissingModel(
                f"The speech model {name!r} in {folder} cannot be loaded ({error}). "
                "Its files may be damaged or of another kind; fetch the model again."
            ) from error
        return cls(model, name=name, device=found)

    def transcribe(
        self,
        audio: Audio,
        activities: Sequence[Activity],
        *,
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        """The words of all voices.

        Every clip of speech becomes a segment, with empty text where the model heard no
        words or only invented some: the times of speech are true whatever the model can
        do. Words lie where their speaker is heard, follow each other, and keep the
        model's probability as confidence. What is left out is told with its reason.

        `audio` has 16 kHz. `language` is an ISO 639-1 code; without it the language is
        detected once, from speech all over the call. Raises BadSettings for a language
        that the model does not know.
        """
        if audio.sample_rate != SAMPLE_RATE:
            raise ValueError(
                f"speech models need {SAMPLE_RATE} Hz, not {audio.sample_rate}"
            )
        seconds = window_seconds(self.model)
        clips = cut_clips(audio, activities, longest=min(LONGEST_CLIP, seconds))
        windows = pack(clips, seconds=seconds)
        language = self._checked(language) or self._detected(audio, windows)
        segments: list[Segment] = []
        suppressed: list[Suppressed] = []
        for clip, words, no_speech in self._heard(audio, windows, language):
            segment, dropped = settle(clip, words, no_speech=no_speech)
            segments.append(segment)
            suppressed.extend(dropped)
            if progress is not None:
                progress(len(segments) / len(clips))
        segments.sort(key=lambda segment: (segment.start, segment.end, segment.speaker))
        suppressed.sort(key=lambda gone: (gone.start, gone.end, gone.speaker))
        return Transcript(
            language=language if clips else None,
            segments=tuple(segments),
            suppressed=tuple(suppressed),
        )

    def _checked(self, language: str | None) -> str | None:
        if language is None or language in self.model.supported_languages:
            return language
        known = ", ".join(sorted(self.model.supported_languages))
        raise BadSettings(
            f"The speech model {self.name!r} does not know the language {language!r}. "
            f"It knows: {known}."
        )

    def _detected(self, audio: Audio, windows: Sequence[Window]) -> str:
        """The language that the fullest windows of all parts of the call vote for."""
        if not self.model.model.is_multilingual or not windows:
            return "en"
        in_time = sorted(windows, key=lambda window: window.clips[0].start)
        votes = min(VOTES, len(in_time))
        edges = [part * len(in_time) // votes for part in range(votes + 1)]
        chosen = [
            max(in_time[first:last], key=lambda window: window.duration)
            for first, last in pairwise(edges)
        ]
        return vote(self.model, [window.sound(audio) for window in chosen])

    def _heard(
        self, audio: Audio, windows: Sequence[Window], language: str
    ) -> Iterator[tuple[Clip, tuple[Word, ...], float]]:
        """Each clip with its words in the call's time, and the doubt that it is speech.

        Clips that came out of a full window doubtful are heard again alone, and what
        was in the window with them without them: one clip of music can cost the words
        of its neighbours.
        """
        again: list[Window] = []
        for window, heard in self._decoded(audio, windows, language):
            words = words_by_clip(window, heard.words)
            doubtful = [
                len(words) > 1 and is_doubtful(clip, said, no_speech=heard.no_speech)
                for clip, said in zip(window.clips, words, strict=True)
            ]
            if not any(doubtful):
                for clip, said in zip(window.clips, words, strict=True):
                    yield clip, said, heard.no_speech
                continue
            alone = compress(window.clips, doubtful)
            rest = [c for c, odd in zip(window.clips, doubtful, strict=True) if not odd]
            again.extend(window_of([clip]) for clip in alone)
            if rest:
                again.append(window_of(rest))
        for window, heard in self._decoded(audio, again, language):
            words = words_by_clip(window, heard.words)
            for clip, said in zip(window.clips, words, strict=True):
                yield clip, said, heard.no_speech

    def _decoded(
        self, audio: Audio, windows: Iterable[Window], language: str
    ) -> Iterator[tuple[Window, Heard]]:
        """The windows of all channels in batches of like length, the longest first.

        A batch takes as long as its longest text. Only one batch of sound is in memory.
        """
        waiting = sorted(windows, key=lambda window: -window.duration)
        for first in range(0, len(waiting), self.device.batch):
            batch = waiting[first : first + self.device.batch]
            sounds = [window.sound(audio) for window in batch]
            yield from zip(
                batch, decode(self.model, sounds, language=language), strict=True
            )


class _UnusableGPU(Exception):
    """The engine found a GPU and cannot compute on it; the message is the engine's."""


def _loaded(folder: Path, device: Device, *, threads: int) -> Any:
    import numpy as np
    from faster_whisper import WhisperModel

    try:
        model = WhisperModel(
            str(folder),
            device=device.kind,
            device_index=device.index,
            compute_type=device.compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
        if device.kind == "cuda":
            # CUDA's libraries are only looked for at first use.
            model.encode(np.zeros((model.model.n_mels, 3000), dtype=np.float32))
    except RuntimeError as error:
        if device.kind == "cuda" and re.search("cuda|cublas|cudnn", str(error), re.I):
            raise _UnusableGPU(str(error)) from error
        raise
    seconds = model.feature_extractor.chunk_length
    if seconds not in range(SHORTEST_WINDOW, LONGEST_WINDOW + 1):
        raise ValueError(
            f"the window of {seconds!r} s is not {SHORTEST_WINDOW} to {LONGEST_WINDOW} s"
        )
    return model
