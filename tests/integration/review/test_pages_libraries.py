"""Fetching the page's libraries, with an npm that is a script of ours."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from scripts import fetch_frontend
from scripts.fetch_frontend import Package

FILES = {"dist/small.js": "small.js", "LICENSE": "small.LICENSE"}


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What `npm pack` of the path brings, whatever it is asked for."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in ("dist/small.js", "dist/other.js", "LICENSE"):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    archive_path = tmp_path / "small.tgz"
    archive_path.write_bytes(content.getvalue())
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f'#!/bin/sh\nexec cp "{archive_path}" small-1.0.0.tgz\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    return content.getvalue()


def test_only_what_is_loaded_is_kept(packed: bytes, tmp_path: Path) -> None:
    sha512 = base64.b64encode(hashlib.sha512(packed).digest()).decode()
    to = tmp_path / "vendor"
    to.mkdir()
    fetch_frontend.fetch(Package("small", "1.0.0", sha512, FILES), to)

    assert sorted(path.name for path in to.iterdir()) == ["small.LICENSE", "small.js"]
    assert (to / "small.js").read_text() == "dist/small.js"


@pytest.mark.usefixtures("packed")
def test_another_content_is_refused_and_nothing_of_it_kept(tmp_path: Path) -> None:
    to = tmp_path / "vendor"
    to.mkdir()

    with pytest.raises(RuntimeError, match="is not what was chosen"):
        fetch_frontend.fetch(Package("small", "1.0.0", "else", FILES), to)
    assert list(to.iterdir()) == []


def test_every_library_has_its_licence_beside_it() -> None:
    for package in fetch_frontend.PACKAGES:
        assert any(name.endswith(".LICENSE") for name in package.files.values())
        assert len(base64.b64decode(package.sha512)) == 64


def test_without_npm_all_that_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["fetch_frontend.py", "--to", str(tmp_path / "vendor")])
    assert fetch_frontend.main() == 1
    told = capsys.readouterr().err
    for words in ("npm is missing", "waves", "lists", "tests", "wheel", "`make setup`"):
        assert words in told
    assert not (tmp_path / "vendor" / "fetched.json").exists()
