"""Lock-out: who guesses passwords has to wait. Nobody learns whether a login exists.

Tries are counted before the password is looked at, so that many at once are counted too,
and by the login as it was typed, so that one that does not exist is locked as well. The
count is in the database: a restart or a second process forgets nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from callmon.review.problems import Problem
from callmon.store.access import failures
from callmon.store.access.users import folded

MOST: Final = {"login and address": 5, "login": 50, "address": 50}
"""Wrong tries in a quarter of an hour. Few from one address; more of one login from
anywhere, or anybody could lock somebody else out with five."""


def count_try(connection: Connection, login: str, address: str, *, at: datetime) -> None:
    """Counts a try to sign in. Raises a Problem, 429, when there were too many."""
    subjects = _subjects(login, address)
    until = max(
        (
            moment
            for what, subject in subjects.items()
            if (
                moment := failures.locked_until(connection, subject, most=MOST[what], at=at)
            )
        ),
        default=None,
    )
    if until is not None:
        seconds = int((until - at).total_seconds()) + 1
        raise Problem(
            429,
            "too-many-requests",
            f"Too many tries to sign in. Try again in {seconds // 60 + 1} minutes.",
            headers={"Retry-After": str(seconds)},
        )
    for subject in subjects.values():
        failures.note(connection, subject, at=at)


def forgive(connection: Connection, login: str, address: str) -> None:
    """After a right password: it was no guess, and those before it were slips."""
    subjects = _subjects(login, address)
    failures.forgive(connection, subjects.pop("login and address"))
    for subject in subjects.values():
        failures.take_back(connection, subject)


def _subjects(login: str, address: str) -> dict[str, str]:
    login = folded(login)
    return {
        "login and address": f"both\0{login}\0{address}",
        "login": f"login\0{login}",
        "address": f"address\0{address}",
    }
