"""A provider of OpenID Connect, made of authlib's server, as a program of its own.

`python provider.py PORT` serves one client, `callmon`, and signs in whoever
`/authorize?...&as=NAME` names. It insists on PKCE, on the client's secret and on codes that
are used once. `nonce=` in a user's entry makes it send another nonce than it was given.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey

PORT = int(sys.argv[1])
ISSUER = f"http://127.0.0.1:{PORT}"
SECRET = "provider-secret"
REDIRECT = "https://testserver/v1/session/oidc/callback"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
STRANGER = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})

USERS: dict[str, dict[str, Any]] = {
    "ann": {"name": "Ann Example", "groups": ["qa"], "teams": ["billing"]},
    "eve": {"name": "Eve", "groups": ["sales"]},
    "userinfo-only": {"name": "Uma", "userinfo": {"groups": ["qa-leads"]}},
    "nonce": {"groups": ["qa"], "wrong": {"nonce": "other"}},
    "audience": {"groups": ["qa"], "wrong": {"aud": "another-client"}},
    "issuer": {"groups": ["qa"], "wrong": {"iss": "https://elsewhere.example"}},
    "expired": {"groups": ["qa"], "wrong": {"exp": 1_000_000}},
    "stranger": {"groups": ["qa"], "signed": "stranger"},
    "unsigned": {"groups": ["qa"], "signed": "secret"},
}


class Client(ClientMixin):
    def get_client_id(self) -> str:
        return "callmon"

    def get_default_redirect_uri(self) -> str:
        return REDIRECT

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == REDIRECT

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


CODES: dict[str, Code] = {}
TOKENS: dict[str, str] = {}


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        CODES[code] = Code(
            code=code,
            user=request.user,
            redirect_uri=request.payload.redirect_uri,
            scope=request.payload.scope,
            nonce=data.get("nonce"),
            code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        CODES.pop(authorization_code.code)

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class WithIdToken:
    """An extension of the grant: puts the id token into the answer."""

    def __call__(self, grant: CodeGrant) -> None:
        grant.register_hook("after_create_token_response", self.add)

    def process(self, grant: Any, response: Any) -> None:
        pass

    def add(self, grant: CodeGrant, result: Any) -> None:
        _status, body, _headers = result
        if "access_token" in body:
            code = grant.request.authorization_code
            TOKENS[body["access_token"]] = code.user
            body["id_token"] = id_token(code)


def id_token(code: Code) -> str:
    user = USERS[code.user]
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": f"sub-{code.user}",
        "aud": "callmon",
        "iat": now,
        "exp": now + 300,
        "nonce": code.nonce,
        **{k: v for k, v in user.items() if k in ("name", "groups", "teams")},
        **user.get("wrong", {}),
    }
    if user.get("signed") == "secret":
        from joserfc.jwk import OctKey

        # The trick of a token that is signed with what everybody knows.
        public = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
        return jwt.encode({"alg": "HS256", "kid": "1"}, claims, public)
    key = STRANGER if user.get("signed") == "stranger" else KEY
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


app = Flask(__name__)
server = AuthorizationServer(
    app, query_client=lambda _: Client(), save_token=lambda *_: None
)
server.register_grant(CodeGrant, [WithIdToken(), CodeChallenge(required=True)])


@app.get("/.well-known/openid-configuration")
def configuration() -> Response:
    return jsonify(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        userinfo_endpoint=f"{ISSUER}/userinfo",
        jwks_uri=f"{ISSUER}/keys",
    )


@app.get("/keys")
def keys() -> Response:
    return jsonify(keys=[KEY.as_dict(private=False)])


@app.get("/authorize")
def authorize() -> Any:
    user = request.args["as"]
    return server.create_authorization_response(grant_user=user)


@app.post("/token")
def token() -> Any:
    return server.create_token_response()


@app.get("/userinfo")
def userinfo() -> Response:
    user = TOKENS[request.headers["Authorization"].removeprefix("Bearer ")]
    return jsonify(sub=f"sub-{user}", **USERS[user].get("userinfo", {}))


if __name__ == "__main__":
    app.run("127.0.0.1", PORT)
