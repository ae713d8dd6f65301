"""`make setup` and install.sh, with programs that only say that they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """With an environment whose Python fetches nothing, as where npm is missing."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "constraints.txt", "scripts/fetch_frontend.py"):
        (tmp_path / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / ".ready").touch()
    python(tmp_path, "exit 1")
    return tmp_path


def python(checkout: Path, line: str) -> None:
    program = checkout / ".venv" / "bin" / "python"
    program.write_text(f'#!/bin/sh\necho "$@" >>called\n{line}\n')
    program.chmod(0o755)


def setup(checkout: Path) -> int:
    """How often the libraries of the pages were asked for until now."""
    subprocess.run(["make", "setup"], cwd=checkout, capture_output=True, check=True)
    called = checkout / "called"
    return called.read_text().count("fetch_frontend.py") if called.exists() else 0


def test_libraries_of_the_pages_that_did_not_come_are_asked_for_again(
    checkout: Path,
) -> None:
    assert setup(checkout) == 1
    assert setup(checkout) == 2
    fetched = "callmon/review/static/vendor/fetched.json"
    python(checkout, f"mkdir -p {Path(fetched).parent}; touch {fetched}")
    assert setup(checkout) == 3
    assert setup(checkout) == 3


@pytest.mark.parametrize("second", [True, False])
def test_models_go_to_the_data_that_is_named(tmp_path: Path, *, second: bool) -> None:
    folder, to, data = tmp_path / "offline", tmp_path / "opt", tmp_path / "data"
    for name in ("wheels", "models/small.en"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "install_offline.sh", folder / "install.sh")
    data.mkdir()
    (to / "bin").mkdir(parents=True)
    for program, line in (
        ("python", "exit 0"),
        ("callmon", '[ "$1" = doctor ] || mkdir "$CALLMON_DATA/models"; echo "$@"'),
    ):
        (to / "bin" / program).write_text(f"#!/bin/sh\n{line}\n")
        (to / "bin" / program).chmod(0o755)
    done = subprocess.run(
        ["sh", folder / "install.sh", to, *([data] if second else [])],
        env={
            "PATH": os.environ["PATH"],
            "PYTHON": "true",
            "CALLMON_DATA": str(tmp_path / "elsewhere" if second else data),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"models pull --from {folder / 'models'}" in done.stdout
    assert (data / "models").is_dir()
