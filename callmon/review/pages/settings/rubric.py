"""`/settings/rubric`: how calls are judged, as people read it."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from callmon.review.pages.route import router as page_router
from callmon.review.pages.settings.tabs import Admin, show_tab
from callmon.review.site import SiteDep

router = page_router()


@router.get("/settings/rubric")
def show_rubric(request: Request, site: SiteDep, asking: Admin) -> Response:
    """The guide of the rubric that workers judge by."""
    # Rules are checked with tools that nothing else here needs.
    from callmon.guide.reading import read_guide
    from callmon.guide.show import MOMENTS

    return show_tab(
        request,
        "settings_rubric.html",
        asking=asking,
        written=read_guide(site.options.rubric),
        moments=MOMENTS,
    )
