"""`callmon serve --demo`: a store of its own, filled with the sample calls."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callmon.commands.demo import demo_settings, made_before, page_of, stamp_of
from callmon.commands.output import say
from callmon.demo.calls import Call
from callmon.demo.filling import NOTICE, WEEKS, fill
from callmon.demo.people import PEOPLE, settle
from callmon.errors import BadSettings
from callmon.review.access.secrets import hash_password
from callmon.review.first_key import is_loopback
from callmon.review.site import Site
from callmon.samples import samples
from callmon.settings import PREFIX, Settings
from callmon.store.tables.base import REVISION

MARK: Final = ".demonstration"
"""File in the store that tells it is one of ours, and what filled it."""
__all__ = ["NOTICE", "Stage", "describe", "open_stage"]

COMMAND: Final = (sys.executable, "-m", "callmon", "demo", "--output")


@dataclass(frozen=True)
class Stage:
    """Where the demonstration takes place."""

    calls: tuple[Call, ...]
    store: Path
    filled_by: str
    """What made the analyses, and the tables."""

    def set_up(self, site: Site) -> tuple[str, str]:
        """Fills the store where it is empty. The path that signs in the admin, once, and
        the password of all its people."""
        password, now = "-".join(secrets.token_hex(2) for _ in range(3)), site.now()
        hashed = hash_password(password)
        with site.database.writing() as connection:
            people = settle(connection, hash=hashed, at=now)
        mark = self.store / MARK
        if mark.read_text() != self.filled_by:
            say(f"Putting {WEEKS * len(self.calls)} calls into a store of their own.")
            fill(site, people, self.calls, now=now)
            mark.write_text(self.filled_by)
        return site.links.make(people["ada"].id.removeprefix("user:")), password


@contextlib.contextmanager
def open_stage(folder: Path | None, *, host: str) -> Iterator[Stage]:
    """A store in the folder, or in one that is deleted at the end; until then all settings
    of this process and its children are those of the demonstration.

    Raises BadSettings for an address that others reach, and for a folder with a store that
    is not one of ours.
    """
    if not is_loopback(host):
        raise BadSettings(
            f"{host} is an address that others reach, and the demonstration is for this"
            " machine alone. --host 127.0.0.1 would work."
        )
    with contextlib.ExitStack() as closing:
        if folder is None:
            folder = Path(
                closing.enter_context(tempfile.TemporaryDirectory(prefix="callmon-demo-"))
            )
        folder = folder.resolve()
        settings = demo_settings(None)
        stamp, store = stamp_of(settings), folder / "store"
        filled_by = f"{stamp} {REVISION}"
        _make_room(store, filled_by)
        calls = _calls(folder, stamp)
        closing.enter_context(_apart(store, settings))
        yield Stage(calls=calls, store=store, filled_by=filled_by)


def describe(address: str, link: str, password: str) -> str:
    """How to get in."""
    others = ", ".join(f"{each.login} ({each.role})" for each in PEOPLE)
    return (
        f"Open {address}{link}\n"
        f"It signs you in as {PEOPLE[0].name}, once. Or sign in, each with the password"
        f" {password}, as {others}."
    )


def _calls(folder: Path, stamp: str) -> tuple[Call, ...]:
    """The sample calls with their analyses, which are made now where they are not there."""
    if not made_before(folder, stamp):
        # In a process of its own: the pages shall not keep the models in memory.
        done = subprocess.run([*COMMAND, folder], stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        if done.returncode:
            raise BadSettings("The sample calls could not be analysed; see above.")
    return tuple(
        Call(sample=sample, analysis=analysis, products=page_of(folder, sample))
        for sample, analysis in zip(samples(), made_before(folder, stamp), strict=True)
    )


def _make_room(store: Path, filled_by: str) -> None:
    """A store that another callmon filled, or that was not filled to its end, goes."""
    mark = store / MARK
    if store.exists() and not mark.is_file():
        raise BadSettings(f"{store} holds something else. Name another folder.")
    if mark.is_file() and mark.read_text() != filled_by:
        shutil.rmtree(store)
    if not store.exists():
        store.mkdir(parents=True)
        mark.write_text("")


@contextlib.contextmanager
def _apart(store: Path, settings: Settings) -> Iterator[None]:
    """Nothing that is set for the real store holds here, nor in the worker."""
    before, variables = Path.cwd(), dict(os.environ)
    for name in variables:
        if name.startswith(PREFIX):
            del os.environ[name]
    os.environ[f"{PREFIX}DATA"] = str(store)
    os.environ[f"{PREFIX}ASR"] = "demo"
    os.environ["CREDENTIALS_DIRECTORY"] = str(store)  # no secret files but these: none
    if settings.rubric is not None:
        os.environ[f"{PREFIX}RUBRIC"] = str(settings.rubric)
    os.chdir(store)  # away from callmon.toml
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)
