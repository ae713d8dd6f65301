"""What is made of a recording beside its analysis."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from callmon.jobs.products import index_missing, make_products, words_of
from callmon.store.calls import analyses, recordings, search
from callmon.store.database import Database
from callmon.store.media import Media
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


def test_words_are_indexed_without_what_is_private() -> None:
    words = words_of(make_analysis(turns=TURNS))
    assert "4111" not in words
    assert "third time" in words


def test_what_is_not_findable_becomes_so(database: Database) -> None:
    with database.writing() as connection:
        call = add(connection, "one").id
        run = runs.request(connection, call, priority=1, reason="batch", at=NOON)
        runs.begin(connection, call, run, worker="w", at=NOON)
        runs.finish(connection, call, run, at=NOON)
        saved = analyses.save(connection, call, run, make_analysis(), at=NOON)
    assert index_missing(database) == 1
    assert index_missing(database) == 0
    with database.reading() as connection:
        assert search.missing(connection, limit=9) == []
        assert recordings.get(connection, call).analysis == saved
