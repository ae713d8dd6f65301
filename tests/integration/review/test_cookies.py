"""Whether the cookie of a session is for TLS alone."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from callmon.review.access.secrets import hash_password
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.access import users
from callmon.store.access.standing import Standing

PROXY, OTHER = "127.0.0.1", "127.0.0.9"
LOGIN = {"login": "cleo", "password": "correct horse battery"}


@pytest.fixture
def options() -> Options:
    """As `callmon serve` has them at an address of this machine, without `public_url`."""
    return Options(secure_cookies=False)


def sign_in(site: Site, *, peer: str, proto: str | None) -> tuple[TestClient, str]:
    """A client behind (or not behind) a proxy, as uvicorn has it, and its cookie."""
    with site.database.writing() as connection:
        users.add(
            connection,
            id="1",
            login="cleo",
            name="Cleo",
            standing=Standing(role="supervisor"),
            hash=hash_password(LOGIN["password"]),
            made_by="test",
            at=site.now(),
        )
    app = ProxyHeadersMiddleware(create_app(site), trusted_hosts=PROXY)
    # The client keeps a secure cookie to itself unless it believes in TLS too.
    base = "https://testserver" if proto == "https" else "http://testserver"
    client = TestClient(Downgraded(app), base_url=base, client=(peer, 1))
    if proto is not None:
        client.headers["X-Forwarded-Proto"] = proto
    answer = client.post("/v1/session", json=LOGIN)
    assert answer.status_code == 201, answer.text
    return client, answer.headers["set-cookie"]


class Downgraded:
    """Between the proxy and us there is no TLS."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app({**scope, "scheme": "http"}, receive, send)


def test_behind_a_trusted_proxy_with_tls_it_is(site: Site) -> None:
    client, cookie = sign_in(site, peer=PROXY, proto="https")
    assert cookie.startswith("__Host-callmon=")
    assert "; secure" in cookie.lower()
    assert client.get("/v1/me").status_code == 200


def test_on_this_machine_alone_it_is_not(site: Site) -> None:
    client, cookie = sign_in(site, peer=PROXY, proto=None)
    assert cookie.startswith("callmon=")
    assert "secure" not in cookie.lower()
    assert client.get("/v1/me").status_code == 200


def test_nobody_else_is_believed(site: Site) -> None:
    _, cookie = sign_in(site, peer=OTHER, proto="https")
    assert cookie.startswith("callmon=")


def test_signing_out_drops_it(site: Site) -> None:
    client, _ = sign_in(site, peer=PROXY, proto="https")
    csrf = client.get("/v1/me").json()["csrf"]
    ended = client.delete("/v1/session", headers={"X-CSRF-Token": csrf})
    assert ended.status_code == 204
    assert ended.headers["set-cookie"].startswith('__Host-callmon=""')
    assert client.get("/v1/me").status_code == 401


def test_a_cookie_without_tls_does_not_sign_in_over_tls(site: Site) -> None:
    client, _ = sign_in(site, peer=PROXY, proto=None)
    client.headers["X-Forwarded-Proto"] = "https"
    assert client.get("/v1/me").status_code == 401
