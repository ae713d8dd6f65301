"""What is inferred, how long it is kept, and what must stay."""

from __future__ import annotations

import io

import pytest

from callmon.call import Analysis
from callmon.errors import NotFound, OnHold
from callmon.jobs.erase import erase
from callmon.jobs.retention import retain
from callmon.metadata import Metadata
from callmon.review.privacy.inferences import INFERENCES, NOT_INFERRED
from callmon.review.site import Site
from callmon.store.access import audit
from callmon.store.calls import analyses, recordings, search
from callmon.store.database import Database
from callmon.store.keeping import retention
from callmon.store.work import steps
from tests.integration.review.conftest import NOW, AddRecording, AsRole, Clock

SECRET = "third time"
"""Words of the call that `make_analysis` makes."""


def test_everything_in_the_analysis_document_is_told_of() -> None:
    told = [field for inference in INFERENCES for field in inference.fields]
    assert sorted([*told, *NOT_INFERRED]) == sorted(Analysis.model_fields)


def test_inferences_tell_how_long_they_are_kept(
    recording: AddRecording, as_role: AsRole
) -> None:
    admin = as_role("admin")
    answer = admin.get("/v1/privacy/inferences").json()
    assert answer["made_by"] is None
    assert {item["kept"]["days"] for item in answer["items"]} == {None}
    recording()
    rules = {"transcript": 30, "analysis": 90, "recording": 365}
    assert admin.put("/v1/privacy/retention", json=rules).status_code == 200
    answer = as_role("agent").get("/v1/privacy/inferences").json()
    days = {item["name"]: item["kept"]["days"] for item in answer["items"]}
    assert (days["words"], days["score"], days["promise"]) == (30, 90, 30)
    assert answer["made_by"]["rubric"] == "en/1"
    tone = next(item for item in answer["items"] if item["name"] == "tone")
    assert tone["about"] == ["customer"]


def test_the_rule_that_comes_first_is_told(as_role: AsRole) -> None:
    admin = as_role("admin")
    answer = admin.put("/v1/privacy/retention", json={"recording": 10}).json()
    assert {each["days"] for each in answer.values()} == {10}
    assert answer["audio"]["by"] == "recording"
    assert answer["audio"]["set_by"].startswith("key:")
    answer = admin.put("/v1/privacy/retention", json={}).json()
    assert {each["days"] for each in answer.values()} == {None}
    lines = admin.get("/v1/audit", params={"action": "retention.set"}).json()["items"]
    assert [line["detail"]["to"]["recording"] for line in lines] == [None, 10]


@pytest.mark.parametrize(
    "rules",
    [{"audio": 0}, {"audio": 36501}, {"transcript": 90, "analysis": 30}, {"sound": 3}],
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, int], as_role: AsRole) -> None:
    assert as_role("admin").put("/v1/privacy/retention", json=rules).status_code == 422


def set_rules(site: Site, **days: int) -> None:
    with site.database.writing() as connection:
        retention.set_rules(connection, days, by="me", at=NOW)  # type: ignore[arg-type]


def run_rules(site: Site, *, days: int | None = None) -> dict[retention.Kind, int]:
    return retain(site.database, site.media, site.queue, days=days, at=site.now())


def test_the_sound_goes_and_comes_back_with_the_same_file(
    recording: AddRecording, site: Site, clock: Clock
) -> None:
    call = recording(content=b"sound")
    set_rules(site, audio=7)
    assert run_rules(site) == {}
    clock.forward(days=8)
    assert run_rules(site) == {"audio": 1}
    assert run_rules(site) == {}
    with site.database.reading() as connection:
        stored = recordings.get(connection, call)
        assert analyses.current(connection, call) is not None
        assert audit.entries(connection, recording_id=call)[0].action == "audio.deleted"
    with pytest.raises(NotFound):
        site.media.size(stored.media)

    received = site.media.receive(io.BytesIO(b"sound"), max_bytes=100)
    with site.database.writing() as connection:
        recordings.add(
            connection,
            sha256=received.sha256,
            name="again.wav",
            size=received.size,
            media=received.key,
            metadata=Metadata(),
            received=clock.now,
            priority=1,
        )
    assert run_rules(site) == {"audio": 1}


