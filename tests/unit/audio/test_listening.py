"""The copy for browsers can be cut and silenced by its frames alone."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from callmon.audio.listening import write_copy
from callmon.call import Interval
from callmon.review.recordings.mp3 import Frames
from tests.unit.audio.conftest import RATE, FakeAudio, Sound, tone


def copy(*channels: Sound) -> bytes:
    target = io.BytesIO()
    write_copy(FakeAudio(*channels), target)
    return target.getvalue()


def decoded(sound: bytes) -> Sound:
    with av.open(io.BytesIO(sound)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(blocks, axis=1)


def loud(sound: Sound) -> list[tuple[float, float]]:
    """Where a channel is louder than -40 dB, in seconds."""
    edges = np.flatnonzero(np.diff(np.abs(sound) > 0.01, prepend=False, append=False))
    return [(first / RATE, last / RATE) for first, last in edges.reshape(-1, 2)]


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.float32)


@pytest.mark.parametrize(("channels", "size"), [(1, 144), (2, 288)])
def test_all_frames_have_one_size_and_stand_for_themselves(
    channels: int, size: int
) -> None:
    sound = copy(*[np.concatenate([tone(1.0), silence(1.0), tone(40.0)])] * channels)
    frames = Frames.read(sound[:4], length=len(sound))
    assert frames.size == size
    assert frames.duration == pytest.approx(42.0, abs=0.11)
    heads = [sound[at : at + 5] for at in range(0, len(sound), size)]
    assert {head[:3] for head in heads} == {sound[:3]}
    # Where its data begin: not in the frame before it.
    assert {head[4] for head in heads} == {0}


def test_what_is_heard_at_a_second_was_said_at_that_second() -> None:
    click = silence(10.0)
    click[5 * RATE] = 0.9
    heard = decoded(copy(click, silence(10.0)))
    assert int(np.argmax(np.abs(heard[0]))) / RATE == pytest.approx(5.0, abs=0.005)


def test_nothing_is_left_of_what_is_silenced_and_all_of_the_rest() -> None:
    said = np.concatenate([silence(1.0), tone(1.0), silence(1.0), tone(1.0), silence(1.0)])
    sound = copy(said, said)
    frames = Frames.read(sound[:4], length=len(sound))
    hidden = frames.hidden([Interval(start=1.0, end=2.0)])
    heard = decoded(frames.silence(sound, 0, hidden))
    assert np.abs(heard[:, : round(2.7 * RATE)]).max() < 1e-4
    assert np.abs(heard[:, round(3.1 * RATE) : round(3.9 * RATE)]).max() > 0.25


def test_a_cut_begins_and_ends_where_it_should() -> None:
    said = np.concatenate([silence(2.0), tone(1.0), silence(2.0)])
    sound = copy(said)
    frames = Frames.read(sound[:4], length=len(sound))
    first, last = frames.cut(1.5, 4.0)
    heard = decoded(sound[first:last])[0]
    begins = loud(heard)[0][0]
    assert begins == pytest.approx(0.5, abs=0.04)
    assert len(heard) / RATE == pytest.approx(2.5, abs=0.08)
