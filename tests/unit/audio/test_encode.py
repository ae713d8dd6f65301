"""The sound inside a page is the whole call, as a browser plays it."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from callmon.audio.encode import to_mp3
from callmon.errors import BadRecording


def recording(folder: Path, *, seconds: float, channels: int) -> Path:
    times = np.arange(round(8000 * seconds)) / 8000
    sound = 0.3 * np.sin(2 * np.pi * 440 * times)
    soundfile.write(folder / "call.wav", np.stack([sound] * channels, axis=1), 8000)
    return folder / "call.wav"


@pytest.mark.parametrize("channels", [1, 2])
def test_all_of_the_sound_is_kept(tmp_path: Path, channels: int) -> None:
    page_sound = to_mp3(recording(tmp_path, seconds=31.0, channels=channels))
    with av.open(io.BytesIO(page_sound)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.channels) == ("mp3float", channels)
        samples = sum(frame.samples for frame in container.decode(stream))
        assert samples / stream.sample_rate == pytest.approx(31.0, abs=0.2)


def test_the_limit_is_that_of_the_analysis(tmp_path: Path) -> None:
    call = recording(tmp_path, seconds=3.0, channels=1)
    with pytest.raises(BadRecording, match="limit"):
        to_mp3(call, max_seconds=2.0)
