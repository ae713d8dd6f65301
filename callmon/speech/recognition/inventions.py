"""Tells words that a speech model invented from words that it heard.

Whisper fills silence, noise and music with fluent text. The signs here are those of the
Whisper paper (Radford et al. 2022, section 4.5), and three that it does not have: loops
of words, which confidence does not show, what its training films say where nobody
speaks, and more words than anybody can say.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from math import log

from callmon.call import SuppressedReason, Word
from callmon.speech.recognition.stock_phrases import AMBIGUOUS, FOREIGN_TO_CALLS

MOST_COMPRESSED = 2.4
"""Ratio by zlib over which text repeats itself; the Whisper paper's threshold."""

SURE_OF_NO_SPEECH = 0.6
UNSURE_OF_WORDS = -1.0
"""Mean natural log probability; with SURE_OF_NO_SPEECH the paper's rule."""

IMPROBABLE = log(0.1)
"""Mean natural log probability under which the words are left out even where somebody
speaks: the model gives its own words one chance in ten. Far under UNSURE_OF_WORDS,
because a doubtful word that was said is worth more than none."""

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


def _squeezed(words: Iterable[str]) -> str:
    """Without spaces, which languages have none of and the model's words do."""
    return "".join(words).replace(" ", "")


_FOREIGN, _AMBIGUOUS = (
    frozenset(map(_squeezed, phrases)) for phrases in (FOREIGN_TO_CALLS, AMBIGUOUS)
)


def why_invented(
    words: Sequence[Word], *, spoken: float, no_speech: float
) -> SuppressedReason | None:
    """Why the words of one clip are an invention of the model; None where they are not.

    `spoken` is the seconds of speech in the clip, `no_speech` the model's probability
    (0 to 1) that nobody speaks in what it heard.
    """
    if not words:
        return None
    text = " ".join(word.text for word in words)
    said = _squeezed(_plain(words))
    sureness = log_probability(words)
    doubtful = no_speech > SURE_OF_NO_SPEECH or sureness < UNSURE_OF_WORDS
    if not said or said in _FOREIGN or (doubtful and said in _AMBIGUOUS):
        return "stock_phrase"
    if no_speech > SURE_OF_NO_SPEECH and sureness < UNSURE_OF_WORDS:
        return "no_speech"
    if sureness < IMPROBABLE or len(words) > FREE_WORDS + FASTEST * spoken:
        return "unlikely"
    if compression_ratio(text) > MOST_COMPRESSED:
        return "loop"
    return None


def log_probability(words: Sequence[Word]) -> float:
    """Mean natural log probability of the words by their confidence, length-weighted."""
    letters = sum(len(word.text) for word in words)
    # A probability of zero, as a rounded one can be, has no logarithm.
    total = sum(len(w.text) * log(max(w.confidence, 1e-6)) for w in words)
    return total / letters if letters else 0.0


def compression_ratio(text: str) -> float:
    """Bytes of the text by its bytes after zlib, as the Whisper paper has it."""
    plain = text.encode()
    return len(plain) / len(zlib.compress(plain))


def find_loop(words: Sequence[Word]) -> tuple[int, int] | None:
    """The words, from index to index, that only say again what is said before them.

    The first time that the phrase is said is not part of it: it may be real. None where
    no phrase comes again more often than people say it.
    """
    plain = _plain(words)
    longest: tuple[int, int] | None = None
    for period in range(1, LONGEST_LOOP + 1):
        start, end = _longest_run(plain, period)
        most = MOST_REPEATS if period > 1 else MOST_REPEATS_OF_A_WORD
        if end - start > period * most and (
            longest is None or end - start - period > longest[1] - longest[0]
        ):
            longest = start + period, end
    return longest


def _longest_run(words: Sequence[str], period: int) -> tuple[int, int]:
    """The longest stretch, from index to index, that repeats itself with the period."""
    best = 0, 0
    run = 0
    for at in range(period, len(words)):
        run = run + 1 if words[at] == words[at - period] else 0
        if run and run + period > best[1] - best[0]:
            best = at + 1 - run - period, at + 1
    return best


def _plain(words: Sequence[Word]) -> list[str]:
    """Each word in lower case, letters, digits and apostrophes only."""
    return [re.sub(r"[^\w']|_", "", word.text).casefold().strip("'") for word in words]
