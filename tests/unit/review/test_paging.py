from __future__ import annotations

import base64
import json

import pytest

from callmon.review.paging import Part, from_cursor, page_of, to_cursor
from callmon.review.problems import Problem


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [(("a", 2, 0.5), (str, int, float)), (("é/+?",), (str,)), ((None,), (type(None),))],
)
def test_a_cursor_comes_back(parts: tuple[Part, ...], kinds: tuple[type, ...]) -> None:
    assert from_cursor(to_cursor(*parts), *kinds) == parts


def test_a_cursor_fits_into_an_address() -> None:
    assert to_cursor("??>>~~é", 1).replace("-", "").replace("_", "").isalnum()


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "é",
        to_cursor("a", 1),
        to_cursor(1),
        packed({"a": 1}),
        packed(["a\0b"]),
        packed(["\ud800"]),
        packed([[["a"]]]),
        base64.urlsafe_b64encode(b"[" * 900).decode(),
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as caught:
        from_cursor(cursor, str)
    assert (caught.value.status_code, caught.value.field) == (422, "cursor")


@pytest.mark.parametrize("number", [10**30, True, 1.5])
def test_numbers_that_no_database_takes_are_refused(number: object) -> None:
    with pytest.raises(Problem):
        from_cursor(packed([number]), int)


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(number: str) -> None:
    cursor = base64.urlsafe_b64encode(f"[{number}]".encode()).decode()
    with pytest.raises(Problem):
        from_cursor(cursor, float)


def test_the_row_too_many_tells_that_there_is_a_next_page() -> None:
    page = page_of([1, 2, 3], limit=2, item=str, cursor=lambda row: (row,))
    assert page.items == ["1", "2"]
    assert page.next is not None
    assert from_cursor(page.next, int) == (2,)


def test_the_last_page_has_no_next() -> None:
    assert page_of([1, 2], limit=2, item=str, cursor=lambda row: (row,)).next is None
