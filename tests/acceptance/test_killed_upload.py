"""The API is killed while a recording is on its way in."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.acceptance.conftest import Run
from tests.acceptance.test_serve import Service, serving
from tests.integration.intake.taking import wav

pytestmark = pytest.mark.acceptance

CALL = wav("killed") + bytes(400_000)


def send_half(service: Service) -> socket.socket:
    """Sends half of an upload and keeps the line open."""
    address = urlsplit(service.url)
    head = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="call.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n"
    )
    line = socket.create_connection((address.hostname, address.port), timeout=30)
    line.sendall(
        b"POST /v1/recordings HTTP/1.1\r\nHost: " + address.netloc.encode() + b"\r\n"
        b"Authorization: Bearer " + service.key.encode() + b"\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: " + str(len(head) + len(CALL) + 9).encode() + b"\r\n\r\n"
        + head + CALL[: len(CALL) // 2]
    )  # fmt: skip
    return line


def test_a_killed_upload_leaves_nothing_and_can_be_sent_again(
    callmon: Run, tmp_path: Path
) -> None:
    incoming = tmp_path / "data" / "media" / "incoming"
    with serving(tmp_path, "--no-worker") as service:
        key = service.key
        with send_half(service):
            until = time.monotonic() + 30
            while not (incoming.is_dir() and any(incoming.iterdir())):
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                time.sleep(0.02)
            service.process.kill()
            service.process.wait()
    assert json.loads(callmon("status", "--json").stdout) == []

    with serving(tmp_path, "--no-worker") as service:
        for status in (202, 200):
            sent = httpx2.post(
                f"{service.url}/v1/recordings",
                headers={"Authorization": f"Bearer {key}"},
                files={"file": ("call.wav", CALL)},
            )
            assert sent.status_code == status, sent.text
    (recording,) = json.loads(callmon("status", "--json").stdout)
    assert (recording["state"], recording["run"]) == ("queued", 1)
