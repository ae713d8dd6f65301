"""Talks to the provider of OpenID Connect: authorization code flow with PKCE.

OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9207 (the issuer in the answer).
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from callmon.call import Value
from callmon.errors import Transient
from callmon.review.access.claims import SingleSignOn

TIMEOUT: Final = 10.0
KEPT_SECONDS: Final = 3600.0
LEEWAY_SECONDS: Final = 60
"""By which the provider's clock may differ."""
ALGORITHMS: Final = ["RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512"]
"""Signatures with a private key; `none` and those with our own secret are not here."""


class Journey(Value):
    """A sign-in that is under way; the browser carries it, in a cookie of its own."""

    state: str
    nonce: str
    verifier: str
    """Of PKCE: proves that who began is who ends."""
    then: str
    """Where to go afterwards, a path of ours."""


class Unanswered(Transient):
    """The provider does not answer as a provider does."""


class Refused(Exception):
    """The provider, or what it says, does not let the user in. The message is for logs."""


class Provider:
    """The provider that the settings name; what it publishes is kept for an hour."""

    def __init__(
        self, setup: SingleSignOn, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.setup = setup
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Mapping[str, Any], float]] = {}

    def begin(self, *, redirect_uri: str, then: str) -> tuple[str, Journey]:
        """Where to send the browser, and what it has to carry."""
        journey = Journey(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            then=then,
        )
        endpoint = self._metadata()["authorization_endpoint"]
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                endpoint,
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
            )
        return str(url), journey

    def finish(
        self,
        journey: Journey,
        *,
        redirect_uri: str,
        state: str,
        code: str,
        issuer: str | None,
    ) -> Mapping[str, Any]:
        """The claims of who has signed in. Raises Refused, Unanswered."""
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError

        if not hmac.compare_digest(state.encode(), journey.state.encode()):
            raise Refused("another state")
        if issuer is not None and issuer.rstrip("/") != self.setup.issuer:
            raise Refused("another issuer")
        metadata = self._metadata()
        with self._client(redirect_uri) as client, _told():
            try:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=journey.verifier
                )
                claims = self._claims(token, journey.nonce)
                if self._wants(claims) and "userinfo_endpoint" in metadata:
                    more = client.get(metadata["userinfo_endpoint"]).json()
                    if more.get("sub") != claims["sub"]:
                        raise Refused("userinfo of somebody else")
                    claims = {**more, **claims}
            except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
                raise Refused(type(error).__name__) from error
        return claims

    def _claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Of the id token, whose signature, issuer, audience, times and nonce are right."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet

        for again in (False, True):
            keys = KeySet.import_key_set(self._keys(again=again))  # type: ignore[arg-type]
            try:
                decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
                break
            except (InvalidKeyIdError, ValueError):
                # The provider may have changed its keys within the hour.
                if again:
                    raise
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self.setup.issuer},
                "aud": {"essential": True, "value": self.setup.client_id},
                "sub": {"essential": True},
            },
            params={
                "nonce": nonce,
                "client_id": self.setup.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(claims)

    def _wants(self, claims: Mapping[str, Any]) -> bool:
        """Whether a claim that counts is not in the id token."""
        setup = self.setup
        wanted = (setup.role_claim, setup.team_claim, setup.agent_claim)
        return any(
            claim is not None and claim.partition(".")[0] not in claims for claim in wanted
        )

    def _client(self, redirect_uri: str | None) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            self.setup.client_id,
            self.setup.client_secret.get_secret_value(),
            scope=self.setup.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )

    def _metadata(self) -> Mapping[str, Any]:
        url = f"{self.setup.issuer}/.well-known/openid-configuration"
        found = self._published(url, again=False)
        # OpenID Connect Discovery, section 4.3.
        if str(found.get("issuer", "")).rstrip("/") != self.setup.issuer:
            raise Unanswered("The provider of single sign-on gives itself another name.")
        if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= set(found):
            raise Unanswered("The provider of single sign-on does not say where it is.")
        return found

    def _keys(self, *, again: bool) -> Mapping[str, Any]:
        return self._published(self._metadata()["jwks_uri"], again=again)

    def _published(self, url: str, *, again: bool) -> Mapping[str, Any]:
        with self._lock:
            kept = self._kept.get(url)
        if kept is not None and kept[1] > self._clock() and not again:
            return kept[0]
        with self._client(redirect_uri=None) as client, _told():
            response = client.request("GET", url, withhold_token=True)
            response.raise_for_status()
            document = response.json()
        if not isinstance(document, dict):
            raise Unanswered("The provider of single sign-on publishes no JSON object.")
        with self._lock:
            self._kept[url] = (document, self._clock() + KEPT_SECONDS)
        return document


@contextmanager
def _told() -> Iterator[None]:
    """Raises Unanswered in place of what a broken connection or answer raises."""
    import httpx2

    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL, json.JSONDecodeError, OSError) as error:
        raise Unanswered(
            f"The provider of single sign-on does not answer ({type(error).__name__})."
        ) from None
