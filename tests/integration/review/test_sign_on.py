"""Single sign-on with a real provider process on the loopback."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from callmon.review.access.claims import SingleSignOn
from callmon.review.site import Options
from tests.integration.review.conftest import AsRole

BEGIN, BACK = "/v1/session/oidc", "/v1/session/oidc/callback"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(__file__).with_name("provider.py")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", program, str(port)],
        # The provider speaks http here; authlib's server wants to be told.
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                httpx2.get(f"{url}/keys")
                break
            except httpx2.ConnectError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def options(issuer: str) -> Options:
    return Options(
        public_url="https://testserver",
        single_sign_on=SingleSignOn(
            issuer=issuer,
            client_id="callmon",
            client_secret=SecretStr("provider-secret"),
            roles={"qa": "reviewer", "qa-leads": "supervisor"},
            team_claim="teams",
        ),
    )


def begin(client: TestClient, **query: str) -> str:
    """The address at the provider that the browser is sent to."""
    response = client.get(BEGIN, params=query, follow_redirects=False)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def at_provider(url: str, user: str) -> str:
    """The path that the provider sends the browser back to."""
    response = httpx2.get(f"{url}&as={user}")
    assert response.status_code == 302, response.text
    return response.headers["location"].removeprefix("https://testserver")


def sign_on(client: TestClient, user: str, **query: str) -> Any:
    return client.get(at_provider(begin(client, **query), user), follow_redirects=False)


def test_a_user_of_the_provider_gets_in_with_role_and_teams(nobody: TestClient) -> None:
    back = sign_on(nobody, "ann", then="/findings?kind=missed_empathy")
    assert back.status_code == 303
    assert back.headers["location"] == "/findings?kind=missed_empathy"
    me = nobody.get("/v1/me").json()
    assert (me["name"], me["role"], me["teams"]) == ("Ann Example", "reviewer", ["billing"])


def test_claims_may_come_from_userinfo(nobody: TestClient) -> None:
    sign_on(nobody, "userinfo-only")
    assert nobody.get("/v1/me").json()["role"] == "supervisor"


def test_the_same_user_has_one_account(nobody: TestClient, as_role: AsRole) -> None:
    sign_on(nobody, "ann")
    sign_on(nobody, "ann")
    users = as_role("admin").get("/v1/users").json()["items"]
    assert [user["single_sign_on"] for user in users] == [True]


def test_who_has_no_role_is_not_let_in(nobody: TestClient) -> None:
    refused = sign_on(nobody, "eve")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert nobody.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        ("nonce", "InvalidClaimError"),
        ("audience", "InvalidClaimError"),
        ("issuer", "InvalidClaimError"),
        ("expired", "ExpiredTokenError"),
        ("stranger", "BadSignatureError"),
        ("unsigned", "UnsupportedAlgorithmError"),
    ],
)
def test_a_token_that_is_not_right_is_refused(
    nobody: TestClient, caplog: pytest.LogCaptureFixture, user: str, reason: str
) -> None:
    with caplog.at_level(logging.INFO, "callmon.review"):
        refused = sign_on(nobody, user)
    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers
    assert reason_in(caplog) == reason


def reason_in(caplog: pytest.LogCaptureFixture) -> str:
    (record,) = (r for r in caplog.records if r.message == "sign-on refused")
    return str(record.fields["reason"])  # type: ignore[attr-defined]


def test_the_request_has_state_nonce_and_a_challenge(nobody: TestClient) -> None:
    query = parse_qs(urlsplit(begin(nobody)).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"https://testserver{BACK}"]
    assert all(len(query[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_another_browsers_journey_is_refused(nobody: TestClient) -> None:
    begun_elsewhere = at_provider(begin(nobody), "ann")
    nobody.cookies.clear()
    assert nobody.get(begun_elsewhere, follow_redirects=False).status_code == 401
    begin(nobody)
    assert nobody.get(begun_elsewhere, follow_redirects=False).status_code == 401


def test_a_code_is_used_once(nobody: TestClient) -> None:
    path = at_provider(begin(nobody), "ann")
    cookie = nobody.cookies["__Host-callmon-on"]
    assert nobody.get(path, follow_redirects=False).status_code == 303
    headers = {"Cookie": f"__Host-callmon-on={cookie}"}
    assert nobody.get(path, headers=headers, follow_redirects=False).status_code == 401


def test_a_code_without_its_verifier_is_refused(
    nobody: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The provider checks PKCE: another journey's verifier does not fit this code."""
    path = at_provider(begin(nobody), "ann")
    code = parse_qs(urlsplit(path).query)["code"][0]
    state = parse_qs(urlsplit(begin(nobody)).query)["state"][0]
    query = {"code": code, "state": state}
    with caplog.at_level(logging.INFO, "callmon.review"):
        refused = nobody.get(BACK, params=query, follow_redirects=False)
    assert (refused.status_code, reason_in(caplog)) == (401, "OAuthError")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?error=access_denied&error_description=no",
        "?code=x",
        "?code=x&state=y",
        "?state=%ff&code=%01",
        "?code=x&state=y&iss=https://elsewhere.example&session_state=1",
    ],
)
def test_odd_ways_back_are_refused(nobody: TestClient, query: str) -> None:
    begin(nobody)
    refused = nobody.get(BACK + query, follow_redirects=False)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("cookie", ["x", "e30=", "%%%", "bm90anNvbg=="])
def test_an_odd_cookie_is_refused(nobody: TestClient, cookie: str) -> None:
    headers = {"Cookie": f"__Host-callmon-on={cookie}"}
    refused = nobody.get(f"{BACK}?code=x&state=y", headers=headers)
    assert refused.status_code == 401


@pytest.mark.parametrize(
    "then",
    [
        "//elsewhere.example",
        "/\\elsewhere.example",
        "https://e.example",
        "/\t/x",
        "/a\\\\b",
        "",
    ],
)
def test_nobody_is_led_away(nobody: TestClient, then: str) -> None:
    refused = nobody.get(BEGIN, params={"then": then}, follow_redirects=False)
    assert (refused.status_code, refused.json()["field"]) == (422, "then")


def test_a_disabled_user_stays_out(nobody: TestClient, as_role: AsRole) -> None:
    sign_on(nobody, "ann")
    admin = as_role("admin")
    (user,) = admin.get("/v1/users").json()["items"]
    changed = {"name": "Ann", "role": "reviewer", "disabled": True}
    admin.put(f"/v1/users/{user['id']}", json=changed)
    assert sign_on(nobody, "ann").status_code == 401


class TestProviderIsAway:
    @pytest.fixture
    def options(self) -> Options:
        return Options(
            public_url="https://testserver",
            single_sign_on=SingleSignOn(
                issuer="http://127.0.0.1:9",
                client_id="callmon",
                client_secret=SecretStr("x"),
                roles={"qa": "reviewer"},
            ),
        )

    def test_it_is_told(self, nobody: TestClient) -> None:
        answer = nobody.get(BEGIN, follow_redirects=False)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")


class TestNotSetUp:
    @pytest.fixture
    def options(self) -> Options:
        return Options()

    @pytest.mark.parametrize("path", [BEGIN, BACK])
    def test_there_is_nothing(self, nobody: TestClient, path: str) -> None:
        assert nobody.get(path, follow_redirects=False).status_code == 404
