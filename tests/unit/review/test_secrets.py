from __future__ import annotations

import pytest

from callmon.review.access.secrets import (
    SETTINGS_ID,
    Checked,
    hash_key,
    hash_password,
    is_password,
    key_id_of,
    new_id,
    new_key,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_names_itself() -> None:
    key_id = new_id()
    assert key_id_of(new_key(key_id)) == key_id


@pytest.mark.parametrize("text", ["", "x", "callmon_", "callmon_12_secret", "a_b_c"])
def test_what_has_no_id_is_the_key_of_the_settings(text: str) -> None:
    assert key_id_of(text) == SETTINGS_ID


def test_two_keys_are_never_the_same() -> None:
    assert new_key("a" * 12) != new_key("a" * 12)


def test_a_hash_holds_neither_the_key_nor_its_memory() -> None:
    text = new_key(new_id())
    hashed = hash_key(text)
    assert hashed.startswith("$argon2id$")
    assert text.split("_", 2)[2] not in hashed
    assert hash_key(text) != hashed


def test_the_right_key_fits() -> None:
    text = new_key(new_id())
    checked, hashed = Checked(), hash_key(text)
    assert checked.fits(text, hashed)
    assert not checked.fits(text + "x", hashed)
    assert not checked.fits(text, None)


def test_a_key_is_hashed_once_in_five_minutes() -> None:
    clock = Clock()
    text, checked = new_key(new_id()), Checked(clock)
    hashed = hash_key(text)
    assert not checked.knows(text, hashed)
    checked.fits(text, hashed)
    assert checked.knows(text, hashed)
    clock.now = 301.0
    assert not checked.knows(text, hashed)


def test_a_rotated_key_is_not_remembered() -> None:
    text, checked = new_key(new_id()), Checked()
    checked.fits(text, hash_key(text))
    assert not checked.knows(text, hash_key(new_key(new_id())))


def test_a_wrong_key_is_not_remembered() -> None:
    checked, hashed = Checked(), hash_key("right")
    checked.fits("wrong", hashed)
    assert not checked.knows("wrong", hashed)


def test_passwords() -> None:
    hashed = hash_password("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password("correct horse battery", hashed)
    assert not is_password("wrong horse battery", hashed)


def test_without_a_password_none_is_right() -> None:
    assert not is_password("", None)
    assert not is_password("anything", None)


@pytest.mark.parametrize("hostile", ["\ud800", "\0", "x" * 100_000])
def test_odd_texts_are_wrong_and_nothing_more(hostile: str) -> None:
    assert not Checked().fits(hostile, hash_key("right"))
    assert not is_password(hostile, None)
