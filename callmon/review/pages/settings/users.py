"""`/settings/users`: accounts."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from callmon.review.access.users import list_users, read_user
from callmon.review.pages.people import names_of
from callmon.review.pages.route import router as page_router
from callmon.review.pages.settings.tabs import ITEMS, Admin, show_tab
from callmon.review.paging import CursorText
from callmon.review.site import SiteDep

router = page_router()


@router.get("/settings/users")
def show_users(
    request: Request, site: SiteDep, asking: Admin, cursor: CursorText = None
) -> Response:
    """The list; an account is changed on a page of its own."""
    page = list_users(site, limit=ITEMS, cursor=cursor)
    users = sorted(
        page.items,
        key=lambda user: (user.disabled_at is not None, user.name.casefold(), user.id),
    )
    return show_tab(
        request,
        "settings_users.html",
        asking=asking,
        users=users,
        next=page.next,
        single_sign_on=site.options.single_sign_on is not None,
    )


@router.get("/settings/users/{user_id}")
def show_user(request: Request, site: SiteDep, asking: Admin, user_id: str) -> Response:
    """One account, to be changed."""
    user = read_user(site, user_id)
    kept = {"name": user.name, "role": user.role, "teams": user.teams, "agent": user.agent}
    with site.database.reading() as connection:
        names = names_of(connection, [f"user:{user_id}"])
    return show_tab(
        request,
        "settings_user.html",
        asking=asking,
        user=user,
        kept=kept,
        names=names,
        is_oneself=asking.id == f"user:{user_id}",
    )
