"""`/settings/keys`: API keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from fastapi import Request
from starlette.responses import Response

from callmon.review.access.keys import KeyView, list_keys
from callmon.review.pages.people import names_of
from callmon.review.pages.route import router as page_router
from callmon.review.pages.settings.tabs import ITEMS, Admin, show_tab
from callmon.review.paging import CursorText
from callmon.review.site import SiteDep

router = page_router()

SOON: Final = timedelta(days=14)
"""Before a key ends one is told: time to hand out another."""

KeyState = Literal["holds", "ends soon", "expired", "revoked"]


@router.get("/settings/keys")
def show_keys(
    request: Request, site: SiteDep, asking: Admin, cursor: CursorText = None
) -> Response:
    """Those that hold, and behind them those that hold no more."""
    page = list_keys(site, limit=ITEMS, cursor=cursor)
    now = site.now()
    keys = sorted(
        ((key, state_of(key, now)) for key in page.items),
        key=lambda each: (each[0].name.casefold(), each[0].id),
    )
    with site.database.reading() as connection:
        names = names_of(connection, (key.made_by for key in page.items))
    return show_tab(
        request,
        "settings_keys.html",
        asking=asking,
        holding=[each for each in keys if each[1] in ("holds", "ends soon")],
        ended=[each for each in keys if each[1] in ("expired", "revoked")],
        names=names,
        next=page.next,
    )


def state_of(key: KeyView, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "holds"
    if key.expires_at <= now:
        return "expired"
    return "ends soon" if key.expires_at - now <= SOON else "holds"
