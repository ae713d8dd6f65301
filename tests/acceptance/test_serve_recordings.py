"""The real service: a recording is uploaded, followed, read, heard, put right, deleted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from callmon.samples import FOLDER

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

CALL = sorted(FOLDER.glob("*.ogg"))[0]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx2.Client]:
    """The API of `callmon serve` with its worker, in an empty folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "CALLMON_DATA": str(tmp_path / "data"),
        "CALLMON_ASR": "demo",
    }
    with (tmp_path / "log").open("w") as log:
        service = subprocess.Popen(
            [sys.executable, "-m", "callmon", "serve", "--port", "0"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert service.stdout is not None
    said = ""
    for line in service.stdout:
        said += line
        if "http://" in line:
            break
    key = re.search(r"(callmon_\S+)", said)
    url = re.search(r"http://[^,\s]+", said)
    assert key is not None, said + (tmp_path / "log").read_text()
    assert url is not None, said
    headers = {"Authorization": f"Bearer {key[1]}"}
    with httpx2.Client(base_url=url[0], headers=headers, timeout=60) as client:
        yield client
    service.send_signal(signal.SIGTERM)
    service.send_signal(signal.SIGTERM)
    service.wait(timeout=60)
    service.stdout.close()


def wait_until_done(api: httpx2.Client, place: str) -> dict:
    for _ in range(600):
        recording = api.get(place).raise_for_status().json()
        if recording["state"] in ("done", "failed"):
            return recording
        time.sleep(0.3)
    raise AssertionError(f"not done: {recording}")


def test_the_whole_way_of_a_recording(api: httpx2.Client, tmp_path: Path) -> None:
    fields = {"agent": "Ann", "team": "billing", "brand": "north"}
    with CALL.open("rb") as file:
        sent = api.post(
            "/v1/recordings",
            files={"file": ("../../Ännas\ncall.ogg", file)},
            data=fields,
            headers={"Idempotency-Key": "first"},
        )
    assert sent.status_code == 202, sent.text
    place = sent.headers["Location"]

    recording = wait_until_done(api, place)
    assert recording["state"] == "done", recording["error"]
    assert recording["progress"] == 1.0
    assert recording["metadata"]["labels"] == {"brand": "north"}

    analysis = api.get(f"{place}/analysis").raise_for_status().json()
    assert analysis["schema"] == "callmon.analysis/1"
    assert recording["findings"] == len(analysis["findings"])

    turns = api.get(f"{place}/turns", params={"limit": 200}).raise_for_status().json()
    assert [turn["text"] for turn in turns["items"]] == [
        turn["text"] for turn in analysis["turns"]
    ]
    for form in ("vtt", "srt", "json", "txt"):
        transcript = api.get(f"{place}/transcript.{form}").raise_for_status()
        assert "\n" not in transcript.headers["Content-Disposition"]
    assert "Content-Security-Policy" in api.get(f"{place}/report.html").headers

    word = max(re.findall(r"\w+", analysis["turns"][0]["text"]), key=len)
    found = api.get("/v1/recordings", params={"text": word}).raise_for_status().json()
    assert [each["id"] for each in found["items"]] == [recording["id"]]

    peaks = api.get(f"{place}/peaks").raise_for_status().json()
    assert len(peaks["channels"]) == recording["channels"]
    whole = api.get(f"{place}/audio").raise_for_status().content
    part = api.get(f"{place}/audio", headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole[1000:2000]
    assert seconds_of(whole, tmp_path) == pytest.approx(recording["duration"], abs=0.1)
    clip = api.get(f"{place}/clip", params={"start": 2, "end": 5}).raise_for_status()
    assert seconds_of(clip.content, tmp_path) == pytest.approx(3.0, abs=0.1)

    swapped = api.patch(place, json={"parties": "swap"})
    assert swapped.status_code == 200, swapped.text
    again = wait_until_done(api, place)
    assert again["run"] == 2
    after = api.get(f"{place}/analysis").json()
    was = {name: role["party"] for name, role in analysis["speakers"].items()}
    now = {name: role["party"] for name, role in after["speakers"].items()}
    people = {name for name, party in was.items() if party in ("agent", "customer")}
    assert all(was[name] != now[name] for name in people)

    assert api.delete(place).status_code == 204
    assert api.get(place).status_code == 404
    media = [path for path in (tmp_path / "data/media").rglob("*") if path.is_file()]
    assert media == []
    trail = api.get("/v1/audit", params={"recording_id": recording["id"]}).json()["items"]
    actions = [line["action"] for line in trail]
    assert actions[0] == "recording.deleted"
    assert actions.count("audio.read") == 1, "one hearing, however many parts"


def seconds_of(sound: bytes, folder: Path) -> float:
    import av

    path = folder / "sound.mp3"
    path.write_bytes(sound)
    with av.open(str(path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    return samples / 16_000
