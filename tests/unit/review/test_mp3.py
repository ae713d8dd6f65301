"""MP3 is cut and silenced by its frames, without a codec."""

from __future__ import annotations

import pytest

from callmon.call import Interval
from callmon.review.recordings.mp3 import Frames

HEADER = bytes.fromhex("fff34884")  # MPEG-2, layer III, 32 kbit/s, 16 kHz
SIZE = 144


def frames(count: int) -> tuple[Frames, bytes]:
    sound = b"".join(HEADER + bytes([n % 255 + 1]) * (SIZE - 4) for n in range(count))
    return Frames.read(sound[:4], length=len(sound)), sound


def test_a_frame_of_32_kbit_lasts_36_ms_and_takes_144_bytes() -> None:
    found, _ = frames(100)
    assert (found.size, found.count) == (144, 100)
    assert found.seconds == pytest.approx(0.036)
    assert found.duration == pytest.approx(3.6)


@pytest.mark.parametrize(
    ("header", "length", "what"),
    [
        ("494433", 144, "begins with"),
        ("", 0, "begins with"),
        ("fffb9064", 144, "begins with"),  # MPEG-1
        ("fff34c84", 144, "no size"),  # a reserved rate
        ("fff3f884", 144, "no size"),  # a reserved bit rate
        ("fff34a84", 144, "no size"),  # padded
        ("fff34084", 144, "whole frames"),  # 22.05 kHz: frames of two sizes
        ("fff34884", 145, "whole frames"),
    ],
)
def test_what_is_no_copy_of_ours_is_refused(header: str, length: int, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Frames.read(bytes.fromhex(header), length=length)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [(0.0, 3.6, 0, 100), (0.04, 0.07, 1, 2), (-5.0, 99.0, 0, 100), (50.0, 60.0, 100, 100)],
)
def test_a_cut_is_all_frames_that_sound_in_it(
    start: float, end: float, first: int, last: int
) -> None:
    found, _ = frames(100)
    assert found.cut(start, end) == (first * SIZE, last * SIZE)


def test_hidden_frames_are_silent_and_all_others_as_they_were() -> None:
    found, sound = frames(100)
    hidden = found.hidden([Interval(start=1.0, end=1.2), Interval(start=1.1, end=1.5)])
    silenced = found.silence(sound, 0, hidden)
    silent = HEADER + bytes(SIZE - 4)
    pieces = [silenced[n * SIZE : (n + 1) * SIZE] for n in range(100)]
    quiet = [n for n, piece in enumerate(pieces) if piece == silent]
    # 1.0 s is in frame 27, 1.5 s in frame 41; two more to each side.
    assert quiet == list(range(25, 44))
    assert all(
        piece == sound[n * SIZE : (n + 1) * SIZE]
        for n, piece in enumerate(pieces)
        if n not in quiet
    )


@pytest.mark.parametrize("block", [1, 7, 144, 1000, 99_999])
def test_blocks_of_any_size_come_to_the_same(block: int) -> None:
    found, sound = frames(100)
    hidden = found.hidden([Interval(start=0.0, end=0.1), Interval(start=2.0, end=2.3)])
    whole = found.silence(sound, 0, hidden)
    parts = [
        found.silence(sound[at : at + block], at, hidden)
        for at in range(0, len(sound), block)
    ]
    assert b"".join(parts) == whole
