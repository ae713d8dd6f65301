"""A call is analysed again: what people did about it is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from callmon.call import Analysis
from callmon.redaction.call import redact_call
from callmon.review.site import Options, Site
from callmon.store.calls import analyses
from callmon.store.reviews import controls
from tests.integration.review.conftest import AddRecording
from tests.integration.review.made import make_analysis, make_finding

Again = Callable[..., None]
DISPUTE = {"reason": "She did say it.", "proposed": "none"}


@pytest.fixture
def recording_id(recording: AddRecording) -> str:
    return recording(agent="Ann", team="north", analysis=make_analysis())


@pytest.fixture
def old(recording_id: str) -> str:
    return f"/v1/findings/{recording_id}-1-f1"


@pytest.fixture
def new(recording_id: str) -> str:
    """The same finding of the second analysis, where it has another number."""
    return f"/v1/findings/{recording_id}-2-f2"


@pytest.fixture
def again(site: Site, recording_id: str, clock) -> Again:
    """`again(make_finding(...))`: the next analysis, with these findings."""
    run = 1

    def save(*found: Any) -> None:
        nonlocal run
        run += 1
        clock.forward(minutes=1)
        with site.database.writing() as connection:
            before = analyses.load(connection, f"{recording_id}-1")
            after: Analysis = before.model_copy(update={"findings": found})
            analyses.save(
                connection,
                recording_id,
                run,
                after,
                redacted=redact_call(after),
                at=site.now(),
            )
        clock.forward(minutes=1)

    return save


OTHER_KIND = make_finding(1, kind="no_mirroring", turn=2)
ELSEWHERE = make_finding(3, turn=4)
SAME = make_finding(2, severity="high", confidence=0.6)


def listed(client: TestClient, query: str) -> list[tuple[str, bool]]:
    answer = client.get(f"/v1/findings?{query}")
    assert answer.status_code == 200, answer.text
    return [(each["id"], each["current"]) for each in answer.json()["items"]]


def events(client: TestClient, url: str) -> list[tuple[str, bool]]:
    answer = client.get(f"{url}/history")
    return [(each["event"], each["earlier"]) for each in answer.json()["items"]]


def test_an_open_dispute_goes_on_about_the_same_finding(
    as_role, again, old, new, recording_id
) -> None:
    supervisor, admin = as_role("supervisor"), as_role("admin")
    supervisor.post(f"{old}/dispute", json=DISPUTE)

    again(OTHER_KIND, SAME, ELSEWHERE)

    assert listed(admin, "disputed=true") == [(f"{recording_id}-2-f2", True)]
    assert admin.get(new).json()["dispute"]["reason"] == DISPUTE["reason"]
    decided = admin.post(f"{new}/dispute/resolution", json={"kind": "none"})
    assert decided.status_code == 200
    assert admin.get(new).json()["state"] == "dismissed"
    assert admin.get(old).json()["state"] == "open"


def test_a_dispute_about_what_is_not_found_again_waits_with_a_mark(
    as_role, again, old, recording_id
) -> None:
    supervisor, admin = as_role("supervisor"), as_role("admin")
    supervisor.post(f"{old}/dispute", json=DISPUTE)

    again(OTHER_KIND, ELSEWHERE)

    gone = f"{recording_id}-1-f1"
    assert listed(admin, "disputed=true") == [(gone, False)]
    assert gone not in dict(listed(admin, ""))
    assert admin.get(old).json()["dispute"]["reason"] == DISPUTE["reason"]
    decided = admin.post(f"{old}/dispute/resolution", json={"kind": "none"})
    assert decided.status_code == 200
    assert listed(admin, "disputed=true") == []


def test_what_is_found_again_later_takes_over_what_waited(
    as_role, again, old, recording_id
) -> None:
    supervisor = as_role("supervisor")
    supervisor.post(f"{old}/dispute", json=DISPUTE)

    again(OTHER_KIND)
    again(make_finding(1))

    assert listed(supervisor, "disputed=true") == [(f"{recording_id}-3-f1", True)]


def test_an_assignment_goes_on(as_role, again, old, recording_id) -> None:
    reviewer = as_role("reviewer")
    reviewer.post(f"{old}/assign", json={"to": "me"})

    again(OTHER_KIND, SAME)

    assert listed(reviewer, "assigned_to=me") == [(f"{recording_id}-2-f2", True)]


def test_an_assignment_to_what_is_gone_ends_and_the_history_says_why(
    as_role, again, old, recording_id
) -> None:
    reviewer = as_role("reviewer")
    reviewer.post(f"{old}/assign", json={"to": "me"})

    again(OTHER_KIND)

    assert listed(reviewer, "assigned_to=me") == []
    assert reviewer.get(old).json()["assigned_to"] is None
    given, ended = reviewer.get(f"{old}/history").json()["items"]
    assert given["assignment"]["reason"] is None
    assert (ended["assignment"]["assignee"], ended["who"]) == (None, "analysis")
    assert ended["assignment"]["reason"] == "not_found_again"


def test_who_has_decided_has_nothing_left_to_do(as_role, again, old) -> None:
    reviewer = as_role("reviewer")
    reviewer.post(f"{old}/assign", json={"to": "me"})
    reviewer.post(f"{old}/verdicts", json={"verdict": "agree"})

    again(OTHER_KIND, SAME)

    assert listed(reviewer, "assigned_to=me") == []


def test_verdicts_stay_and_the_history_of_the_same_finding_leads_to_them(
    as_role, again, old, new, recording_id
) -> None:
    reviewer, supervisor = as_role("reviewer"), as_role("supervisor")
    reviewer.post(f"{old}/verdicts", json={"verdict": "agree", "note": "Clear."})
    saw = reviewer.get(f"{old}/history").json()["items"][0]["saw"]

    again(OTHER_KIND, SAME)

    assert supervisor.get(new).json()["state"] == "open"
    (event,) = supervisor.get(f"{new}/history").json()["items"]
    assert event["verdict"]["subject"] == f"{recording_id}-1-f1"
    assert (event["earlier"], event["saw"]) == (True, saw)
    assert events(supervisor, old) == [("verdict", False)]
    assert events(supervisor, f"/v1/findings/{recording_id}-2-f1") == []


def test_coaching_goes_on_and_is_read_from_both(as_role, again, old, new, clock) -> None:
    coach, agent = as_role("supervisor"), as_role("agent", agent="Ann")
    coach.post(f"{old}/coaching", json={"text": "Hear this."})
    again(OTHER_KIND, SAME)

    agent.post(f"{new}/coaching", json={"text": "I see."})

    for url in (old, new):
        for client in (coach, agent):
            talk = client.get(f"{url}/coaching").json()["items"]
            assert [each["text"] for each in talk] == ["Hear this.", "I see."]
    assert events(agent, new) == [("coaching", True), ("coaching", False)]


def test_two_disputes_do_not_become_one(as_role, again, old, recording_id) -> None:
    supervisor = as_role("supervisor")
    supervisor.post(f"{old}/dispute", json=DISPUTE)
    again(make_finding(1, turn=4))
    second = f"/v1/findings/{recording_id}-2-f1"
    supervisor.post(f"{second}/dispute", json={**DISPUTE, "reason": "Nor this."})

    # One finding over both moments.
    again(make_finding(1).model_copy(update={"end": 40.0}))

    assert listed(supervisor, "disputed=true") == [
        (f"{recording_id}-1-f1", False),
        (f"{recording_id}-3-f1", True),
    ]
    third = supervisor.get(f"/v1/findings/{recording_id}-3-f1").json()
    assert third["dispute"]["reason"] == "Nor this."
    assert supervisor.get(old).json()["dispute"]["reason"] == DISPUTE["reason"]


def test_a_round_stays_blind_on_the_same_finding_of_another_analysis(
    as_role, again, old, new, recording_id
) -> None:
    first, second = as_role("reviewer"), as_role("reviewer")
    people = [each.get("/v1/me").json()["id"] for each in (first, second)]
    begun = as_role("supervisor").post(
        "/v1/calibration/rounds",
        json={"name": "R", "findings": [f"{recording_id}-1-f1"], "reviewers": people},
    )
    assert begun.status_code == 201

    again(OTHER_KIND, SAME)

    assert first.get(new).status_code == 404
    assert f"{recording_id}-2-f2" not in dict(listed(first, ""))
    assert f"{recording_id}-2-f2" in dict(listed(as_role("reviewer"), ""))


def test_who_judged_it_in_an_earlier_analysis_is_not_blind_to_it(
    as_role, again, old, recording_id
) -> None:
    first, second = as_role("reviewer"), as_role("reviewer")
    people = [each.get("/v1/me").json()["id"] for each in (first, second)]
    verdict = {"verdict": "agree"}
    assert first.post(f"{old}/verdicts", json=verdict).status_code == 201
    again(OTHER_KIND, SAME)

    begun = as_role("supervisor").post(
        "/v1/calibration/rounds",
        json={"name": "R", "findings": [f"{recording_id}-2-f2"], "reviewers": people},
    )

    assert begun.status_code == 409
    assert people[0] in begun.json()["detail"]


def test_the_same_run_saved_twice_carries_once(as_role, again, old, new, site) -> None:
    reviewer = as_role("reviewer")
    reviewer.post(f"{old}/assign", json={"to": "me"})
    again(OTHER_KIND, SAME)
    again(OTHER_KIND, SAME)

    assert [event for event, _ in events(reviewer, old)] == ["assignment"]


def test_controls_fare_like_findings(as_role, again, site, recording_id) -> None:
    def draw(run: int) -> None:
        with site.database.writing() as connection:
            analysis_id = f"{recording_id}-{run}"
            analysis = analyses.load(connection, analysis_id)
            controls.draw(connection, analysis_id, analysis, share=0.9, at=site.now())

    draw(1)
    reviewer = as_role("reviewer")
    drawn = [id_ for id_, _ in listed(reviewer, "") if "-m" in id_]
    for each in drawn:
        reviewer.post(f"/v1/findings/{each}/assign", json={"to": "me"})
    again(SAME)
    draw(2)

    mine = [id_ for id_, _ in listed(reviewer, "assigned_to=me")]

    assert drawn
    assert len(mine) == len(drawn)
    assert set(mine) <= {id_ for id_, _ in listed(reviewer, "") if "-2-m" in id_}


class TestBlindFirst:
    """Where reviewers judge before they see what the machine says."""

    @pytest.fixture
    def options(self) -> Options:
        return Options(blind_first=True)

    def test_who_judged_all_of_the_new_analysis_sees_it(
        self, as_role, again, recording_id
    ) -> None:
        again(SAME, ELSEWHERE)
        reviewer = as_role("reviewer")
        analysis = f"/v1/recordings/{recording_id}/analysis"
        assert reviewer.get(analysis).json()["findings"] == []

        for finding, _ in listed(reviewer, ""):
            answer = reviewer.post(
                f"/v1/findings/{finding}/verdicts", json={"kind": "none"}
            )
            assert answer.status_code == 201

        assert len(reviewer.get(analysis).json()["findings"]) == 2


def test_a_call_counts_once_in_the_calibration_however_often_it_was_analysed(
    as_role, again, old, new
) -> None:
    lead, reviewer = as_role("supervisor"), as_role("reviewer")

    def counted(query: str = "") -> tuple[int, int, float | None]:
        total = lead.get(f"/v1/calibration?{query}").json()["total"]
        return total["flags"], total["judged"], total["precision"]["value"]

    assert counted() == (1, 0, None)
    reviewer.post(f"{old}/verdicts", json={"verdict": "disagree"})
    assert counted() == (1, 1, 0)

    again(OTHER_KIND, SAME)
    # What was judged still counts, until the new analysis is judged as well.
    assert counted() == (1, 1, 0)
    reviewer.post(f"{new}/verdicts", json={"verdict": "agree"})
    assert counted() == (2, 1, 1)
    assert counted("rubric=en/1") == (2, 1, 1)
    assert counted("rubric=en/2") == (0, 0, None)
    # What reviewers said of either is theirs.
    assert lead.get("/v1/calibration").json()["blind"]["n"] == 2


def test_of_a_call_that_nobody_judged_the_newest_analysis_counts(as_role, again) -> None:
    again(OTHER_KIND, SAME)

    assert as_role("supervisor").get("/v1/calibration").json()["total"]["flags"] == 2
