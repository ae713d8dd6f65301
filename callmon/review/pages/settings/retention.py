"""`/settings/retention`: how long what is kept, and legal holds."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.errors import NotFound
from callmon.review.pages.people import names_of
from callmon.review.pages.route import router as page_router
from callmon.review.pages.settings.tabs import ITEMS, Admin, show_tab
from callmon.review.paging import CursorText
from callmon.review.privacy.holds import list_holds
from callmon.review.privacy.retention import read_retention, read_upcoming
from callmon.review.site import SiteDep
from callmon.store.calls import recordings
from callmon.store.keeping import retention
from callmon.store.keeping.retention import Kind

router = page_router()

KINDS: Final[dict[Kind, tuple[str, str]]] = {
    "audio": ("Sound", "The recording itself. Words and findings stay."),
    "transcript": (
        "Words",
        "The transcript and whatever repeats it: quotes, summaries. Times, labels and"
        " scores stay.",
    ),
    "analysis": (
        "Findings",
        "All that was found, with verdicts and coaching. Sound that is kept longer is not"
        " played until the call is analysed again: what says which words are private goes.",
    ),
    "recording": ("Everything", "The whole call. Only lines of the audit log stay."),
}
"""In the order in which parts go."""


@router.get("/settings/retention")
def show_retention(
    request: Request, site: SiteDep, asking: Admin, cursor: CursorText = None
) -> Response:
    """The rules, what they take next, and what they may not."""
    held = list_holds(site, limit=ITEMS, cursor=cursor)
    with site.database.reading() as connection:
        rules = retention.rules(connection)
        who = [*(rule.by for rule in rules.values()), *(hold.by for hold in held.items)]
        names = names_of(connection, who)
        calls = _calls(connection, (hold.recording_id for hold in held.items))
    return show_tab(
        request,
        "settings_retention.html",
        asking=asking,
        kinds=KINDS,
        rules=rules,
        kept=read_retention(site),
        upcoming={each.kind: each for each in read_upcoming(site).items},
        setting=site.options.retention_days,
        held=held,
        calls=calls,
        names=names,
    )


def _calls(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Names of recordings that are still there."""
    found = {}
    for each in ids:
        with suppress(NotFound):
            found[each] = recordings.get(connection, each).name
    return found
