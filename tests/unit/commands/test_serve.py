"""What `callmon serve` makes of the settings."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from callmon.commands.serve import options_of
from callmon.errors import BadSettings
from callmon.review.site import Options
from callmon.settings import load_settings

PROVIDER = {
    "oidc_issuer": "https://id.example.com",
    "oidc_client_id": "callmon",
    "oidc_client_secret": SecretStr("geheim"),
    "oidc_roles": {"qa": "reviewer"},
    "public_url": "https://callmon.example.com/",
}


def options(host: str = "127.0.0.1", **settings: object) -> Options:
    return options_of(load_settings(**settings), host=host)


def test_limits_come_from_the_settings() -> None:
    made = options(max_upload_bytes=5, requests_per_minute=7, blind_first=True)
    assert (made.max_upload_bytes, made.requests_per_minute) == (5, 7)
    assert made.blind_first


@pytest.mark.parametrize(
    ("host", "public_url", "secure"),
    [
        ("127.0.0.1", None, False),
        ("127.0.0.1", "http://localhost:8000", False),
        ("127.0.0.1", "https://callmon.example.com", True),
        ("0.0.0.0", None, True),
        ("0.0.0.0", "http://callmon.example.com", True),
    ],
)
def test_cookies_go_without_encryption_on_this_machine_alone(
    host: str, public_url: str | None, secure: bool
) -> None:
    assert options(host, public_url=public_url).secure_cookies is secure


def test_single_sign_on() -> None:
    made = options(**PROVIDER)
    assert made.single_sign_on is not None
    assert made.single_sign_on.roles == {"qa": "reviewer"}
    assert made.public_url == "https://callmon.example.com"
    assert "geheim" not in repr(made)


@pytest.mark.parametrize("missing", ["oidc_client_id", "oidc_client_secret", "public_url"])
def test_single_sign_on_by_halves_is_refused(missing: str) -> None:
    given = {name: value for name, value in PROVIDER.items() if name != missing}
    with pytest.raises(BadSettings, match=missing):
        options(**given)


def test_a_provider_without_encryption_is_refused() -> None:
    with pytest.raises(BadSettings, match="https://"):
        options(**{**PROVIDER, "oidc_issuer": "http://id.example.com"})


@pytest.mark.parametrize(
    "url", ["callmon.example.com", "https://x/path", "https://u:p@x", "ftp://x", "https://"]
)
def test_a_public_url_is_an_origin(url: str) -> None:
    with pytest.raises(BadSettings, match="public_url"):
        load_settings(public_url=url)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(BadSettings, match="oidc_roles"):
        load_settings(oidc_roles={"qa": "king"})


def test_secrets_are_not_shown() -> None:
    settings = load_settings(admin_key="0123456789abcdef" * 2, **PROVIDER)
    assert "0123456789abcdef" not in repr(settings)
    assert "geheim" not in repr(settings)
