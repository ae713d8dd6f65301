"""The call and the table as a terminal of eighty columns shows them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from callmon.report import terminal
from callmon.report.terminal import Row
from tests.unit.report import sample


def printed(
    show: Callable[[Console], None], *, width: int = 80, colour: bool = False
) -> str:
    to = io.StringIO()
    show(
        Console(
            file=to,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            legacy_windows=False,
        )
    )
    return to.getvalue()


@pytest.fixture(scope="module")
def call() -> str:
    return printed(lambda console: terminal.print_call(sample.analysis(), console))


def test_a_pipe_gets_no_escape_sequence_and_no_control_character(call: str) -> None:
    assert "\x1b" not in call
    assert "\u202e" not in call
    assert not [c for c in call if ord(c) < 32 and c != "\n"]


def test_a_terminal_gets_no_escape_sequence_out_of_a_name() -> None:
    coloured = printed(
        lambda console: terminal.print_call(sample.analysis(), console), colour=True
    )

    assert "\x1b[31mcall" not in coloured
    assert "\ufffd[31m\ufffdcall [red]07[/red].wav" in coloured


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = printed(
        lambda console: terminal.print_call(sample.analysis(), console), width=width
    )

    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_square_brackets_are_text_and_not_markup(call: str) -> None:
    assert "[red]07[/red]" in call


def test_the_transcript_has_time_party_and_what_was_found(call: str) -> None:
    line = next(line for line in call.splitlines() if "I was charged twice" in line)

    assert line.split()[:2] == ["0:05", "Customer"]
    assert "[moment A: anxiety, strong; voice raised]" in call
    assert "resolution done" in call


def test_a_finding_has_its_number_second_severity_and_quote(call: str) -> None:
    line = next(line for line in call.splitlines() if "interrupted" in line)

    assert line.split()[:2] == ["3", "0:28"]
    assert "medium, 95 % sure" in line
    assert "“Sir, I need your date of birth”" in call


def test_a_promise_has_its_day_and_who_is_to_keep_it(call: str) -> None:
    assert "(today, 20 November 2026; what and when)" in " ".join(call.split())
    assert "to be kept by the company" in call
    assert "kept in the call" in call


def test_the_voice_after_the_answer_is_told(call: str) -> None:
    assert "Voice calmer afterwards (−1.4)." in " ".join(call.split())


def test_what_the_answers_were_made_of_stands_beside_the_score(call: str) -> None:
    assert "Understood 1 of 3 · Acknowledged 1 of 3 · Acted on 2 of 3" in call


def test_the_score_stands_at_the_end_with_its_interval(call: str) -> None:
    assert "1 of 4 moments met: 38 %, between 8 % and 79 %" in call


def test_a_call_without_opportunity_prints_no_score() -> None:
    text = printed(lambda console: terminal.print_call(sample.calm(), console))

    assert "No moment called for empathy" in text
    assert "Nothing was found that a coach should look at." in text


def test_a_chat_names_turns_in_place_of_times() -> None:
    text = printed(lambda console: terminal.print_call(sample.chat(), console))

    assert "transcript only" in text
    assert "turn 6" in text
    assert "None" not in text


def test_hold_cuts_interruptions_latency_and_trend_are_in_the_line_of_facts() -> None:
    text = printed(
        lambda console: terminal.print_call(sample.with_hold(), console), width=400
    )

    assert (
        "on hold 13 s · cut out 4.0 s · two voices 1.2 s · 1 interruption (agent 1)"
        " · agent answers after 0.9 s · customer answers 0.4 s early"
        " · customer's voice: calmer at the end, from +1.4 to −0.2 over 6 turns"
    ) in text


def test_a_summary_has_the_moments_the_findings_what_was_done_well_and_the_score() -> None:
    text = printed(
        lambda console: terminal.print_summary(
            sample.analysis(), console, title="[b]Charged\x1b[2J twice"
        )
    )
    lines = [line.split() for line in text.splitlines()]

    assert "[b]Charged\ufffd[2J twice" in text
    assert ["A", "0:05", "Missed:", "anxiety:"] in [line[:4] for line in lines]
    assert ["3", "0:28", "The", "customer"] in [line[:4] for line in lines]
    assert ["+", "1:00", "The", "agent"] in [line[:4] for line in lines]
    assert "1 of 4 moments met: 38 %" in text


def test_the_table_has_a_line_for_each_file_and_a_sentence_for_each_failure() -> None:
    rows = [
        Row("a.wav", sample.analysis()),
        Row("b.wav", sample.calm()),
        Row("c.png", error="This is no sound: it is a picture. WAV or MP3 would work."),
    ]
    text = printed(lambda console: terminal.print_table(rows, console))
    lines = text.splitlines()

    first = next(line for line in lines if "a.wav" in line)
    assert first.split()[:5] == ["a.wav", "1:30", "5", "1", "2"]
    assert "1 high, 2 medium" in first
    assert "none" in next(line for line in lines if "b.wav" in line)
    assert "failed" in next(line for line in lines if "c.png" in line)
    assert "c.png: This is no sound: it is a picture." in text


def test_the_table_fits_eighty_columns_with_hostile_and_endless_names() -> None:
    rows = [Row(sample.HOSTILE_NAME, sample.analysis()), Row("x" * 5000, sample.calm())]
    text = printed(lambda console: terminal.print_table(rows, console))

    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert len(text.splitlines()) < 20
    assert "\x1b" not in text


def test_a_second_opinion_stands_beside_its_finding() -> None:
    text = printed(lambda console: terminal.print_call(sample.with_opinion(), console))
    assert "Second opinion: told disagrees: <b>The agent asked why.</b>" in text
