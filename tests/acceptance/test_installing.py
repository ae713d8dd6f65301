"""The wheel, installed away from the checkout as an operator installs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from callmon.review.pages.rendering import LIBRARIES, STATIC

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as scripts/make_offline.sh makes it, with callmon's own wheel alone."""
    if not all((STATIC / "vendor" / name).is_file() for name in LIBRARIES):
        pytest.skip("the libraries of the pages are not here (`make setup` with npm)")
    folder = tmp_path_factory.mktemp("offline")
    (folder / "models").mkdir()
    subprocess.run(
        [ROOT / "scripts" / "make_wheel.sh", sys.executable, folder / "wheels"],
        # pip's switch is turned off by a false value: nothing is fetched to build with.
        env={**os.environ, "PIP_NO_BUILD_ISOLATION": "false", "PIP_NO_INDEX": "true"},
        check=True,
    )
    (folder / "install.sh").write_bytes((ROOT / "scripts/install_offline.sh").read_bytes())
    return folder


@pytest.fixture(scope="module")
def program(offline: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`callmon`, installed by install.sh; what it stands on is lent by this environment."""
    there = tmp_path_factory.mktemp("opt") / "callmon"
    libraries = tmp_path_factory.mktemp("libraries")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "callmon" not in entry.name and entry.suffix != ".pth":
            (libraries / entry.name).symlink_to(entry)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = there / "lib" / python / "site-packages"
    packages.mkdir(parents=True)
    (packages / "lent.pth").write_text(f"{libraries}\n")
    subprocess.run(
        ["sh", offline / "install.sh", there],
        cwd=there,
        env={"PATH": os.environ["PATH"], "HOME": str(there), "PYTHON": sys.executable},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    assert (packages / "callmon" / "pipeline.py").is_file()
    return there / "bin" / "callmon"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CALLMON_DATA": str(tmp_path / "data"),
        "CALLMON_ASR": "demo",
        "CALLMON_OFFLINE": "true",
    }


def test_the_wheel_holds_all_that_runs_and_nothing_else(offline: Path) -> None:
    (wheel,) = (offline / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "callmon/analysis.schema.json",
        "callmon/empathy/rubrics/en.toml",
        "callmon/models/demo-asr/model.bin",
        "callmon/models/empathy/model.onnx",
        "callmon/models/manifest.toml",
        "callmon/py.typed",
        "callmon/review/static/vendor/htmx.LICENSE",
        "callmon/samples/hotel-wrong-room.ogg",
        *(f"callmon/review/static/vendor/{name}" for name in LIBRARIES),
    } <= names
    for folder, suffix in (("templates", ".html"), ("static", ".js"), ("static", ".css")):
        here = (ROOT / "callmon" / "review" / folder).glob(f"*{suffix}")
        assert {str(path.relative_to(ROOT)) for path in here} <= names
    migrations = ROOT.glob("callmon/store/migrations/versions/*.py")
    assert {str(path.relative_to(ROOT)) for path in migrations} <= names
    outside = {name.partition("/")[0] for name in names} - {"callmon"}
    assert [re.sub(r"-.*\.", ".", name) for name in outside] == ["callmon.dist-info"]
    assert not [name for name in names if "axe" in name or name.endswith(".pyc")]


def test_an_installed_callmon_analyses_a_call(
    program: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [program.with_name("python"), "-c", "import callmon; print(callmon.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    package = Path(done.stdout.strip()).parent
    assert package.is_relative_to(program.parents[1])
    call = package / "samples" / "hotel-wrong-room.ogg"
    done = subprocess.run(
        [program, "analyze", call, "--json", "-", "--report", "call.html"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["findings"]
    assert (tmp_path / "call.html").is_file()


@pytest.fixture
def address(program: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "serve", "--port", "0", "--no-worker"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    with process.stdout:
        found = (re.search(r"http://\S+[0-9]", line) for line in process.stdout)
        try:
            yield next(match[0] for match in found if match)
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_an_installed_callmon_serves_its_pages_and_their_libraries(address: str) -> None:
    assert httpx2.get(f"{address}/healthz").json() == {"status": "ok"}
    page = httpx2.get(f"{address}/", follow_redirects=True)
    assert page.status_code == 200
    assert "<form" in page.text
    for name in LIBRARIES:
        assert httpx2.get(f"{address}/static/vendor/{name}").status_code == 200
