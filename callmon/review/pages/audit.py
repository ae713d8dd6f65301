"""`/audit`: who did what, reading included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.report import wording
from callmon.review.access.roles import Asking, allow
from callmon.review.audit import AuditLine, Wanted, read_audit
from callmon.review.pages.filters import Filters, Text
from callmon.review.pages.people import names_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.paging import CursorText, Page
from callmon.review.problems import Problem
from callmon.review.site import Site, SiteDep
from callmon.store.access import keys, users
from callmon.store.access.audit import ACTIONS

router = page_router()

Admin = Annotated[Asking, Depends(allow("admin"))]

ITEMS: Final = 60
"""Lines at a time."""
PEOPLE: Final = 500
"""Of each kind that can be chosen by name; of others, a click on a line asks for them."""

PARTS: Final[Mapping[str, str]] = {
    "cli": "The command line (jobs)",
    "command line": "The command line",
    "intake": "Intake of recordings",
    "retention": "Retention",
    "sign-on": "Single sign-on",
    "start": "The start of the service",
    "sweep": "The sweep of leftovers",
}
"""Parts of callmon that do things by themselves, as the log has them."""


@dataclass(frozen=True)
class AuditFilters(Filters):
    """A dependency: its fields are the parameters, as the API has them."""

    who: Text = ""
    action: Text = ""
    recording_id: Text = ""
    since: Text = ""
    until: Text = ""

    @property
    def wanted(self) -> Wanted:
        """Raises a Problem, 422, for what the API would not take."""
        try:
            return WANTED.validate_python(self.chosen)
        except ValidationError as error:
            fault = error.errors()[0]
            raise Problem(
                422,
                "invalid-request",
                f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}.",
                field=str(fault["loc"][0]),
            ) from None


WANTED: Final = TypeAdapter(Wanted)

Chosen = Annotated[AuditFilters, Depends()]


@router.get("/audit")
def show_audit(request: Request, site: SiteDep, asking: Admin, filters: Chosen) -> Response:
    """The newest lines, with the form."""
    page, names = _page(site, asking, filters, cursor=None)
    with site.database.reading() as connection:
        people = _people(connection)
    return show(
        request,
        "audit.html",
        asking=asking,
        filters=filters,
        page=page,
        names=names,
        people=people,
        parts=PARTS,
        actions={action: said(action) for action in ACTIONS},
        said=said,
        told=told,
    )


@router.get("/audit/more")
def show_more_audit(
    request: Request,
    site: SiteDep,
    asking: Admin,
    filters: Chosen,
    cursor: CursorText = None,
) -> Response:
    """The lines before."""
    page, names = _page(site, asking, filters, cursor=cursor)
    return show(
        request,
        "part_audit.html",
        asking=asking,
        filters=filters,
        page=page,
        names=names,
        said=said,
        told=told,
    )


def _page(
    site: Site, asking: Asking, filters: AuditFilters, *, cursor: str | None
) -> tuple[Page[AuditLine], dict[str, str]]:
    page = read_audit(site, asking, filters.wanted, limit=ITEMS, cursor=cursor)
    with site.database.reading() as connection:
        names = names_of(connection, (line.who for line in page.items))
    return page, {**PARTS, **names}


def _people(connection: Connection) -> dict[str, dict[str, str]]:
    """Whom one can choose, by heading."""
    of_users = users.every(connection, limit=PEOPLE)
    of_keys = keys.every(connection, limit=PEOPLE)
    return {
        "People": _by_name((f"user:{each.id}", each.name) for each in of_users),
        "Keys": _by_name((f"key:{each.id}", each.name) for each in of_keys),
    }


def _by_name(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(sorted(named, key=lambda each: (each[1].casefold(), each[0])))


def said(action: str) -> str:
    """An action as people say it.

    >>> said("audio.read.unredacted")
    'Audio read unredacted'
    """
    return action.replace(".", " ").replace("-", " ").capitalize()


def told(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a line holds beside who, what and when: names with values as text."""
    return [(name.replace("_", " "), _text(value)) for name, value in detail.items()]


def _text(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_text, value)) or "none"
        case dict():
            return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    return wording.harmless(str(value))
