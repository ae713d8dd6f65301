"""The way in, on both databases."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection

from callmon.errors import BadRecording, StoreUnavailable, TooLarge
from callmon.intake.accept import Accepted, Intake, accept, plain_name
from callmon.jobs.queue import BATCH, UPLOAD, Queue
from callmon.metadata import Metadata
from callmon.store.access import audit
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from tests.integration.intake.taking import Remembering, wav

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def queue() -> Remembering:
    return Remembering()


@pytest.fixture
def intake(database: Database, queue: Remembering, tmp_path: Path) -> Intake:
    return Intake(
        database=database,
        media=Media.open(str(tmp_path / "media")),
        queue=cast(Queue, queue),
        max_bytes=100_000,
        min_free_bytes=0,
    )


def bring(
    intake: Intake,
    data: bytes,
    *,
    name: str = "call.wav",
    metadata: Metadata | None = None,
    priority: int = UPLOAD,
) -> Accepted:
    return accept(
        io.BytesIO(data),
        intake,
        name=name,
        metadata=metadata or Metadata(),
        priority=priority,
        at=NOW,
    )


def everything(intake: Intake) -> list[str]:
    with intake.database.reading() as connection:
        return [each.id for each in recordings.find(connection)]


def test_a_recording_is_kept_queued_and_given_to_the_queue(
    intake: Intake, queue: Remembering
) -> None:
    data = wav("hello")
    accepted = bring(intake, data, metadata=Metadata(agent="ann"), priority=BATCH)
    recording = accepted.recording
    assert not accepted.known
    assert recording.sha256 == hashlib.sha256(data).hexdigest()
    assert (recording.state, recording.run, recording.size) == ("queued", 1, len(data))
    assert recording.metadata.agent == "ann"
    assert queue.jobs == [(recording.id, 1, BATCH)]
    with intake.media.open_stream(recording.media) as stream:
        assert stream.read() == data


def test_the_same_content_is_the_same_recording(intake: Intake, queue: Remembering) -> None:
    first = bring(intake, wav("hello"), metadata=Metadata(agent="ann", team="north"))
    second = bring(
        intake,
        wav("hello"),
        name="copy.wav",
        metadata=Metadata(agent="bob", labels={"crm": "7"}),
    )
    assert second.known
    assert second.recording.id == first.recording.id
    assert second.recording.name == "call.wav"
    assert second.recording.run == 1
    assert second.recording.metadata == Metadata(
        agent="bob", team="north", labels={"crm": "7"}
    )
    assert {job[:2] for job in queue.jobs} == {(first.recording.id, 1)}
    with intake.database.reading() as connection:
        lines = audit.entries(connection, recording_id=first.recording.id)
    assert [line.action for line in lines] == ["metadata.merged", "recording.added"]


def test_one_that_is_dealt_with_is_not_queued_again(
    intake: Intake, queue: Remembering
) -> None:
    from callmon.store.work import runs

    recording = bring(intake, wav("hello")).recording
    with intake.database.writing() as connection:
        runs.fail(connection, recording.id, 1, error="No.", kind="permanent", at=NOW)
    queue.jobs.clear()
    again = bring(intake, wav("hello"))
    assert (again.known, again.recording.state) == (True, "failed")
    assert queue.jobs == []


def test_when_the_queue_does_not_answer_bringing_it_again_queues_it(
    intake: Intake, queue: Remembering
) -> None:
    queue.answers = False
    with pytest.raises(StoreUnavailable):
        bring(intake, wav("hello"))
    queue.answers = True
    accepted = bring(intake, wav("hello"))
    assert (accepted.known, accepted.recording.run) == (True, 1)
    assert queue.jobs == [(accepted.recording.id, 1, UPLOAD)]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 ...", b"hello", bytes(5000)])
def test_what_is_no_recording_leaves_nothing(intake: Intake, data: bytes) -> None:
    with pytest.raises(BadRecording):
        bring(intake, data)
    assert everything(intake) == []
    assert list(intake.media.keys()) == []


def test_what_is_too_large_leaves_nothing(intake: Intake) -> None:
    with pytest.raises(TooLarge, match="100,000 bytes"):
        bring(intake, wav("long", seconds=10))
    assert everything(intake) == []
    assert list(intake.media.keys()) == []


def test_one_that_just_fits_is_taken(intake: Intake) -> None:
    data = wav("fits")
    assert not bring(replace(intake, max_bytes=len(data)), data).known


def test_a_full_disk_is_told_before_anything_is_read(intake: Intake) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("nothing is to be read")

    with pytest.raises(StoreUnavailable, match="must stay free"):
        accept(
            Unread(),
            replace(intake, min_free_bytes=2**60),
            name="call.wav",
            metadata=Metadata(),
            priority=UPLOAD,
            at=NOW,
        )


def test_a_stream_that_breaks_off_leaves_nothing(intake: Intake) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 8192:
                raise ConnectionResetError
            return super().read(4096)

    with pytest.raises(ConnectionResetError):
        accept(
            Broken(wav("cut", seconds=2)),
            intake,
            name="call.wav",
            metadata=Metadata(),
            priority=UPLOAD,
            at=NOW,
        )
    assert everything(intake) == []
    assert list(intake.media.keys()) == []


def test_a_stream_that_gives_a_byte_at_a_time_is_taken(intake: Intake) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    data = wav("slow")
    accepted = accept(
        Slow(data), intake, name="a.wav", metadata=Metadata(), priority=UPLOAD, at=NOW
    )
    assert accepted.recording.sha256 == hashlib.sha256(data).hexdigest()


def test_what_must_be_kept_with_it_is_kept_or_nothing_is(intake: Intake) -> None:
    def refuse(_connection: Connection, recording_id: str) -> None:
        assert len(recording_id) == 16
        raise BadRecording("not by you")

    with pytest.raises(BadRecording, match="not by you"):
        accept(
            io.BytesIO(wav("hello")),
            intake,
            name="call.wav",
            metadata=Metadata(),
            priority=UPLOAD,
            at=NOW,
            also=refuse,
        )
    assert everything(intake) == []


def test_media_that_a_sweep_took_is_noticed_before_the_row_is_kept(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = Media.receive

    def swept(self: Media, *arguments: object, **options: object) -> object:
        received = receive(self, *arguments, **options)  # type: ignore[arg-type]
        self.delete(received.key)
        return received

    monkeypatch.setattr(Media, "receive", swept)
    with pytest.raises(StoreUnavailable, match="Bring it again"):
        bring(intake, wav("hello"))
    assert everything(intake) == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\calls\\a.wav", "a.wav"),
        ("a\nb\0c\x1b[2J.wav", "a bc[2J.wav"),
        ("\udcff\udcfe.wav", "\ufffd\ufffd.wav"),
        ("<img src=x>.wav", "<img src=x>.wav"),
        ("n" * 300 + ".wav", "n" * 255),
        ("\u202egnp.wav", "gnp.wav"),
        ("..", ".."),
        ("", "recording"),
        ("calls/", "recording"),
    ],
)
def test_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_names_that_are_no_text_can_be_kept(intake: Intake) -> None:
    accepted = bring(intake, wav("odd"), name="\udcff\n.wav")
    assert accepted.recording.name == "\ufffd .wav"
