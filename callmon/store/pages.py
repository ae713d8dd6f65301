"""Lists in pages: the next page begins after a row, not after a number of rows.

Counting off rows costs more the further one reads, and repeats or skips some when rows
come in meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, tuple_

from callmon.errors import NotFound

MOST = 10_000
"""Rows of one page at most; more are read page by page."""


def page(
    query: Select[Any],
    columns: Sequence[ColumnElement[Any]],
    *,
    order: Literal["rising", "falling"],
    after: Sequence[object] | None,
    limit: int,
) -> Select[Any]:
    """The query for one page, in the order of columns of which the last is the key.

    `after` are the values of these columns in the last row of the page before. That row
    need not be there any more, and nothing is learnt of whether it is.
    """
    falling = order == "falling"
    if after is not None:
        values = zip(columns, after, strict=True)
        here = tuple_(*columns)
        last = tuple_(*(bindparam(None, value, type_=c.type) for c, value in values))
        query = query.where(here < last if falling else here > last)
    query = query.order_by(*(c.desc() if falling else c.asc() for c in columns))
    return query.limit(max(1, min(limit, MOST)))


def place_of(
    connection: Connection, columns: Sequence[ColumnElement[Any]], key: str
) -> tuple[object, ...]:
    """The values of these columns, of which the last is the key, in the row of that key.

    Raises NotFound when there is no such row.
    """
    row = connection.execute(select(*columns).where(columns[-1] == key)).one_or_none()
    if row is None:
        raise NotFound(f"The list has no {key!r} to go on after. Begin at its first page.")
    return tuple(row)
