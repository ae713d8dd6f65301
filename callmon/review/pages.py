"""Pages on the kinds of problems, which the `type` of each problem leads to."""

from __future__ import annotations

import html
from typing import Final

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse

from callmon.review.access.roles import open_to_all
from callmon.review.problems import KINDS, Problem, declared

router = APIRouter(tags=["problems"], dependencies=[Depends(open_to_all)])

STYLE: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get("/problems/{name}", response_class=HTMLResponse, responses=declared(404))
async def explain_problem(name: str) -> HTMLResponse:
    """What a kind of problem means and what to do."""
    kind = KINDS.get(name)
    if kind is None:
        raise Problem(404, "not-found", "There is no such kind of problem.")
    title, meaning = html.escape(kind.title), html.escape(kind.meaning)
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        "<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:3rem auto}</style>"
        f"<h1>{title}</h1><p>{meaning}</p></html>",
        headers={"Content-Security-Policy": STYLE},
    )
