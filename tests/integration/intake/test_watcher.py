"""The folder watcher with a real store, each of its guards."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from callmon.errors import StoreUnavailable
from callmon.intake import lookout, settling, watcher
from callmon.intake.accept import Intake
from callmon.intake.folder import Changed, Seen, Steady
from callmon.intake.name_pattern import compile_pattern
from callmon.intake.watcher import Options, Watcher
from callmon.jobs.queue import Queue
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import sightings
from tests.integration.intake.taking import Remembering, wav

AT_ONCE = Options(
    after="keep",
    stable_seconds=0.0,
    sidecar_seconds=0.0,
    rescan_seconds=3600.0,
    poll="never",
    max_queued=1000,
)
MOVE = replace(AT_ONCE, after="move")


class Place:
    """A watched folder, its store, and what the operator was told."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.root = folder / "calls"
        self.root.mkdir()
        self.queue = Remembering()
        self.told: list[str] = []
        self.stop = threading.Event()
        self.intake = Intake(
            database=database,
            media=Media.open(str(folder / "media")),
            queue=cast(Queue, self.queue),
            max_bytes=10**6,
            min_free_bytes=0,
        )

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def watcher(self, options: Options = AT_ONCE) -> Watcher:
        return Watcher(
            [self.root],
            intake=self.intake,
            options=options,
            stop=self.stop,
            tell=self.told.append,
        )

    def once(self, options: Options = AT_ONCE) -> Watcher:
        """As a program that is started anew does."""
        program = self.watcher(options)
        program.once()
        return program

    @property
    def recordings(self) -> list[StoredRecording]:
        with self.intake.database.reading() as connection:
            return recordings.find(connection)

    @property
    def names(self) -> list[str]:
        return sorted(each.name for each in self.recordings)

    @property
    def files(self) -> list[str]:
        found = (p for p in self.root.rglob("*") if not p.is_dir())
        return sorted(str(p.relative_to(self.root)) for p in found)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        yield Place(tmp_path, database)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "RETRY_SECONDS", (0.0, 0.0, 0.0))


