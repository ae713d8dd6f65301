"""What all tests share: a clean environment and the way to the development data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.databases import database, database_url, postgresql_server

__all__ = ["database", "database_url", "postgresql_server"]

# huggingface_hub reads it once, when it is first imported.
os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("CALLMON_SHARED", ROOT.parent / "shared" / "data"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's own leaks into a test, and no model hub is asked."""
    for name in list(os.environ):
        if name.startswith("CALLMON_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CALLMON_DATA", str(tmp_path / "data"))


@pytest.fixture
def shared() -> Path:
    """Real calls and labelled data for development; not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"development data is not at {SHARED} (set CALLMON_SHARED to use it)")
    return SHARED
