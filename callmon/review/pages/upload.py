"""`/upload`: recordings from one's own machine."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.site import SiteDep

router = page_router()


@router.get("/upload")
async def show_upload(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("uploader", "supervisor", "admin"))],
) -> Response:
    """The form; its script sends file after file to `POST /v1/recordings`."""
    return show(
        request,
        "upload.html",
        asking=asking,
        most_bytes=site.options.max_upload_bytes,
        teams=None if asking.teams is None else sorted(asking.teams),
    )
