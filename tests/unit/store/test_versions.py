"""Which callmon is newer than which."""

from __future__ import annotations

import pytest

from callmon import __version__
from callmon.store.work.versions import STAMP, is_newer, release


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (None, "0.1.0+1"),
        ("1", "0.1.0+1"),
        ("0.1.0+1", "0.1.0+2"),
        ("0.9.0+7", "0.10.0+1"),
        ("0.2.0.dev1+1", "0.2.1+1"),
    ],
)
def test_stamps_have_an_order(older: str | None, newer: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)


def test_what_cannot_be_read_is_for_newer_ones() -> None:
    assert is_newer("a stamp of another time", STAMP)
    assert not is_newer(STAMP, STAMP)
    assert not is_newer(None, "1")


def test_people_are_told_the_release() -> None:
    assert release(STAMP) == __version__
    assert release(None) == release("1") == "an early version"
