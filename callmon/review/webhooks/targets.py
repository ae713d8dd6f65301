"""`/webhooks`: who is told of what happens, and how that goes."""

from __future__ import annotations

import socket
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.responses import Response

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.access.secrets import new_id
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import Problem, declared
from callmon.review.site import SiteDep
from callmon.review.webhooks.addresses import MOST_CHARACTERS, Refused, check_url, choose
from callmon.review.webhooks.courier import note
from callmon.review.webhooks.sending import send
from callmon.review.webhooks.signing import new_secret
from callmon.store.access import audit
from callmon.store.webhooks import targets as webhooks
from callmon.store.webhooks.events import Event
from callmon.store.webhooks.targets import Delivery, DeliveryState, Webhook

router = APIRouter(tags=["webhooks"])

Admin = Annotated[Asking, Depends(allow("admin"))]
WebhookId = Annotated[str, Path(max_length=32)]

MOST: Final = 20
"""Targets: each finding is a line for each of them."""


class NewWebhook(Value):
    """A target to be told."""

    url: str = Field(max_length=MOST_CHARACTERS, examples=["https://example.com/callmon"])
    events: tuple[Event, ...] = Field(min_length=1, max_length=10)


class ChangedWebhook(Value):
    """A target as it shall be; its URL stays, since its secret was made for it."""

    events: tuple[Event, ...] = Field(min_length=1, max_length=10)
    off: bool = False
    """Whether it is switched off: what happens meanwhile it is not told, now or later, and
    what waits for it goes on waiting."""


class MadeWebhook(Value):
    """A target with its secret, which is shown here and never again."""

    webhook: Webhook
    secret: str
    """What requests are signed with, as Standard Webhooks has it: HMAC-SHA256 with the key
    after `whsec_` (Base64) over `ID.TIMESTAMP.BODY`."""


class Tried(Value):
    """How a test went."""

    arrived: bool
    status: int | None
    """That the target answered with."""
    error: str | None
    seconds: float
    at: datetime


@router.get("/webhooks", dependencies=[Depends(allow("admin"))])
def list_webhooks(site: SiteDep) -> Page[Webhook]:
    """All targets, the oldest first."""
    with site.database.reading() as connection:
        return Page(items=webhooks.every(connection), next=None)


@router.post("/webhooks", status_code=201, responses=declared(409))
def make_webhook(site: SiteDep, asking: Admin, new: NewWebhook) -> MadeWebhook:
    """Adds a target. Targets inside private networks are refused unless the setting
    `webhook_private` allows them."""
    _check(new.url, private=site.options.webhook_private)
    secret, webhook_id = new_secret(), new_id()
    with site.database.writing() as connection:
        if len(webhooks.every(connection)) >= MOST:
            raise Problem(
                409, "conflict", f"There are {MOST} webhooks. Remove one of them first."
            )
        webhook = webhooks.add(
            connection,
            id=webhook_id,
            url=new.url,
            events=new.events,
            secret=secret,
            by=asking.id,
            at=site.now(),
        )
        audit.record(
            connection,
            who=asking.id,
            action="webhook.made",
            detail={"webhook": webhook_id, "events": list(webhook.events)},
            at=site.now(),
        )
    return MadeWebhook(webhook=webhook, secret=secret)


@router.get(
    "/webhooks/{webhook_id}",
    responses=declared(404),
    dependencies=[Depends(allow("admin"))],
)
def read_webhook(site: SiteDep, webhook_id: WebhookId) -> Webhook:
    """One target, without its secret."""
    with site.database.reading() as connection:
        return webhooks.get(connection, webhook_id)


@router.put("/webhooks/{webhook_id}", responses=declared(404))
def change_webhook(
    site: SiteDep, asking: Admin, webhook_id: WebhookId, changed: ChangedWebhook
) -> Webhook:
    """Changes what a target is told of, or switches it off and on."""
    now = site.now()
    with site.database.writing() as connection:
        known = webhooks.get(connection, webhook_id)
        webhook = webhooks.change(
            connection,
            webhook_id,
            events=changed.events,
            off_at=(known.off_at or now) if changed.off else None,
        )
        detail = {
            "webhook": webhook_id,
            "events": list(webhook.events),
            "off": changed.off,
        }
        audit.record(
            connection, who=asking.id, action="webhook.changed", detail=detail, at=now
        )
    return webhook


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=declared(404))
def remove_webhook(site: SiteDep, asking: Admin, webhook_id: WebhookId) -> Response:
    """Removes a target, with what is on its way to it."""
    with site.database.writing() as connection:
        webhooks.remove(connection, webhook_id)
        audit.record(
            connection,
            who=asking.id,
            action="webhook.removed",
            detail={"webhook": webhook_id},
            at=site.now(),
        )
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/test", responses=declared(404))
def test_webhook(site: SiteDep, asking: Admin, webhook_id: WebhookId) -> Tried:
    """Sends an event of the type `test` now, once, and tells how it went."""
    with site.database.writing() as connection:
        taken = webhooks.test(connection, webhook_id, at=site.now())
        audit.record(
            connection,
            who=asking.id,
            action="webhook.tested",
            detail={"webhook": webhook_id},
            at=site.now(),
        )
    sent = send(taken, private=site.options.webhook_private, at=site.now())
    with site.database.writing() as connection:
        note(connection, taken, sent, at=site.now())
    return Tried(
        arrived=sent.error is None,
        status=sent.status,
        error=sent.error,
        seconds=sent.seconds,
        at=site.now(),
    )


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    responses=declared(404),
    dependencies=[Depends(allow("admin"))],
)
def list_deliveries(
    site: SiteDep,
    webhook_id: WebhookId,
    state: Annotated[DeliveryState | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[Delivery]:
    """What was sent to a target in the last 30 days or waits to be, the newest first."""
    after = None if cursor is None else int(str(from_cursor(cursor, int)[0]))
    with site.database.reading() as connection:
        webhooks.get(connection, webhook_id)
        rows = webhooks.log(
            connection, webhook_id, state=state, limit=limit + 1, after=after
        )
    return page_of(rows, limit=limit, item=lambda row: row, cursor=lambda row: (row.id,))


def _check(url: str, *, private: bool) -> None:
    """Raises a Problem for a target that would be refused when it is sent to. It may move
    later: it is looked at again each time."""
    try:
        check_url(url, private=private)
        host = str(urlsplit(url).hostname)
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError):
            raise Refused(f"The name {host[:200]!r} is not known.") from None
        choose([str(entry[4][0]) for entry in found], private=private)
    except Refused as refused:
        raise Problem(422, "invalid-request", str(refused), field="url") from None
