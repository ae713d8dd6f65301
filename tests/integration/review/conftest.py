"""A site with an empty database, clients by role, and analyses made by hand.

`as_role("reviewer")` is a client with a key of that role; `recording(...)` puts a finished
call with a small analysis into the store.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.review.access.limits import Limits
from callmon.review.access.secrets import hash_key, new_id, new_key
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.access import keys
from callmon.store.access.standing import Role, Standing
from callmon.store.calls import analyses, recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs
from tests.integration.review.made import make_analysis

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

AsRole = Callable[..., TestClient]
AddRecording = Callable[..., str]


@dataclass
class FakeQueue:
    """Remembers what was asked of it."""

    enqueued: list[tuple[str, int]] = field(default_factory=list)
    cancelled: list[tuple[str, int]] = field(default_factory=list)

    def enqueue(self, recording_id: str, run: int, *, priority: int) -> None:
        self.enqueued.append((recording_id, run))

    def cancel(self, recording_id: str, run: int) -> None:
        self.cancelled.append((recording_id, run))

    def delete(self, jobs: Iterable[tuple[str, int]]) -> None:
        self.enqueued = [job for job in self.enqueued if job not in set(jobs)]

    def live(self) -> set[tuple[str, int]]:
        return set(self.enqueued) - set(self.cancelled)

    def depth(self) -> int:
        return len(self.live())

    def taken(self) -> dict[str, list[tuple[str, int]]]:
        return {}

    def close(self) -> None:
        return


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def options() -> Options:
    """Override it in a test module for other limits."""
    return Options()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, made once and copied for each test."""
    path = tmp_path_factory.mktemp("database") / "callmon.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def site(
    tmp_path: Path, empty_database: Path, clock: Clock, options: Options
) -> Iterator[Site]:
    path = tmp_path / "callmon.db"
    shutil.copy(empty_database, path)
    with Database.open(f"sqlite:///{path}") as opened:
        yield Site(
            database=opened,
            media=Media.open(str(tmp_path / "media")),
            queue=FakeQueue(),  # type: ignore[arg-type]
            options=options,
            now=clock,
            limits=Limits(lambda: clock.now.timestamp()),
        )


@pytest.fixture
def nobody(site: Site) -> Iterator[TestClient]:
    """A client without a key."""
    # The context runs the app's start and end. Cookies are for TLS alone.
    with TestClient(create_app(site), base_url="https://testserver") as client:
        yield client


@pytest.fixture
def as_role(nobody: TestClient, site: Site) -> AsRole:
    """`as_role("supervisor", teams={"billing"})`: a client with a new key."""

    def make(role: Role, *, teams: set[str] | None = None, agent: str | None = None) -> Any:
        text = add_key(site, role=role, teams=teams, agent=agent)
        client = TestClient(nobody.app, base_url="https://testserver")
        client.headers["Authorization"] = f"Bearer {text}"
        return client

    return make


def add_key(
    site: Site,
    *,
    role: Role,
    teams: set[str] | None = None,
    agent: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """The text of a new key. An agent is "Ann" unless another name is given."""
    key_id = new_id()
    text = new_key(key_id)
    if role == "agent":
        agent = agent or "Ann"
    with site.database.writing() as connection:
        keys.add(
            connection,
            id=key_id,
            name=f"test {role}",
            hash=hash_key(text),
            standing=Standing(
                role=role, teams=None if teams is None else frozenset(teams), agent=agent
            ),
            expires_at=expires_at,
            made_by="test",
            at=site.now(),
        )
    return text


@pytest.fixture
def recording(site: Site) -> AddRecording:
    """`recording(agent="Ann", team="billing")`: the id of a new, analysed call.

    `content` makes the id; `analysed=False` leaves the call queued; what else is given goes
    into its metadata, and `analysis` takes the place of `make_analysis()`.
    """
    made = 0

    def add(**options: Any) -> str:
        nonlocal made
        made += 1
        return add_recording(site, made, **options)

    return add


def add_recording(
    site: Site,
    number: int,
    *,
    content: bytes | None = None,
    analysed: bool = True,
    analysis: Any = None,
    **metadata: Any,
) -> str:
    """The id of a new call, the `number`th."""
    sound = content if content is not None else f"call {number}".encode()
    sha256 = hashlib.sha256(sound).hexdigest()
    received = site.media.receive(BytesIO(sound), max_bytes=10**9)
    with site.database.writing() as connection:
        stored, _ = recordings.add(
            connection,
            sha256=sha256,
            name=f"call-{number}.wav",
            size=received.size,
            media=received.key,
            metadata=Metadata(**metadata),
            received=site.now(),
            priority=1,
        )
        run = runs.request(
            connection, stored.id, priority=1, reason="upload", at=site.now()
        )
        if analysed:
            document = analysis if analysis is not None else make_analysis()
            document = document.model_copy(
                update={
                    "recording": document.recording.model_copy(
                        update={"id": stored.id, "sha256": sha256}
                    )
                }
            )
            runs.begin(connection, stored.id, run, worker="test", at=site.now())
            recordings.describe(connection, stored.id, duration=60.0, channels=2)
            assert runs.finish(connection, stored.id, run, at=site.now())
            analyses.save(
                connection,
                stored.id,
                run,
                document,
                redacted=redact_call(document),
                at=site.now(),
            )
    return stored.id


__all__ = ["NOW", "AddRecording", "AsRole", "Clock", "FakeQueue", "add_key", "replace"]
