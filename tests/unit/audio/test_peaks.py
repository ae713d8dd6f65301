"""The outline of a recording."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from callmon.audio.peaks import PER_SECOND, write_peaks
from tests.unit.audio.conftest import RATE, FakeAudio, Sound


def outline(*channels: Sound) -> tuple[dict, dict[int, np.ndarray]]:
    """The head, and by resolution the pairs, shape (channels, stretches, 2)."""
    target = io.BytesIO()
    write_peaks(FakeAudio(*channels), target)
    line, _, data = target.getvalue().partition(b"\n")
    head = json.loads(line)
    pairs, at = {}, 0
    for each in head["resolutions"]:
        shape = (head["channels"], each["length"], 2)
        size = int(np.prod(shape))
        pairs[each["per_second"]] = np.frombuffer(data[at : at + size], np.int8).reshape(
            shape
        )
        at += size
    assert at == len(data)
    return head, pairs


@pytest.mark.parametrize("per_second", PER_SECOND)
def test_each_stretch_has_its_lowest_and_highest_sample(per_second: int) -> None:
    sound = np.zeros(3 * RATE, np.float32)
    sound[RATE + 10], sound[RATE + 20] = 0.5, -1.0
    head, pairs = outline(sound, np.zeros_like(sound))
    found = pairs[per_second]
    assert (head["channels"], head["duration"]) == (2, 3.0)
    assert found.shape == (2, 3 * per_second, 2)
    assert found[0, per_second].tolist() == [-127, 64]
    assert not found[1].any()
    assert np.count_nonzero(found[0].any(axis=1)) == 1


def test_the_last_stretch_may_be_short_and_blocks_leave_no_seam() -> None:
    sound = np.zeros(61 * RATE + 100, np.float32)
    sound[60 * RATE - 1], sound[-1] = 1.0, 1.0
    _, pairs = outline(sound)
    assert pairs[50].shape == (1, 61 * 50 + 1, 2)
    assert pairs[50][0, [60 * 50 - 1, -1], 1].tolist() == [127, 127]
    assert pairs[1].shape == (1, 62, 2)
