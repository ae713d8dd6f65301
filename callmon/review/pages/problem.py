"""Pages on the kinds of problems, which the `type` of each problem leads to."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from callmon.review.access.roles import open_to_all
from callmon.review.pages.rendering import show
from callmon.review.problems import KINDS, Problem, declared

router = APIRouter(tags=["problems"], dependencies=[Depends(open_to_all)])


@router.get("/problems/{name}", response_class=HTMLResponse, responses=declared(404))
async def explain_problem(request: Request, name: str) -> HTMLResponse:
    """What a kind of problem means and what to do."""
    kind = KINDS.get(name)
    if kind is None:
        raise Problem(404, "not-found", "There is no such kind of problem.")
    return show(
        request, "problem.html", title=kind.title, detail=kind.meaning, request_id=None
    )
