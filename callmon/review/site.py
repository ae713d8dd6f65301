"""What the API stands on: database, media, queue, limits and the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from fastapi import Depends, Request
from pydantic import model_validator

from callmon.call import Value
from callmon.jobs.queue import Queue
from callmon.review.access.claims import SingleSignOn
from callmon.review.access.limits import AtOnce, Limits, Noted
from callmon.review.access.links import OneTimeLinks
from callmon.review.access.secrets import Checked
from callmon.review.sealing import Seal
from callmon.store.database import Database
from callmon.store.media import Media


def utc_now() -> datetime:
    return datetime.now(UTC)


class Options(Value):
    """Settings that the API needs, as `callmon serve` hands them over."""

    max_upload_bytes: int = 2 * 1024**3
    """Largest recording that is taken in."""
    min_free_bytes: int = 500 * 1024**2
    """Bytes that must stay free on the disk; below them nothing is taken in."""
    max_queued: int = 10_000
    """Recordings that may wait for analysis."""
    control_share: float = 0.1
    """Share of the review queue that are blind controls, 0 to 0.5."""
    blind_first: bool = False
    """Whether reviewers see the machine's label only after they have given their own."""
    requests_per_minute: int = 1200
    """Of one key or user, on average; as many may come at once. 0 is no limit."""
    retention_days: int | None = None
    """Days after which workers delete recordings, where no rule says otherwise."""
    webhook_private: bool = False
    """Whether webhooks may go to addresses inside private networks and to this machine."""
    secure_cookies: bool = True
    """False only where the service listens on this machine alone, without TLS; what comes
    by TLS through a proxy has them all the same."""
    rubric: Path | None = None
    """The rubric that workers judge by, to be shown; null is the one that comes along."""
    public_url: str | None = None
    """Where browsers find the service, such as `https://callmon.example.com`."""
    notice: str | None = None
    """A line above every page: what everybody who reads it has to know."""
    single_sign_on: SingleSignOn | None = None
    """The provider of OpenID Connect; needs `public_url`."""

    @model_validator(mode="after")
    def _has_a_way_back(self) -> Self:
        if self.single_sign_on is not None and self.public_url is None:
            raise ValueError("public_url has to say where the provider sends users back to")
        return self


@dataclass(frozen=True)
class Site:
    """Everything that endpoints reach the world by; made once, at the edge."""

    database: Database
    media: Media
    queue: Queue
    options: Options = field(default_factory=Options)
    now: Callable[[], datetime] = utc_now
    checked: Checked = field(default_factory=Checked)
    """Keys that were seen to be right a moment ago."""
    limits: Limits = field(default_factory=Limits)
    noted: Noted = field(default_factory=Noted)
    """When the use of each key was last written down."""
    cursors: Seal = field(default_factory=lambda: Seal("cursors"))
    """Closes cursors that hold what is hidden."""
    links: OneTimeLinks = field(default_factory=OneTimeLinks)
    """By which somebody is signed in without a password."""
    streams: AtOnce = field(default_factory=AtOnce)
    """Of events, that are open."""
    ending: threading.Event = field(default_factory=threading.Event)
    """Set when the service is told to end: nobody waits for streams then."""


async def of_request(request: Request) -> Site:
    # A coroutine, like all dependencies that only look: others wait for a thread each.
    site: Site = request.app.state.site
    return site


SiteDep = Annotated[Site, Depends(of_request)]
