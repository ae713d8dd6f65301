"""A backup that was taken while others wrote, brought into an empty place."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient

from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.errors import BadBackup
from callmon.review.app import create_app
from callmon.review.site import Site
from callmon.store.backups.form import (
    LEFT_OUT,
    Manifest,
    check_files,
    read_manifest,
    sounds,
)
from callmon.store.backups.media import add_sounds, bring_sounds, damaged_sounds
from callmon.store.backups.restore import restore
from callmon.store.backups.write import finish, write
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.engine import make_engine
from callmon.store.faults import StatementRefused
from callmon.store.media import Media
from callmon.store.revisions import upgrade
from callmon.store.tables.base import metadata_tables
from callmon.store.tables.calls import audit
from callmon.store.work import runs
from scripts.postgresql import Server
from tests.integration.review.conftest import NOW, Clock, FakeQueue, add_key, add_recording
from tests.unit.audio.conftest import RATE, FakeAudio

HUM = FakeAudio(0.3 * np.sin(np.arange(40 * RATE) / 6))
EMOJI = "Ann \N{SMILING FACE WITH HALO} O'Neill"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of the place to restore into, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'callmon.db'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    url = server.create()
    yield url
    server.drop(url)


def make_site(database: Database, media: Path) -> Site:
    return Site(
        database=database,
        media=Media.open(str(media)),
        queue=FakeQueue(),  # type: ignore[arg-type]
        now=Clock(),
    )


def back_up(database: Database, folder: Path, *, media: Media | None = None) -> Manifest:
    manifest = write(database, folder, settings="", rubric=None, at=NOW)
    if media is not None:
        manifest, copied = add_sounds(folder, manifest, media)
        assert copied.is_whole
    finish(folder, manifest)
    return manifest


def sounds_of(database: Database) -> list[str]:
    """Their keys."""
    with database.reading() as connection:
        return [each.media for each in recordings.find(connection)]


def count(database: Database) -> dict[str, int]:
    """Rows by table."""
    with database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            or 0
            for table in metadata_tables.sorted_tables
        }


def answers(site: Site, key: str, ids: list[str]) -> dict[str, bytes]:
    """What the API says of these recordings, by its path."""
    client = TestClient(create_app(site), base_url="https://testserver")
    client.headers["Authorization"] = f"Bearer {key}"
    paths = ["/v1/keys"]
    for each in ids:
        of_one = ("", "/analysis", "/turns", "/peaks", "/audio")
        paths += [f"/v1/recordings/{each}{rest}" for rest in of_one]
        listed = client.get("/v1/findings", params={"recording_id": each}).json()
        for item in listed["items"]:
            finding = f"/v1/findings/{item['id']}"
            paths += [f"{finding}/history"]
    found = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        found[path] = answer.content
    assert len(found) >= 11
    return found


def test_an_empty_place_gives_the_same_answers(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    site = make_site(database, tmp_path / "media")
    key = add_key(site, role="admin")
    ids = [
        add_recording(site, 1, agent=EMOJI, team="billing", labels={"a": "1"}),
        add_recording(site, 2, content=bytes(range(256))),
    ]
    made = ((".mp3", write_copy), (".peaks", write_peaks))
    for each, (ending, make) in product(sounds_of(database), made):
        with site.media.making(each + ending) as file:
            make(HUM, file)
    client = TestClient(create_app(site), base_url="https://testserver")
    client.headers["Authorization"] = f"Bearer {key}"
    finding = client.get("/v1/findings").json()["items"][0]["id"]
    given = client.post(f"/v1/findings/{finding}/verdicts", json={"verdict": "agree"})
    assert given.status_code == 201, given.text
    before = answers(site, key, ids)

    # Others go on writing.
    ended = threading.Event()

    def go_on() -> None:
        number = 10
        while not ended.is_set():
            add_recording(site, number, analysed=number % 3 > 0)
            number += 1

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        manifest = back_up(database, tmp_path / "backup", media=site.media)
    finally:
        ended.set()
        writer.join()
    folder = tmp_path / "backup"
    assert read_manifest(folder) == manifest
    check_files(folder, manifest)
    assert not list(damaged_sounds(folder))
    media = Media.open(str(tmp_path / "elsewhere" / "media"))
    assert bring_sounds(folder, manifest, media).is_whole
    assert restore(empty_url, folder, manifest, at=NOW) == 0
    with Database.open(empty_url) as restored:
        elsewhere = make_site(restored, tmp_path / "elsewhere" / "media")
        rows = {each.table: each.rows for each in manifest.tables}
        there = {name: n for name, n in count(restored).items() if name not in LEFT_OUT}
        assert there == {**rows, "audit": rows["audit"] + 1}
        assert answers(elsewhere, key, ids) == before
        with restored.reading() as connection:
            states = recordings.counts(connection)
        # Each call is there with all of its analysis, or waits.
        assert states["done"] == rows["analyses"] == rows["spoken"]
        assert states["done"] + states["queued"] == rows["recordings"]
        # New rows have new numbers.
        add_recording(elsewhere, 99)
        with restored.writing() as connection:
            newest = select(func.max(audit.c.id))
            last = connection.execute(newest).scalar()
            assert last is not None
        for change in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
            with pytest.raises(StatementRefused), restored.writing() as connection:
                connection.execute(text(change))
        # Words are found.
        client = TestClient(create_app(elsewhere), base_url="https://testserver")
        client.headers["Authorization"] = f"Bearer {key}"
        said = client.get("/v1/recordings", params={"text": "parcel", "limit": 200}).json()
        assert set(ids) <= {each["id"] for each in said["items"]}


def test_what_was_in_work_waits_again(database: Database, tmp_path: Path) -> None:
    site = make_site(database, tmp_path / "media")
    one = add_recording(site, 1, analysed=False)
    with database.writing() as connection:
        assert runs.begin(connection, one, 1, worker="w", at=NOW)
    manifest = back_up(database, tmp_path / "backup")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert restore(url, tmp_path / "backup", manifest, at=NOW) == 1
    with Database.open(url) as restored, restored.reading() as connection:
        known = recordings.get(connection, one)
    assert (known.state, known.attempts, known.run) == ("queued", 0, 1)


@pytest.fixture
def one_call(tmp_path: Path) -> Path:
    """A backup with one call."""
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        add_recording(make_site(database, tmp_path / "media"), 1)
        back_up(database, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_database_that_has_something_is_left_alone(
    one_call: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    manifest = read_manifest(one_call)
    restore(url, one_call, manifest, at=NOW)
    with pytest.raises(BadBackup, match="not empty: there are rows"):
        restore(url, one_call, manifest, at=NOW)


def test_a_database_with_empty_tables_will_do(one_call: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    Database.open(url).close()
    restore(url, one_call, read_manifest(one_call), at=NOW)


def test_a_backup_of_an_older_callmon_is_brought_up_to_date(
    one_call: Path, tmp_path: Path
) -> None:
    # Of a revision at which there was one table less.
    manifest = read_manifest(one_call)
    tables = tuple(each for each in manifest.tables if each.table != "saved_views")
    older = manifest.model_copy(update={"revision": "0007", "tables": tables})
    names = _columns_at(tmp_path / "0007.db", "0007")
    for each in tables:
        _keep_columns(one_call / f"tables/{each.table}.jsonl.gz", names.get(each.table))
    kept = tuple(each for each in tables if each.table in names)
    older = older.model_copy(update={"tables": kept})
    url = f"sqlite:///{tmp_path / 'new.db'}"
    restore(url, one_call, older, at=NOW)
    with Database.open(url) as database:
        assert count(database)["findings"] == 1


def _columns_at(path: Path, revision: str) -> dict[str, set[str]]:
    from sqlalchemy import inspect

    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine, revision)
    there = inspect(engine)
    names = {
        table: {column["name"] for column in there.get_columns(table)}
        for table in there.get_table_names()
    }
    engine.dispose()
    return names


def _keep_columns(path: Path, names: set[str] | None) -> None:
    if names is None:
        return
    columns, *rows = [
        json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    places = [n for n, column in enumerate(columns) if column in names]
    lines = [[row[n] for n in places] for row in (columns, *rows)]
    path.write_bytes(
        gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    )


def test_a_backup_of_a_newer_callmon_is_refused(one_call: Path, tmp_path: Path) -> None:
    newer = read_manifest(one_call).model_copy(update={"revision": "9999"})
    with pytest.raises(BadBackup, match="does not know"):
        restore(f"sqlite:///{tmp_path / 'new.db'}", one_call, newer, at=NOW)


def test_a_changed_file_is_noticed(one_call: Path) -> None:
    path = one_call / "tables" / "recordings.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadBackup, match="not as it was written"):
        check_files(one_call, read_manifest(one_call))


def test_a_damaged_table_leaves_nothing_behind(one_call: Path, tmp_path: Path) -> None:
    manifest = read_manifest(one_call)
    path = one_call / "tables" / "verdicts.jsonl.gz"
    whole = path.read_bytes()
    path.write_bytes(gzip.compress(b'["id", "nothing"]\n[1, 2]\n'))
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(BadBackup, match="damaged"):
        restore(url, one_call, manifest, at=NOW)
    path.write_bytes(whole)
    restore(url, one_call, manifest, at=NOW)


def test_a_table_that_is_none_is_refused(one_call: Path, tmp_path: Path) -> None:
    manifest = read_manifest(one_call)
    rows = manifest.tables[0].model_copy(update={"table": "sqlite_master"})
    odd = manifest.model_copy(update={"tables": (rows,)})
    with pytest.raises(BadBackup, match="'sqlite_master'"):
        restore(f"sqlite:///{tmp_path / 'new.db'}", one_call, odd, at=NOW)


def test_only_its_owner_reads_it(one_call: Path) -> None:
    modes = {path.stat().st_mode & 0o077 for path in (one_call, *one_call.rglob("*"))}
    assert modes == {0}


def test_a_folder_with_something_in_it_is_left_alone(
    one_call: Path, tmp_path: Path
) -> None:
    with (
        Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database,
        pytest.raises(BadBackup, match="not empty"),
    ):
        back_up(database, one_call)


def test_an_unfinished_backup_is_none(one_call: Path) -> None:
    (one_call / "backup.json").unlink()
    with pytest.raises(BadBackup, match="not finished"):
        read_manifest(one_call)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\x00"])
def test_a_damaged_list_is_told(one_call: Path, text: str) -> None:
    (one_call / "backup.json").write_text(text)
    with pytest.raises(BadBackup, match="damaged"):
        read_manifest(one_call)


def test_a_later_form_is_told(one_call: Path) -> None:
    (one_call / "backup.json").write_text('{"format": 2, "new": 1}')
    with pytest.raises(BadBackup, match="of form 2"):
        read_manifest(one_call)


def test_sounds_that_are_missing_or_damaged_do_not_stop_the_others(tmp_path: Path) -> None:
    folder, source = tmp_path / "backup", Media.open(str(tmp_path / "a"))
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        site = make_site(database, tmp_path / "a")
        for number in (1, 2, 3):
            add_recording(site, number)
        manifest = back_up(database, folder)
    first, second, third = sounds(folder)
    source.delete(first.key)
    (tmp_path / "a" / second.key).write_bytes(b"other!")
    manifest, found = add_sounds(folder, manifest, source)
    assert (found.copied, found.missing, found.damaged) == (1, [first.key], [second.key])

    assert list(damaged_sounds(folder)) == [first.key, second.key]
    target = Media.open(str(tmp_path / "b"))
    found = bring_sounds(folder, manifest, target)
    assert (found.copied, found.missing) == (1, [first.key, second.key])
    assert target.has(third.key)
    assert bring_sounds(folder, manifest, target).there == 1


def test_without_sounds_the_store_is_asked_whether_it_has_them(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        site = make_site(database, tmp_path / "media")
        add_recording(site, 1)
        add_recording(site, 2)
        manifest = back_up(database, tmp_path / "backup")
    first, second = sounds(tmp_path / "backup")
    site.media.delete(second.key)
    found = bring_sounds(tmp_path / "backup", manifest, site.media)
    assert (found.copied, found.there, found.missing) == (0, 1, [second.key])
    assert first.key != second.key


def test_sound_that_was_deleted_by_a_rule_is_not_expected(tmp_path: Path) -> None:
    from callmon.store.keeping import removals

    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        site = make_site(database, tmp_path / "media")
        gone, there = add_recording(site, 1), add_recording(site, 2)
        with database.writing() as connection:
            removals.note(connection, gone, "audio", at=NOW)
            key = recordings.get(connection, there).media
        back_up(database, tmp_path / "backup")
    assert [sound.key for sound in sounds(tmp_path / "backup")] == [key]
