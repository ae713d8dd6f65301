"""User accounts: add, list, change, set a password, sign out everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from callmon.call import Value
from callmon.review.access.asking import address_of
from callmon.review.access.cookies import session_id_of, token_of
from callmon.review.access.forms import Name, Password, Reach, ReachView, reach_of
from callmon.review.access.lockout import count_try, forgive
from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow
from callmon.review.access.secrets import hash_password, is_password, new_id
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import Problem, declared
from callmon.review.site import SiteDep
from callmon.store.access import audit, sessions, users
from callmon.store.access.standing import ROLES
from callmon.store.access.users import StoredUser

router = APIRouter(tags=["access"])

Admin = Annotated[Asking, Depends(allow("admin"))]


class NewUser(Reach):
    """An account to be added."""

    login: Name = Field(examples=["ann.example"])
    """What the user signs in with; upper and lower case are the same."""
    name: Name
    password: Password | None = None
    """At least twelve characters; null for who comes by single sign-on alone."""


class ChangedUser(Reach):
    """An account as it shall be."""

    name: Name
    disabled: bool = False
    """Whether the user is kept out; their sessions end at once."""


class NewPassword(Value):
    """A password for somebody."""

    password: Password


class OwnPassword(NewPassword):
    """A new password for oneself."""

    present: str = Field(max_length=1000)
    """The one that holds now."""


class UserView(ReachView):
    """An account."""

    id: str
    login: str
    name: str
    single_sign_on: bool = Field(description="Whether they come by a provider.")
    made_at: datetime
    disabled_at: datetime | None


@router.get("/users", dependencies=[Depends(allow("admin"))])
def list_users(
    site: SiteDep, limit: Limit = 50, cursor: CursorText = None
) -> Page[UserView]:
    """All accounts, disabled ones too."""
    after = None if cursor is None else str(from_cursor(cursor, str)[0])
    with site.database.reading() as connection:
        rows = users.every(connection, limit=limit + 1, after=after)
    return page_of(rows, limit=limit, item=_view, cursor=lambda user: (user.id,))


@router.post("/users", status_code=201, responses=declared(409))
def add_user(site: SiteDep, asking: Admin, new: NewUser) -> UserView:
    """Adds an account."""
    hashed = None if new.password is None else hash_password(new.password)
    now, user_id = site.now(), new_id()
    with site.database.writing() as connection:
        user = users.add(
            connection,
            id=user_id,
            login=new.login,
            name=new.name,
            standing=new.standing,
            hash=hashed,
            made_by=asking.id,
            at=now,
        )
        if user is None:
            raise Problem(
                409, "conflict", f"There is a user {new.login!r} already.", field="login"
            )
        detail = {"user": user_id, "role": new.role}
        audit.record(connection, who=asking.id, action="user.added", detail=detail, at=now)
    return _view(user)


@router.get(
    "/users/{user_id}", responses=declared(404), dependencies=[Depends(allow("admin"))]
)
def read_user(site: SiteDep, user_id: str) -> UserView:
    """One account."""
    with site.database.reading() as connection:
        return _view(users.get(connection, user_id))


@router.put("/users/{user_id}", responses=declared(404, 409))
def change_user(
    site: SiteDep, asking: Admin, user_id: str, changed: ChangedUser
) -> UserView:
    """Gives an account another name, role or reach, or keeps its user out."""
    if asking.id == f"user:{user_id}" and (changed.disabled or changed.role != "admin"):
        raise Problem(
            409,
            "conflict",
            "You cannot take your own way in. Another admin can.",
            field="disabled" if changed.disabled else "role",
        )
    now = site.now()
    with site.database.writing() as connection:
        known = users.get(connection, user_id)
        disabled_at = (known.disabled_at or now) if changed.disabled else None
        user = users.change(
            connection,
            user_id,
            name=changed.name,
            standing=changed.standing,
            disabled_at=disabled_at,
        )
        if changed.disabled:
            sessions.close_all(connection, user_id)
        detail = {"user": user_id, "role": changed.role, "disabled": changed.disabled}
        audit.record(
            connection, who=asking.id, action="user.changed", detail=detail, at=now
        )
    return _view(user)


@router.put("/users/{user_id}/password", status_code=204, responses=declared(404))
def set_password(site: SiteDep, asking: Admin, user_id: str, new: NewPassword) -> Response:
    """Gives a user another password; their sessions end."""
    hashed, now = hash_password(new.password), site.now()
    with site.database.writing() as connection:
        users.set_password(connection, user_id, hash=hashed)
        sessions.close_all(connection, user_id)
        detail = {"user": user_id}
        audit.record(
            connection, who=asking.id, action="password.set", detail=detail, at=now
        )
    return Response(status_code=204)


@router.delete("/users/{user_id}/sessions", status_code=204, responses=declared(404))
def sign_out_everywhere(site: SiteDep, asking: Admin, user_id: str) -> Response:
    """Ends all sessions of a user."""
    now = site.now()
    with site.database.writing() as connection:
        users.get(connection, user_id)
        ended = sessions.close_all(connection, user_id)
        detail = {"user": user_id, "ended": ended}
        audit.record(
            connection, who=asking.id, action="sessions.ended", detail=detail, at=now
        )
    return Response(status_code=204)


@router.put("/me/password", status_code=204, responses=declared(409))
def change_own_password(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow(*ROLES))],
    new: OwnPassword,
) -> Response:
    """Changes one's own password; one's other sessions end."""
    kind, _, user_id = asking.id.partition(":")
    if kind != "user":
        raise Problem(409, "conflict", "A key has no password; it can be rotated.")
    now, address = site.now(), address_of(request)
    with site.database.writing() as connection:
        count_try(connection, asking.id, address, at=now)
        known = users.password_of(connection, user_id)
    if not is_password(new.present, known):
        raise Problem(
            422, "invalid-request", "This is not your present password.", field="present"
        )
    hashed = hash_password(new.password)
    token = token_of(request, site)
    with site.database.writing() as connection:
        forgive(connection, asking.id, address)
        users.set_password(connection, user_id, hash=hashed)
        here = None if token is None else session_id_of(token)
        sessions.close_all(connection, user_id, but=here)
        detail = {"user": user_id}
        audit.record(
            connection, who=asking.id, action="password.set", detail=detail, at=now
        )
    return Response(status_code=204)


def _view(user: StoredUser) -> UserView:
    return UserView(
        id=user.id,
        login=user.login,
        name=user.name,
        **reach_of(user.standing),
        single_sign_on=user.issuer is not None,
        made_at=user.made_at,
        disabled_at=user.disabled_at,
    )
