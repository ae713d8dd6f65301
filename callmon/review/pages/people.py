"""Names of those who did something."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from callmon.errors import NotFound
from callmon.review.access.roles import Asking
from callmon.review.findings.assigning import REVIEWING
from callmon.review.site import Site
from callmon.store.access import keys, users

MOST = 500
"""People whom a choice offers; of more, one is found by the API alone."""


def judges_first(site: Site, asking: Asking) -> bool:
    """Whether they may not see the machine's judgement before they have given theirs: what
    is asked by it would be answered with what they have judged alone."""
    return site.options.blind_first and asking.role == "reviewer"


def names_of(connection: Connection, ids: Iterable[str | None]) -> dict[str, str]:
    """By `user:ID` and `key:ID`; who is not known any more is left out."""
    found: dict[str, str] = {}
    for each in {id_ for id_ in ids if id_}:
        kind, _, id_ = each.partition(":")
        try:
            if kind == "user":
                found[each] = users.get(connection, id_).name
            elif kind == "key":
                found[each] = f"{keys.get(connection, id_).name} (key)"
        except NotFound:
            continue
    return found


def reviewers(connection: Connection, *, team: str | None = None) -> dict[str, str]:
    """Names of the people who can review, by id and in the order of their names; with
    `team` those who see its calls."""
    found = {
        f"user:{each.id}": each.name
        for each in users.every(connection, limit=MOST)
        if each.disabled_at is None
        and each.standing.role in REVIEWING
        and (team is None or each.standing.teams is None or team in each.standing.teams)
    }
    return dict(sorted(found.items(), key=lambda each: each[1].casefold()))
