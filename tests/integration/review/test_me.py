from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from callmon.store.access.standing import ROLES
from tests.integration.review.conftest import AddRecording, AsRole


@pytest.mark.parametrize("role", ROLES)
def test_a_key_tells_its_role(as_role: AsRole, role: str) -> None:
    me = as_role(role).get("/v1/me").json()
    assert me["role"] == role
    assert me["id"].startswith("key:")


def test_without_a_key_nobody_is_known(nobody: TestClient) -> None:
    response = nobody.get("/v1/me")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "/problems/not-signed-in"


def test_a_recording_can_be_made(recording: AddRecording) -> None:
    assert len(recording(team="billing")) == 16
