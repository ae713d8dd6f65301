"""Where the sound comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    with sound(str(tmp_path), KEY) as path:
        assert path.read_bytes() == b"sound"


def test_sound_that_is_gone_from_a_store_with_others_is_gone_for_good(
    tmp_path: Path,
) -> None:
    put(tmp_path, f"cd/cd{'0' * 62}")
    with (
        pytest.raises(BadRecording, match="Add the file again"),
        sound(str(tmp_path), KEY),
    ):
        pass


def test_an_empty_store_is_one_that_is_not_mounted(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreUnavailable, match="is it mounted"),
        sound(str(tmp_path / "nowhere"), KEY),
    ):
        pass
