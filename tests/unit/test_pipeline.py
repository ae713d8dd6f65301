from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callmon.empathy.rubric_file import load_rubric
from callmon.pipeline import analyse_transcript, known
from callmon.speech.transcripts.transcripts import read_transcript


@pytest.mark.parametrize(
    ("started", "due"),
    [
        ("2026-11-18T14:30", "2026-11-20T16:00"),
        ("2026-11-18T14:30+01:00", "2026-11-20T16:00+01:00"),
        (None, None),
    ],
)
def test_a_deadline_has_a_date_when_the_start_of_the_call_is_told(
    tmp_path: Path, started: str | None, due: str | None
) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(
        "Customer: You charged me twice for the same order and I want it back.\n"
        "Agent: I'll refund the second charge by 4 p.m. on Friday.\n"
    )
    analysis = analyse_transcript(
        path,
        read_transcript(path),
        rubric=load_rubric(),
        started=datetime.fromisoformat(started) if started else None,
    )
    assert [promise.due for promise in analysis.commitments] == [due]


def test_what_nobody_told_is_not_known() -> None:
    assert known(None) == {}
    assert known("en", started=datetime.fromisoformat("2026-11-18T14:30")) == {
        "language": "en",
        "started": "2026-11-18T14:30:00",
    }
