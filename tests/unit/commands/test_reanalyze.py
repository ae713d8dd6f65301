"""What `callmon reanalyze --dry-run --diff` prints."""

from __future__ import annotations

import pytest

from callmon.cli import main
from callmon.commands import reanalyze
from callmon.errors import BadRecording
from callmon.jobs.reanalysis import Difference
from callmon.settings import load_settings
from callmon.store.calls import recordings
from callmon.store.database import Database
from tests.integration.store.made import add, finding

DIFFERENCES = {
    "one": Difference(
        gained=(finding("f1", summary="Gained\x1b[31m."), finding("f2", start=None)),
        lost=(finding("f3", summary="Lost.", start=61.25),),
    ),
    "two": Difference(gained=(), lost=()),
}


def test_findings_gained_and_lost_are_printed_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Database.open(load_settings().database_url) as database:
        with database.writing() as connection:
            ids = {add(connection, name).id: name for name in ("one", "two", "broken")}

        def compare(
            _1: object, _2: object, _3: object, call: str, **_: object
        ) -> Difference:
            if ids[call] == "broken":
                raise BadRecording("It is not sound.")
            return DIFFERENCES[ids[call]]

        monkeypatch.setattr(reanalyze, "load_engines", lambda _settings: None)
        monkeypatch.setattr(reanalyze, "compare", compare)
        assert main(["reanalyze", *ids, "--dry-run", "--diff"]) == 1
        with database.reading() as connection:
            assert {each.run for each in recordings.find(connection)} == {0}

    one, _, broken = ids
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"+ {one} missed_empathy at 3.0 s: Gained\N{REPLACEMENT CHARACTER}[31m.",
        f"+ {one} missed_empathy at turn 1: The agent asked for the number.",
        f"- {one} missed_empathy at 61.2 s: Lost.",
        "2 compared, 2 findings gained, 1 lost",
    ]
    assert f"{broken}: It is not sound." in told.err
