"""Filters that people keep under a name, for themselves or for a team."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.tables.access import saved_views

ViewPage = Literal["review", "calls"]

SHOWN = 200
"""Of a page at most; one's own come first."""

c = saved_views.c


class StoredView(Value):
    """Filters under a name."""

    id: str
    owner: str
    page: ViewPage
    name: str
    query: str
    """As in an address: `severity=high&team=billing`."""
    team: str | None
    """Whose reviewers see it too."""
    at: datetime


def add(
    connection: Connection,
    *,
    id: str,  # noqa: A002
    owner: str,
    page: ViewPage,
    name: str,
    query: str,
    team: str | None,
    at: datetime,
) -> StoredView:
    """The name must be free, as `named` tells."""
    connection.execute(
        insert(saved_views).values(
            id=id, owner=owner, page=page, name=name, query=query, team=team, at=at
        )
    )
    return get(connection, id)


def get(connection: Connection, view_id: str) -> StoredView:
    """Raises NotFound."""
    row = connection.execute(select(saved_views).where(c.id == view_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no saved view {view_id!r}.")
    return _stored(row)


def named(
    connection: Connection, *, owner: str, page: ViewPage, name: str
) -> StoredView | None:
    """The owner's view of this name; None when the name is free."""
    query = select(saved_views).where(c.owner == owner, c.page == page, c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def number(connection: Connection, owner: str) -> int:
    """How many somebody keeps, on all pages."""
    query = select(func.count()).where(c.owner == owner)
    return connection.execute(query).scalar_one()


def seen(
    connection: Connection,
    *,
    owner: str,
    teams: Collection[str] | None,
    page: ViewPage | None = None,
) -> list[StoredView]:
    """Somebody's own by name, then those that are shared with their teams; None is every
    team."""
    shared = c.team.is_not(None) if teams is None else c.team.in_(sorted(teams))
    query = select(saved_views).where(or_(c.owner == owner, shared))
    if page is not None:
        query = query.where(c.page == page)
    query = query.order_by(c.owner != owner, func.lower(c.name), c.id).limit(SHOWN)
    return [_stored(row) for row in connection.execute(query)]


def change(
    connection: Connection, view_id: str, *, name: str, query: str, team: str | None
) -> StoredView:
    """Raises NotFound."""
    connection.execute(
        update(saved_views).where(c.id == view_id).values(name=name, query=query, team=team)
    )
    return get(connection, view_id)


def remove(connection: Connection, view_id: str) -> None:
    connection.execute(delete(saved_views).where(c.id == view_id))


def _stored(row: Any) -> StoredView:
    return StoredView.model_validate(dict(row._mapping))
