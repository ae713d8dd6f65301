"""The whole contract: whatever the OpenAPI document allows and forbids is sent.

Schemathesis makes requests of the document, seeded by the route: valid ones, ones with a
fault, edge cases of each parameter. Every answer has to be one that the document declares,
of the form that it declares, and nothing may be answered 5xx.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from callmon.review.access.limits import Limits
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.access.standing import Role
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import workers
from tests.integration.review.conftest import FakeQueue, add_key, add_recording
from tests.integration.review.test_role_matrix import MATRIX

pytestmark = pytest.mark.acceptance

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEFT_OUT = [
    # Cursors, ids of rounds, zones of times and the like are valid only as the API gave
    # them, which a schema cannot say: a valid request by the document may be answered 422.
    positive_data_acceptance,
]

MOST = 40
"""Characters of an id; a longer one is sent to be refused."""

ROUTES = [route for route in MATRIX if " /v1/" in route]


class World:
    """An app, a key of each role, and a call with a finding for each test."""

    def __init__(self, site: Site) -> None:
        self.app = create_app(site)
        self.site = site
        self.keys = {
            role: add_key(site, role=role)
            for role in ("admin", "supervisor", "reviewer", "agent", "uploader")
        }
        self.calls = 0
        self.ids: dict[str, str] = {}

    def new_call(self) -> None:
        self.calls += 1
        call = add_recording(self.site, self.calls, agent="Ann", team="billing")
        self.ids = {"recording_id": call, "finding_id": f"{call}-1-f1"}
        with TestClient(self.app) as client:
            shared = client.post(
                f"/v1/findings/{call}-1-f1/coaching",
                json={"text": "Let us talk about this one."},
                headers=self.headers("supervisor"),
            )
        assert shared.status_code == 201, shared.text

    def headers(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("contract")
    with Database.open(f"sqlite:///{folder / 'callmon.db'}") as database:
        with database.writing() as connection:
            workers.beat(connection, "test", host="here", pid=1, state="working", at=NOW)
        yield World(
            Site(
                database=database,
                media=Media.open(str(folder / "media")),
                queue=FakeQueue(),  # type: ignore[arg-type]
                options=Options(requests_per_minute=0),
                now=lambda: NOW,
                # An hour goes by between two requests, so that no limit is reached.
                limits=Limits(itertools.count(step=3600.0).__next__),
            )
        )


@pytest.fixture(scope="module")
def contract(world: World) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", world.app)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_keeps_its_contract(route: str, contract: Any, world: World) -> None:
    world.new_call()
    for case in edge_cases(contract, route):
        check(case, world, "admin")
    send_drawn(contract, route, world, "admin", examples=3)


@pytest.mark.parametrize("role", ["reviewer", "agent", "uploader"])
def test_every_role_keeps_the_contract(role: Role, contract: Any, world: World) -> None:
    world.new_call()
    for route in ROUTES:
        send_drawn(contract, route, world, role, examples=1)


def edge_cases(contract: Any, route: str) -> Iterator[Any]:
    operation = contract.find_operation_by_label(route)
    return contract.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=contract.config.generation_for(operation=operation),
    )


def send_drawn(
    contract: Any, route: str, world: World, role: Role, *, examples: int
) -> None:
    operation = contract.find_operation_by_label(route)

    def valid(case: Any) -> None:
        case.path_parameters = there(world, case.path_parameters)
        check(case, world, role)

    def faulty(case: Any) -> None:
        check(case, world, role)

    bounded = settings(
        max_examples=examples, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    bounded(given(operation.as_strategy())(valid))()
    # A route without parameters has nothing that could be at fault.
    with contextlib.suppress(Unsatisfiable):
        bounded(given(operation.as_strategy(GenerationMode.NEGATIVE))(faulty))()


def there(world: World, drawn: dict[str, Any]) -> dict[str, Any]:
    """With the ids of a call that is there in half of all cases; others get but a 404."""
    return {
        name: world.ids.get(name, text) if len(str(text)) % 2 else text
        for name, text in (drawn or {}).items()
    }


def check(case: Any, world: World, role: Role) -> None:
    case.call_and_validate(headers=world.headers(role), excluded_checks=LEFT_OUT)
