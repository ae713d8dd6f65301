"""One live process for each name."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmon.errors import BadSettings, Transient
from callmon.jobs.locks import hold


def test_a_name_that_is_held_is_refused(tmp_path: Path) -> None:
    with (
        hold(tmp_path, "one", seconds=0.1),
        hold(tmp_path, "two", seconds=0.1),
        pytest.raises(Transient, match="'one' runs already"),
        hold(tmp_path, "one", seconds=0.1),
    ):
        pass


def test_a_name_can_be_held_again(tmp_path: Path) -> None:
    for _ in range(2):
        with hold(tmp_path, "one", seconds=0.1):
            pass


def test_a_name_never_leaves_its_folder(tmp_path: Path) -> None:
    with hold(tmp_path / "locks", "../../etc/a b", seconds=0.1):
        (lock,) = (tmp_path / "locks").iterdir()
    assert lock.parent == tmp_path / "locks"


def test_what_cannot_be_locked_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder, name in ((tmp_path, 300 * "x"), (tmp_path / "file" / "in", "one")):
        with (
            pytest.raises(BadSettings, match="cannot have its lock"),
            hold(folder, name, seconds=0.1),
        ):
            pass
