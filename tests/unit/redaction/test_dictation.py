from __future__ import annotations

import pytest

from callmon.redaction.dictation import runs


def digits(text: str, *, letters: bool = False) -> list[str]:
    return ["".join(p.text for p in run) for run in runs(text, letters=letters)]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("four five three two", "4532"),
        ("4532 1234", "45321234"),
        ("45-32.12/34", "45321234"),
        ("forty five thirty two", "4532"),
        ("twenty five", "25"),
        ("twenty, five", "205"),
        ("nineteen eighty", "1980"),
        ("double four triple one", "44111"),
        ("oh eight hundred", "0800"),
        ("O seven nought naught", "0700"),
        ("four five, um, and then three two", "4532"),
        ("four five to six", "4526"),
        ("Four Five", "45"),
        ("４５３２", "4532"),
        ("45\u200b32", "4532"),
        ("(020) 7946", "0207946"),
        ("4532_1234", "45321234"),
    ],
)
def test_digits_are_read_as_people_say_them(said: str, meant: str) -> None:
    assert digits(said) == [meant]


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("four people and five dogs", ["4", "5"]),
        ("4 $5", ["4", "5"]),
        ("at 12:30", ["12", "30"]),
        ("4 um er erm ah 5", ["4", "5"]),
        ("the 12th of B12", []),
        ("four to go", ["4"]),
        ("10 to 15", ["10", "15"]),
    ],
)
def test_other_words_keep_digits_apart(text: str, apart: list[str]) -> None:
    assert digits(text) == apart


def test_a_piece_knows_its_place_in_the_text() -> None:
    text = "it is double four, um, 12"
    [run] = runs(text)
    assert [text[piece.first : piece.last] for piece in run] == ["double four", "12"]


@pytest.mark.parametrize("text", ["s w one a one a a", "SW1A 1AA", "S W 1 A, 1 A A"])
def test_letters_are_read_where_they_are_wanted(text: str) -> None:
    assert digits(text, letters=True) == ["SW1A1AA"]


def test_a_word_of_a_million_digits_is_passed_by() -> None:
    assert digits("9" * 1_000_000) == []
