"""Findings by what is asked of their calls: words, labels, score. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from callmon.call import Score
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.reviews import queue_filter
from tests.integration.review.conftest import Clock, FakeQueue, add_key, add_recording
from tests.integration.review.made import TURNS, make_analysis, make_finding

Find = Callable[..., list[str]]


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    """Three calls: one of an internet, one of a parcel, one of neither."""
    site = Site(
        database=database,
        media=Media.open(str(tmp_path)),
        queue=FakeQueue(),  # type: ignore[arg-type]
        now=Clock(),
    )
    for number, (word, score, brand) in enumerate(
        (("internet", 0.2, "north"), ("parcels", 0.6, "south"), ("nothing", None, None))
    ):
        turns = (TURNS[0], ("customer", f"This is about my {word} again."), *TURNS[2:])
        findings = tuple(make_finding(n) for n in (1, 2))
        counts = {"met": 0, "partial": 0, "missed": 1, "impeded": 0, "unscorable": 0}
        told = make_analysis(
            turns=turns,
            findings=findings,
            score=Score(value=score, interval=None, **counts),
        )
        labels = {"brand": brand} if brand else {}
        add_recording(site, number, analysis=told, agent=word, labels=labels)
    return site


def client(site: Site, role: Any = "admin") -> TestClient:
    made = TestClient(create_app(site), base_url="https://testserver")
    made.headers["Authorization"] = f"Bearer {add_key(site, role=role)}"
    return made


@pytest.fixture(params=["few", "many"])
def find(
    request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch
) -> Find:
    """The agents of the findings, in both ways in which they are looked for."""
    if request.param == "many":
        monkeypatch.setattr(queue_filter, "FEW", 0)
    asking = client(site)

    def found(**query: Any) -> list[str]:
        answer = asking.get("/v1/findings", params=query)
        assert answer.status_code == 200, answer.text
        return sorted(item["agent"] for item in answer.json()["items"])

    return found


@pytest.mark.parametrize(
    ("query", "agents"),
    [
        ({"text": "internet"}, ["internet"]),
        ({"text": "parc*"}, ["parcels"]),
        ({"text": '"about my"'}, ["internet", "nothing", "parcels"]),
        ({"text": '"my about"'}, []),
        ({"text": "about", "agent": "parcels"}, ["parcels"]),
        ({"label": "brand"}, ["internet", "parcels"]),
        ({"label": "brand:north"}, ["internet"]),
        ({"label": "colour:north"}, []),
        ({"min_score": 0.5}, ["parcels"]),
        ({"max_score": 0.5}, ["internet"]),
        ({"min_score": 0.1, "max_score": 0.7}, ["internet", "parcels"]),
        ({"min_score": 0.5, "label": "brand:north"}, []),
        ({"text": "about", "state": "agreed"}, []),
        ({"text": "about", "severity": "high"}, []),
    ],
)
def test_filters_by_call(find: Find, query: dict[str, Any], agents: list[str]) -> None:
    assert find(**query) == sorted(agents * 2)


def test_pages_of_what_is_said_miss_nothing(find: Find, site: Site) -> None:
    asking = client(site)
    query: dict[str, Any] = {"text": "about", "limit": 1}
    seen = []
    while True:
        page = asking.get("/v1/findings", params=query).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"text": "?!"}, "text"),
        ({"min_score": 2}, "min_score"),
        ({"text": "a" * 201}, "text"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    site: Site, query: dict[str, Any], field: str
) -> None:
    answer = client(site).get("/v1/findings", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_who_judges_first_cannot_ask_by_score(site: Site) -> None:
    blind = replace(site, options=Options(blind_first=True))
    answer = client(blind, "reviewer").get("/v1/findings", params={"max_score": 0.5})
    assert (answer.status_code, answer.json()["field"]) == (422, "max_score")
    assert client(blind, "supervisor").get("/v1/findings?max_score=0.5").is_success