def test_words_go_from_wherever_they_are_and_figures_stay(
    recording: AddRecording, site: Site, clock: Clock, as_role: AsRole
) -> None:
    call = recording(team="north")
    finding = f"{call}-1-f1"
    reviewer = as_role("reviewer")
    key = {"Idempotency-Key": "k1"}
    url = f"/v1/findings/{finding}/verdicts"
    assert reviewer.post(url, json={"verdict": "agree"}, headers=key).status_code == 201
    with site.database.writing() as connection:
        steps.keep(connection, call, "transcript", "f", SECRET.encode(), at=NOW)
        search.index(connection, call, analysis_id=f"{call}-1", words=SECRET)
    set_rules(site, transcript=7)
    clock.forward(days=8)
    assert run_rules(site) == {"transcript": 1}
    assert run_rules(site) == {}

    with site.database.reading() as connection:
        told = analyses.load(connection, f"{call}-1")
        everything = dump(site.database)
    assert SECRET not in everything
    assert "send it again" not in everything
    assert SECRET not in told.model_dump_json()
    assert (told.turns[1].text, told.turns[1].start) == ("[deleted]", 7.0)
    assert (told.score.missed, told.opportunities[0].emotion) == (1, "frustration")
    detail = reviewer.get(f"/v1/findings/{finding}")
    assert detail.status_code == 200
    assert SECRET not in detail.text
    assert detail.json()["state"] == "agreed"


def dump(database: Database) -> str:
    """All rows of all tables, documents unpacked, but for the audit log."""
    from callmon.store.tables.base import metadata_tables

    with database.reading() as connection:
        return " ".join(
            str(tuple(row))
            for table in metadata_tables.sorted_tables
            for row in connection.execute(table.select())
        )


def test_an_analysis_goes_with_all_that_hangs_on_it_and_the_recording_stays(
    recording: AddRecording, site: Site, clock: Clock, as_role: AsRole
) -> None:
    call = recording(team="north", agent="Ann")
    finding = f"{call}-1-f1"
    note = {"text": f"He said {SECRET}."}
    coach = as_role("supervisor")
    assert coach.post(f"/v1/findings/{finding}/coaching", json=note).status_code == 201
    set_rules(site, analysis=7)
    clock.forward(days=8)
    assert run_rules(site) == {"analysis": 1}
    assert run_rules(site) == {}
    assert SECRET not in dump(site.database)
    with site.database.reading() as connection:
        stored = recordings.get(connection, call)
        assert (stored.state, stored.analysis) == ("done", None)
        assert site.media.size(stored.media) > 0
    assert coach.get(f"/v1/findings/{finding}").status_code == 404
    assert coach.get("/v1/reports/kinds").json()["items"] == []


def test_a_call_says_when_its_analysis_was_deleted(
    recording: AddRecording, site: Site, clock: Clock, as_role: AsRole
) -> None:
    call = recording(team="north")
    lead = as_role("supervisor")
    set_rules(site, analysis=7)
    clock.forward(days=8)
    assert run_rules(site) == {"analysis": 1}

    page = lead.get(f"/calls/{call}")
    assert page.status_code == 200
    assert "The analysis was deleted" in page.text
    assert "2026-11-30" in page.text
    assert "after the 7 days that are set" in page.text
    assert "The sound is kept. It is not played" in page.text
    # What follows the analysis would load the page again and again.
    assert "waiting.js" not in page.text
    assert "Waiting for its turn" not in page.text
    for path in ("analysis", "turns", "audio", "peaks", "report.html"):
        refused = lead.get(f"/v1/recordings/{call}/{path}")
        assert refused.status_code == 409, path
        told = refused.json()["detail"]
        assert "deleted on 2026-11-30, after the 7 days that are set" in told
    missed = {"kind": "missed_joy", "turn": 1}
    for answer in (
        lead.post(f"/v1/recordings/{call}/moments", json=missed),
        lead.patch(f"/v1/recordings/{call}", json={"parties": "swap"}),
    ):
        assert (answer.status_code, "deleted on" in answer.json()["detail"]) == (409, True)

    set_rules(site, audio=8)
    with site.database.writing() as connection:
        retention.set_rules(connection, {"analysis": 9}, by="me", at=clock.now)
    clock.forward(days=2)
    assert run_rules(site)["audio"] == 1
    page = lead.get(f"/calls/{call}")
    assert "The sound was deleted, too." in page.text

    assert lead.post(f"/v1/recordings/{call}/reanalyze").status_code == 202
    assert "Waiting for its turn" in lead.get(f"/calls/{call}").text


