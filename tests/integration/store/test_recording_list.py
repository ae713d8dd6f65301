"""Recordings are found by everything that lists are filtered by, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import true

from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, recording_list, search
from callmon.store.calls.recording_list import Listed, Wanted
from callmon.store.database import Database
from callmon.store.work import runs
from tests.integration.store.made import NOON, add, later


@pytest.fixture
def calls(database: Database) -> dict[str, str]:
    """Ids by name: `a` is missed, `b` is met, `c` is not analysed."""
    from tests.integration.review.made import make_analysis

    ids = {}
    with database.writing() as connection:
        for n, (name, outcome) in enumerate((("a", "missed"), ("b", "met"), ("c", None))):
            stored = add(
                connection,
                name,
                received=later(hours=n),
                agent=f"Agent {name}",
                labels={"brand": name, 'o"dd': "x"},
            )
            ids[name] = stored.id
            run = runs.request(connection, stored.id, priority=1, reason="batch", at=NOON)
            if outcome is None:
                continue
            runs.begin(connection, stored.id, run, worker="w", at=NOON)
            runs.finish(connection, stored.id, run, at=NOON)
            more = {} if outcome == "missed" else {"findings": ()}
            document = make_analysis(outcome=outcome, **more)
            saved = analyses.save(
                connection,
                stored.id,
                run,
                document,
                redacted=redact_call(document),
                at=NOON,
            )
            search.index(connection, stored.id, analysis_id=saved, words=f"word {name}")
    return ids


def names(database: Database, calls: dict[str, str], wanted: Wanted, **how) -> str:
    by_id = {id_: name for name, id_ in calls.items()}
    found = listed(database, wanted, **how)
    return "".join(by_id[each.recording.id] for each in found)


def listed(database: Database, wanted: Wanted, **how) -> list[Listed]:
    with database.reading() as connection:
        return recording_list.find(connection, wanted, seen=true(), **{"limit": 10, **how})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), "cba"),
        (Wanted(states=("done",)), "ba"),
        (Wanted(agent="Agent b"), "b"),
        (Wanted(team="none"), ""),
        (Wanted(since=later(hours=1)), "cb"),
        (Wanted(until=later(hours=1)), "a"),
        (Wanted(findings=True), "a"),
        (Wanted(findings=False), "cb"),
        (Wanted(least_score=0.5), "b"),
        (Wanted(most_score=0.5), "a"),
        (Wanted(said=search.read("word a")), "a"),
        (Wanted(said=search.read("wor*")), "ba"),
        (Wanted(label=("brand", "c")), "c"),
        (Wanted(label=("brand", None)), "cba"),
        (Wanted(label=('o"dd', "x")), "cba"),
        (Wanted(label=("brand", "\0")), ""),
        (Wanted(label=("none", None)), ""),
    ],
)
def test_only_what_is_wanted_is_listed(
    database: Database, calls, wanted: Wanted, expected: str
) -> None:
    assert names(database, calls, wanted) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-held_at", "cba"),
        ("held_at", "abc"),
        ("received", "abc"),
        ("score", "ab"),
        ("-score", "ba"),
    ],
)
def test_pages_go_on_where_the_last_one_ended(
    database: Database, calls, sort, expected: str
) -> None:
    assert names(database, calls, Wanted(), sort=sort) == expected
    whole = ""
    after = None
    while page := listed(database, Wanted(), sort=sort, limit=1, after=after):
        (last,) = page
        whole += {id_: name for name, id_ in calls.items()}[last.recording.id]
        by = last.score if "score" in sort else last.held_at
        after = (by, last.recording.id)
    assert whole == expected


def test_a_list_tells_score_and_findings(database: Database, calls) -> None:
    c, b, a = listed(database, Wanted())
    assert (a.score, a.findings) == (0.0, 1)
    assert (b.score, b.findings) == (1.0, 0)
    assert (c.score, c.findings) == (None, 0)
