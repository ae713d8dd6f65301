"""Is it alive, is it ready: for load balancers and for people who watch over it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select

from callmon.errors import CallmonError, NotFound
from callmon.review.access.roles import open_to_all
from callmon.review.problems import RETRY_SECONDS, Problem, declared
from callmon.review.site import Site, SiteDep
from callmon.store.work import workers

router = APIRouter(tags=["health"], dependencies=[Depends(open_to_all)])

SILENT: Final = timedelta(minutes=2)
"""A worker that was not heard of for so long counts as gone, as for the other workers."""
NO_SUCH_KEY: Final = "00/" + 64 * "0"
"""Asked of the media store: that it has no such thing is an answer."""

Check = Literal["ok", "failed"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """What is needed works."""

    status: Literal["ok"] = "ok"
    checks: dict[str, Check]


@router.get("/healthz")
async def healthz() -> Alive:
    """Whether this process answers. When it does not, start it again."""
    return Alive()


@router.get("/readyz", responses=declared(503))
def readyz(site: SiteDep) -> Ready:
    """Whether the database, the media store and the queue answer and a worker is alive.

    503 with the same `checks` when one of them does not.
    """
    checks = {name: _tried(check, site) for name, check in CHECKS.items()}
    failed = [name for name, result in checks.items() if result == "failed"]
    if failed:
        raise Problem(
            503,
            "not-ready",
            f"Not ready: {', '.join(failed)}.",
            headers={"Retry-After": str(RETRY_SECONDS)},
            more={"checks": checks},
        )
    return Ready(checks=checks)


def _tried(check: Callable[[Site], bool], site: Site) -> Check:
    try:
        return "ok" if check(site) else "failed"
    except CallmonError:
        return "failed"


def _database(site: Site) -> bool:
    with site.database.reading() as connection:
        return connection.execute(select(1)).scalar() == 1


def _media(site: Site) -> bool:
    try:
        site.media.size(NO_SUCH_KEY)
    except NotFound:
        free = site.media.free_bytes()
        return free is None or free >= site.options.min_free_bytes
    return True


def _queue(site: Site) -> bool:
    site.queue.taken()
    return True


def _worker(site: Site) -> bool:
    since = site.now() - SILENT
    with site.database.reading() as connection:
        return any(
            worker.state == "working" and worker.at >= since
            for worker in workers.every(connection)
        )


CHECKS: Final[dict[str, Callable[[Site], bool]]] = {
    "database": _database,
    "media": _media,
    "queue": _queue,
    "worker": _worker,
}
