"""Files are written whole, where they belong, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callmon.commands.output import write_text
from callmon.errors import BadSettings


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b.json", "{}")
    assert (tmp_path / "a" / "b.json").read_text() == "{}"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    write_text(link, "{}")
    assert link.is_symlink()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").touch()
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_text(tmp_path / "link.json", "{}")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "{}"


def test_a_folder_in_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(BadSettings, match=r"page\.html cannot be written"):
        write_text(tmp_path / "page.html", "")


def test_a_long_name_that_the_system_takes_is_taken(tmp_path: Path) -> None:
    write_text(tmp_path / ("a" * 255), "{}")
    assert (tmp_path / ("a" * 255)).read_text() == "{}"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a.json", "\ud800")
    assert list(tmp_path.iterdir()) == []
