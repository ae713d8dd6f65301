"""What is said in calls is found by its words, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from callmon.store.calls import recordings, search
from callmon.store.database import Database
from callmon.store.tables.calls import recordings as table
from tests.integration.store.made import NOON, add


@pytest.fixture
def said(database: Database):
    def say(words: str) -> str:
        with database.writing() as connection:
            recording_id = add(connection, words[:50]).id
            search.index(connection, recording_id, analysis_id="a-1", words=words)
        return recording_id

    return say


def found(database: Database, searched: str) -> set[str]:
    with database.reading() as connection:
        query = select(table.c.id).where(search.holds(connection, search.read(searched)))
        return set(connection.execute(query).scalars())


@pytest.mark.parametrize(
    ("searched", "is_found"),
    [
        ("third", True),
        ("THIRD parcel", True),
        ('"third time"', True),
        ('"time third"', False),
        ("par*", True),
        ("par", False),
        ("third refund", False),
        ("third OR refund", False),
        ('parcel" OR "x', False),
        ("third) NOT (parcel", False),
    ],
)
def test_all_that_is_looked_for_has_to_be_said(
    database: Database, said, searched: str, is_found: bool
) -> None:
    recording_id = said("This is the third time I am calling about my parcel.")
    said("Something else.")
    assert found(database, searched) == ({recording_id} if is_found else set())


@pytest.mark.parametrize(
    "hostile", ["'", "_ third", "a" * 5000, '"', "*", "\0", "-", "😀", "third'':*|x"]
)
def test_no_text_is_a_statement(database: Database, said, hostile: str) -> None:
    said("This is the third time.")
    if search.read(hostile):
        found(database, hostile)


def test_new_words_take_the_place_of_the_old(database: Database, said) -> None:
    recording_id = said("parcel")
    with database.writing() as connection:
        search.index(connection, recording_id, analysis_id="a-2", words="letter")
    assert found(database, "parcel") == set()
    assert found(database, "letter") == {recording_id}


def test_the_words_go_with_the_recording(database: Database, said) -> None:
    recording_id = said("parcel")
    with database.writing() as connection:
        recordings.delete_recording(connection, recording_id, who="me", at=NOON)
    assert found(database, "parcel") == set()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM spoken")).scalar() == 0


def test_words_of_any_length_are_taken(database: Database, said) -> None:
    recording_id = said("start " + " ".join(f"w{n}é" for n in range(300_000)))
    assert found(database, "start") == {recording_id}
