"""`/progress`: how far the analysis of recordings is, told as it goes on.

Server-sent events, which every browser's `EventSource` reads. A stream waits nearly all of
its time, so it holds no thread: it looks into the database once a second, in a thread that
it gives back at once.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field, StringConstraints

from callmon.call import Value
from callmon.jobs.progress import seconds_left
from callmon.review.access.roles import Asking, allow, visible
from callmon.review.problems import Problem, declared, not_found
from callmon.review.recordings.views import UNDER_WAY
from callmon.review.site import Site, SiteDep
from callmon.store.calls.recordings import RecordingState
from callmon.store.calls.standing import Standing, standings
from callmon.store.work import runs

router = APIRouter(tags=["recordings"])

EVERY: Final = 1.0
"""Seconds between two looks into the database."""
LONGEST: Final = 300.0
"""Seconds of a stream. `EventSource` begins another by itself, and is asked again who it
is: who was signed out or lost a team follows for five minutes at most."""
RETRY_MS: Final = 1000
AT_ONCE: Final = 4
"""Streams of one key or user. Browsers open six connections to a server, and one who has
the pages of six calls open would have none left to load anything."""
MOST: Final = 50
"""Recordings of one stream: as many as a page of the list has."""

FOLLOWERS: Final = allow("uploader", "reviewer", "supervisor", "admin", "agent")


class Progress(Value):
    """How far the analysis of a recording is."""

    id: str = Field(examples=["3f1c0de29a7b5e44"])
    state: RecordingState
    """`done` when there is an analysis and nothing is under way."""
    stage: str | None
    """What is being done: audio, transcript, speakers, tones or judgement."""
    progress: float
    """Share of the analysis that is done, 0 to 1."""
    seconds_left: float | None
    """Once it is under way, by what others took; null where nobody knows."""
    error: str | None
    """Why the last attempt did not work."""


Wanted = Annotated[
    list[Annotated[str, StringConstraints(max_length=40)]],
    Query(
        min_length=1,
        max_length=MOST,
        description=f"Whose progress; {MOST} at most.",
    ),
]


async def place(
    site: SiteDep, asking: Annotated[Asking, Depends(FOLLOWERS)], recording_id: Wanted
) -> AsyncIterator[None]:
    """A dependency: a place among the streams of who asks, for recordings that are there.

    Raises a Problem: 404, 429.
    """
    there = await run_sync(_look, site, asking, recording_id)
    for each in recording_id:
        if each not in there:
            raise not_found(f"recording {each!r}")
    if not site.streams.enter(asking.id, most=AT_ONCE):
        raise Problem(
            429,
            "too-many-requests",
            f"{AT_ONCE} streams of yours are open already. Close one, or ask"
            " `GET /v1/recordings/{id}` from time to time.",
            headers={"Retry-After": "10"},
        )
    try:
        yield
    finally:
        site.streams.leave(asking.id)


@router.get(
    "/progress",
    response_class=EventSourceResponse,
    dependencies=[Depends(place)],
    responses=declared(404),
)
async def follow_progress(
    site: SiteDep,
    asking: Annotated[Asking, Depends(FOLLOWERS)],
    recording_id: Wanted,
) -> AsyncIterator[ServerSentEvent]:
    """Follows recordings by server-sent events until none of them is under way.

    The data of each event is the progress of one recording, as `GET /recordings/{id}` has
    it: first of all of them, then of each that changed. An event `gone` names one that was
    deleted, and `end` is the last.
    """
    speeds = await run_sync(_speeds, site)
    told: dict[str, Progress] = {}
    waited_for = list(dict.fromkeys(recording_id))
    until = time.monotonic() + LONGEST
    yield ServerSentEvent(retry=RETRY_MS)
    while time.monotonic() < until and not site.ending.is_set():
        there = await run_sync(_look, site, asking, waited_for)
        for each in list(waited_for):
            if each not in there:
                waited_for.remove(each)
                yield ServerSentEvent(event="gone", data={"id": each})
                continue
            now = _progress(there[each], speeds)
            if told.get(each) != now:
                told[each] = now
                yield ServerSentEvent(data=now)
        if not any(told[each].state in UNDER_WAY for each in waited_for):
            yield ServerSentEvent(event="end", data={})
            return
        await anyio.sleep(EVERY)


def _look(site: Site, asking: Asking, ids: list[str]) -> Mapping[str, Standing]:
    with site.database.reading() as connection:
        return standings(connection, ids, seen=visible(asking))


def _speeds(site: Site) -> Mapping[str, float]:
    with site.database.reading() as connection:
        return runs.speeds(connection)


def _progress(standing: Standing, speeds: Mapping[str, float]) -> Progress:
    left = None
    if standing.state in UNDER_WAY:
        left = seconds_left(standing.progress, duration=standing.duration, speeds=speeds)
    told: dict[str, Any] = standing.model_dump(exclude={"duration"})
    return Progress(**told, seconds_left=None if left is None else round(left, 1))
