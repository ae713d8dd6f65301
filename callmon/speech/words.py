"""What words are together: how sure, and which part of a segment."""

from __future__ import annotations

from collections.abc import Sequence

from callmon.call import Segment, Word


def mean_confidence(said: Sequence[Word | Segment]) -> float:
    """Mean confidence, 0 to 1, by the length of the text.

    Where nothing has text all count alike; of nothing at all it is 0.
    """
    weights = [len(part.text.strip()) for part in said]
    if not any(weights):
        weights = [1] * len(said)
    weighted = sum(
        weight * part.confidence for weight, part in zip(weights, said, strict=True)
    )
    return weighted / sum(weights) if weights else 0.0


def part_of(segment: Segment, words: Sequence[Word]) -> Segment:
    """The part of a segment that these of its words, at least one, make."""
    return segment.model_copy(
        update={
            "start": words[0].start,
            "end": max(word.end for word in words),
            "text": " ".join(word.text.strip() for word in words),
            "words": tuple(words),
            "confidence": mean_confidence(words),
        }
    )
