"""Many clients at once, and slow ones, against the real service.

`CALLMON_TEST_UPLOADS` sets another number of uploads.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from tests.acceptance.test_serve import Service, serving
from tests.integration.intake.taking import wav

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

UPLOADS = int(os.environ.get("CALLMON_TEST_UPLOADS", "500"))
BYTES = 2 << 20
"""Of each recording."""
HELD = 512 << 10
"""The most that the service may hold in memory of each: a block of the file, a block on its
way, and the buffers of its connection."""
AROUND = 32 << 20
"""What its threads and caches may grow by besides."""
SLOW = 100
KEY = "0123456789abcdef" * 2
BOUNDARY = "0f0f0f0f"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = {"CALLMON_ADMIN_KEY": KEY, "CALLMON_REQUESTS_PER_MINUTE": "0"}
    with serving(tmp_path, "--no-worker", **settings) as service:
        yield service


class Upload:
    """One upload on a connection of its own, whose pace the test sets."""

    def __init__(self, number: int, size: int) -> None:
        sound = wav(f"call {number}")
        sound += number.to_bytes(4, "big") * ((size - len(sound)) // 4)
        head = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=file;"
            f' filename="{number}.wav"\r\n\r\n'
        )
        self.body = head.encode() + sound + f"\r\n--{BOUNDARY}--\r\n".encode()
        self.sent = 0

    async def begin(self, url: str) -> None:
        place = urlsplit(url)
        self.reader, self.writer = await asyncio.open_connection(place.hostname, place.port)
        self.writer.write(
            f"POST /v1/recordings HTTP/1.1\r\nHost: callmon\r\nConnection: close\r\n"
            f"Authorization: Bearer {KEY}\r\nContent-Length: {len(self.body)}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n".encode()
        )
        await self.writer.drain()

    async def send(self, count: int) -> None:
        self.writer.write(self.body[self.sent : self.sent + count])
        self.sent += count
        await self.writer.drain()

    async def finish(self) -> bytes:
        """The status that it was answered with."""
        await self.send(len(self.body))
        answer = await self.reader.read()
        self.writer.close()
        return answer[9:12]


@asynccontextmanager
async def watched(process: psutil.Process) -> AsyncIterator[list[int]]:
    """The memory of a process in bytes, looked at again and again."""
    seen = [process.memory_info().rss]

    async def watch() -> None:
        while True:
            await asyncio.sleep(0.02)
            seen.append(process.memory_info().rss)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()


def test_uploads_at_once_are_streamed_and_leave_memory_flat(service: Service) -> None:
    async def all_at_once() -> tuple[list[bytes], list[int]]:
        # The first upload loads what all need.
        first = Upload(0, BYTES)
        await first.begin(service.url)
        assert await first.finish() == b"202"
        uploads = [Upload(number, BYTES) for number in range(1, UPLOADS + 1)]
        async with watched(psutil.Process(service.process.pid)) as memory:
            for upload in uploads:
                await upload.begin(service.url)
            # Nobody is finished before all are on their way.
            await asyncio.gather(*(upload.send(BYTES // 2) for upload in uploads))
            statuses = await asyncio.gather(*(upload.finish() for upload in uploads))
        return statuses, memory

    began = time.perf_counter()
    statuses, memory = asyncio.run(all_at_once())
    grown = max(memory) - memory[0]
    sys.stderr.write(
        f"{UPLOADS} uploads of {BYTES >> 20} MiB in {time.perf_counter() - began:.1f} s:"
        f" {memory[0] / 2**20:.0f} MiB before, {max(memory) / 2**20:.0f} MiB at most\n"
    )
    assert statuses == [b"202"] * UPLOADS
    assert grown < AROUND + UPLOADS * HELD
    assert grown < UPLOADS * BYTES / 2, "they were not held in memory"
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.Client(base_url=service.url, headers=headers) as client:
        page = client.get("/v1/recordings", params={"limit": 200}).json()
        ids = [item["id"] for item in page["items"]]
        while page["next"] is not None:
            query = {"limit": 200, "cursor": page["next"]}
            page = client.get("/v1/recordings", params=query).json()
            ids += [item["id"] for item in page["items"]]
    assert len(set(ids)) == len(ids) == UPLOADS + 1


def test_slow_clients_keep_nobody_waiting_and_get_through(service: Service) -> None:
    async def slowly() -> tuple[list[bytes], list[float]]:
        uploads = [Upload(number, 4096) for number in range(SLOW)]
        for upload in uploads:
            await upload.begin(service.url)
        waited: list[float] = []
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(base_url=service.url, headers=headers) as quick:
            for _ in range(20):
                for upload in uploads:
                    await upload.send(1)
                began = time.perf_counter()
                assert (await quick.get("/v1/recordings")).status_code == 200
                waited.append(time.perf_counter() - began)
        return await asyncio.gather(*(upload.finish() for upload in uploads)), waited

    statuses, waited = asyncio.run(slowly())
    assert statuses == [b"202"] * SLOW
    assert sorted(waited)[len(waited) // 2] < 0.5
