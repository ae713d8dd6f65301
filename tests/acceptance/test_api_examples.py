"""The page of worked examples: all of it, in order, against the real service."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import callmon.review
from callmon.samples import FOLDER
from tests.acceptance.test_serve import serving

pytestmark = pytest.mark.acceptance

PAGE = Path(callmon.review.__file__).with_name("README.md").read_text()
BLOCKS = re.findall(r"^( *)```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLE_TARGET = "https://example.com/callmon"
KEY = "0123456789abcdef" * 2


@pytest.fixture
def told() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a target of webhooks, and what it was sent."""
    sent: list[dict[str, Any]] = []

    class Target(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            sent.append(json.loads(self.rfile.read(length)))
            assert self.headers["webhook-signature"].startswith("v1,")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Target) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/callmon", sent
        server.shutdown()


@pytest.mark.timeout(300)
def test_every_example_works(
    tmp_path: Path, told: tuple[str, list[dict[str, Any]]]
) -> None:
    target, sent = told
    shutil.copy(FOLDER / "internet-down.ogg", tmp_path / "call.ogg")
    script = ["set -euo pipefail"]
    for number, (_, block) in enumerate(BLOCKS, start=1):
        script += [f"echo '--- block {number}'", block.replace(EXAMPLE_TARGET, target)]
    settings = {"CALLMON_ADMIN_KEY": KEY, "CALLMON_WEBHOOK_PRIVATE": "true"}
    with serving(tmp_path, **settings, OMP_NUM_THREADS="1") as service:
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "CALLMON_URL": service.url,
                "CALLMON_ADMIN_KEY": KEY,
            },
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines().count("call.ogg") == 1, "the search finds it"
    assert sent, "the test of the webhook arrived"
    assert json.loads((tmp_path / "problem.json").read_text())["status"] == 409
    assert (tmp_path / "agents.csv").read_text().startswith("name,")
    assert "recording.deleted" in done.stdout.rpartition("--- block")[0]
