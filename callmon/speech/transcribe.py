"""Speech to text: the words of every voice, only where that voice is speaking."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from callmon.call import Activity, Audio, Segment, Value, Word
from callmon.errors import BadSettings, MissingModel
from callmon.speech.clips import Clip, cut_clips
from callmon.speech.inventions import is_invented

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hertz; every Whisper model is trained on it."""

BATCH = 8
"""Clips that are decoded together: at most 8 x 12.4 s, so about 100 s of sound are held
in memory at a time however long the call is."""

BEAM = 5
"""Whisper's own default width (Radford et al. 2022, section 4.5)."""

LONGEST_WORD = 2.0
"""Seconds. Attention-based alignment stretches a word over a pause beside it; nobody
speaks one word for longer outside of song."""

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces: there every unit of the model is a word."""

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
"""Without these CTranslate2 cannot load a Whisper model (the tokenizer would be looked
for on a model hub)."""


class Transcript(Value):
    """What was said in a call."""

    language: str | None
    """ISO 639-1 code, given or detected; null when nothing was said."""
    segments: tuple[Segment, ...]
    """Sorted by start."""


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

    def __init__(self, model: Any, *, name: str, device: str) -> None:
        """Wraps a loaded `faster_whisper.WhisperModel`; see `load`."""
        self.name = name
        self.device = device
        self._model = model

    @classmethod
    def load(
        cls, folder: Path, *, name: str, device: str = "auto", threads: int = 0
    ) -> Whisper:
        """Loads the model in `folder`, once for any number of calls.

        `device` is `cpu` (computing in int8), `cuda` (float16) or `auto`: cuda where a
        GPU can be used. `threads` is the number of CPU threads; 0 leaves it to the engine.

        Raises MissingModel when the folder holds no usable model, BadSettings when the
        device does not exist here.
        """
        missing = [file for file in MODEL_FILES if not (folder / file).is_file()]
        if missing:
            raise MissingModel(
                f"The speech model {name!r} is not complete in {folder}: "
                f"{', '.join(missing)} is missing. Fetch the model again, or name a folder "
                "with a Whisper model in CTranslate2 form."
            )
        device = _usable_device(device)
        try:
            model = _loaded(folder, device=device, threads=threads)
        # What the engine raises for broken weights is not declared: RuntimeError and
        # ValueError from CTranslate2, plain Exception from the tokenizer.
        except Exception as error:
            raise MissingModel(
                f"The speech model {name!r} in {folder} cannot be loaded ({error}). "
                "Its files may be damaged or of another kind; fetch the model again."
            ) from error
        if device == "cuda":
            _try_out(model)
        return cls(model, name=name, device=device)

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
        do. Words lie inside their segment, follow each other, and keep the model's
        probability as confidence.

        `audio` has 16 kHz. `language` is an ISO 639-1 code; without it the language is
        detected once, from the first 30 s of speech. Raises BadSettings for a language
        that the model does not know.
        """
        if audio.sample_rate != SAMPLE_RATE:
            raise ValueError(
                f"speech models need {SAMPLE_RATE} Hz, not {audio.sample_rate}"
            )
        clips = cut_clips(audio, activities)
        language = self._checked(language) or self._detected(audio, clips)
        total = sum(clip.heard.duration for clip in clips)
        done = 0.0
        segments: list[Segment] = []
        for first in range(0, len(clips), BATCH):
            batch = clips[first : first + BATCH]
            segments.extend(self._heard(audio, batch, language))
            done += sum(clip.heard.duration for clip in batch)
            if progress is not None:
                progress(done / total)
        segments.sort(key=lambda segment: (segment.start, segment.end))
        return Transcript(language=language if clips else None, segments=tuple(segments))

    def _checked(self, language: str | None) -> str | None:
        if language is None or language in self._model.supported_languages:
            return language
        known = ", ".join(sorted(self._model.supported_languages))
        raise BadSettings(
            f"The speech model {self.name!r} does not know the language {language!r}. "
            f"It knows: {known}."
        )

    def _detected(self, audio: Audio, clips: Sequence[Clip]) -> str | None:
        """The language of the earliest speech, up to one window of 30 s."""
        if not self._model.model.is_multilingual:
            return "en"
        earliest = sorted(clips, key=lambda clip: clip.heard.start)
        sound, _ = _sound(audio, earliest[:BATCH])
        if not len(sound):
            return None
        detected, _, _ = self._model.detect_language(sound)
        return str(detected)

    def _heard(
        self, audio: Audio, clips: Sequence[Clip], language: str | None
    ) -> list[Segment]:
        """One segment for each of the clips."""
        from faster_whisper import BatchedInferencePipeline

        sound, offsets = _sound(audio, clips)
        found, _ = BatchedInferencePipeline(self._model).transcribe(
            sound,
            language=language,
            beam_size=BEAM,
            temperature=0.0,
            word_timestamps=True,
            without_timestamps=True,
            clip_timestamps=[
                {"start": offset, "end": offset + clip.heard.duration}
                for offset, clip in zip(offsets, clips, strict=True)
            ],
            batch_size=BATCH,
        )
        words: list[list[Word]] = [[] for _ in clips]
        for part in found:
            # The engine may give a clip back in several parts; `seek` is the clip's
            # offset in hundredths, rounded down: the next hundredth lies inside the clip.
            index = bisect_right(offsets, (part.seek + 1) / 100) - 1
            clip, shift = clips[index], clips[index].heard.start - offsets[index]
            spoken = _whole_words(part.words or (), shift=shift, language=language)
            if not is_invented(
                [word.text for word in spoken],
                seconds=clip.heard.duration,
                no_speech=part.no_speech_prob,
                log_probability=part.avg_logprob,
                compression_ratio=part.compression_ratio,
            ):
                words[index].extend(spoken)
        return [_segment(clip, heard) for clip, heard in zip(clips, words, strict=True)]


