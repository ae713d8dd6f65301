"""The made-up people of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from callmon.review.access.principal import Asking
from callmon.review.access.secrets import new_id
from callmon.store.access import users
from callmon.store.access.standing import Role, Standing


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    login: str
    name: str
    role: Role
    agent: str | None = None


@dataclass(frozen=True)
class Agent:
    """Somebody whose calls are listened to."""

    name: str
    team: str


AGENTS: Final = (
    Agent("Ann Berger", "Billing"),
    Agent("Maya Osei", "Service"),
    Agent("Peter Novak", "Billing"),
)

PEOPLE: Final = (
    Person("ada", "Ada Winter", "admin"),
    Person("sam", "Sam Ortega", "supervisor"),
    Person("rita", "Rita Vogel", "reviewer"),
    Person("lena", "Lena Marsh", "reviewer"),
    Person("omar", "Omar Haddad", "reviewer"),
    Person("ann", "Ann Berger", "agent", agent="Ann Berger"),
)
REVIEWERS: Final = ("rita", "lena", "omar")


def settle(connection: Connection, *, hash: str, at: datetime) -> dict[str, Asking]:  # noqa: A002
    """Sees to it that all have an account, with this password; by login."""
    return {person.login: _settle(connection, person, hash, at) for person in PEOPLE}


def _settle(connection: Connection, person: Person, hashed: str, at: datetime) -> Asking:
    standing = Standing(role=person.role, agent=person.agent)
    found = users.by_login(connection, person.login)
    if found is None:
        user = users.add(
            connection,
            id=new_id(),
            login=person.login,
            name=person.name,
            standing=standing,
            hash=hashed,
            made_by="demonstration",
            at=at,
        )
        assert user is not None
    else:
        user = found[0]
        users.set_password(connection, user.id, hash=hashed)
    return Asking(
        id=f"user:{user.id}",
        name=user.name,
        role=user.standing.role,
        teams=user.standing.teams,
        agent=user.standing.agent,
        via="session",
    )
