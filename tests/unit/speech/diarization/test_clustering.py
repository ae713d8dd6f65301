"""How many voices there are among points made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.speech.diarization import clustering
from callmon.speech.diarization.clustering import are_one, voices_among

Points = NDArray[np.float32]


def voice(
    direction: int, number: int, *, spread: float = 0.03, common: float = 1.0
) -> Points:
    """Points of length 1 around an axis; `common` is what all voices share."""
    random = np.random.default_rng(direction)
    points = random.normal(0, spread, (number, 32))
    points[:, direction] += 1.0
    points[:, 0] += common
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_each_voice_has_its_own_mean() -> None:
    points = np.concatenate([voice(1, 40), voice(2, 20)])
    centres = voices_among(points)
    nearest = (points @ centres.T).argmax(axis=1)
    assert len(centres) == 2
    assert len({*nearest[:40]}) == len({*nearest[40:]}) == 1
    assert nearest[0] != nearest[40]


def test_a_third_voice_is_found() -> None:
    points = np.concatenate([voice(1, 40), voice(2, 40), voice(3, 20)])
    assert len(voices_among(points)) == 3


def test_a_third_voice_that_is_hardly_heard_is_none() -> None:
    points = np.concatenate([voice(1, 40), voice(2, 40), voice(3, 4)])
    assert len(voices_among(points)) == 2


def test_a_third_voice_that_is_much_like_another_is_none() -> None:
    other = voice(2, 40) + 0.4 * voice(3, 40)
    points = np.concatenate([voice(1, 40), voice(2, 40), other])
    assert len(voices_among(points)) == 2


def test_two_unlike_voices_are_two_however_little_one_speaks() -> None:
    points = np.concatenate([voice(1, 200), voice(2, 5)])
    assert not are_one(points, np.repeat([0, 1], [200, 5]))


def test_halves_of_one_voice_are_one() -> None:
    points = voice(1, 100)
    assert are_one(points, np.arange(100) % 2)


def test_voices_that_are_much_alike_are_one() -> None:
    points = np.concatenate([voice(1, 50, common=4.0), voice(2, 50, common=4.0)])
    assert are_one(points, np.repeat([0, 1], 50))


def test_a_voice_without_a_window_of_its_own_is_none() -> None:
    assert are_one(voice(1, 10), np.repeat([0, -1], 5))


def test_windows_of_two_voices_do_not_count() -> None:
    points = np.concatenate([voice(1, 50), voice(2, 50)])
    assert are_one(points, np.concatenate([np.arange(50) % 2, np.full(50, -1)]))


def test_points_without_a_difference_are_one_voice() -> None:
    points = np.ones((10, 32), np.float32) / 32**0.5
    assert voices_among(points).shape == (2, 32)
    assert are_one(points, np.arange(10) % 2)


def test_of_a_long_call_a_part_is_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "MOST_WINDOWS", 60)
    sizes: list[int] = []
    spectral = clustering._spectral

    def watched(affinity: Points, number: int) -> NDArray[np.intp]:
        sizes.append(len(affinity))
        return spectral(affinity, number)

    monkeypatch.setattr(clustering, "_spectral", watched)
    voices_among(np.concatenate([voice(1, 4000), voice(2, 4000)]))
    assert set(sizes) == {60}
