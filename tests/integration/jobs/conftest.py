"""A queue beside each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callmon.jobs.queue import Queue


@pytest.fixture
def queue_url(database_url: str, tmp_path: Path) -> str:
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'queue.db'}"
    return database_url


@pytest.fixture
def queue(queue_url: str) -> Iterator[Queue]:
    with Queue.open(queue_url) as opened:
        yield opened
