"""Which revision the tables are of, and the migrations that bring them to this one's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from sqlalchemy import Connection, Engine, inspect, text

from callmon.errors import StoreOutdated
from callmon.store.engine import BUSY_SECONDS, WRITE
from callmon.store.faults import StatementRefused, translate
from callmon.store.tables.base import REVISION

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATE = ("PRAGMA foreign_keys = OFF", *WRITE)
"""A table is changed by copying and dropping it; with the keys on, dropping it would
delete all that hangs on its rows."""


def revision_of(connection: Connection) -> str | None:
    """Of the tables; None when the database is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Runs the migrations that are missing, all or none, while no other process does.

    Raises StoreUnavailable.
    """
    with translate():
        if engine.dialect.name == "sqlite":
            with FileLock(f"{engine.url.database}.lock", timeout=BUSY_SECONDS):
                _upgrade_sqlite(engine, revision)
            return
        with engine.connect() as connection, connection.begin():
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtext('callmon migrations'))")
            )
            _run_migrations(connection, revision)


def is_known(revision: str) -> bool:
    """Whether this callmon has a migration of that name."""
    from alembic.script import ScriptDirectory

    known = ScriptDirectory.from_config(configuration()).walk_revisions()
    return revision in {script.revision for script in known}


def refuse(revision: str) -> None:
    """Raises StoreOutdated for a database of this revision, which is not ours."""
    if is_known(revision):
        raise StoreOutdated(
            f"The database is of revision {revision} and this callmon works with"
            f" {REVISION}. Stop all of callmon, back the database up with the version"
            " that made it, and run `callmon migrate`."
        )
    raise StoreOutdated(
        f"The database was made by a newer callmon (revision {revision}; this one knows"
        f" up to {REVISION}). Install that version again."
    )


def configuration() -> Config:
    """Alembic's, without a file."""
    from alembic.config import Config

    folder = Path(__file__).with_name("migrations")
    config = Config()
    # A percent sign in a path would be read as a placeholder.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _upgrade_sqlite(engine: Engine, revision: str) -> None:
    # WAL is a property of the file. Two processes that set it at once are refused without
    # waiting, so it is set under the lock alone.
    with engine.connect().execution_options(callmon_begin=()) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with (
        engine.connect().execution_options(callmon_begin=MIGRATE) as connection,
        connection.begin(),
    ):
        _run_migrations(connection, revision)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StatementRefused("A migration leaves rows that hang on nothing")
    # Connections of which the keys are off are not to be used again.
    engine.dispose()


def _run_migrations(connection: Connection, revision: str) -> None:
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
