"""What is made of a recording beside its analysis."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, delete, select

from callmon.call import Redacted
from callmon.jobs.products import index_missing, make_products, redact_missing
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, redactions, search
from callmon.store.database import Database
from callmon.store.keeping.retention import DELETED, forget_part
from callmon.store.media import Media
from callmon.store.tables.calls import redactions as redactions_table
from callmon.store.tables.calls import turns
from callmon.store.tables.search import spoken
from callmon.store.work import runs
from tests.integration.review.made import make_analysis
from tests.integration.store.made import NOON, add
from tests.unit.audio.conftest import FakeAudio

TURNS = (
    ("agent", "What is the number of your card?"),
    ("customer", "4111 1111 1111 1111, for the third time."),
)


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open(str(tmp_path / "media"))


def keys(media: Media) -> set[str]:
    return {key for key, _ in media.keys()}  # noqa: SIM118  no mapping


def test_copy_and_outline_are_made_once(database: Database, media: Media) -> None:
    asked = []

    def audio() -> FakeAudio:
        asked.append(1)
        return FakeAudio(np.zeros(16_000))

    received = media.receive(io.BytesIO(b"one"), max_bytes=10)
    with database.writing() as connection:
        assert add(connection, "one").media == received.key
    make_products(database, media, received.key, audio)
    assert keys(media) == {received.key + end for end in ("", ".mp3", ".peaks")}
    asked.clear()
    make_products(database, media, received.key, audio)
    assert asked == []
    media.delete(received.key)
    assert keys(media) == set()


def test_nothing_stays_of_a_recording_that_was_deleted(
    database: Database, media: Media
) -> None:
    received = media.receive(io.BytesIO(b"one"), max_bytes=10)
    make_products(database, media, received.key, lambda: FakeAudio(np.zeros(16_000)))
    assert keys(media) == set()


def test_what_fails_leaves_no_half_of_it(database: Database, media: Media) -> None:
    received = media.receive(io.BytesIO(b"one"), max_bytes=10)

    class Broken(FakeAudio):
        def read(self, *_: object) -> object:
            raise OSError("the sound is gone")

    with pytest.raises(OSError, match="gone"):
        make_products(database, media, received.key, lambda: Broken(np.zeros(16_000)))
    assert keys(media) == {received.key}


def saved_call(connection: Connection, redacted: Redacted | None = None) -> str:
    """The id of an analysis of `TURNS`."""
    call = add(connection, "one").id
    run = runs.request(connection, call, priority=1, reason="batch", at=NOON)
    runs.begin(connection, call, run, worker="w", at=NOON)
    runs.finish(connection, call, run, at=NOON)
    analysis = make_analysis(turns=TURNS)
    redacted = redacted or redact_call(analysis)
    return analyses.save(connection, call, run, analysis, redacted=redacted, at=NOON)


def spoken_words(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(select(spoken.c.text)).scalar_one())


def test_words_are_findable_without_what_is_private(database: Database) -> None:
    with database.writing() as connection:
        saved_call(connection)
    assert "4111" not in spoken_words(database)
    assert "third time" in spoken_words(database)


def test_what_is_not_findable_becomes_so(database: Database) -> None:
    with database.writing() as connection:
        saved = saved_call(connection)
        search.forget(connection, saved.partition("-")[0])
    assert index_missing(database) == 1
    assert index_missing(database) == 0
    assert "4111" not in spoken_words(database)
    with database.reading() as connection:
        assert search.missing(connection, limit=9) == []


def test_what_other_rules_redacted_is_redacted_anew(database: Database) -> None:
    analysis = make_analysis(turns=TURNS)
    blind = Redacted(redactor="older", analysis=analysis, silent=())
    with database.writing() as connection:
        saved = saved_call(connection, blind)
    assert "4111" in spoken_words(database)
    assert redact_missing(database) == 1
    assert redact_missing(database) == 0
    assert "4111" not in spoken_words(database)
    with database.reading() as connection:
        kept = redactions.of(connection, saved)
        rows = connection.execute(select(turns.c.text).order_by(turns.c.turn)).scalars()
        assert kept == redact_call(analysis)
        assert list(rows) == [turn.text for turn in kept.analysis.turns]


def test_words_that_were_deleted_stay_so(database: Database, media: Media) -> None:
    with database.writing() as connection:
        saved = saved_call(connection)
        silent = redactions.silent_of(connection, saved)
        call = saved.partition("-")[0]
        forget_part(connection, media, call, "transcript", who="t", at=NOON)
    assert redact_missing(database) == 0
    with database.reading() as connection:
        kept = redactions.of(connection, saved)
    assert kept is not None
    assert {turn.text for turn in kept.analysis.turns} == {DELETED}
    # The sound may be kept for longer.
    assert kept.silent == silent != ()


def test_a_call_of_which_nobody_knows_what_is_private_is_silent_from_end_to_end(
    database: Database, media: Media
) -> None:
    with database.writing() as connection:
        saved = saved_call(connection)
        connection.execute(delete(redactions_table))
        call = saved.partition("-")[0]
        forget_part(connection, media, call, "transcript", who="t", at=NOON)
        (silent,) = redactions.silent_of(connection, saved)
    assert silent.start == 0.0
    assert silent.end >= 86_400.0
