"""Calls are heard: in parts, cut, without what is private, and audited."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.testclient import TestClient

from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.review.recordings.mp3 import Frames
from callmon.review.site import Site
from callmon.store.access.trail import trail
from callmon.store.calls import recordings
from tests.integration.review.conftest import AddRecording, AsRole, Clock
from tests.integration.review.made import make_analysis
from tests.unit.audio.conftest import RATE, FakeAudio

TURNS = (
    ("agent", "What is the number of your card?"),
    ("customer", "4111 1111 1111 1111"),
    ("agent", "Thank you, I will see to it."),
)
"""The number is said from 7 to 12 s."""


@pytest.fixture
def call(recording: AddRecording, site: Site) -> str:
    """A call of 20 s of hum with its copy and its outline."""
    recording_id = recording(team="billing", analysis=make_analysis(turns=TURNS))
    with site.database.reading() as connection:
        key = recordings.get(connection, recording_id).media
    hum = 0.3 * np.sin(2 * np.pi * 440 * np.arange(20 * RATE) / RATE)
    audio = FakeAudio(hum, hum)
    for ending, write in ((".mp3", write_copy), (".peaks", write_peaks)):
        with site.media.making(key + ending) as target:
            write(audio, target)
    return recording_id


def hear(client: TestClient, path: str, part: str | None = None, **params: object):
    headers = {} if part is None else {"Range": part}
    return client.get(f"/v1/{path}", params=params, headers=headers)


def is_silent(sound: bytes) -> list[bool]:
    """Frame by frame."""
    frames = Frames.read(sound[:4], length=len(sound))
    size = frames.size
    return [
        not any(sound[at + 4 : at + size]) for at in range(0, frames.count * size, size)
    ]


def test_the_number_is_silent_and_nothing_else(as_role: AsRole, call: str) -> None:
    answer = hear(as_role("reviewer"), f"recordings/{call}/audio")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/mpeg"
    silent = is_silent(answer.content)
    seconds = [n * 0.036 for n, quiet in enumerate(silent) if quiet]
    assert (min(seconds), max(seconds)) == (
        pytest.approx(6.75, abs=0.12),
        pytest.approx(12.25, abs=0.12),
    )
    assert len(seconds) == pytest.approx((max(seconds) - min(seconds)) / 0.036 + 1)


def test_supervisors_hear_it_when_they_ask(as_role: AsRole, call: str, site: Site) -> None:
    path = f"recordings/{call}/audio"
    assert hear(as_role("reviewer"), path, redacted=False).status_code == 403
    assert not any(is_silent(hear(as_role("admin"), path, redacted=False).content))
    with site.database.reading() as connection:
        (line,) = trail(connection, action="audio.read.unredacted")
    assert line.recording_id == call


@pytest.mark.parametrize(
    ("part", "first", "last"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-1", 0, 2),
        ("bytes=1000-", 1000, None),
        ("bytes=-500", -500, None),
        ("bytes=50001-60007", 50001, 60008),
        ("bytes=0-999999999", 0, None),
    ],
)
def test_parts_are_parts_of_the_whole(
    as_role: AsRole, call: str, part: str, first: int, last: int | None
) -> None:
    client, path = as_role("reviewer"), f"recordings/{call}/audio"
    whole = hear(client, path).content
    answer = hear(client, path, part)
    assert answer.status_code == 206
    assert answer.content == whole[first:last]
    begin = first if first >= 0 else len(whole) + first
    assert answer.headers["Content-Range"] == (
        f"bytes {begin}-{begin + len(answer.content) - 1}/{len(whole)}"
    )
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("bytes=99999999-", 416),
        ("bytes=-0", 416),
        ("bytes=0-1,5-6", 200),
        ("bytes=5-2", 200),
        ("bytes=x-y", 200),
        ("bytes=-", 200),
        ("seconds=1-2", 200),
        ("bytes=" + "9" * 50 + "-", 200),
    ],
)
def test_other_ranges(as_role: AsRole, call: str, part: str, status: int) -> None:
    answer = hear(as_role("reviewer"), f"recordings/{call}/audio", part)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"].startswith("bytes */")


def test_a_part_of_something_else_is_not_given(as_role: AsRole, call: str) -> None:
    client, path = as_role("reviewer"), f"/v1/recordings/{call}/audio"
    tag = client.get(path).headers["ETag"]
    for sent, status in ((tag, 206), ('"another"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": sent}
        assert client.get(path, headers=headers).status_code == status


def test_a_player_is_one_line_in_the_log(
    as_role: AsRole, call: str, site: Site, clock: Clock
) -> None:
    client, path = as_role("reviewer"), f"recordings/{call}/audio"

    def lines() -> int:
        with site.database.reading() as connection:
            return len(trail(connection, recording_id=call, action="audio.read"))

    for at in range(5):
        hear(client, path, f"bytes={at}-")
    assert lines() == 1
    hear(as_role("reviewer"), path)
    assert lines() == 2
    clock.forward(minutes=11)
    hear(client, path)
    assert lines() == 3


def test_clips_are_cut_by_seconds(as_role: AsRole, call: str) -> None:
    client = as_role("reviewer")
    clip = hear(client, f"recordings/{call}/clip", start=5, end=8)
    silent = is_silent(clip.content)
    assert len(silent) * 0.036 == pytest.approx(3.0, abs=0.08)
    assert silent.index(True) * 0.036 == pytest.approx(1.7, abs=0.15)
    assert all(silent[silent.index(True) :])


@pytest.mark.parametrize(
    ("start", "end"), [(5, 5), (8, 5), (-1, 5), (0, 301), (30, 40), ("nan", 5), (0, "inf")]
)
def test_clips_that_cannot_be(
    as_role: AsRole, call: str, start: object, end: object
) -> None:
    answer = hear(as_role("reviewer"), f"recordings/{call}/clip", start=start, end=end)
    assert answer.status_code == 422


def test_a_finding_has_its_clip(as_role: AsRole, call: str) -> None:
    client = as_role("reviewer", teams={"billing"})
    (finding,) = client.get("/v1/findings").json()["items"]
    path = f"findings/{finding['id']}/clip"
    around = hear(client, path, before=1, after=0)
    silent = is_silent(around.content)
    seconds = 1 + min(finding["end"], 20.0) - finding["start"]
    assert len(silent) * 0.036 == pytest.approx(seconds, abs=0.15)
    elsewhere = as_role("reviewer", teams={"sales"})
    assert hear(elsewhere, path).status_code == 404


def test_the_outline(as_role: AsRole, call: str) -> None:
    client = as_role("reviewer")
    for per_second in (1, 10, 50):
        peaks = hear(client, f"recordings/{call}/peaks", per_second=per_second).json()
        assert (peaks["per_second"], peaks["duration"]) == (per_second, 20.0)
        assert [len(channel) for channel in peaks["channels"]] == [40 * per_second] * 2
        assert peaks["channels"][0][:2] == [-38, 38]
    assert hear(client, f"recordings/{call}/peaks", per_second=7).status_code == 422


@pytest.mark.parametrize("what", ["audio", "peaks", "clip?start=0&end=1"])
def test_before_there_is_sound_and_after(
    as_role: AsRole, recording: AddRecording, site: Site, call: str, what: str
) -> None:
    client = as_role("admin")
    waiting, unheard = recording(analysed=False), recording()
    assert client.get(f"/v1/recordings/{waiting}/{what}").status_code == 409
    assert client.get(f"/v1/recordings/{unheard}/{what}").status_code == 409
    with site.database.reading() as connection:
        site.media.delete(recordings.get(connection, call).media)
    assert client.get(f"/v1/recordings/{call}/{what}").status_code == 404
