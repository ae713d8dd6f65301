"""`/settings/webhooks`: who is told of what happens."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.responses import Response

from callmon.review.pages.people import names_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.pages.settings.tabs import Admin, show_tab
from callmon.review.paging import CursorText
from callmon.review.site import SiteDep
from callmon.review.webhooks.targets import (
    WebhookId,
    list_deliveries,
    list_webhooks,
    read_webhook,
)
from callmon.store.webhooks.events import Event

router = page_router()

EVENTS: Final[dict[Event, str]] = {
    "recording.analyzed": "A call was analysed",
    "finding.created": "A finding was made",
    "verdict.created": "A reviewer decided",
    "dispute.created": "A finding was disputed",
}

ITEMS: Final = 40
"""Of the log of deliveries at a time."""


@router.get("/settings/webhooks")
def show_webhooks(request: Request, site: SiteDep, asking: Admin) -> Response:
    """The list; a target is tested and changed on a page of its own."""
    return show_tab(
        request,
        "settings_webhooks.html",
        asking=asking,
        webhooks=list_webhooks(site).items,
        events=EVENTS,
    )


@router.get("/settings/webhooks/{webhook_id}")
def show_webhook(
    request: Request, site: SiteDep, asking: Admin, webhook_id: WebhookId
) -> Response:
    """One target, with what was sent to it."""
    webhook = read_webhook(site, webhook_id)
    with site.database.reading() as connection:
        names = names_of(connection, [webhook.made_by])
    return show_tab(
        request,
        "settings_webhook.html",
        asking=asking,
        webhook=webhook,
        events=EVENTS,
        names=names,
        page=list_deliveries(site, webhook_id, limit=ITEMS),
    )


@router.get("/settings/webhooks/{webhook_id}/deliveries")
def show_deliveries(
    request: Request,
    site: SiteDep,
    asking: Admin,
    webhook_id: WebhookId,
    cursor: CursorText = None,
) -> Response:
    """The log, or the next of it."""
    return show(
        request,
        "part_deliveries.html",
        asking=asking,
        webhook=read_webhook(site, webhook_id),
        events=EVENTS,
        page=list_deliveries(site, webhook_id, limit=ITEMS, cursor=cursor),
    )
