"""`/views`: filters of the review queue and of the calls, kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.call import Value
from callmon.review.access.forms import Name
from callmon.review.access.roles import Asking, allow
from callmon.review.access.secrets import new_id
from callmon.review.pages.filters import CallFilters, QueueFilters
from callmon.review.paging import Page
from callmon.review.problems import Problem, declared, not_found
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.access import saved_views as store
from callmon.store.access.saved_views import StoredView, ViewPage
from callmon.store.database import alone

router = APIRouter(tags=["views"])

Reviewing = Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))]
ViewId = Annotated[str, Path(max_length=32)]

MOST: Final = 100
"""That one person keeps; more than that nobody finds again."""
FILTERS: Final[Mapping[ViewPage, type[QueueFilters] | type[CallFilters]]] = {
    "review": QueueFilters,
    "calls": CallFilters,
}


class SavedFilters(Value):
    """A name for filters."""

    name: Name = Field(examples=["Open, high, billing"])
    query: str = Field(max_length=2000, examples=["severity=high&team=billing"])
    """The filters as they stand in the address of the page."""
    team: Name | None = None
    """The team whose reviewers see it too; supervisors and admins may say so."""


class NewView(SavedFilters):
    """Filters to be kept."""

    page: ViewPage


class SavedView(Value):
    """Filters under a name."""

    id: str
    page: ViewPage
    name: str
    query: str
    """As in an address; behind `/review?` or `/calls?` it opens the view."""
    team: str | None
    """The team whose reviewers see it too; null is nobody but you."""
    yours: bool
    """Whether you made it, so that you may change it."""
    at: datetime


@router.get("/views")
def list_views(
    site: SiteDep,
    asking: Reviewing,
    page: Annotated[ViewPage | None, Query(description="Only those of this page.")] = None,
) -> Page[SavedView]:
    """Your own by name, then those shared with a team whose calls you see; all at once."""
    with site.database.reading() as connection:
        found = store.seen(connection, owner=asking.id, teams=asking.teams, page=page)
    return Page(items=[_view(asking, each) for each in found], next=None)


@router.post("/views", status_code=201, responses=declared(409))
def save_view(site: SiteDep, asking: Reviewing, new: NewView) -> SavedView:
    """Keeps filters under a name that you do not have yet on that page."""
    query = _canonical(new.page, new.query)
    _check_team(asking, new.team)
    with site.database.writing() as connection:
        alone(connection, f"views of {asking.id}")
        _check_free(connection, asking, new.page, new.name)
        if store.number(connection, asking.id) >= MOST:
            raise Problem(
                409,
                "conflict",
                f"You keep {MOST} views already. Delete one that you do not use.",
            )
        kept = store.add(
            connection,
            id=new_id(),
            owner=asking.id,
            page=new.page,
            name=new.name,
            query=query,
            team=new.team,
            at=site.now(),
        )
        _note(connection, site, asking, "view.saved", kept)
    return _view(asking, kept)


@router.put("/views/{view_id}", responses=declared(404, 409))
def change_view(
    site: SiteDep, asking: Reviewing, view_id: ViewId, filters: SavedFilters
) -> SavedView:
    """Gives a view of yours another name, other filters, or another team."""
    _check_team(asking, filters.team)
    with site.database.writing() as connection:
        alone(connection, f"views of {asking.id}")
        before = _own(connection, asking, view_id)
        if filters.name != before.name:
            _check_free(connection, asking, before.page, filters.name)
        kept = store.change(
            connection,
            view_id,
            name=filters.name,
            query=_canonical(before.page, filters.query),
            team=filters.team,
        )
        _note(connection, site, asking, "view.changed", kept)
    return _view(asking, kept)


@router.delete("/views/{view_id}", status_code=204, responses=declared(404))
def delete_view(site: SiteDep, asking: Reviewing, view_id: ViewId) -> Response:
    """Deletes a view of yours; admins also those that others shared."""
    with site.database.writing() as connection:
        gone = _own(connection, asking, view_id, or_shared=asking.role == "admin")
        store.remove(connection, view_id)
        _note(connection, site, asking, "view.deleted", gone)
    return Response(status_code=204)


def _own(
    connection: Connection, asking: Asking, view_id: str, *, or_shared: bool = False
) -> StoredView:
    """Raises a Problem, 404, for those of others."""
    found = store.get(connection, view_id)
    if found.owner != asking.id and not (or_shared and found.team is not None):
        raise not_found(f"saved view {view_id!r}")
    return found


def _canonical(page: ViewPage, query: str) -> str:
    """Only filters that the page has, each once. Raises a Problem, 422, for others."""
    form = FILTERS[page]
    given = dict(parse_qsl(query))
    known = [each.name for each in fields(form)]
    unknown = sorted(set(given) - set(known))
    if unknown:
        there = ", ".join(known)
        raise Problem(
            422,
            "invalid-request",
            f"There is no filter {unknown[0][:50]!r} on that page; there are {there}.",
            field="query",
        )
    if any(len(value) > 200 or "\0" in value for value in given.values()):
        raise Problem(
            422,
            "invalid-request",
            "A filter is longer than 200 characters, or holds a null character.",
            field="query",
        )
    return form(**given).query()


def _check_team(asking: Asking, team: str | None) -> None:
    if team is None:
        return
    if asking.role == "reviewer":
        raise Problem(
            422,
            "invalid-request",
            "Supervisors and admins share views with a team; yours is for you: leave `team`"
            " out.",
            field="team",
        )
    if asking.teams is not None and team not in asking.teams:
        raise Problem(
            422,
            "invalid-request",
            f"You do not see the calls of team {team!r}. One of"
            f" {', '.join(sorted(asking.teams))} would work.",
            field="team",
        )


def _check_free(connection: Connection, asking: Asking, page: ViewPage, name: str) -> None:
    if store.named(connection, owner=asking.id, page=page, name=name) is not None:
        raise Problem(
            409, "conflict", f"You have a view {name!r} already. Take another name."
        )


def _note(
    connection: Connection, site: Site, asking: Asking, action: str, view: StoredView
) -> None:
    audit.record(
        connection,
        who=asking.id,
        action=action,
        detail={"view": view.id, "page": view.page, "team": view.team},
        at=site.now(),
    )


def _view(asking: Asking, stored: StoredView) -> SavedView:
    return SavedView(
        **stored.model_dump(exclude={"owner"}), yours=stored.owner == asking.id
    )
