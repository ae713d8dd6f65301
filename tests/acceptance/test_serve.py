"""`callmon serve`, `callmon keys` and `callmon users`, started as a user starts them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.conftest import Run

pytestmark = pytest.mark.acceptance


@dataclass
class Service:
    """A running `callmon serve`."""

    process: subprocess.Popen[str]
    lines: list[str]
    url: str

    @property
    def key(self) -> str:
        return next(line for line in self.lines if "Admin key" in line).split()[-1]

    def get(self, path: str, key: str | None = None) -> httpx2.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx2.get(self.url + path, headers=headers)


@contextmanager
def serving(
    cwd: Path, *arguments: str, program: Sequence[str] = ("-m", "callmon"), **settings: str
) -> Iterator[Service]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "HF_HUB_OFFLINE": "1",
        "CALLMON_DATA": str(cwd / "data"),
        "CALLMON_ASR": "demo",
        **settings,
    }
    log = (cwd / "log").open("a")
    process = subprocess.Popen(
        [sys.executable, *program, "serve", "--port", "0", *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"http://\S+[0-9]", line):
                break
        else:
            raise AssertionError((cwd / "log").read_text())
        yield Service(process, lines, found[0])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()
        log.close()


def ready(service: Service) -> dict[str, Any]:
    for _ in range(300):
        answer = service.get("/readyz")
        if answer.status_code == 200:
            break
        time.sleep(0.1)
    found: dict[str, Any] = answer.json()
    return found


def test_the_first_start_makes_a_key_a_worker_comes_and_all_ends_by_sigterm(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as service:
        key = service.key
        assert service.get("/v1/me", key).json()["role"] == "admin"
        assert service.get("/v1/me").status_code == 401
        assert ready(service)["checks"]["worker"] == "ok"
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
    log = (tmp_path / "log").read_text()
    assert key not in log
    assert key.split("_", 2)[2] not in log
    requests = [json.loads(line) for line in log.splitlines() if '"route"' in line]
    assert {"request_id", "method", "route", "status", "seconds", "who"} <= set(requests[0])
    assert requests[0]["who"] == f"key:{key.split('_')[1]}"

    with serving(tmp_path, "--no-worker") as again:
        assert not any("Admin key" in line for line in again.lines)
        assert again.get("/v1/me", key).status_code == 200


def test_a_killed_worker_is_started_again(tmp_path: Path) -> None:
    def workers() -> list[int]:
        found = subprocess.run(
            ["pgrep", "-P", str(service.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in found.stdout.split()]

    with serving(tmp_path) as service:
        assert ready(service)["checks"]["worker"] == "ok"
        (first,) = workers()
        os.kill(first, signal.SIGKILL)
        for _ in range(200):
            if workers() not in ([], [first]):
                break
            time.sleep(0.1)
        assert workers() not in ([], [first])


def test_it_does_not_listen_publicly_without_a_key(callmon: Run) -> None:
    refused = callmon("serve", "--host", "0.0.0.0", "--port", "0", "--no-worker")
    assert refused.returncode == 1
    assert "callmon keys make --role admin" in refused.stderr


def test_the_settings_may_give_the_key(tmp_path: Path) -> None:
    given = "0123456789abcdef" * 2
    arguments = ("--no-worker", "--host", "0.0.0.0")
    with serving(tmp_path, *arguments, CALLMON_ADMIN_KEY=given) as service:
        service.url = service.url.replace("0.0.0.0", "127.0.0.1")
        assert service.get("/v1/me", given).json()["role"] == "admin"
    assert given not in (tmp_path / "log").read_text()


def test_a_port_that_is_taken_is_told(tmp_path: Path, callmon: Run) -> None:
    with serving(tmp_path, "--no-worker") as service:
        port = service.url.rpartition(":")[2]
        refused = callmon("serve", "--no-worker", "--port", port)
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr


def test_keys_from_the_command_line(tmp_path: Path, callmon: Run) -> None:
    made = callmon("keys", "make", "--role", "reviewer", "--team", "billing", "--days", "9")
    assert made.returncode == 0, made.stderr
    text = made.stdout.strip()
    assert "shown this once" in made.stderr
    with serving(tmp_path, "--no-worker") as service:
        assert service.get("/v1/me", text).json()["teams"] == ["billing"]
        key_id = text.split("_")[1]
        rotated = callmon("keys", "rotate", key_id, "--hours", "0").stdout.strip()
        assert service.get("/v1/me", text).status_code == 401
        assert service.get("/v1/me", rotated).status_code == 200
        assert callmon("keys", "revoke", key_id).returncode == 0
        assert service.get("/v1/me", rotated).status_code == 401
    listed = callmon("keys", "list", "--json")
    (key,) = (k for k in json.loads(listed.stdout) if k["id"] == key_id)
    assert key["revoked_at"] is not None
    assert "argon2" not in listed.stdout
    assert "revoked" in callmon("keys", "list").stdout


def test_users_from_the_command_line(tmp_path: Path, callmon: Run) -> None:
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    options = ("--role", "agent", "--agent", "Ann", "--password-file", password)
    added = callmon("users", "add", "ann", *options)
    assert added.returncode == 0, added.stderr
    credentials = {"login": "ann", "password": "correct horse battery"}
    with (
        serving(tmp_path, "--no-worker") as service,
        httpx2.Client(base_url=service.url) as browser,
    ):
        assert browser.post("/v1/session", json=credentials).status_code == 201
        assert browser.get("/v1/me").json()["agent"] == "Ann"
        assert callmon("users", "disable", "ann").returncode == 0
        assert browser.get("/v1/me").status_code == 401
        callmon("users", "enable", "ann")
        password.write_text("another horse battery")
        callmon("users", "password", "ann", "--password-file", password)
        assert browser.post("/v1/session", json=credentials).status_code == 401
    (user,) = json.loads(callmon("users", "list", "--json").stdout)
    assert user["login"] == "ann"
    assert "ann" in callmon("users", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("keys", "make", "--role", "agent"), "agent"),
        (("keys", "make", "--role", "admin", "--team", "x"), "not limited to teams"),
        (("keys", "revoke", "nothing"), "no key 'nothing'"),
        (("users", "password", "nobody"), "no user 'nobody'"),
        (("users", "add", "x", "--role", "admin"), "--password-file"),
    ],
)
def test_what_cannot_be_is_told(
    callmon: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    done = callmon(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
