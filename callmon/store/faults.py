"""Turns what database drivers raise into callmon's errors, without a word of the data.

The drivers put the statement, its values and whole rows into their messages; a log must
hold none of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from filelock import Timeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from callmon.errors import StoreUnavailable

SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "another program holds it locked",
    sqlite3.SQLITE_LOCKED: "another program holds it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "its disk cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_READONLY: "its file may only be read",
    sqlite3.SQLITE_PERM: "its file may not be opened",
    sqlite3.SQLITE_CORRUPT: "its file is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "its file is no SQLite database",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
    sqlite3.SQLITE_PROTOCOL: "another program holds it locked",
}
"""By the primary result code, https://sqlite.org/rescode.html."""

POSTGRESQL: Final = {
    "08": "the connection was lost",
    "40": "another transaction came in between",
    "53": "the server is full: its disk, its memory or its connections",
    "55": "another program holds it locked",
    "57": "the server ended the connection or the statement",
    "58": "the server's disk cannot be read or written",
    "25P03": "the transaction stood still for too long",
}
"""By the class of the SQLSTATE or the whole, PostgreSQL manual, appendix A."""


class StatementRefused(Exception):
    """The database refused a statement: a defect in callmon, not in the data or server."""


@contextmanager
def translate() -> Iterator[None]:
    """Raises StoreUnavailable or StatementRefused in place of a driver's error."""
    try:
        yield
    except DBAPIError as error:
        cause = _cause(error)
        if cause is None:
            refused = StatementRefused(f"{type(error).__name__} in a statement")
            raise refused.with_traceback(error.__traceback__) from None
        raise StoreUnavailable(
            f"The database does not work: {cause}. What was under way is undone and can be"
            " tried again."
        ) from None
    except (PoolTimeout, Timeout):
        raise StoreUnavailable(
            "The database does not work: it is busy. What was under way is undone and can"
            " be tried again."
        ) from None


def _cause(error: DBAPIError) -> str | None:
    """What is wrong with the database, in words; None when it is the statement."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        return SQLITE.get(code & 0xFF) if isinstance(code, int) else None
    state = getattr(original, "sqlstate", None)
    if isinstance(state, str):
        return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    # Without a state there was no answer, or no connection: for that libpq has none.
    if error.connection_invalidated or type(error).__name__ == "OperationalError":
        return "the server does not answer, or refuses the user or the name"
    return None
