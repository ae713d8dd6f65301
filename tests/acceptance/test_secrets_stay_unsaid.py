"""Whatever goes wrong, no secret of the settings is in what a program says."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.buckets import S3
from tests.acceptance.conftest import Run
from tests.acceptance.shop import Shop
from tests.acceptance.test_serve import Service, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]

ADMIN = "2b7e151628aed2a6abf7158809cf4f3c762e7160"
PASSWORD = "hunter2-of-the-database"
SIGN_ON = "client-secret-77aa"
OPINION = "sk-opinion-4242"
HUB = "hf_Secret0fTheHub"
S3_SECRET = "s3-secret-9f8e7d"
TOKEN_IN_URL = "token-in-the-path-31337"

SECRETS = {
    "CALLMON_ADMIN_KEY": ADMIN,
    "CALLMON_HUB_TOKEN": HUB,
    "CALLMON_PUBLIC_URL": "http://127.0.0.1:8000",
    "CALLMON_OIDC_ISSUER": "http://127.0.0.1:1",
    "CALLMON_OIDC_CLIENT_ID": "callmon",
    "CALLMON_OIDC_CLIENT_SECRET": SIGN_ON,
    "CALLMON_OPINION_MODEL": "m",
    "CALLMON_OPINION_URL": "http://127.0.0.1:1/v1",
    "CALLMON_OPINION_KEY": OPINION,
}
AWAY = {
    **S3,
    "AWS_SECRET_ACCESS_KEY": S3_SECRET,
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "CALLMON_MEDIA": "s3://calls",
}
NO_DATABASE = f"postgresql://callmon:{PASSWORD}@127.0.0.1:1/callmon"


def assert_nothing_is_told(text: str) -> None:
    secrets = (ADMIN, PASSWORD, SIGN_ON, OPINION, HUB, S3_SECRET, TOKEN_IN_URL)
    assert [secret for secret in secrets if secret in text] == []


def test_a_server_whose_target_and_media_are_away(tmp_path: Path) -> None:
    with serving(
        tmp_path, "--no-worker", CALLMON_WEBHOOK_PRIVATE="true", **SECRETS, **AWAY
    ) as service:
        made = ask(
            service,
            "/v1/webhooks",
            {
                "url": f"http://127.0.0.1:1/{TOKEN_IN_URL}",
                "events": ["recording.analyzed"],
            },
        )
        assert made.status_code == 201, made.text
        signing = made.json()["secret"]
        tried = ask(service, f"/v1/webhooks/{made.json()['webhook']['id']}/test", None)
        assert tried.status_code < 500
        assert service.get("/readyz").status_code == 503
        sent = ask(service, "/v1/recordings", None, files={"file": ("a.wav", b"RIFF")})
        assert sent.status_code >= 400
        wrong = {"login": "ann", "password": "typed-by-ann-1234"}
        assert ask(service, "/v1/session", wrong, key=None).status_code == 401
        assert service.get("/v1/session/oidc").status_code >= 300
        assert service.get("/v1/me", key=ADMIN + "x").status_code == 401
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
        assert service.process.stdout is not None
        said = "".join(service.lines) + service.process.stdout.read()
    said += (tmp_path / "log").read_text()
    assert '"route"' in said
    assert_nothing_is_told(said)
    assert signing not in said
    assert "typed-by-ann-1234" not in said


def ask(
    service: Service, path: str, body: object, *, key: str | None = ADMIN, **more: Any
) -> httpx2.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return httpx2.post(service.url + path, json=body, headers=headers, timeout=60, **more)


def test_a_worker_whose_media_are_away(shop: Shop) -> None:
    shop.add(0)
    worker = shop.start("work", **SECRETS, **AWAY)
    shop.wait(lambda: "media store" in shop.told())
    time.sleep(1)
    worker.send_signal(signal.SIGTERM)
    out, _ = worker.communicate(timeout=60)
    assert_nothing_is_told(out + shop.told())


@pytest.mark.parametrize("command", ["serve", "work", "status", "doctor", "migrate"])
def test_a_database_that_refuses(callmon: Run, command: str) -> None:
    done = callmon(command, CALLMON_DATABASE=NO_DATABASE, **SECRETS)
    assert done.returncode == 1
    assert "database" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert_nothing_is_told(done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLMON_DATABASE", f"mysql://callmon:{PASSWORD}@127.0.0.1/x"),
        ("CALLMON_HUB_TOKEN", f"{HUB} "),
        ("CALLMON_OPINION_KEY", f"{OPINION} x"),
        ("CALLMON_OPINION_URL", f"http://user:{OPINION}@127.0.0.1/v1"),
    ],
)
def test_a_secret_that_is_written_wrongly(callmon: Run, name: str, value: str) -> None:
    done = callmon("status", **{**SECRETS, name: value})
    assert done.returncode == 1
    assert name.removeprefix("CALLMON_").lower() in done.stderr
    assert_nothing_is_told(done.stdout + done.stderr)
