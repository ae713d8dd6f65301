"""Where the sound comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmon.audio.decode import decode
from callmon.errors import BadRecording, StoreUnavailable
from callmon.jobs.shelf import sound

KEY = f"ab/ab{'0' * 62}"


def put(folder: Path, key: str) -> Path:
    path = folder / key
    path.parent.mkdir(parents=True)
    path.write_bytes(b"sound")
    return path


def test_the_sound_is_a_file(tmp_path: Path) -> None:
    put(tmp_path, KEY)
    with sound(str(tmp_path), KEY, name="call.wav") as path:
        assert path.read_bytes() == b"sound"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Ann Lee.GSM", "recording.GSM"),
        ("no ending", "recording"),
        ("odd.e/../x", "recording"),
        ("odd." + 300 * "x", "recording"),
    ],
)
def test_of_its_name_only_the_ending_is_told(
    tmp_path: Path, name: str, called: str
) -> None:
    put(tmp_path, KEY)
    with sound(str(tmp_path), KEY, name=name) as path:
        assert path.name == called
        assert path.read_bytes() == b"sound"
    assert not path.parent.exists()


def test_raw_gsm_can_be_decoded_from_the_store(tmp_path: Path) -> None:
    put(tmp_path, KEY).write_bytes((b"\xd0" + bytes(32)) * 100)
    with (
        sound(str(tmp_path), KEY, name="out-100-5551234.gsm") as path,
        decode(path) as audio,
    ):
        assert audio.facts.codec == "gsm"


def test_sound_that_is_gone_from_a_store_with_others_is_gone_for_good(
    tmp_path: Path,
) -> None:
    put(tmp_path, f"cd/cd{'0' * 62}")
    with (
        pytest.raises(BadRecording, match="Add the file again"),
        sound(str(tmp_path), KEY, name="call.wav"),
    ):
        pass


def test_an_empty_store_is_one_that_is_not_mounted(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreUnavailable, match="is it mounted"),
        sound(str(tmp_path / "nowhere"), KEY, name="call.wav"),
    ):
        pass
