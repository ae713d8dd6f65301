"""Tells words that a speech model invented from words that it heard.

Whisper fills silence, noise and music with fluent text. The signs here are those of the
Whisper paper (Radford et al. 2022, section 4.5), and two that it does not have: loops
of words, which confidence does not show, and more words than anybody can speak.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_COMPRESSED = 2.4
"""Ratio by zlib over which text repeats itself; the Whisper paper's threshold."""

SURE_OF_NO_SPEECH = 0.6
UNSURE_OF_WORDS = -1.0
"""Mean natural log probability per token; with SURE_OF_NO_SPEECH the paper's rule."""

LONGEST_LOOP = 8
"""Words of a phrase that is looked for in repetition."""

MOST_REPEATS = 4
"""People say a phrase two or three times over, hardly ever five times in a row."""

MOST_REPEATS_OF_A_WORD = 6
""""No no no no no" is speech."""

FASTEST = 8.0
"""Words per second. Fast conversation reaches about 5, auctioneers 7 to 8."""

FREE_WORDS = 2
"""Words that the shortest clip may hold before FASTEST is asked: activity may have cut
its ends."""


def is_invented(
    words: Sequence[str],
    *,
    seconds: float,
    no_speech: float,
    log_probability: float,
    compression_ratio: float,
) -> bool:
    """Whether the words of one clip of `seconds` are an invention of the model.

    `no_speech` is the model's probability (0 to 1) that nobody speaks, `log_probability`
    its mean over the tokens.
    """
    return (
        compression_ratio > MOST_COMPRESSED
        or (no_speech > SURE_OF_NO_SPEECH and log_probability < UNSURE_OF_WORDS)
        or len(words) > FREE_WORDS + FASTEST * seconds
        or is_loop(words)
    )


def is_loop(words: Sequence[str]) -> bool:
    """Whether a phrase comes again and again in a row."""
    plain = [word.casefold().strip(".,!?;:\"'") for word in words]
    return any(
        _longest_run(plain, length)
        > length * (MOST_REPEATS if length > 1 else MOST_REPEATS_OF_A_WORD)
        for length in range(1, LONGEST_LOOP + 1)
    )


def _longest_run(words: Sequence[str], length: int) -> int:
    """Words of the longest stretch that repeats itself with the period `length`."""
    longest = run = 0
    for word, again in zip(words, words[length:], strict=False):
        run = run + 1 if word == again else 0
        longest = max(longest, run)
    return longest + length if longest else 0
