"""`docker/Caddyfile`: TLS and safe headers in front of `callmon serve`."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from callmon.samples import FOLDER
from tests.acceptance.test_serve import serving

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Front:
    """What browsers reach, and the key of an admin."""

    plain: str
    address: str
    authority: ssl.SSLContext
    key: str

    def ask(self, method: str, path: str, **more: object) -> httpx2.Response:
        with httpx2.Client(verify=self.authority) as client:
            return client.request(method, self.address + path, **more)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("Caddy is not installed (Debian: apt install caddy)")
    ports = {"HTTP_PORT": str(free_port()), "HTTPS_PORT": str(free_port())}
    address = f"https://localhost:{ports['HTTPS_PORT']}"
    with (
        serving(folder, "--no-worker", CALLMON_PUBLIC_URL=address) as service,
        (folder / "caddy.log").open("w") as log,
    ):
        process = subprocess.Popen(
            [caddy, "run", "--adapter", "caddyfile", "--config", ROOT / "docker/Caddyfile"],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "CALLMON_WEB": "localhost",
                "CALLMON_WEB_PORT": service.url.rpartition(":")[2],
                **ports,
            },
            stderr=log,
        )
        try:
            root = folder / ".local/share/caddy/pki/authorities/local/root.crt"
            for _ in range(200):
                if root.is_file() and answers(int(ports["HTTPS_PORT"])):
                    break
                assert process.poll() is None, (folder / "caddy.log").read_text()
                time.sleep(0.1)
            yield Front(
                plain=f"http://localhost:{ports['HTTP_PORT']}",
                address=address,
                authority=ssl.create_default_context(cafile=str(root)),
                key=service.key,
            )
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_pages_and_api_come_by_tls_with_safe_headers(front: Front) -> None:
    page = front.ask("GET", "/sign-in")
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "script-src" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in page.headers

    known = front.ask("GET", "/v1/me", headers={"Authorization": f"Bearer {front.key}"})
    assert known.json()["role"] == "admin"
    assert front.ask("GET", "/v1/me").status_code == 401


def test_plain_http_leads_to_tls_and_says_nothing(front: Front) -> None:
    answer = httpx2.get(f"{front.plain}/sign-in")
    assert answer.status_code == 308
    assert answer.headers["Location"].startswith("https://localhost")
    assert answer.content == b""


def test_an_upload_passes_through(front: Front) -> None:
    call = FOLDER / "hotel-wrong-room.ogg"
    taken = front.ask(
        "POST",
        "/v1/recordings",
        headers={"Authorization": f"Bearer {front.key}"},
        files={"file": (call.name, call.read_bytes())},
    )
    assert taken.status_code == 202, taken.text