def test_a_rule_that_was_changed_since_is_not_told_of_what_it_did_not_delete(
    recording: AddRecording, site: Site, clock: Clock, as_role: AsRole
) -> None:
    call = recording()
    set_rules(site, analysis=7)
    clock.forward(days=8)
    run_rules(site)
    clock.forward(days=1)
    with site.database.writing() as connection:
        retention.set_rules(connection, {"analysis": 90}, by="me", at=clock.now)

    page = as_role("admin").get(f"/calls/{call}").text

    assert "The analysis was deleted" in page
    assert "days that are set" not in page


def test_the_document_of_an_analysis_is_otherwise_never_changed(
    recording: AddRecording, site: Site
) -> None:
    from sqlalchemy import update

    from callmon.store.faults import StatementRefused
    from callmon.store.tables.calls import analyses as table

    recording()
    with pytest.raises(StatementRefused), site.database.writing() as connection:
        connection.execute(update(table).values(document=b"{}"))


def test_the_setting_holds_where_no_rule_does(
    recording: AddRecording, site: Site, clock: Clock
) -> None:
    call = recording()
    clock.forward(days=8)
    set_rules(site, recording=9)
    assert run_rules(site, days=7) == {}
    with site.database.writing() as connection:
        retention.set_rules(connection, {"recording": None}, by="me", at=NOW)
    assert run_rules(site, days=7) == {"recording": 1}
    with site.database.reading() as connection, pytest.raises(NotFound):
        recordings.get(connection, call)


def test_what_is_under_legal_hold_stays_until_the_hold_ends(
    recording: AddRecording, site: Site, clock: Clock, as_role: AsRole
) -> None:
    call, other = recording(), recording()
    admin = as_role("admin")
    answer = admin.put(f"/v1/recordings/{call}/hold", json={"reason": "Case 1"})
    assert (answer.status_code, answer.json()["reason"]) == (200, "Case 1")
    assert [h["recording_id"] for h in admin.get("/v1/privacy/holds").json()["items"]] == [
        call
    ]

    set_rules(site, audio=7, transcript=7, analysis=7)
    clock.forward(days=8)
    assert run_rules(site, days=7) == {"recording": 1}
    with pytest.raises(OnHold):
        erase(site.database, site.media, site.queue, call, who="me", at=NOW)
    with site.database.writing() as connection:
        assert not retention.forget_part(
            connection, site.media, call, "audio", who="me", at=NOW
        )
        assert recordings.get(connection, call).analysis is not None
        with pytest.raises(NotFound):
            recordings.get(connection, other)

    assert admin.delete(f"/v1/recordings/{call}/hold").status_code == 204
    assert admin.delete(f"/v1/recordings/{call}/hold").status_code == 404
    assert run_rules(site, days=7) == {"recording": 1}
    lines = admin.get("/v1/audit", params={"recording_id": call}).json()["items"]
    actions = [line["action"] for line in lines]
    assert {"hold.begun", "hold.ended", "recording.deleted"} <= set(actions)
    assert "Case 1" not in str(lines)


def test_a_hold_on_nothing_is_not_found(as_role: AsRole) -> None:
    answer = as_role("admin").put("/v1/recordings/abc/hold", json={"reason": "x"})
    assert answer.status_code == 404
