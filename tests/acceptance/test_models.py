"""`callmon models` against a model hub on this machine: no test asks a real one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The client writes ten million bytes at a time; a download must be longer to be cut.
WEIGHTS = b"weights " * 3_000_000
CUT = 15_000_000
SPEECH = {
    "config.json": b"{}",
    "model.bin": WEIGHTS,
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
}
DIARIZER = {"config.yaml": b"version: 4\n", "plda/plda.npz": b"plda"}
REPOSITORIES = {"maker/speech": SPEECH, "maker/voices": DIARIZER}
TOKEN = "hf_good"
MEMBER = "hf_member"
"""Of somebody who has not accepted the conditions."""

PROGRAM = """
import pathlib, sys
from callmon.weights import manifest
manifest.models_folder = lambda: pathlib.Path(sys.argv[1])
from callmon.cli import main
sys.exit(main(sys.argv[2:]))
"""

Start = Callable[..., subprocess.Popen[str]]


def entry(name: str, purpose: str, repository: str, *, gated: bool = False) -> str:
    lines = ""
    for file, data in REPOSITORIES[repository].items():
        digest = hashlib.sha256(data).hexdigest()
        lines += f'"{file}" = {{ size = {len(data)}, sha256 = "{digest}" }}\n'
    return (
        f'[[models]]\nname = "{name}"\npurpose = "{purpose}"\n'
        f'repository = "{repository}"\nrevision = "{"0" * 40}"\n'
        f"gated = {str(gated).lower()}\n"
        'licence = "MIT"\nlanguages = ["en"]\nabout = "For tests."\n'
        f"[models.files]\n{lines}\n"
    )


@dataclass
class Hub:
    """A model hub; the first download of the weights may stop short."""

    stop: str | None = None
    """`cut`: the line breaks. `hang`: nothing more comes."""
    served: list[tuple[str, int]] = field(default_factory=list)
    """Each file asked for, and the byte from which."""
    hosts: set[str] = field(default_factory=set)
    address: str = ""

    def starts(self, name: str) -> list[int]:
        return [start for file, start in self.served if file == name]


class Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        # Through a proxy a whole address is asked for.
        url = urlsplit(self.path)
        self.hub.hosts.add(url.hostname or "")
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        if token not in ("", TOKEN, MEMBER):
            self._answer(401, b"")
            return
        if url.path.startswith("/api/models/"):
            self._answer(200, json.dumps({"id": "maker/thing", "siblings": []}).encode())
            return
        _, owner, repository, _resolve, _revision, *parts = url.path.split("/")
        name = "/".join(parts)
        if repository == "voices" and token != TOKEN:
            self._answer(403, b"", gated=True)
            return
        data = REPOSITORIES[f"{owner}/{repository}"][name]
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        self.hub.served.append((name, start))
        self._answer(206 if start else 200, data[start:], of=len(data), start=start)

    def do_CONNECT(self) -> None:
        self.hub.hosts.add(self.path)
        self.send_error(502)

    def _answer(
        self, code: int, body: bytes, *, of: int = 0, start: int = 0, gated: bool = False
    ) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        if code == 206:
            self.send_header("Content-Range", f"bytes {start}-{of - 1}/{of}")
        if gated:
            self.send_header("X-Error-Code", "GatedRepo")
        self.end_headers()
        stop = self.hub.stop if len(body) > CUT else None
        if stop:
            # Before the body: a client that is killed meanwhile breaks the writing off.
            self.hub.stop = None
        self.wfile.write(body[:CUT] if stop else body)
        if stop == "hang":
            self.rfile.read(1)  # until the client has gone

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    state = Hub()
    handler = type("HubHandler", (Handler,), {"hub": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def start(tmp_path: Path, hub: Hub) -> Start:
    """`start("models", "pull")` with a manifest of two models on the hub."""
    known = tmp_path / "known"
    known.mkdir()
    (known / "manifest.toml").write_text(
        entry("small.en", "asr", "maker/speech")
        + entry("community-1", "diarizer", "maker/voices", gated=True)
    )

    def popen(*arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(known), *map(str, arguments)],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "HOME": str(tmp_path),
                "HF_ENDPOINT": hub.address,
                "CALLMON_DATA": str(tmp_path / "data"),
                "CALLMON_DEVICE": "cpu",
                **settings,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    return popen


def done(process: subprocess.Popen[str], *, code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return out, err


def test_without_a_token_the_speech_model_comes_and_the_licence_is_explained(
    start: Start, tmp_path: Path, hub: Hub
) -> None:
    _, told = done(start("models", "pull"))

    assert told.index("small.en: 24 MB, licence MIT") < told.index("fetching small.en")
    assert (tmp_path / "data/models/small.en/model.bin").read_bytes() == WEIGHTS
    for step in (
        f"  1. Make an account at {hub.address}/join",
        f"  2. Accept the conditions at {hub.address}/maker/voices",
        f"  3. Make a token that can read at {hub.address}/settings/tokens",
        "  4. Set CALLMON_HUB_TOKEN to it",
    ):
        assert step in told
    assert "plda/plda.npz" not in [name for name, _ in hub.served]


def test_with_a_token_the_diarizer_comes_too(start: Start, tmp_path: Path) -> None:
    _, told = done(start("models", "pull", CALLMON_HUB_TOKEN=TOKEN))

    assert "community-1: 0 MB, licence MIT" in told
    assert (tmp_path / "data/models/community-1/plda/plda.npz").read_bytes() == b"plda"
    assert TOKEN not in told


@pytest.mark.parametrize("token", [MEMBER, "hf_expired"])
def test_a_token_that_the_hub_refuses_does_not_stop_the_other_model(
    start: Start, tmp_path: Path, token: str
) -> None:
    _, told = done(start("models", "pull", HF_TOKEN=token), code=1)

    assert "does not give the model community-1 to this token" in told
    assert "  2. Accept the conditions at" in told
    assert (tmp_path / "data/models/small.en/model.bin").is_file()


def test_a_killed_pull_goes_on_where_it_stopped(
    start: Start, tmp_path: Path, hub: Hub
) -> None:
    hub.stop = "hang"
    killed = start("models", "pull", "small.en")
    part = tmp_path / "data/models/.small.en.partial/model.bin.part"
    deadline = time.monotonic() + 30
    while not (part.is_file() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    killed.kill()
    killed.communicate()
    kept = part.stat().st_size
    assert not (tmp_path / "data/models/small.en").exists()

    done(start("models", "pull", "small.en"))

    assert kept > 0
    assert hub.starts("model.bin") == [0, kept]
    assert hub.starts("config.json") == [0]
    done(start("models", "verify", "small.en"))


def test_a_line_that_breaks_is_taken_up_again(
    start: Start, tmp_path: Path, hub: Hub
) -> None:
    hub.stop = "cut"
    done(start("models", "pull", "small.en"))

    first, second = hub.starts("model.bin")
    assert (first, second > 0) == (0, True)
    assert (tmp_path / "data/models/small.en/model.bin").read_bytes() == WEIGHTS


def test_a_proxy_is_used(start: Start, hub: Hub) -> None:
    pulled = start(
        "models",
        "pull",
        "small.en",
        HF_ENDPOINT="http://hub.invalid",
        HTTP_PROXY=hub.address,
    )
    done(pulled)

    assert hub.hosts == {"hub.invalid"}


def test_a_proxy_for_https_is_asked_for_the_hub(start: Start, hub: Hub) -> None:
    pulled = start(
        "models",
        "pull",
        "small.en",
        HF_ENDPOINT="https://hub.invalid",
        HTTPS_PROXY=hub.address,
    )
    done(pulled, code=1)

    assert hub.hosts == {"hub.invalid:443"}


def test_a_second_machine_takes_all_from_a_folder_and_then_needs_no_network(
    start: Start, tmp_path: Path, hub: Hub
) -> None:
    done(start("models", "pull", CALLMON_HUB_TOKEN=TOKEN))
    asked = list(hub.served)
    second = {
        "CALLMON_DATA": str(tmp_path / "second"),
        "CALLMON_OFFLINE": "true",
        "HF_ENDPOINT": "http://hub.invalid",
    }
    done(start("models", "pull", "--from", tmp_path / "data", **second))

    listed, _ = done(start("models", "list", "--json", **second))
    assert {model["name"]: bool(model["path"]) for model in json.loads(listed)} == {
        "small.en": True,
        "community-1": True,
    }
    where, _ = done(start("models", "path", "small.en", **second))
    assert (Path(where.strip()) / "model.bin").read_bytes() == WEIGHTS
    assert hub.served == asked


def test_a_folder_without_models_is_told(start: Start, tmp_path: Path) -> None:
    _, told = done(start("models", "pull", "--from", tmp_path), code=1)

    assert f"No model of `callmon models list` is whole in {tmp_path}" in told


def test_without_a_network_it_is_told_and_nothing_is_left(start: Start) -> None:
    pulled = start("models", "pull", "small.en", HF_ENDPOINT="http://127.0.0.1:9")
    _, told = done(pulled, code=1)

    assert "small.en is not here and could not be downloaded" in told
    assert "Traceback" not in told
