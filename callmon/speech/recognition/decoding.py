"""One batch of windows through the speech model: text, words with times, and doubts.

This is what `faster_whisper.BatchedInferencePipeline` does, from the same parts of
faster-whisper and CTranslate2, but for windows of the model's own length: the pipeline
fills every clip to 30 s, whatever the model was made for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callmon.call import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BEAM = 5
"""Whisper's own default width (Radford et al. 2022, section 4.5)."""

TAIL = 1.0
"""Seconds after a window's last clip in which words may be found: what the model says to
silence is aligned there, and so can be told from what it heard."""

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces: there every unit of the model is a word."""

OPENING = "\"'“¿([{-"
CLOSING = "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word after and before them; faster-whisper's own defaults."""


@dataclass(frozen=True)
class Heard:
    """What the model made of one window."""

    words: tuple[Word, ...]
    """In seconds from the window's start."""
    no_speech: float
    """The model's probability, 0 to 1, that nobody speaks in the window."""


def window_seconds(model: Any) -> float:
    """The length of the model's window, as its preprocessor_config.json says it."""
    return float(model.feature_extractor.chunk_length)


def spectrum(model: Any, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel features of a sound, shape (mels, frames), filled up to the window."""
    import numpy as np

    frames = model.feature_extractor.nb_max_frames
    features = model.feature_extractor(sound)[:, :frames]
    # Zeros, as faster-whisper fills its windows.
    return np.pad(features, ((0, 0), (0, frames - features.shape[1])))


def decode(
    model: Any, sounds: Sequence[NDArray[np.float32]], *, language: str
) -> tuple[Heard, ...]:
    """What is said in each of the sounds (16 kHz, none longer than the window).

    The temperature is 0 and no text goes in before, so the same sound gives the same
    words in any batch.
    """
    import numpy as np
    from faster_whisper.tokenizer import Tokenizer
    from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

    tokenizer = Tokenizer(
        model.hf_tokenizer,
        model.model.is_multilingual,
        task="transcribe",
        language=language,
    )
    encoded = model.encode(np.stack([spectrum(model, sound) for sound in sounds]))
    prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
    results = model.model.generate(
        encoded,
        [prompt] * len(sounds),
        beam_size=BEAM,
        max_length=model.max_length,
        suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        return_no_speech_prob=True,
    )
    tokens = [
        [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        for result in results
    ]
    rate = model.feature_extractor.sampling_rate
    frames = [
        min(
            int((len(sound) / rate + TAIL) * model.frames_per_second),
            model.feature_extractor.nb_max_frames,
        )
        for sound in sounds
    ]
    heard: list[Heard] = []
    aligned = model.find_alignment(tokenizer, tokens, encoded, frames)
    for pieces, result in zip(aligned, results, strict=True):
        merge_punctuations(pieces, OPENING, CLOSING)
        heard.append(
            Heard(words=whole_words(pieces, language), no_speech=result.no_speech_prob)
        )
    return tuple(heard)


def whole_words(pieces: Sequence[dict[str, Any]], language: str) -> tuple[Word, ...]:
    """The engine's word pieces (`word`, `start`, `end`, `probability`) as words.

    A piece that begins without a space belongs to the word before it ("twenty" "-five").
    """
    words: list[Word] = []
    for piece in pieces:
        text = "".join(piece["word"].split())
        if not text:
            continue
        start, end = float(piece["start"]), float(piece["end"])
        confidence = min(1.0, max(0.0, float(piece["probability"])))
        if words and not piece["word"][0].isspace() and language not in UNSPACED:
            last = words.pop()
            start, text = last.start, last.text + text
            confidence = min(last.confidence, confidence)
        words.append(
            Word(text=text, start=start, end=max(start, end), confidence=confidence)
        )
    return tuple(words)


def vote(model: Any, sounds: Sequence[NDArray[np.float32]]) -> str:
    """The language (ISO 639-1) with the highest mean probability over the sounds."""
    import numpy as np

    encoded = model.encode(np.stack([spectrum(model, sound) for sound in sounds]))
    votes: dict[str, float] = {}
    for found in model.model.detect_language(encoded):
        for token, probability in found:  # tokens such as <|en|>
            votes[token[2:-2]] = votes.get(token[2:-2], 0.0) + probability
    return max(sorted(votes), key=lambda language: votes[language])
