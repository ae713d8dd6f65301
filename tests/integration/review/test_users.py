"""Accounts, signing in, sessions, CSRF, lock-out."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.review.conftest import AsRole, Clock

PASSWORD = "correct horse battery"
COOKIE = "__Host-callmon"


@pytest.fixture
def ann(as_role: AsRole) -> str:
    """The id of the account `ann`, a reviewer."""
    new = {"login": "Ann", "name": "Ann", "role": "reviewer", "password": PASSWORD}
    user_id: str = as_role("admin").post("/v1/users", json=new).json()["id"]
    return user_id


def sign_in(client: TestClient, login: str = "ann", password: str = PASSWORD) -> Any:
    return client.post("/v1/session", json={"login": login, "password": password})


@pytest.mark.usefixtures("ann")
def test_a_user_signs_in_and_out(nobody: TestClient) -> None:
    signed_in = sign_in(nobody)
    assert signed_in.status_code == 201
    me = nobody.get("/v1/me").json()
    assert (me["name"], me["csrf"]) == ("Ann", signed_in.json()["csrf"])
    out = nobody.delete("/v1/session", headers={"X-CSRF-Token": me["csrf"]})
    assert out.status_code == 204
    assert nobody.get("/v1/me").status_code == 401


@pytest.mark.usefixtures("ann")
def test_the_cookie_is_for_tls_and_for_no_script(nobody: TestClient) -> None:
    cookie = sign_in(nobody).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.usefixtures("ann")
def test_case_and_forms_of_letters_do_not_matter(nobody: TestClient) -> None:
    assert sign_in(nobody, " ＡＮＮ ").status_code == 201


@pytest.mark.usefixtures("ann")
def test_a_wrong_login_and_a_wrong_password_look_the_same(nobody: TestClient) -> None:
    answers = [sign_in(nobody, "ann", "wrong"), sign_in(nobody, "bob", "wrong")]
    first, second = (
        {k: v for k, v in a.json().items() if k != "request_id"} for a in answers
    )
    assert first == second
    assert [a.status_code for a in answers] == [401, 401]
    assert "set-cookie" not in answers[0].headers


@pytest.mark.usefixtures("ann")
def test_what_changes_something_needs_the_token(nobody: TestClient) -> None:
    csrf = sign_in(nobody).json()["csrf"]
    for headers in (
        {},
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"},
    ):
        refused = nobody.delete("/v1/session", headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/csrf")
    assert nobody.get("/v1/me").status_code == 200


@pytest.mark.usefixtures("ann")
def test_another_sites_page_cannot_sign_in(nobody: TestClient) -> None:
    refused = nobody.post(
        "/v1/session",
        json={"login": "ann", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert refused.status_code == 403


@pytest.mark.usefixtures("ann")
def test_each_sign_in_has_a_new_session_and_ends_the_one_before(nobody: TestClient) -> None:
    sign_in(nobody)
    first = nobody.cookies[COOKIE]
    sign_in(nobody)
    assert nobody.cookies[COOKIE] != first
    nobody.cookies.clear()
    nobody.cookies.set(COOKIE, first, domain="testserver.local")
    assert nobody.get("/v1/me", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401


@pytest.mark.usefixtures("ann")
def test_a_session_ends_when_it_is_idle(nobody: TestClient, clock: Clock) -> None:
    sign_in(nobody)
    clock.forward(minutes=119)
    assert nobody.get("/v1/me").status_code == 200
    clock.forward(minutes=119)
    assert nobody.get("/v1/me").status_code == 200
    clock.forward(minutes=121)
    assert nobody.get("/v1/me").status_code == 401


@pytest.mark.usefixtures("ann")
def test_a_session_ends_after_a_day_of_work(nobody: TestClient, clock: Clock) -> None:
    sign_in(nobody)
    for _ in range(11):
        clock.forward(hours=1)
        assert nobody.get("/v1/me").status_code == 200
    clock.forward(hours=1)
    assert nobody.get("/v1/me").status_code == 401


def test_a_disabled_user_is_out_at_once(
    nobody: TestClient, as_role: AsRole, ann: str
) -> None:
    sign_in(nobody)
    changed = {"name": "Ann", "role": "reviewer", "disabled": True}
    assert as_role("admin").put(f"/v1/users/{ann}", json=changed).status_code == 200
    assert nobody.get("/v1/me").status_code == 401
    assert sign_in(nobody).status_code == 401


def test_another_role_holds_at_once(nobody: TestClient, as_role: AsRole, ann: str) -> None:
    sign_in(nobody)
    changed = {"name": "Ann", "role": "supervisor", "teams": ["billing"]}
    as_role("admin").put(f"/v1/users/{ann}", json=changed)
    me = nobody.get("/v1/me").json()
    assert (me["role"], me["teams"]) == ("supervisor", ["billing"])


def test_a_new_password_ends_the_sessions(
    nobody: TestClient, as_role: AsRole, ann: str
) -> None:
    sign_in(nobody)
    new = {"password": "another horse battery"}
    assert as_role("admin").put(f"/v1/users/{ann}/password", json=new).status_code == 204
    assert nobody.get("/v1/me").status_code == 401
    assert sign_in(nobody).status_code == 401
    assert sign_in(nobody, password="another horse battery").status_code == 201


def test_an_admin_ends_the_sessions_of_a_user(
    nobody: TestClient, as_role: AsRole, ann: str
) -> None:
    sign_in(nobody)
    assert as_role("admin").delete(f"/v1/users/{ann}/sessions").status_code == 204
    assert nobody.get("/v1/me").status_code == 401


@pytest.mark.usefixtures("ann")
def test_one_changes_ones_own_password(nobody: TestClient) -> None:
    headers = {"X-CSRF-Token": sign_in(nobody).json()["csrf"]}
    new = {"present": "wrong", "password": "another horse battery"}
    wrong = nobody.put("/v1/me/password", json=new, headers=headers)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "present")
    right = {**new, "present": PASSWORD}
    assert nobody.put("/v1/me/password", json=right, headers=headers).status_code == 204
    assert nobody.get("/v1/me").status_code == 200
    assert sign_in(nobody, password="another horse battery").status_code == 201


def test_a_key_has_no_password(as_role: AsRole) -> None:
    body = {"present": "x", "password": "another horse battery"}
    assert as_role("admin").put("/v1/me/password", json=body).status_code == 409


@pytest.mark.usefixtures("ann")
def test_two_users_cannot_have_one_login(as_role: AsRole) -> None:
    taken = as_role("admin").post(
        "/v1/users", json={"login": "ANN", "name": "x", "role": "reviewer"}
    )
    assert (taken.status_code, taken.json()["field"]) == (409, "login")


def test_an_admin_cannot_lock_themselves_out(nobody: TestClient, as_role: AsRole) -> None:
    new = {"login": "root", "name": "Root", "role": "admin", "password": PASSWORD}
    user_id = as_role("admin").post("/v1/users", json=new).json()["id"]
    headers = {"X-CSRF-Token": sign_in(nobody, "root").json()["csrf"]}
    for changed in (
        {"name": "Root", "role": "reviewer"},
        {"name": "Root", "role": "admin", "disabled": True},
    ):
        refused = nobody.put(f"/v1/users/{user_id}", json=changed, headers=headers)
        assert refused.status_code == 409


@pytest.mark.parametrize("password", ["short", "x" * 1001])
def test_passwords_have_a_length(as_role: AsRole, password: str) -> None:
    new = {"login": "bob", "name": "Bob", "role": "reviewer", "password": password}
    refused = as_role("admin").post("/v1/users", json=new)
    assert (refused.status_code, refused.json()["field"]) == (422, "password")
    assert password not in refused.text


@pytest.mark.parametrize("login", ["ann", "nobody-of-that-name"])
@pytest.mark.usefixtures("ann")
def test_after_five_wrong_tries_one_waits(
    nobody: TestClient, clock: Clock, login: str
) -> None:
    for _ in range(5):
        assert sign_in(nobody, login, "wrong").status_code == 401
    locked = sign_in(nobody, login, PASSWORD)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60 + 1
    clock.forward(minutes=16)
    assert sign_in(nobody, "ann", PASSWORD).status_code == 201


@pytest.mark.usefixtures("ann")
def test_who_is_locked_out_locks_out_nobody_else(nobody: TestClient) -> None:
    for _ in range(6):
        sign_in(nobody, "ann", "wrong")
    elsewhere = TestClient(
        nobody.app, base_url="https://testserver", client=("192.0.2.9", 1)
    )
    assert sign_in(elsewhere).status_code == 201


@pytest.mark.usefixtures("ann")
def test_right_passwords_lock_nobody_out(nobody: TestClient) -> None:
    assert {sign_in(nobody).status_code for _ in range(8)} == {201}


def test_what_was_refused_is_audited_without_what_was_typed(
    nobody: TestClient, as_role: AsRole, ann: str
) -> None:
    sign_in(nobody, "ann", "wrong")
    sign_in(nobody, "my-password-by-mistake", "wrong")
    lines = as_role("admin").get("/v1/audit", params={"action": "session.refused"}).json()
    assert [line["who"] for line in lines["items"]] == ["nobody", f"user:{ann}"]
    assert "mistake" not in str(lines)


def test_signing_in_is_audited(nobody: TestClient, as_role: AsRole, ann: str) -> None:
    sign_in(nobody)
    lines = as_role("admin").get("/v1/audit", params={"who": f"user:{ann}"}).json()
    assert lines["items"][0]["action"] == "session.begun"
