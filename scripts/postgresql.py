"""A PostgreSQL server for tests and measurements, from Debian's package.

It lies in a temporary folder, listens on this machine alone, believes whoever connects,
and is gone afterwards. (Debian: apt install postgresql; the system's own server is not
touched.)
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
USER = "postgres"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL that believes whoever connects from this machine."""

    folder: Path
    port: int

    @property
    def admin(self) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def execute(self, statement: str) -> None:
        """Runs one statement outside of any transaction."""
        import psycopg

        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(statement.encode())

    def ask(self, query: str, *values: object) -> int:
        """The number that the query gives."""
        import psycopg

        with psycopg.connect(self.admin) as connection:
            row = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return int(row[0])

    def create(self) -> str:
        """The URL of a new, empty database."""
        name = f"callmon_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += f" -c max_connections=200 -k {self.folder}"
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def initialise(self) -> None:
        _run(
            "initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"
        )

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def _control(self, *arguments: str) -> None:
        _run("pg_ctl", "-D", self.data, "-w", "-s", *arguments)


def _run(program: str, *arguments: str) -> None:
    # The server refuses to run as root.
    user = USER if os.getuid() == 0 else None
    subprocess.run(
        [BINARIES[-1].with_name(program), *arguments],
        user=user,
        group=user,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_server() -> Iterator[Server]:
    """A server in a folder of its own, stopped and deleted at the end of the block."""
    # Not under tmp_path: its folders are for this user alone, the server runs as another.
    folder = Path(tempfile.mkdtemp(prefix="callmon-pg-"))
    if os.getuid() == 0:
        account = pwd.getpwnam(USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
    server = Server(folder=folder, port=_free_port())
    try:
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
