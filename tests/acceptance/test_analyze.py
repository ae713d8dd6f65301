"""`callmon analyze` as users meet it: wrong input, several files, transcripts."""

from __future__ import annotations

import json
import os
import shutil
import struct
import wave
from pathlib import Path
from typing import Any

import pytest

from callmon.samples import FOLDER, Sample, samples

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

CALL = FOLDER / "garage-appointment.ogg"

DIALOGUE = """\
Agent: Thank you for calling Parcel Plus, this is Anna. How can I help you?
Customer: This is the third time I am calling about my parcel and I am so frustrated.
Agent: Can I have your order number, please?
Customer: Four seven two nine.
Agent: It says delivered.
"""


def write_wav(path: Path, *, seconds: float = 5.0, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack("<h", 0) * int(8000 * seconds) * channels)
    return path


def refused(done: Any, *words: str) -> None:
    """The program ended with a sentence that holds these words, and no traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_a_missing_file_is_named(callmon: Any) -> None:
    refused(callmon("analyze", "nowhere.wav"), "nowhere.wav")


def test_a_folder_is_no_recording(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "calls.wav").mkdir()
    refused(callmon("analyze", "calls.wav"), "folder")


def test_text_named_wav_is_no_recording(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_text("this is not sound\n" * 50)
    refused(callmon("analyze", "call.wav"), "call.wav")


def test_an_empty_file_is_no_recording(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "call.wav").touch()
    refused(callmon("analyze", "call.wav"), "empty")


def test_silence_is_no_call(callmon: Any, tmp_path: Path) -> None:
    write_wav(tmp_path / "call.wav")
    refused(callmon("analyze", "call.wav"), "silent")


def test_three_channels_are_refused_with_what_would_work(
    callmon: Any, tmp_path: Path
) -> None:
    write_wav(tmp_path / "call.wav", channels=3)
    refused(callmon("analyze", "call.wav"), "one", "two", "3")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(callmon: Any, tmp_path: Path) -> None:
    write_wav(tmp_path / "call.wav").chmod(0)
    refused(callmon("analyze", "call.wav"), "permission")


def test_a_cut_recording_is_analysed_with_a_warning(callmon: Any, tmp_path: Path) -> None:
    sound = (FOLDER / "parcel-third-call.ogg").read_bytes()
    (tmp_path / "call.ogg").write_bytes(sound[: len(sound) // 2])
    done = callmon("analyze", "call.ogg", "--json", "-")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert 10 < document["recording"]["duration"] < 60


def test_a_bad_file_does_not_stop_the_others(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").touch()
    done = callmon("analyze", "broken.wav", CALL, "--json", "out")
    assert done.returncode == 1
    assert (tmp_path / "out" / "garage-appointment.json").exists()
    assert not (tmp_path / "out" / "broken.json").exists()
    assert "broken.wav" in done.stdout


def test_json_on_standard_output_is_one_document(callmon: Any) -> None:
    done = callmon("analyze", CALL, "--json", "-")
    assert json.loads(done.stdout)["schema"] == "callmon.analysis/1"


def test_names_with_control_characters_are_harmless(callmon: Any, tmp_path: Path) -> None:
    name = "call\x1b[31m<script>alert(1)</script>.ogg".replace("/", "_")
    shutil.copy(CALL, tmp_path / name)
    done = callmon("analyze", name, "--report", "page.html")
    assert done.returncode == 0, done.stderr
    assert "\x1b[31m" not in done.stdout + done.stderr
    page = (tmp_path / "page.html").read_text()
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page


def test_a_transcript_is_judged_without_sound(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(DIALOGUE)
    done = callmon("analyze", "--transcript", "chat.txt", "--json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["recording"]["duration"] is None
    assert document["tones"] == []
    assert [f["kind"] for f in document["findings"]].count("missed_empathy") == 1


def test_without_json_or_report_the_call_is_printed(callmon: Any, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(DIALOGUE)
    done = callmon("analyze", "--transcript", "chat.txt")
    assert "third time" in done.stdout


def test_a_transcript_that_does_not_parse_is_told_by_line(
    callmon: Any, tmp_path: Path
) -> None:
    (tmp_path / "call.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n\n00:09.000 --> 00:0x.000\nhello\n"
    )
    refused(callmon("analyze", "--transcript", "call.vtt"), "line 6")


def test_a_transcript_longer_than_the_sound_is_refused(
    callmon: Any, tmp_path: Path
) -> None:
    (tmp_path / "call.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>hi\n\n"
        "59:09.000 --> 59:11.000\n<v Customer>hello\n"
    )
    refused(callmon("analyze", CALL, "--transcript", "call.vtt"), "transcript")


def test_with_sound_and_transcript_the_voice_is_measured(
    callmon: Any, tmp_path: Path
) -> None:
    sample: Sample = next(s for s in samples() if s.name == "parcel-third-call")
    turns = [
        {"party": s.party, "start": s.start, "end": s.end, "text": s.text}
        for s in sample.transcript()
    ]
    (tmp_path / "call.json").write_text(json.dumps({"turns": turns}))
    done = callmon("analyze", sample.recording, "--transcript", "call.json", "--json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["versions"]["models"]["asr"] is None
    assert any(tone["arousal"] is not None for tone in document["tones"])


def test_a_model_that_is_not_here_is_told_in_one_sentence(callmon: Any) -> None:
    done = callmon("analyze", CALL, CALLMON_ASR="small.en")
    refused(done, "small.en", "callmon models pull", "CALLMON_ASR")


def test_the_demo_model_on_a_foreign_call_is_told_in_the_document(
    callmon: Any, tmp_path: Path
) -> None:
    sound = CALL.read_bytes()
    (tmp_path / "mine.ogg").write_bytes(sound + b"\0")
    done = callmon("analyze", "mine.ogg", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert "demo_model" in {w["kind"] for w in json.loads(done.stdout)["warnings"]}


def test_one_transcript_for_two_recordings_is_wrong_usage(
    callmon: Any, tmp_path: Path
) -> None:
    (tmp_path / "chat.txt").write_text(DIALOGUE)
    done = callmon("analyze", CALL, CALL, "--transcript", "chat.txt")
    assert done.returncode == 2
    assert "--transcript" in done.stderr


def test_nothing_to_analyse_is_wrong_usage(callmon: Any) -> None:
    assert callmon("analyze").returncode == 2
