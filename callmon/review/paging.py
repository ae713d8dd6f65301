"""Lists in pages: `{"items": [...], "next": cursor}`.

A cursor says after which item the next page begins, by the values that the list is ordered
by: it is never looked up, so who makes one up learns nothing of what is there. It is opaque
to clients, so that what it holds can change; where it holds what is hidden, it is sealed.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from callmon.review.problems import Problem
from callmon.store.types import storable

Item = TypeVar("Item")
Row = TypeVar("Row")
Part = str | int | float | None

Limit = Annotated[int, Query(ge=1, le=200, description="Items of one page, 1 to 200.")]
CursorText = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="The value of `next` of the page before; without it, the first page.",
    ),
]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(
        description="Give it as `cursor` for the page after this one; null on the last."
    )


def page_of(
    rows: Sequence[Row],
    *,
    limit: int,
    item: Callable[[Row], Item],
    cursor: Callable[[Row], tuple[Part, ...]],
) -> Page[Item]:
    """A page from up to `limit + 1` rows: the one too many tells that there is a next."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[item(row) for row in shown],
        next=to_cursor(*cursor(shown[-1])) if more else None,
    )


def to_cursor(*parts: Part) -> str:
    """Opaque text for what says where a page ends."""
    return base64.urlsafe_b64encode(packed(*parts)).decode().rstrip("=")


def from_cursor(cursor: str, *kinds: type) -> tuple[Part, ...]:
    """The parts that `to_cursor` was given, of these kinds in this order.

    Raises a Problem for what is no cursor of this list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        given = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        given = b""
    return unpacked(given, *kinds)


def packed(*parts: Part) -> bytes:
    """For a cursor."""
    return json.dumps(parts, separators=(",", ":")).encode()


def unpacked(given: bytes | None, *kinds: type) -> tuple[Part, ...]:
    """The parts that `packed` was given, of these kinds in this order.

    Raises a Problem, 422, for anything else.
    """
    try:
        parts = json.loads(given or b"")
    except (ValueError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != len(kinds)
        or not all(_is_sound(part, kind) for part, kind in zip(parts, kinds, strict=True))
    ):
        raise no_cursor()
    return tuple(parts)


def day_of(part: Part) -> date:
    """The day that is part of a cursor. Raises a Problem, 422, for what is none."""
    try:
        return date.fromisoformat(str(part))
    except ValueError:
        raise no_cursor() from None


def no_cursor() -> Problem:
    """For what is no cursor of the list."""
    return Problem(
        422,
        "invalid-request",
        "The cursor is not of this list. Give the value of `next` of a page with the same"
        " filters and order, or leave it out for the first page.",
        field="cursor",
    )


def _is_sound(part: object, kind: type) -> bool:
    """Whether it is of this kind and a database takes it."""
    if type(part) is not kind:
        return False
    if part is None:
        return True
    if isinstance(part, int):
        return abs(part) < 2**63
    if isinstance(part, float):
        return math.isfinite(part)
    return part == storable(str(part))