def _usable_device(device: str) -> str:
    """`cpu` or `cuda`; raises BadSettings for a device that is not there."""
    import ctranslate2

    if device not in ("auto", "cpu", "cuda"):
        raise BadSettings(f"The device {device!r} is unknown; use auto, cpu or cuda.")
    gpus = ctranslate2.get_cuda_device_count()
    if device == "cuda" and not gpus:
        raise BadSettings(
            "The device cuda is asked for, but no NVIDIA GPU can be used here. "
            "Install its driver, or set the device to cpu or auto."
        )
    return "cuda" if gpus and device != "cpu" else "cpu"


def _loaded(folder: Path, *, device: str, threads: int) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(folder),
        device=device,
        compute_type="float16" if device == "cuda" else "int8",
        cpu_threads=threads,
        local_files_only=True,
    )


def _try_out(model: Any) -> None:
    """Runs the encoder once: CUDA's libraries are only looked for at first use."""
    import numpy as np

    try:
        model.encode(np.zeros((model.model.n_mels, 3000), dtype=np.float32))
    except RuntimeError as error:
        raise BadSettings(
            f"A GPU is here, but it cannot compute ({error}). "
            "Install the missing CUDA library, or set the device to cpu."
        ) from error


def _sound(
    audio: Audio, clips: Sequence[Clip]
) -> tuple[NDArray[np.float32], tuple[float, ...]]:
    """The clips one after the other, shape (n,), and the second at which each begins."""
    import numpy as np

    sounds = [audio.read(clip.channel, clip.heard.start, clip.heard.end) for clip in clips]
    ends = np.cumsum([0, *(len(sound) for sound in sounds)]) / SAMPLE_RATE
    whole = np.concatenate(sounds) if sounds else np.zeros(0, dtype=np.float32)
    return whole, tuple(float(end) for end in ends[:-1])


def _whole_words(
    pieces: Iterable[Any], *, shift: float, language: str | None
) -> list[Word]:
    """The engine's word pieces as words, `shift` seconds later.

    A piece that begins without a space belongs to the word before it ("twenty" "-five").
    """
    words: list[Word] = []
    for piece in pieces:
        text = "".join(piece.word.split())
        if not text:
            continue
        start, end = float(piece.start) + shift, float(piece.end) + shift
        confidence = min(1.0, max(0.0, float(piece.probability)))
        if words and not piece.word[0].isspace() and language not in UNSPACED:
            last = words.pop()
            start, text = last.start, last.text + text
            confidence = min(last.confidence, confidence)
        words.append(Word(text=text, start=start, end=end, confidence=confidence))
    return words


def _segment(clip: Clip, words: Sequence[Word]) -> Segment:
    """The clip as a segment whose words lie inside its speech and follow each other."""
    placed: list[Word] = []
    at, end = clip.speech.start, clip.speech.end
    for word in words:
        start = min(max(word.start, at), end)
        stop = min(max(word.end, start), start + LONGEST_WORD, end)
        placed.append(
            Word(text=word.text, start=start, end=stop, confidence=word.confidence)
        )
        at = stop
    letters = sum(len(word.text) for word in words)
    weighted = sum(word.confidence * len(word.text) for word in words)
    return Segment(
        speaker=clip.speaker,
        start=clip.speech.start,
        end=end,
        text=" ".join(word.text for word in words),
        words=tuple(placed),
        confidence=weighted / letters if letters else 0.0,
    )
