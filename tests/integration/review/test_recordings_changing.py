"""What is known of a call is put right; a call is judged again, or deleted for good."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from callmon.call import Role
from callmon.redaction.call import redact_call
from callmon.review.site import Site
from callmon.store.access.trail import trail
from callmon.store.calls import analyses, channel_maps, recordings, search
from callmon.store.tables.base import metadata_tables
from callmon.store.work import runs
from tests.integration.review.conftest import AddRecording, AsRole, FakeQueue
from tests.integration.review.made import make_analysis

SPEAKERS = {
    "left": Role(party="agent", confidence=0.9),
    "right": Role(party="customer", confidence=0.9),
}


@pytest.fixture
def call(recording: AddRecording) -> str:
    return recording(
        agent="Ann",
        team="billing",
        labels={"brand": "north"},
        analysis=make_analysis(speakers=SPEAKERS),
    )


def queued(site: Site) -> list[tuple[str, int]]:
    assert isinstance(site.queue, FakeQueue)
    return site.queue.enqueued


def test_metadata_change_and_findings_with_them(
    as_role: AsRole, call: str, site: Site
) -> None:
    change = {
        "agent": "Bob",
        "team": None,
        "customer": "+49 30 1234",
        "labels": {"brand": None, "site": "Bonn"},
    }
    client = as_role("admin")
    changed = client.patch(f"/v1/recordings/{call}", json=change)
    assert changed.status_code == 200, changed.text
    metadata = changed.json()["metadata"]
    assert (metadata["agent"], metadata["team"]) == ("Bob", None)
    assert metadata["labels"] == {"site": "Bonn"}
    (finding,) = client.get("/v1/findings").json()["items"]
    assert (finding["agent"], finding["team"]) == ("Bob", None)
    assert queued(site) == [], "nothing that the judgement depends on"
    with site.database.reading() as connection:
        (line,) = trail(connection, action="metadata.edited")
    assert line.detail["agent"] == {"from": "Ann", "to": "Bob"}
    assert line.detail["customer"] == "changed"
    assert line.detail["labels"] == ["brand", "site"]


@pytest.mark.parametrize(
    "parties",
    [
        "swap",
        {"right": "agent"},
        {"left": "customer"},
        {"right": "agent", "left": "customer"},
    ],
)
def test_parties_are_put_right_and_the_call_is_judged_again(
    as_role: AsRole, call: str, site: Site, parties: object
) -> None:
    changed = as_role("reviewer").patch(f"/v1/recordings/{call}", json={"parties": parties})
    assert changed.status_code == 200, changed.text
    assert changed.json()["metadata"]["agent_channel"] == "right"
    assert (changed.json()["state"], changed.json()["run"]) == ("queued", 2)
    assert queued(site) == [(call, 2)]


def test_the_voice_of_a_call_on_one_channel(
    as_role: AsRole, recording: AddRecording
) -> None:
    speakers = {
        "speaker 1": Role(party="unknown", confidence=0.5),
        "speaker 2": Role(party="unknown", confidence=0.5),
        "music": Role(party="other", confidence=0.9),
    }
    call = recording(analysis=make_analysis(speakers=speakers))
    client = as_role("reviewer")
    assert (
        client.patch(f"/v1/recordings/{call}", json={"parties": "swap"}).status_code == 409
    )
    named = {"parties": {"speaker 1": "customer"}}
    changed = client.patch(f"/v1/recordings/{call}", json=named)
    assert changed.json()["metadata"]["agent_voice"] == "speaker 2"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"parties": {"speaker 3": "agent"}}, 422, "parties"),
        ({"parties": {"left": "agent", "right": "agent"}}, 422, "parties"),
        ({"parties": {}}, 422, "parties"),
        ({"direction": "up"}, 422, "direction"),
        ({"started": "0001-01-01T00:00:00+14:00"}, 422, "started"),
        ({"agent": ""}, 422, "agent"),
        ({"colour": "red"}, 422, "colour"),
        ({"labels": {f"l{n}": "x" for n in range(50)}}, 422, "labels"),
    ],
)
def test_changes_that_cannot_be_made(
    as_role: AsRole, call: str, change, status: int, field: str
) -> None:
    refused = as_role("admin").patch(f"/v1/recordings/{call}", json=change)
    assert (refused.status_code, refused.json()["field"]) == (status, field)


def test_nobody_is_overwritten_unseen(as_role: AsRole, call: str) -> None:
    client, path = as_role("admin"), f"/v1/recordings/{call}"
    read = client.get(path).headers["ETag"]
    first = client.patch(path, json={"agent": "Bob"}, headers={"If-Match": read})
    assert first.status_code == 200
    late = client.patch(path, json={"agent": "Cid"}, headers={"If-Match": read})
    assert late.status_code == 412
    assert late.json()["type"] == "/problems/precondition-failed"
    now = {"If-Match": f'"old", {first.headers["ETag"]}'}
    assert client.patch(path, json={"agent": "Cid"}, headers=now).status_code == 200
    assert client.patch(path, json={"agent": "Dan"}, headers={"If-Match": "*"}).is_success


@pytest.mark.parametrize(("remember", "remembered"), [(True, "right"), (False, None)])
def test_a_source_is_remembered(
    as_role: AsRole, site: Site, remember: bool, remembered: str | None
) -> None:
    sent = as_role("uploader").post(
        "/v1/recordings", files={"file": ("a.wav", b"RIFF\x24\0\0\0WAVEfmt ")}
    )
    call, source = sent.json()["id"], sent.json()["source"]
    with site.database.writing() as connection:
        runs.finish(connection, call, 1, at=site.now())
        document = make_analysis(speakers=SPEAKERS)
        analyses.save(
            connection, call, 1, document, redacted=redact_call(document), at=site.now()
        )

    change = {"parties": "swap", "remember": remember}
    admin = as_role("admin")
    admin.patch(f"/v1/recordings/{call}", json=change)

    with site.database.reading() as connection:
        assert channel_maps.recall(connection, source) == remembered
        assert channel_maps.recall(connection, "another") is None
        lines = trail(connection, action="channel.remembered")
    told = [(line.who, line.recording_id, dict(line.detail)) for line in lines]
    detail = {"source": source, "agent_channel": remembered}
    assert told == ([(admin.get("/v1/me").json()["id"], call, detail)] if remember else [])


def test_a_supervisor_moves_calls_between_their_teams_alone(
    as_role: AsRole, call: str
) -> None:
    path = f"/v1/recordings/{call}"
    client = as_role("supervisor", teams={"billing", "north"})
    assert client.patch(path, json={"team": "sales"}).status_code == 422
    assert client.patch(path, json={"team": "north"}).status_code == 200
    stranger = as_role("supervisor", teams={"sales"})
    assert stranger.patch(path, json={"team": "sales"}).status_code == 404


def test_reanalysis(as_role: AsRole, call: str, site: Site) -> None:
    client, path = as_role("supervisor"), f"/v1/recordings/{call}/reanalyze"
    again = client.post(path)
    assert (again.status_code, again.json()["run"]) == (202, 2)
    assert again.headers["Location"] == f"/v1/recordings/{call}"
    assert queued(site) == [(call, 2)]
    assert client.post(path).status_code == 409
    assert client.get(f"/v1/recordings/{call}/analysis").status_code == 200


def test_what_is_deleted_is_gone(as_role: AsRole, call: str, site: Site) -> None:
    client = as_role("supervisor")
    (finding,) = client.get("/v1/findings").json()["items"]
    client.post(f"/v1/findings/{finding['id']}/verdicts", json={"verdict": "agree"})
    with site.database.writing() as connection:
        stored = recordings.get(connection, call)
        search.index(connection, call, analysis_id=f"{call}-1", words="parcel")
    for ending in (".mp3", ".peaks"):
        with site.media.making(stored.media + ending) as target:
            target.write(b"x")

    assert (
        as_role("supervisor", teams={"sales"}).delete(f"/v1/recordings/{call}").status_code
        == 404
    )
    assert client.delete(f"/v1/recordings/{call}").status_code == 204

    assert list(site.media.keys()) == []
    assert client.delete(f"/v1/recordings/{call}").status_code == 404
    with site.database.reading() as connection:
        for table in metadata_tables.sorted_tables:
            if "recording_id" in table.c and table.name not in ("audit", "sightings"):
                left = connection.execute(
                    table.select().where(table.c.recording_id == call)
                ).all()
                assert left == [], table.name
        found = "SELECT count(*) FROM spoken_words WHERE spoken_words MATCH 'parcel'"
        assert connection.execute(text(found)).scalar() == 0
        line = trail(connection, recording_id=call)[0]
    assert (line.action, line.who[:4]) == ("recording.deleted", "key:")
