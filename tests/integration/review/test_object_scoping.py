"""Every route of the API that names an object, and every list, with real objects that are
not for who asks: of another team, of another agent, of another uploader, not shared, or
not shared with them. They are told as if they were not there.

A route without an entry fails, and so does an entry whose route is gone. Admins see all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from callmon.review.site import Options, Site
from callmon.store.calls import uploads
from callmon.store.reviews import subjects
from tests.integration.review.conftest import NOW, AddRecording, AsRole
from tests.integration.review.test_role_matrix import ADMIN, MATRIX, routes

LIMITED = ("uploader", "reviewer", "supervisor", "agent")
"""Roles that do not see everything."""

A_MOMENT = {"kind": "missed_joy", "turn": 3}
RECEIPT = "GET /v1/recordings/{recording_id}"
"""Who sent what another had sent before is told what they said themselves."""
A_VIEW = {"name": "Other", "query": "severity=high"}

# A request for an object, which works where it is one's own.
NAMED: dict[str, dict[str, Any]] = {
    "GET /v1/recordings/{recording_id}": {},
    "PATCH /v1/recordings/{recording_id}": {"json": {"labels": {"seen": "yes"}}},
    "DELETE /v1/recordings/{recording_id}": {},
    "POST /v1/recordings/{recording_id}/reanalyze": {},
    "GET /v1/recordings/{recording_id}/analysis": {},
    "GET /v1/recordings/{recording_id}/turns": {},
    "GET /v1/recordings/{recording_id}/transcript.{form}": {},
    "GET /v1/recordings/{recording_id}/report.html": {},
    "GET /v1/recordings/{recording_id}/audio": {},
    "GET /v1/recordings/{recording_id}/clip": {"params": {"start": 1, "end": 2}},
    "GET /v1/recordings/{recording_id}/peaks": {},
    "GET /v1/recordings/{recording_id}/moments": {},
    "POST /v1/recordings/{recording_id}/moments": {"json": A_MOMENT},
    "GET /v1/progress": {"params": {"recording_id": "{recording_id}"}},
    "GET /v1/findings/{finding_id}": {},
    "GET /v1/findings/{finding_id}/clip": {},
    "GET /v1/findings/{finding_id}/history": {},
    "POST /v1/findings/{finding_id}/verdicts": {"json": {"verdict": "agree"}},
    "POST /v1/findings/{finding_id}/assign": {"json": {"to": "me"}},
    "GET /v1/findings/{finding_id}/coaching": {},
    "POST /v1/findings/{finding_id}/coaching": {"json": {"text": "Hear this."}},
    "POST /v1/findings/{finding_id}/dispute": {
        "json": {"reason": "No.", "proposed": "none"}
    },
    "POST /v1/findings/{finding_id}/dispute/resolution": {"json": {"kind": "none"}},
    "GET /v1/calibration/rounds/{round_id}": {},
    "GET /v1/calibration/rounds/{round_id}/moments": {},
    "POST /v1/calibration/rounds/{round_id}/close": {},
    "GET /v1/promises/{promise_id}": {},
    "PUT /v1/promises/{promise_id}/state": {"json": {"state": "kept"}},
    "PUT /v1/views/{view_id}": {"json": A_VIEW},
    "DELETE /v1/views/{view_id}": {},
    # Pages.
    "GET /calls/{recording_id}": {},
    "GET /calls/{recording_id}/turns": {"params": {"first": 0}},
    "GET /review/card/{finding_id}": {},
    "GET /review/history/{finding_id}": {},
}

# A request that names an object in its body.
SPOKEN_OF: dict[str, dict[str, Any]] = {
    "POST /v1/calibration/rounds": {
        "json": {
            "name": "Mine",
            "findings": ["{finding_id}"],
            "reviewers": ["{reviewer}", "{stranger}"],
        }
    },
}

OF_CALLS = ("", "recording_id={recording_id}", "agent={agent}", "team={team}")

# What is asked of each list: how it is narrowed down, and whether one's own is in it then.
LISTS: dict[str, tuple[str, ...]] = {
    "GET /v1/recordings": (
        "",
        "agent={agent}",
        "team={team}",
        "label=brand:{team}",
        "text=parcel",
        "sort=score",
        "has_findings=true",
    ),
    "GET /v1/findings": (*OF_CALLS, "disputed=true", "assigned_to={stranger}"),
    "GET /v1/promises": (*OF_CALLS, "customer=C-1"),
    "GET /v1/calibration": ("",),
    "GET /v1/calibration/rounds": ("",),
    "GET /v1/views": ("", "page=review"),
    **{
        f"GET /v1/reports/{report}{form}": ("", "since=2020-01-01T00:00:00Z")
        for report in ("agents", "teams", "queues", "kinds", "fairness")
        for form in ("", ".csv")
    },
}

# Neither an object nor a list of them.
OTHERS: dict[str, str] = {
    "GET /v1/me": "who asks",
    "PUT /v1/me/password": "who asks",
    "POST /v1/session": "who asks",
    "DELETE /v1/session": "who asks",
    "GET /v1/session/oidc": "who asks",
    "GET /v1/session/oidc/callback": "who asks",
    "POST /v1/recordings": "test_recordings_upload",
    "POST /v1/views": "makes an own one",
    "GET /v1/privacy/inferences": "the same for everybody",
    "GET /v1/privacy/retention": "rules for everything",
}


@dataclass(frozen=True)
class Call:
    """A recording and what there is about it."""

    recording_id: str
    finding_id: str
    blind_id: str
    promise_id: str
    round_id: int = 999_999
    view_id: str = "0" * 12
    sent_too: bool = False
    """Whether the uploader sent it after somebody else."""

    @property
    def ids(self) -> Iterator[dict[str, str]]:
        for finding_id in (self.finding_id, self.blind_id):
            yield {
                "recording_id": self.recording_id,
                "finding_id": finding_id,
                "promise_id": self.promise_id,
                "round_id": str(self.round_id),
                "view_id": self.view_id,
                "form": "txt",
            }


NOT_THERE = Call("0" * 16, f"{'0' * 16}-1-f1", f"{'0' * 16}-1-m0001", f"{'0' * 16}-1-c1")


@dataclass(frozen=True)
class Who:
    """Somebody who asks, a call that is for them, and others that are not."""

    client: TestClient
    own: Call
    foreign: tuple[Call, ...]


@dataclass(frozen=True)
class World:
    who: Mapping[str, Who]
    stranger: str
    reviewer: str


@pytest.fixture
def options() -> Options:
    return Options(requests_per_minute=0)


@pytest.fixture
def world(site: Site, as_role: AsRole, recording: AddRecording) -> World:
    """Calls of two teams and of none, of two agents, of two uploaders; all with everything
    that people do about a call."""
    admin = as_role("admin")
    reviewer, supervisor = (as_role(r, teams={"north"}) for r in ("reviewer", "supervisor"))
    stranger = as_role("supervisor", teams={"south"})
    agent, uploader = as_role("agent", agent="Ann"), as_role("uploader")
    name = {c: c.get("/v1/me").json()["id"] for c in (reviewer, supervisor, stranger)}

    def call(*, team: str | None, agent: str, days: int = 1, **ids: Any) -> Call:
        recording_id = recording(
            team=team,
            agent=agent,
            queue=f"queue of {team}",
            customer="C-1",
            started=NOW - timedelta(days=days),
            labels={"brand": str(team)},
        )
        with site.database.reading() as connection:
            blind_id = subjects.get(connection, f"{recording_id}-1-f1").blind_id
        return Call(
            recording_id,
            f"{recording_id}-1-f1",
            blind_id,
            f"{recording_id}-1-c1",
            **ids,
        )

    def share(which: Call) -> None:
        url = f"/v1/findings/{which.finding_id}/coaching"
        assert admin.post(url, json={"text": "Hear this."}).status_code == 201

    def correct(which: Call, agent: str) -> None:
        url = f"/v1/recordings/{which.recording_id}"
        assert admin.patch(url, json={"agent": agent}).status_code == 200

    def round_of(by: TestClient, which: Call, *people: str) -> int:
        new = {"name": "R", "findings": [which.finding_id], "reviewers": people}
        answer = by.post("/v1/calibration/rounds", json=new)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def view(by: TestClient, name: str, *, team: str | None) -> str:
        new = {"page": "review", "name": name, "query": "severity=high", "team": team}
        answer = by.post("/v1/views", json=new)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    own = call(team="north", agent="Ann", days=3)
    south, nobodys = call(team="south", agent="Bob"), call(team=None, agent="Nil")
    unshared = call(team="north", agent="Ann", sent_too=True)
    given_away = call(team="south", agent="Ann")
    taken_over = call(team="north", agent="Bob")
    for each in (own, south, given_away, taken_over):
        share(each)
    correct(given_away, "Bob")
    correct(taken_over, "Ann")

    at = f"/v1/findings/{south.finding_id}"
    stranger.post(f"{at}/verdicts", json={"verdict": "agree"})
    stranger.post(f"{at}/dispute", json={"reason": "No.", "proposed": "none"})
    stranger.post(f"{at}/assign", json={"to": "me"})
    stranger.post(f"/v1/recordings/{south.recording_id}/moments", json=A_MOMENT)
    # The later call of the same customer shows it, to who may see that one.
    kept = {"state": "kept", "shown_by": south.recording_id}
    assert admin.put(f"/v1/promises/{own.promise_id}/state", json=kept).status_code == 200
    # A dispute to be resolved by somebody else.
    admin_like = as_role("supervisor")
    url = f"/v1/findings/{own.finding_id}/dispute"
    admin_like.post(url, json={"reason": "No.", "proposed": "none"})

    both = (name[reviewer], name[supervisor])
    in_round = call(team="north", agent="Ann", days=3)
    other_round = call(team="south", agent="Bob")
    another = as_role("reviewer").get("/v1/me").json()["id"]
    theirs = round_of(stranger, other_round, name[stranger], another)
    ours = round_of(supervisor, in_round, *both)

    principals = {c: c.get("/v1/me").json()["id"] for c in (uploader, stranger)}
    with site.database.writing() as connection:
        for which, who, is_own in (
            (own, uploader, True),
            (south, stranger, True),
            (unshared, stranger, True),
            (unshared, uploader, False),
        ):
            uploads.uploaded(
                connection,
                which.recording_id,
                principal=principals[who],
                at=NOW,
                own=is_own,
                told=uploads.Told(),
            )

    shared = view(stranger, "South", team="south")

    def staff(client: TestClient) -> Who:
        mine = {"round_id": ours, "view_id": view(client, "Mine", team=None)}
        not_mine = {"round_id": theirs, "view_id": shared}
        return Who(
            client,
            own=Call(**{**own.__dict__, **mine}),
            foreign=(Call(**{**south.__dict__, **not_mine}), nobodys, other_round),
        )

    return World(
        who={
            "reviewer": staff(reviewer),
            "supervisor": staff(supervisor),
            "agent": Who(agent, own, (south, unshared, given_away, taken_over)),
            "uploader": Who(uploader, own, (south, nobodys, unshared)),
        },
        stranger=name[stranger],
        reviewer=name[reviewer],
    )


def test_every_route_has_an_entry(site: Site) -> None:
    tables = (NAMED, SPOKEN_OF, LISTS, OTHERS)
    entries = [route for table in tables for route in table]
    there = set(routes(site))
    limited = {r for r in there if " /v1/" in r and MATRIX.get(r, ADMIN) - ADMIN}
    assert len(entries) == len(set(entries))
    assert limited - set(entries) == set(), "routes without an entry"
    assert set(entries) - there == set(), "entries without a route"
    named = {route for route in limited if "{" in route}
    assert named - set(NAMED) == set(), "routes that name an object"


READING = [route for route in NAMED if route.startswith("GET ")]
"""They change nothing, so that one world does for all."""


def test_what_is_not_for_them_cannot_be_read(world: World) -> None:
    for route in READING:
        check_named(route, world)


@pytest.mark.parametrize("route", [route for route in NAMED if route not in READING])
def test_what_is_not_for_them_cannot_be_changed(route: str, world: World) -> None:
    check_named(route, world)


def check_named(route: str, world: World) -> None:
    """It is as if it were not there."""
    asked = 0
    for role in sorted(MATRIX[route] & set(LIMITED)):
        who = world.who[role]
        for foreign in who.foreign:
            for ids, nothing in zip(foreign.ids, NOT_THERE.ids, strict=True):
                if route == RECEIPT and foreign.sent_too:
                    continue
                answer = ask(who.client, route, NAMED[route], ids)
                of_nothing = ask(who.client, route, NAMED[route], nothing)
                assert answer.status_code == 404, (route, role, foreign, answer.text)
                assert told(answer, ids) == told(of_nothing, nothing), (route, role)
                asked += 1
        # The request is a good one: it only was for something else.
        own = ask(who.client, route, NAMED[route], next(who.own.ids))
        assert own.status_code not in (404, 422), (route, role, own.text)
    assert asked


@pytest.mark.parametrize("route", SPOKEN_OF)
def test_what_is_not_for_them_cannot_be_named_in_a_body(route: str, world: World) -> None:
    for role in sorted(MATRIX[route] & set(LIMITED)):
        who = world.who[role]
        for foreign in who.foreign:
            for ids in foreign.ids:
                named = {**ids, "stranger": world.stranger, "reviewer": world.reviewer}
                answer = ask(who.client, route, SPOKEN_OF[route], named)
                assert answer.status_code == 404, (role, answer.text)


def test_what_is_not_for_them_is_in_no_list(world: World) -> None:
    for route in LISTS:
        for role in sorted(MATRIX[route] & set(LIMITED)):
            check_list(route, world, role)


def check_list(route: str, world: World, role: str) -> None:
    """What is their own is in it, and nothing that names the others."""
    who, path = world.who[role], route.split()[1]
    whole = who.client.get(path)
    assert whole.status_code == 200, whole.text
    if "/reports/" not in path and path != "/v1/calibration":
        assert whole.json()["items"], (route, role)
    for foreign in who.foreign:
        for query in LISTS[route]:
            filled = query.format(
                recording_id=foreign.recording_id,
                agent="Bob",
                team="south",
                stranger=world.stranger,
            )
            answer = who.client.get(f"{path}?{filled}")
            assert answer.status_code == 200, answer.text
            leaks = (foreign.recording_id, "Bob", "Nil", "south", world.stranger)
            found = [leak for leak in leaks if leak in answer.text]
            assert found == [], (route, role, query, answer.text)


def ask(
    client: TestClient, route: str, request: dict[str, Any], ids: dict[str, str]
) -> Response:
    method, _, path = route.partition(" ")
    filled = json.dumps(request)
    for name, id_ in ids.items():
        filled = filled.replace(f"{{{name}}}", id_)
    return client.request(method, path.format(**ids), **json.loads(filled))


def told(answer: Response, ids: dict[str, str]) -> Any:
    """What the answer says, whatever it is about."""
    if not answer.headers["content-type"].startswith("application/problem+json"):
        return answer.status_code
    said = {k: v for k, v in answer.json().items() if k not in ("request_id", "instance")}
    text = json.dumps(said)
    for id_ in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(id_, "ID")
    return text
