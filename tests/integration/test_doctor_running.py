"""What `callmon doctor` says of a running installation, part by part."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from callmon.cli import main
from callmon.doctor import running
from callmon.doctor.check import Check
from callmon.doctor.running import examine_running
from callmon.jobs.queue import Queue
from callmon.metadata import Metadata
from callmon.settings import Settings
from callmon.store import switches
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.tables.operations import webhooks
from callmon.store.webhooks import targets
from callmon.store.work import runs, versions, workers
from scripts.postgresql import Server

NOW = datetime.now(UTC)
ALL = {"database", "media", "disk", "queue", "workers", "failures", "webhooks", "models"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """With its tables and its queue, on both databases."""
    made = Settings(data=tmp_path / "data", asr="demo", database=database_url)
    Database.open(made.database_url).close()
    Queue.open(made.queue_url).close()
    return made


@pytest.fixture
def light(tmp_path: Path) -> Settings:
    """With its tables and its queue in a folder."""
    made = Settings(data=tmp_path / "data", asr="demo")
    Database.open(made.database_url).close()
    Queue.open(made.queue_url).close()
    return made


def look(settings: Settings) -> dict[str, Check]:
    checks = examine_running(settings)
    assert checks is not None
    return {check.name: check for check in checks}


def beat(settings: Settings, *, ago: float = 0.0, host: str = "h") -> None:
    with Database.open(settings.database_url) as database, database.writing() as connection:
        at = datetime.now(UTC) - timedelta(seconds=ago)
        workers.beat(connection, "w/1", host=host, pid=1, state="working", at=at)


def add(settings: Settings, *, ago: timedelta = timedelta()) -> str:
    """The id of a recording that waits."""
    sound = BytesIO(b"sound")
    received = Media.open(settings.media_url).receive(sound, max_bytes=10)
    at = datetime.now(UTC) - ago
    with Database.open(settings.database_url) as database:
        with database.writing() as connection:
            stored, _ = recordings.add(
                connection,
                sha256=received.sha256,
                name="a.wav",
                size=received.size,
                media=received.key,
                metadata=Metadata(),
                received=at,
                priority=1,
            )
            runs.request(connection, stored.id, priority=1, reason="upload", at=at)
        with Queue.open(settings.queue_url) as queue:
            queue.enqueue(stored.id, 1, priority=1)
    return stored.id


def test_where_all_is_well_nothing_is_to_be_done(settings: Settings) -> None:
    beat(settings)
    checks = look(settings)
    assert set(checks) - {"clock"} == ALL
    assert {name for name, check in checks.items() if check.state != "ok"} <= {"disk"}
    assert ("clock" in checks) is ("postgresql" in settings.database_url)
    assert list(Media.open(settings.media_url).keys()) == []


def test_without_a_store_nothing_is_looked_at_and_nothing_made(tmp_path: Path) -> None:
    assert examine_running(Settings(data=tmp_path / "data")) is None
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://user:hunter2@127.0.0.1:1/name"
    checks = look(Settings(data=tmp_path, database=url))
    assert list(checks) == ["database"]
    assert checks["database"].state == "broken"
    assert "hunter2" not in str(checks)


@pytest.mark.parametrize(
    ("revision", "advice"), [("0003", "callmon migrate"), ("9999", "Install that version")]
)
def test_another_revision_ends_the_look(
    light: Settings, revision: str, advice: str
) -> None:
    from sqlalchemy import text

    with Database.open(light.database_url) as database, database.writing() as connection:
        change = text("UPDATE alembic_version SET version_num = :new")
        connection.execute(change, {"new": revision})
    checks = look(light)
    assert list(checks) == ["database"]
    assert checks["database"].state == "broken"
    assert advice in str(checks["database"].advice)


def test_a_clock_that_is_wrong_is_told(
    postgresql_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql_server.create()
    settings = Settings(data=tmp_path, asr="demo", database=url)
    Database.open(settings.database_url).close()
    for seconds, state in ((20, "warning"), (-300, "broken")):
        monkeypatch.setattr(running, "datetime", clock_off_by(seconds))
        assert look(settings)["clock"].state == state
    postgresql_server.drop(url)


def clock_off_by(seconds: float) -> type[datetime]:
    class Off(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Any:
            return datetime.now(UTC) + timedelta(seconds=seconds)

    return Off


def test_media_that_cannot_be_written_are_told(light: Settings) -> None:
    light.data.joinpath("media").write_text("a file")
    assert look(light)["media"].state == "broken"


def test_sound_that_is_gone_is_told(light: Settings) -> None:
    recording_id = add(light)
    assert look(light)["media"].state == "ok"
    (sound,) = (light.data / "media").glob("??/*")
    sound.unlink()
    check = look(light)["media"]
    assert check.state == "broken"
    assert recording_id in check.found
    assert "mounted" in str(check.advice)


def test_a_full_disk_is_told(light: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SPACE", 1 << 60)
    assert look(light)["disk"].state == "warning"
    full = light.model_copy(update={"min_free_bytes": 1 << 60})
    assert look(full)["disk"].state == "broken"


def test_recordings_without_a_worker_are_told(light: Settings) -> None:
    assert look(light)["workers"].state == "warning"
    add(light)
    check = look(light)["workers"]
    assert (check.state, "1 recordings wait" in check.found) == ("broken", True)
    beat(light, ago=300)
    assert look(light)["workers"].state == "broken"
    beat(light)
    assert look(light)["workers"].state == "ok"


def test_workers_of_another_version_are_told(
    light: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(light)
    monkeypatch.setattr(versions, "STAMP", "99.0.0+1")
    check = look(light)["workers"]
    assert check.state == "warning"
    assert "99.0.0" in check.found
    add(light)
    assert look(light)["workers"].state == "broken"


def test_a_queue_that_has_stood_for_long_is_told(light: Settings) -> None:
    add(light, ago=timedelta(hours=9))
    check = look(light)["queue"]
    assert check.state == "warning"
    assert "9 hours" in check.found


def test_a_pause_is_told(light: Settings) -> None:
    with Database.open(light.database_url) as database, database.writing() as connection:
        switches.turn_on(connection, switches.PAUSED, at=NOW)
    assert "callmon resume" in str(look(light)["queue"].advice)


def test_lost_jobs_are_told(light: Settings) -> None:
    recording_id = add(light)
    with Queue.open(light.queue_url) as queue:
        queue.cancel(recording_id, 1)
    assert "1 more have lost their job" in look(light)["queue"].found


def test_a_queue_that_is_not_there_is_not_made(light: Settings) -> None:
    path = Path(light.queue_url.removeprefix("sqlite:///"))
    path.unlink()
    assert look(light)["queue"].state == "ok"
    assert not path.exists()


def test_failures_are_told(light: Settings) -> None:
    recording_id = add(light)
    with Database.open(light.database_url) as database, database.writing() as connection:
        runs.begin(connection, recording_id, 1, worker="w", at=NOW)
        runs.fail(connection, recording_id, 1, error="x", kind="permanent", at=NOW)
    assert "callmon retry --failed" in str(look(light)["failures"].advice)


def test_a_webhook_that_does_not_answer_is_told_without_its_address(
    light: Settings,
) -> None:
    with Database.open(light.database_url) as database, database.writing() as connection:
        targets.add(
            connection,
            id="ab12",
            url="https://example.com/token-in-path",
            events={"recording.analyzed"},
            secret="hunter2",
            by="key:x",
            at=NOW,
        )
        connection.execute(update(webhooks).values(failures=3))
    check = look(light)["webhooks"]
    assert check.state == "warning"
    assert "ab12" in check.found
    assert "token" not in str(check)


def test_models_of_the_settings_are_looked_for(light: Settings) -> None:
    assert look(light)["models"].state == "ok"
    other = light.model_copy(update={"asr": "small.en"})
    assert look(other)["models"].state == "warning"
    offline = other.model_copy(update={"offline": True})
    assert look(offline)["models"].state == "warning"  # it may only serve pages
    beat(light)
    assert look(offline)["models"].state == "warning"  # a worker elsewhere
    beat(light, host=platform.node())
    assert look(offline)["models"].state == "broken"


@pytest.fixture
def told(
    light: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Exit code and output of `callmon doctor`."""
    monkeypatch.setenv("CALLMON_DATA", str(light.data))
    monkeypatch.setenv("CALLMON_ASR", "demo")

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["doctor", *arguments])
        return code, capsys.readouterr().out

    return run


def test_the_exit_code_tells_what_is_broken(
    told: Callable[..., tuple[int, str]], light: Settings
) -> None:
    assert told()[0] == 0
    add(light)
    code, text = told()
    assert code == 1
    assert "Start `callmon work`" in " ".join(text.split())


def test_a_machine_that_only_serves_pages_needs_no_speech_model(
    told: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLMON_ASR", "small.en")
    monkeypatch.setenv("CALLMON_OFFLINE", "true")
    assert told()[0] == 0
    monkeypatch.setenv("CALLMON_DATA", str(tmp_path / "new"))  # where nothing runs
    assert told()[0] == 1


def test_the_document_has_the_checks(told: Callable[..., tuple[int, str]]) -> None:
    document = json.loads(told("--json")[1])
    assert {check["name"] for check in document["running"]} == ALL
    assert document["asr"].endswith("demo-asr")
