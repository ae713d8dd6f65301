"""Filters of lists by what is said in a call and by its labels."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from callmon.review.problems import Problem
from callmon.store.calls import search

SaidText = Annotated[
    str | None,
    Query(
        max_length=200,
        description='All these words are said; `"in quotes"` one after the other, and'
        " `refund*` also as the beginning of a word. What is private is not found.",
    ),
]
LabelText = Annotated[
    str | None,
    Query(
        max_length=600,
        description="`name:value`, or a name alone for any value.",
        examples=["brand:north"],
    ),
]


def said(text: str | None) -> tuple[search.Piece, ...] | None:
    """What is looked for. Raises a Problem, 422, for a text without a word."""
    if text is None:
        return None
    pieces = search.read(text)
    if not pieces:
        raise Problem(
            422,
            "invalid-request",
            'There is no word to look for; `refund`, `"third time"` or `refund*` would'
            " work.",
            field="text",
        )
    return pieces


def labelled(label: str | None) -> tuple[str, str | None] | None:
    """The name of a label, and its value where one is asked for."""
    if label is None:
        return None
    name, colon, value = label.partition(":")
    return name, value if colon else None
