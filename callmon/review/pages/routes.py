"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from callmon.review.pages import (
    call,
    calls,
    measures,
    problem,
    promises,
    queue,
    sign_in,
    upload,
)


def routers() -> list[APIRouter]:
    return [
        problem.router,
        sign_in.router,
        queue.router,
        call.router,
        calls.router,
        upload.router,
        promises.router,
        measures.router,
    ]
