"""Databases for tests: SQLite files, and PostgreSQL from Debian's package.

`database_url` and `database` run a test on both. The server is started once for all tests;
where it is not installed, its tests are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.postgresql import BINARIES, Server, running_server

if TYPE_CHECKING:
    from callmon.store.database import Database


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database that is empty, once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'callmon.db'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open, with its tables."""
    from callmon.store.database import Database

    with Database.open(database_url) as opened:
        yield opened
