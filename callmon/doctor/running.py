"""Looks at a running installation: what works, what does not, and what to do about it.

Nothing is changed but a file of some bytes in the media store, which is deleted again, and
the queue's own tables, where an older engine made them; no sentence holds an address or a
name.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select

from callmon.doctor import work
from callmon.doctor.check import SILENT, Check, State
from callmon.errors import CallmonError, NotFound, StoreOutdated, StoreUnavailable
from callmon.settings import Settings
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.engine import make_engine
from callmon.store.faults import translate
from callmon.store.keeping import removals
from callmon.store.media import Media
from callmon.store.revisions import refuse, revision_of
from callmon.store.tables.base import REVISION
from callmon.store.work import workers
from callmon.weights import present

APART: Final = 5.0
"""Seconds between two clocks, after which sessions, rests and ages are visibly wrong; that
NTP runs is the usual way to be within a tenth of one."""

SPACE: Final = 5_000_000_000
"""Bytes; as the alert."""


def examine_running(settings: Settings) -> tuple[Check, ...] | None:
    """Part by part; none but the database where that does not work.

    None where there is no store yet: nothing runs here, and nothing is made.
    """
    path = settings.database_url.removeprefix("sqlite:///")
    on_sqlite = settings.database_url.startswith("sqlite:")
    if on_sqlite and not Path(path).exists():
        return None
    engine = make_engine(settings.database_url)
    try:
        with translate(), engine.connect() as connection:
            found = revision_of(connection)
        if found is None:
            return None
        database = _revision(found)
        if database.state == "broken":
            return (database,)
        return (database, *_clock(engine), *_all_parts(settings))
    except CallmonError as error:
        advice = (
            "See to the file's rights and its disk."
            if on_sqlite
            else "Is the server up, and are host, user and password in the setting"
            " `database` right? Its own log tells who was refused."
        )
        return (Check(name="database", state="broken", found=str(error), advice=advice),)
    finally:
        engine.dispose()


def _revision(found: str) -> Check:
    if found == REVISION:
        text = f"It answers, and is of revision {found}, as this callmon is."
        return Check(name="database", state="ok", found=text)
    try:
        refuse(found)
    except StoreOutdated as error:
        return Check(
            name="database",
            state="broken",
            found=f"It is of revision {found}, and this callmon of {REVISION}.",
            advice=str(error).partition(". ")[2],
        )
    raise AssertionError  # `refuse` always does


def _clock(engine: Engine) -> Iterator[Check]:
    """Of this machine against that of PostgreSQL, by which nobody else can go."""
    if engine.dialect.name != "postgresql":
        return
    with translate(), engine.connect() as connection:
        before = datetime.now(UTC)
        theirs = connection.execute(select(func.clock_timestamp())).scalar_one()
        after = datetime.now(UTC)
    apart = (before + (after - before) / 2 - theirs).total_seconds()
    if abs(apart) <= APART:
        yield Check(name="clock", state="ok", found="It agrees with the database's.")
        return
    way = "ahead of" if apart > 0 else "behind"
    yield Check(
        name="clock",
        state="broken" if abs(apart) > SILENT.total_seconds() / 2 else "warning",
        found=f"It is {abs(apart):,.0f} seconds {way} the database's.",
        advice="Let NTP set both (`timedatectl` shows whether it does).",
    )


def _all_parts(settings: Settings) -> Iterator[Check]:
    now = datetime.now(UTC)
    with Database.open(settings.database_url) as database:
        parts: tuple[tuple[str, Callable[[], Iterator[Check]]], ...] = (
            ("media", lambda: _media(settings, database)),
            ("disk", lambda: _disk(settings)),
            ("queue", lambda: work.jobs(settings, database, now=now)),
            ("workers", lambda: work.crew(database, now=now)),
            ("failures", lambda: work.failures(database)),
            ("webhooks", lambda: work.deliveries(database)),
            ("models", lambda: _models(settings, database, now=now)),
        )
        for name, look in parts:
            try:
                yield from look()
            except CallmonError as error:
                yield Check(name=name, state="broken", found=str(error))


def _media(settings: Settings, database: Database) -> Iterator[Check]:
    media = Media.open(settings.media_url)
    content = os.urandom(32)
    try:
        received = media.receive(BytesIO(content), max_bytes=len(content))
        try:
            with media.open_stream(received.key) as stream:
                same = stream.read() == content
        finally:
            media.delete(received.key)
    except StoreUnavailable as error:
        yield Check(
            name="media",
            state="broken",
            found=str(error),
            advice="See to the store, or name another in the setting `media`.",
        )
        return
    if not same:
        yield Check(name="media", state="broken", found="It gives back something else.")
        return
    missing = _newest_sound(database, media)
    if missing is None:
        text = "The store takes, gives back and deletes."
        yield Check(name="media", state="ok", found=text)
        return
    yield Check(
        name="media",
        state="broken",
        found=f"The sound of {missing}, which came last, is not in the store.",
        advice="Is the right folder mounted, or the right bucket named in the setting"
        " `media`? What is lost comes back from a backup, or by adding the file again.",
    )


def _newest_sound(database: Database, media: Media) -> str | None:
    """The id of the recording that came last, where its sound should be and is not."""
    with database.reading() as connection:
        found = recordings.find(connection, limit=1)
        taken = found and "audio" in removals.of(connection, found[0].id)
    if not found or taken:
        return None
    try:
        media.size(found[0].media)
    except NotFound:
        return found[0].id
    return None


def _disk(settings: Settings) -> Iterator[Check]:
    places = {"data": settings.data, "temporary files": Path(tempfile.gettempdir())}
    free = {
        name: shutil.disk_usage(folder).free
        for name, folder in places.items()
        if folder.exists()
    }
    kept = Media.open(settings.media_url).free_bytes()
    if kept is not None:
        free["media"] = kept
    least, name = min((size, name) for name, size in free.items())
    text = f"{least / 1e9:,.1f} GB are free where it is least, for {name}."
    advice = (
        "Make room or shorten retention; below the setting min_free_bytes"
        f" ({settings.min_free_bytes / 1e9:.1f} GB) nothing is taken in."
    )
    if least >= SPACE:
        yield Check(name="disk", state="ok", found=text)
    else:
        state: State = "broken" if least < settings.min_free_bytes else "warning"
        yield Check(name="disk", state=state, found=text, advice=advice)


def _models(settings: Settings, database: Database, *, now: datetime) -> Iterator[Check]:
    """Those that are asked for by name; what is `auto` is there already.

    Broken only where workers of this machine live that will never have them.
    """
    wanted = [settings.asr]
    if settings.diarizer not in ("auto", "clustering"):
        wanted.append(settings.diarizer)
    lacking = [name for name in wanted if not present(name, settings.model_cache)]
    if not lacking:
        yield Check(name="models", state="ok", found=f"{', '.join(wanted)}: here.")
        return
    text = f"{', '.join(lacking)}: not here."
    with database.reading() as connection:
        here = any(
            each.host == platform.node()
            and each.state != "stopped"
            and now - each.at < SILENT
            for each in workers.every(connection)
        )
    yield Check(
        name="models",
        state="broken" if settings.offline and here else "warning",
        found=text,
        advice="`callmon models pull` fetches what is missing; a machine that only serves"
        " pages needs none.",
    )
