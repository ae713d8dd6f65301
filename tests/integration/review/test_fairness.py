"""The fairness report, from calls to warnings."""

from __future__ import annotations

from typing import Any

from callmon.call import Measure, Tone
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding


def make_call(*, flagged: bool, channels: int = 2, pitch: float | None = None) -> Any:
    analysis = make_analysis(
        outcome="missed" if flagged else "met",
        findings=(make_finding(),) if flagged else (),
        tones=() if pitch is None else (tone(pitch),),
    )
    sound = analysis.recording.model_copy(
        update={"channels": channels, "metadata": {"language": "en"}}
    )
    return analysis.model_copy(update={"recording": sound})


def tone(semitones: float) -> Tone:
    pitch = Measure(
        value=0.0, unit="semitones", baseline=0.0, distance=0.0, ordinary=semitones
    )
    return Tone(
        turn=1,
        arousal=0.0,
        label="ordinary",
        confidence=0.9,
        measures={"pitch": pitch},
        unscorable=None,
    )


def dimension(report: Any, name: str) -> Any:
    return next(each for each in report["dimensions"] if each["name"] == name)


def test_a_team_that_is_flagged_more_is_warned_about(
    recording: AddRecording, as_role: AsRole
) -> None:
    for n in range(40):
        recording(analysis=make_call(flagged=n % 10 < 8, channels=1), team="north")
        recording(analysis=make_call(flagged=n % 10 < 2), team="south")

    report = as_role("supervisor").get("/v1/reports/fairness").json()

    north, south = dimension(report, "agents")["flags"]["items"]
    assert (north["group"], north["calls"], north["trials"]) == ("north", 40, 40)
    assert (north["events"], north["rate"], north["expected"]) == (32, 0.8, 0.5)
    assert north["differs"]
    assert south["differs"]
    assert north["interval"][0] > 0
    assert report["warnings"][0].startswith(
        "Agent group north: flagged in 80.0% of 40 (32)"
    )
    by_channels = dimension(report, "channels")["flags"]["items"]
    assert [item["group"] for item in by_channels] == ["mono", "stereo"]
    (english,) = dimension(report, "language")["flags"]["items"]
    assert (english["group"], english["differs"]) == ("en", False)
    (confidence,) = dimension(report, "confidence_band")["flags"]["items"]
    assert confidence["group"] == "high"


def test_high_and_low_voices_are_compared(recording: AddRecording, as_role: AsRole) -> None:
    for n in range(20):
        recording(analysis=make_call(flagged=n % 2 == 0, pitch=2.0), team="north")
        recording(analysis=make_call(flagged=n % 2 == 0, pitch=13.0), team="north")
        recording(analysis=make_call(flagged=n % 2 == 0), team="north")
    report = as_role("supervisor").get("/v1/reports/fairness").json()
    items = dimension(report, "pitch_band")["flags"]["items"]
    assert [(item["group"], item["trials"]) for item in items] == [
        ("high", 20),
        ("low", 20),
        (None, 20),
    ]
    assert report["warnings"] == []


def test_groups_of_agents_can_be_a_label(recording: AddRecording, as_role: AsRole) -> None:
    for n in range(20):
        for site in ("Cork", "Łódź"):
            call = make_call(flagged=n % 2 == 0)
            recording(analysis=call, team="north", labels={"the site": site})
    client = as_role("supervisor")
    report = client.get("/v1/reports/fairness", params={"label": "the site"}).json()
    items = dimension(report, "agents")["flags"]["items"]
    assert [item["group"] for item in items] == ["Cork", "Łódź"]
    odd = client.get("/v1/reports/fairness", params={"label": "a'\"]$.b\\"}).json()
    assert [item["group"] for item in dimension(odd, "agents")["flags"]["items"]] == [None]


def test_dismissed_findings_are_compared_by_kind(
    recording: AddRecording, as_role: AsRole
) -> None:
    reviewer = as_role("reviewer")
    for n in range(20):
        for team in ("north", "south"):
            call = recording(analysis=make_call(flagged=True), team=team)
            dismissed = team == "north" and n < 18
            answer = reviewer.post(
                f"/v1/findings/{call}-1-f1/verdicts",
                json={"verdict": "disagree" if dismissed else "agree"},
            )
            assert answer.status_code == 201
    report = as_role("supervisor").get("/v1/reports/fairness").json()
    north, south = dimension(report, "agents")["dismissals"]["items"]
    assert (north["events"], south["events"], north["expected"]) == (18, 0, 0.45)
    assert north["differs"]


def test_small_groups_are_not_shown(recording: AddRecording, as_role: AsRole) -> None:
    for _ in range(19):
        recording(analysis=make_call(flagged=True), team="north")
    client = as_role("supervisor")
    report = client.get("/v1/reports/fairness").json()
    assert report["people_left_out"] == 1
    assert all(not each["flags"]["items"] for each in report["dimensions"])
