"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from callmon.review.pages import (
    audit,
    call,
    calls,
    fairness,
    groups,
    measures,
    password,
    problem,
    promises,
    queue,
    rounds,
    sign_in,
    upload,
    views,
)
from callmon.review.pages.settings import (
    keys,
    retention,
    rubric,
    tabs,
    users,
    webhooks,
)


def routers() -> list[APIRouter]:
    return [
        problem.router,
        sign_in.router,
        queue.router,
        # `/calls/more` is no call.
        calls.router,
        call.router,
        upload.router,
        promises.router,
        measures.router,
        groups.router,
        rounds.router,
        views.router,
        fairness.router,
        audit.router,
        password.router,
        *(each.router for each in (tabs, keys, users, webhooks, retention, rubric)),
    ]
