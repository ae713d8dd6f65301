"""A voice of one block is known again in the next."""

from __future__ import annotations

import numpy as np

from callmon.speech.diarization.known_voices import KnownVoices

LOW, HIGH, OTHER = (
    np.array([1.0, 0.1, 0.0]),
    np.array([0.1, 1.0, 0.0]),
    np.array([0, 0, 1.0]),
)
SECONDS = {"A": 60.0, "B": 60.0, "C": 60.0}


def test_voices_keep_their_names_when_their_labels_change() -> None:
    known = KnownVoices()
    first = known.recognise({"A": LOW, "B": HIGH}, SECONDS)
    second = known.recognise({"A": 3 * HIGH, "B": LOW + 0.2}, SECONDS)
    assert second == {"A": first["B"], "B": first["A"]}


def test_a_voice_unlike_all_others_is_new() -> None:
    known = KnownVoices()
    first = known.recognise({"A": LOW}, SECONDS)
    second = known.recognise({"A": LOW, "B": OTHER}, SECONDS)
    assert second["A"] == first["A"]
    assert second["B"] not in first.values()


def test_two_voices_of_a_block_are_never_one() -> None:
    known = KnownVoices()
    known.recognise({"A": LOW}, SECONDS)
    names = known.recognise({"A": LOW, "B": LOW}, SECONDS)
    assert len(set(names.values())) == 2


def test_a_voice_is_known_again_after_a_block_without_it() -> None:
    known = KnownVoices()
    first = known.recognise({"A": LOW, "B": HIGH}, SECONDS)
    known.recognise({"A": HIGH}, SECONDS)
    assert known.recognise({"A": LOW}, SECONDS) == {"A": first["A"]}


def test_a_voice_too_short_for_an_embedding_is_new() -> None:
    known = KnownVoices()
    known.recognise({"A": LOW}, SECONDS)
    names = known.recognise({"A": np.full(3, np.nan), "B": LOW, "C": np.zeros(3)}, SECONDS)
    assert len(set(names.values())) == 3


def test_a_block_of_silence_changes_nothing() -> None:
    known = KnownVoices()
    first = known.recognise({"A": LOW}, SECONDS)
    assert known.recognise({}, {}) == {}
    assert known.recognise({"A": LOW}, SECONDS) == first
