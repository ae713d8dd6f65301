"""The real program, started as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callmon.samples import FOLDER
from tests.acceptance.shop import Shop, open_shop

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_callmon(
    *arguments: str | Path, cwd: Path, **settings: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "HF_HUB_OFFLINE": "1",
        "CALLMON_DATA": str(cwd / "data"),
        "CALLMON_ASR": "demo",
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "callmon", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def callmon(tmp_path: Path) -> Run:
    """`callmon("analyze", path)` in an empty folder, with the demo speech model."""

    def run(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_callmon(*arguments, cwd=tmp_path, **settings)

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """With its database in an SQLite file."""
    with open_shop(tmp_path, f"sqlite:///{tmp_path / 'callmon.db'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def sample_documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The documents of all sample calls, from their sound, in one fresh process."""
    folder = tmp_path_factory.mktemp("samples")
    calls = sorted(FOLDER.glob("*.ogg"))
    done = run_callmon("analyze", *calls, "--json", folder / "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {
        call.stem: json.loads((folder / "json" / f"{call.stem}.json").read_text())
        for call in calls
    }
