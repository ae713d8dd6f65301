"""API keys: make, list, rotate, revoke. The text of a key is shown once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from callmon.call import Value
from callmon.review.access.forms import Name, Reach, ReachView, reach_of
from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow
from callmon.review.access.secrets import hash_key, new_id, new_key
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import Problem, declared
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.access import audit, keys
from callmon.store.access.keys import StoredKey

router = APIRouter(tags=["access"])

Admin = Annotated[Asking, Depends(allow("admin"))]


class NewKey(Reach):
    """A key to be made."""

    name: Name
    """What it is for, in words."""
    expires_at: Time | None = None
    """When it ends by itself; null is never."""


class Rotation(Value):
    """How a key is rotated."""

    overlap_hours: float = Field(default=24.0, ge=0.0, le=720.0)
    """For how long the old text goes on working."""


class KeyView(ReachView):
    """A key, without its text."""

    id: str = Field(examples=["0f3a9c2b7d11"])
    name: str
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="To within some minutes.")


class MadeKey(BaseModel):
    """A key with its text, which is shown here and never again."""

    key: str = Field(description="Send it as `Authorization: Bearer KEY`.")
    about: KeyView


@router.get("/keys", dependencies=[Depends(allow("admin"))])
def list_keys(site: SiteDep, limit: Limit = 50, cursor: CursorText = None) -> Page[KeyView]:
    """All keys, those too that hold no more."""
    after = None if cursor is None else str(from_cursor(cursor, str)[0])
    with site.database.reading() as connection:
        rows = keys.every(connection, limit=limit + 1, after=after)
    return page_of(rows, limit=limit, item=_view, cursor=lambda key: (key.id,))


@router.post("/keys", status_code=201)
def make_key(site: SiteDep, asking: Admin, new: NewKey) -> MadeKey:
    """Makes a key."""
    now, key_id = site.now(), new_id()
    if new.expires_at is not None and new.expires_at <= now:
        raise Problem(
            422,
            "invalid-request",
            f"{new.expires_at.isoformat()} is past; a moment to come would work.",
            field="expires_at",
        )
    text = new_key(key_id)
    with site.database.writing() as connection:
        key = keys.add(
            connection,
            id=key_id,
            name=new.name,
            hash=hash_key(text),
            standing=new.standing,
            expires_at=new.expires_at,
            made_by=asking.id,
            at=now,
        )
        detail = {"key": key_id, "role": new.role}
        audit.record(connection, who=asking.id, action="key.made", detail=detail, at=now)
    return MadeKey(key=text, about=_view(key))


@router.post("/keys/{key_id}/rotate", responses=declared(404))
def rotate_key(site: SiteDep, asking: Admin, key_id: str, rotation: Rotation) -> MadeKey:
    """Gives a key a new text; the old one goes on working for some hours."""
    now, text = site.now(), new_key(key_id)
    until = now + timedelta(hours=rotation.overlap_hours)
    with site.database.writing() as connection:
        key = keys.rotate(connection, key_id, hash=hash_key(text), previous_until=until)
        detail = {"key": key_id, "overlap_hours": rotation.overlap_hours}
        audit.record(connection, who=asking.id, action="key.rotated", detail=detail, at=now)
    return MadeKey(key=text, about=_view(key))


@router.delete("/keys/{key_id}", responses=declared(404))
def revoke_key(site: SiteDep, asking: Admin, key_id: str) -> KeyView:
    """Ends a key at once. It stays in the list, because the audit log names it."""
    now = site.now()
    with site.database.writing() as connection:
        if keys.revoke(connection, key_id, at=now):
            detail = {"key": key_id}
            audit.record(
                connection, who=asking.id, action="key.revoked", detail=detail, at=now
            )
        key = keys.get(connection, key_id)
    return _view(key)


def _view(key: StoredKey) -> KeyView:
    return KeyView(
        id=key.id,
        name=key.name,
        **reach_of(key.standing),
        made_at=key.made_at,
        made_by=key.made_by,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        used_at=key.used_at,
    )