def eventually(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_every_file_is_taken_once_over_restarts(place: Place) -> None:
    for number in range(5):
        place.put(f"day {number}/call.wav", wav(f"call {number}"))
    assert place.once().taken == 5
    assert place.once().taken == 0
    assert len(place.queue.jobs) == 5
    assert len(place.files) == 5


def test_a_touched_file_is_not_queued_again(place: Place) -> None:
    path = place.put("call.wav", wav("hello"))
    place.once()
    os.utime(path, ns=(1, 1))
    place.once()
    (recording,) = place.recordings
    assert recording.run == 1
    assert {job[:2] for job in place.queue.jobs} == {(recording.id, 1)}


def test_the_same_content_under_another_name_is_the_same_recording(place: Place) -> None:
    place.put("a.wav", wav("hello"))
    place.put("b.wav", wav("hello"))
    assert place.once().taken == 2
    assert len(place.recordings) == 1
    assert place.once().taken == 0


def test_another_call_under_the_same_name_is_another_recording(place: Place) -> None:
    place.put("call.wav", wav("first"))
    program = place.watcher()
    program.round()
    place.put("call.wav", wav("second, longer"))
    program.round()
    assert len(place.recordings) == 2


def test_taken_files_go_to_done_and_others_to_failed(place: Place) -> None:
    place.put("north/call.wav", wav("hello"))
    place.put("north/call.json", b'{"agent": "ann"}')
    place.put("page.wav", b"<html>")
    assert place.once(MOVE).failed == 1
    assert place.files == [
        "done/north/call.json",
        "done/north/call.wav",
        "failed/page.wav",
        "failed/page.wav.reason.txt",
    ]
    assert "HTML page" in (place.root / "failed/page.wav.reason.txt").read_text()
    assert place.recordings[0].metadata.agent == "ann"


def test_a_sidecar_that_comes_too_late_is_told_once_and_used_when_its_recording_is_back(
    place: Place,
) -> None:
    place.put("north/call.wav", wav("hello"))
    place.once(MOVE)
    late = place.put("north/call.json", b'{"agent": "ann"}')
    early = place.put("north/other.json", b"{}")
    place.told.clear()
    for failed in (1, 0):
        assert place.once(MOVE).failed == failed
    (told,) = place.told
    assert str(late) in told
    assert "Put the recording back beside it" in told
    with place.intake.database.reading() as connection:
        (sighting,) = sightings.failed(connection)
    assert sighting.path == str(late)

    (place.root / "done/north/call.wav").rename(place.root / "north/call.wav")
    place.once(MOVE)
    assert place.files == [
        "done/north/call.json",
        "done/north/call.wav",
        str(early.relative_to(place.root)),
    ]
    assert place.recordings[0].metadata.agent == "ann"


@pytest.mark.parametrize("after", ["move", "delete"])
def test_a_sidecar_of_two_files_stays_until_both_are_dealt_with(
    place: Place, after: Literal["move", "delete"]
) -> None:
    place.put("call.ogg", wav("left"))
    place.put("call.wav", wav("right"))
    place.put("call.json", b'{"agent": "ann"}')
    place.once(replace(AT_ONCE, after=after))
    assert [each.metadata.agent for each in place.recordings] == ["ann", "ann"]
    assert place.files == (
        ["done/call.json", "done/call.ogg", "done/call.wav"] if after == "move" else []
    )


def test_what_failed_is_tried_again_when_it_is_put_back(place: Place) -> None:
    place.put("page.wav", b"<html>")
    place.once(MOVE)
    (place.root / "failed/page.wav").rename(place.root / "page.wav")
    assert place.once(MOVE).failed == 1
    assert "failed/page (2).wav" not in place.files
    assert "failed/page.wav" in place.files


def test_only_what_is_safe_is_deleted(place: Place) -> None:
    place.put("call.wav", wav("hello"))
    place.put("page.wav", b"<html>")
    place.once(replace(AT_ONCE, after="delete"))
    assert place.files == ["failed/page.wav", "failed/page.wav.reason.txt"]
    (recording,) = place.recordings
    assert place.intake.media.size(recording.media) == len(wav("hello"))


def test_one_that_was_taken_before_a_kill_is_put_away_after_it(place: Place) -> None:
    place.put("call.wav", wav("hello"))
    place.once()  # taken, and left where it is
    place.once(MOVE)
    assert place.files == ["done/call.wav"]
    assert len(place.recordings) == 1


def test_a_failure_that_stays_is_told_once(place: Place) -> None:
    place.put("page.wav", b"<html>")
    assert place.once().failed == 1
    assert place.once().failed == 0
    with place.intake.database.reading() as connection:
        (failed,) = sightings.failed(connection)
    assert failed.path == str(place.root / "page.wav")
    assert "HTML page" in str(failed.error)


def test_a_file_is_not_taken_when_it_could_not_be_queued(place: Place) -> None:
    place.put("call.wav", wav("hello"))
    place.queue.answers = False
    with pytest.raises(StoreUnavailable):
        place.once(MOVE)
    assert place.files == ["call.wav"]
    place.queue.answers = True
    place.once(MOVE)
    assert place.files == ["done/call.wav"]
    assert len(place.queue.jobs) == 1


def test_an_unreadable_file_is_tried_again_then_reported_and_not_dropped(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("call.wav", wav("hello"))
    tries = []

    def refuse(seen: Seen) -> Steady:
        tries.append(seen)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(watcher, "Steady", refuse)
    program = place.once(MOVE)
    assert program.failed == 1
    assert len(tries) == 4
    assert "cannot be read: Permission denied" in place.told[0]
    assert place.files == ["call.wav"]
    monkeypatch.undo()
    program.round()
    assert program.taken == 0
    later = time.monotonic() + lookout.LATER_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    program.round()
    assert program.taken == 1


def test_an_unreadable_file_is_tried_again_after_a_restart(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("call.wav", wav("hello"))

    def refuse(seen: Seen) -> Steady:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(watcher, "Steady", refuse)
    assert place.once().failed == 1
    monkeypatch.undo()
    assert place.once().taken == 1


def test_a_file_that_is_empty_at_first_is_taken_when_it_is_written(place: Place) -> None:
    path = place.put("call.wav", b"")
    program = place.watcher()
    program.round()
    path.write_bytes(wav("hello"))
    program.round()
    assert place.names == ["call.wav"]
    assert program.failed == 0


def test_a_file_that_stays_empty_is_reported_and_never_moved(place: Place) -> None:
    path = place.put("call.wav", b"")
    with path.open("wb") as recorder:  # which writes when the call ends
        assert place.once(MOVE).failed == 1
        assert place.files == ["call.wav"]
        assert place.once(MOVE).failed == 0
        recorder.write(wav("hello"))
    place.once(MOVE)
    assert place.files == ["done/call.wav"]


def test_a_file_that_changes_while_it_is_read_is_left_for_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.put("call.wav", wav("first"))
    real = watcher.describe

    def written_meanwhile(*arguments: Any, **options: Any) -> Any:
        monkeypatch.undo()
        path.write_bytes(wav("first and the rest"))
        return real(*arguments, **options)

    monkeypatch.setattr(watcher, "describe", written_meanwhile)
    place.once()
    (recording,) = place.recordings
    assert recording.size == len(wav("first and the rest"))


def test_a_long_queue_leaves_the_folder_alone(place: Place) -> None:
    for number in range(5):
        place.put(f"{number}.wav", wav(f"call {number}"))
    with pytest.raises(StoreUnavailable, match="3 recordings wait"):
        place.once(replace(MOVE, max_queued=3))
    assert len(place.recordings) == 3
    assert len([name for name in place.files if "/" not in name]) == 2


def test_a_sidecar_that_comes_late_is_merged(place: Place) -> None:
    place.put("call.wav", wav("hello"))
    program = place.watcher()
    program.round()
    place.put("call.json", b'{"agent": "ann"}')
    program.round()
    (recording,) = place.recordings
    assert (recording.metadata.agent, recording.run) == ("ann", 1)
    assert place.once().taken == 0


def test_names_and_folders_tell_by_the_pattern(place: Place) -> None:
    place.put("north/ann-7.wav", wav("a"))
    place.put("north/odd.wav", wav("b"))
    place.once(
        replace(AT_ONCE, pattern=compile_pattern("{team}/{agent}-{_}"), source="pbx")
    )
    by_name = {each.name: each for each in place.recordings}
    assert by_name["ann-7.wav"].metadata.team == "north"
    assert by_name["ann-7.wav"].metadata.agent == "ann"
    assert by_name["ann-7.wav"].source == "pbx"
    assert "does not fit" in by_name["odd.wav"].warnings[0]


def test_hostile_names_are_taken_and_go_nowhere(place: Place, tmp_path: Path) -> None:
    odd = [
        b"a\nb.wav", b"<script>.wav", b"\xff\xfe.wav", b"n" * 251 + b".wav", b"..wav.wav",
        b"$(reboot).wav", b"-rf.wav", b"%s{agent}.wav", b"a\\..\\b.wav", b" .wav",
    ]  # fmt: skip
    for number, name in enumerate(odd):
        place.put(os.fsdecode(name), wav(f"call {number}"))
    wanted = [name for name in odd if not name.startswith(b".")]
    assert place.once(MOVE).taken == len(wanted)
    done = [os.fsencode(path.name) for path in (place.root / "done").iterdir()]
    assert sorted(done) == sorted(wanted)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        "calls",
        "media",
    ]
    assert all("\n" not in name and "/" not in name for name in place.names)


def test_more_files_than_are_kept_in_mind_are_taken_in_parts(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "AT_ONCE", 3)
    for number in range(10):
        place.put(f"{number}.wav", wav(f"call {number}"))
    assert place.once().taken == 10
    assert place.once().taken == 0


def test_a_file_that_goes_away_while_it_is_waited_for_is_forgotten(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.put("call.wav", wav("hello"))

    def gone(_seen: Seen) -> Steady:
        path.unlink(missing_ok=True)
        raise Changed

    monkeypatch.setattr(watcher, "Steady", gone)
    assert place.once().taken == 0
    assert place.told == []


def test_a_folder_that_goes_away_and_comes_back_is_not_read_again(place: Place) -> None:
    place.put("call.wav", wav("hello"))
    program = place.watcher()
    program.round()
    away = place.root.rename(place.root.with_name("away"))
    program.round()
    program.round()
    away.rename(place.root)
    program.round()
    assert program.taken == 1
    assert [line for line in place.told if "cannot be read" in line] == [
        f"{place.root} cannot be read: No such file or directory."
    ]


def test_two_watchers_of_one_folder_take_each_file_once(place: Place) -> None:
    for number in range(30):
        place.put(f"{number}.wav", wav(f"call {number}"))
    programs = [place.watcher(MOVE) for _ in range(2)]
    threads = [threading.Thread(target=program.once) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(place.recordings) == 30
    assert {each.run for each in place.recordings} == {1}
    assert len(place.files) == 30
    assert all(name.startswith("done/") for name in place.files)


@pytest.fixture
def running(place: Place) -> Iterator[Callable[[Options], None]]:
    threads = []

    def start(options: Options) -> None:
        threads.append(threading.Thread(target=place.watcher(options).watch))
        threads[0].start()

    yield start
    place.stop.set()
    threads[0].join(timeout=30)
    assert not threads[0].is_alive()


def test_what_appears_is_taken_because_the_system_tells(
    place: Place, running: Callable[[Options], None]
) -> None:
    place.put("before.wav", wav("before"))
    running(AT_ONCE)  # looks through the folder only each hour
    eventually(lambda: place.names == ["before.wav"])
    # Until the system is listened to, nobody tells.
    eventually(
        lambda: (
            place.put(f"{time.monotonic_ns()}.wav", wav("after"))
            and len(place.recordings) == 2
        )
    )


def test_nobody_waits_for_the_next_look_when_there_is_more_than_fits_in_mind(
    place: Place,
    running: Callable[[Options], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookout, "AT_ONCE", 3)
    for number in range(10):
        place.put(f"{number}.wav", wav(f"call {number}"))
    running(AT_ONCE)
    eventually(lambda: len(place.recordings) == 10)


def test_what_appears_on_a_share_is_found_by_looking(
    place: Place, running: Callable[[Options], None]
) -> None:
    running(replace(AT_ONCE, poll="always"))
    place.put("call.wav", wav("hello"))
    eventually(lambda: place.names == ["call.wav"])


def test_a_system_that_cannot_tell_is_no_error(
    place: Place,
    running: Callable[[Options], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def deaf(*_: object, **__: object) -> Iterator[None]:
        raise OSError("OS file watch limit reached")
        yield

    monkeypatch.setattr("watchfiles.watch", deaf)
    running(AT_ONCE)
    eventually(lambda: place.told)
    assert "OS file watch limit reached" in place.told[0]
    place.put("call.wav", wav("hello"))
    eventually(lambda: place.names == ["call.wav"])


def test_troubles_of_the_store_make_it_wait(
    place: Place, running: Callable[[Options], None]
) -> None:
    place.queue.answers = False
    place.put("call.wav", wav("hello"))
    running(MOVE)
    eventually(lambda: place.told)
    assert "The folders wait until then." in place.told[0]
    assert place.files == ["call.wav"]
    place.queue.answers = True
    eventually(lambda: place.files == ["done/call.wav"])
    assert len([line for line in place.told if "wait until then" in line]) == 1
