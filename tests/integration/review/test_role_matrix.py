"""Every route of the API with every role, and with none, against the table below.

A route that is not in the table fails, and so does a line whose route is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from starlette.testclient import TestClient

from callmon.review.app import create_app
from callmon.review.bodies import UPLOADS
from callmon.review.site import Options, Site
from callmon.store.access.standing import ROLES
from tests.integration.review.conftest import AsRole

NOBODY = "nobody"
ANYBODY = {NOBODY, *ROLES}
KNOWN = set(ROLES)
ADMIN = {"admin"}
LEAD = {"supervisor", "admin"}
STAFF = {"reviewer", "supervisor", "admin"}
SEES_FINDINGS = STAFF | {"agent"}

# Who gets in. All others are answered 401 (nobody) or 403 (a role that has no part in it).
MATRIX: dict[str, set[str]] = {
    # the service
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /metrics": {"uploader", "reviewer", "supervisor", "admin"},
    "GET /openapi.json": ANYBODY,
    "GET /problems/{name}": ANYBODY,
    # access
    "GET /v1/me": KNOWN,
    "PUT /v1/me/password": KNOWN,
    "POST /v1/session": ANYBODY,
    "DELETE /v1/session": KNOWN,
    "GET /v1/session/oidc": ANYBODY,
    "GET /v1/session/oidc/callback": ANYBODY,
    "GET /v1/keys": ADMIN,
    "POST /v1/keys": ADMIN,
    "POST /v1/keys/{key_id}/rotate": ADMIN,
    "DELETE /v1/keys/{key_id}": ADMIN,
    "GET /v1/users": ADMIN,
    "POST /v1/users": ADMIN,
    "GET /v1/users/{user_id}": ADMIN,
    "PUT /v1/users/{user_id}": ADMIN,
    "PUT /v1/users/{user_id}/password": ADMIN,
    "DELETE /v1/users/{user_id}/sessions": ADMIN,
    "GET /v1/audit": ADMIN,
    "GET /v1/audit.csv": ADMIN,
    # recordings
    "POST /v1/recordings": {"uploader", "supervisor", "admin"},
    "GET /v1/recordings": KNOWN,
    "GET /v1/recordings/{recording_id}": KNOWN,
    "PATCH /v1/recordings/{recording_id}": STAFF,
    "DELETE /v1/recordings/{recording_id}": LEAD,
    "POST /v1/recordings/{recording_id}/reanalyze": LEAD,
    "GET /v1/recordings/{recording_id}/analysis": KNOWN,
    "GET /v1/recordings/{recording_id}/turns": KNOWN,
    "GET /v1/recordings/{recording_id}/transcript.{form}": KNOWN,
    "GET /v1/recordings/{recording_id}/report.html": KNOWN,
    "GET /v1/recordings/{recording_id}/audio": KNOWN,
    "GET /v1/recordings/{recording_id}/clip": KNOWN,
    "GET /v1/recordings/{recording_id}/peaks": KNOWN,
    "GET /v1/findings/{finding_id}/clip": SEES_FINDINGS,
    "GET /v1/progress": KNOWN,
    # findings
    "GET /v1/findings": SEES_FINDINGS,
    "GET /v1/findings/{finding_id}": SEES_FINDINGS,
    "GET /v1/findings/{finding_id}/history": SEES_FINDINGS,
    "POST /v1/findings/{finding_id}/verdicts": STAFF,
    "POST /v1/findings/{finding_id}/assign": STAFF,
    "GET /v1/findings/{finding_id}/coaching": SEES_FINDINGS,
    "POST /v1/findings/{finding_id}/coaching": SEES_FINDINGS,
    "POST /v1/findings/{finding_id}/dispute": {"agent", "supervisor"},
    "POST /v1/findings/{finding_id}/dispute/resolution": LEAD,
    "GET /v1/recordings/{recording_id}/moments": STAFF,
    "POST /v1/recordings/{recording_id}/moments": STAFF,
    # calibration
    "GET /v1/calibration": LEAD,
    "GET /v1/calibration/rounds": STAFF,
    "POST /v1/calibration/rounds": LEAD,
    "GET /v1/calibration/rounds/{round_id}": STAFF,
    "GET /v1/calibration/rounds/{round_id}/moments": STAFF,
    "POST /v1/calibration/rounds/{round_id}/close": LEAD,
    # reports
    **{
        f"GET /v1/reports/{report}{form}": LEAD
        for report in ("agents", "teams", "queues", "kinds", "fairness")
        for form in ("", ".csv")
    },
    "GET /v1/promises": SEES_FINDINGS,
    "GET /v1/promises/{promise_id}": SEES_FINDINGS,
    "PUT /v1/promises/{promise_id}/state": STAFF,
    # saved views
    "GET /v1/views": STAFF,
    "POST /v1/views": STAFF,
    "PUT /v1/views/{view_id}": STAFF,
    "DELETE /v1/views/{view_id}": STAFF,
    # webhooks
    "GET /v1/webhooks": ADMIN,
    "POST /v1/webhooks": ADMIN,
    "GET /v1/webhooks/{webhook_id}": ADMIN,
    "PUT /v1/webhooks/{webhook_id}": ADMIN,
    "DELETE /v1/webhooks/{webhook_id}": ADMIN,
    "POST /v1/webhooks/{webhook_id}/test": ADMIN,
    "GET /v1/webhooks/{webhook_id}/deliveries": ADMIN,
    # privacy
    "GET /v1/privacy/inferences": KNOWN,
    "GET /v1/privacy/retention": LEAD,
    "GET /v1/privacy/retention/upcoming": ADMIN,
    "PUT /v1/privacy/retention": ADMIN,
    "GET /v1/privacy/holds": ADMIN,
    "PUT /v1/recordings/{recording_id}/hold": ADMIN,
    "DELETE /v1/recordings/{recording_id}/hold": ADMIN,
    # pages
    "GET /": KNOWN,
    "GET /sign-in": ANYBODY,
    "GET /enter/{token}": ANYBODY,
    "GET /review": STAFF,
    "GET /review/more": STAFF,
    "GET /review/counts": STAFF,
    "GET /review/pace": STAFF,
    "GET /review/card/{finding_id}": SEES_FINDINGS,
    "GET /review/history/{finding_id}": SEES_FINDINGS,
    "GET /views": STAFF,
    "GET /calls": KNOWN,
    "GET /calls/more": KNOWN,
    "GET /calls/{recording_id}": KNOWN,
    "GET /calls/{recording_id}/turns": KNOWN,
    "GET /upload": {"uploader", "supervisor", "admin"},
    "GET /promises": SEES_FINDINGS,
    "GET /promises/more": SEES_FINDINGS,
    "GET /calibration": LEAD,
    "GET /calibration/rounds/new": LEAD,
    "GET /calibration/rounds/{round_id}": STAFF,
    "GET /trends": LEAD,
    "GET /fairness": LEAD,
    "GET /password": KNOWN,
    "GET /audit": ADMIN,
    "GET /audit/more": ADMIN,
    "GET /settings": ADMIN,
    "GET /settings/keys": ADMIN,
    "GET /settings/users": ADMIN,
    "GET /settings/users/{user_id}": ADMIN,
    "GET /settings/webhooks": ADMIN,
    "GET /settings/webhooks/{webhook_id}": ADMIN,
    "GET /settings/webhooks/{webhook_id}/deliveries": ADMIN,
    "GET /settings/retention": ADMIN,
    "GET /settings/rubric": ADMIN,
    "GET /trends/agent": LEAD,
    "GET /trends/team": LEAD,
}


@pytest.fixture
def options() -> Options:
    return Options(requests_per_minute=0)


@pytest.fixture
def clients(nobody: TestClient, as_role: AsRole) -> dict[str, TestClient]:
    return {NOBODY: nobody, **{role: as_role(role) for role in ROLES}}


def routes(site: Site) -> Iterator[str]:
    for context in iter_route_contexts(create_app(site).routes):
        for method in sorted((context.methods or set()) - {"HEAD"}):
            yield f"{method} {context.path}"


def test_the_table_has_every_route_and_no_other(site: Site) -> None:
    there = set(routes(site))
    assert there - set(MATRIX) == set(), "routes without an entry"
    assert set(MATRIX) - there == set(), "entries without a route"


@pytest.mark.parametrize("route", MATRIX)
def test_who_gets_in(route: str, clients: dict[str, TestClient]) -> None:
    answers = {who: status_of(ask(client, route)) for who, client in clients.items()}
    got_in = {who for who, status in answers.items() if status not in (401, 403)}
    assert got_in == MATRIX[route], answers
    kept_out = {who: status for who, status in answers.items() if who not in got_in}
    assert kept_out == {who: 401 if who == NOBODY else 403 for who in kept_out}


def status_of(answer: Response) -> int:
    """A page sends who is not known to sign in."""
    to = answer.headers.get("location", "")
    return 401 if to.startswith("/sign-in") else answer.status_code


def ask(client: TestClient, route: str) -> Response:
    """A request to the route, with ids that do not exist and a body without content."""
    method, _, path = route.partition(" ")
    path = re.sub(r"\{[^}]*\}", 16 * "0", path)
    if (method, path) in UPLOADS:
        return client.request(method, path, files={"nothing": b""})
    body = {} if method in ("POST", "PUT", "PATCH") else None
    return client.request(method, path, json=body, follow_redirects=False)
