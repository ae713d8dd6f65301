"""Words and numbers as people read them."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from callmon import call
from callmon.call import VoiceTrend
from callmon.report import wording


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (wording.PARTIES, call.Party),
        (wording.FINDINGS, call.FindingKind),
        (wording.OUTCOMES, call.OutcomeName),
        (wording.RUNGS, call.Rung),
        (wording.CUES, call.Cue),
        (wording.TONES, call.ToneLabel),
        (wording.LEVELS, call.CommitmentLevel),
        (dict.fromkeys(wording.SEVERITIES), call.Severity),
    ],
)
def test_every_name_of_the_scheme_has_its_words(
    table: dict[str, str], names: object
) -> None:
    assert set(table) == set(get_args(names))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0:00"),
        (59.99, "0:59"),
        (245.4, "4:05"),
        (3723.0, "1:02:03"),
        (-1.0, "0:00"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_a_place_is_shown_as_minutes_and_seconds(seconds: float | None, shown: str) -> None:
    assert wording.clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.24, "4.2 s"), (34.0, "34 s"), (125.0, "2:05")]
)
def test_a_length_of_time_is_as_exact_as_it_matters(seconds: float, shown: str) -> None:
    assert wording.amount(seconds) == shown


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x1b", "\x7f", "\x9b", "\u200f", "\u202e", "\u2066", "\ufeff", "\ud800"],
)
def test_a_character_that_steers_is_replaced(character: str) -> None:
    assert wording.harmless(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("character", ["\n", "\t", "\r", "\u2028"])
def test_a_line_break_becomes_a_space(character: str) -> None:
    assert wording.harmless(f"a{character}b") == "a b"


@pytest.mark.parametrize("text", ["Größe", "שלום", "می\u200cخواهم", "👩\u200d🔧", "“x”"])
def test_writing_of_any_language_stays(text: str) -> None:
    assert wording.harmless(text) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("voice", "heard in the voice"),
        ("answer", "the answer"),
        ("silence", "nobody speaks"),
        ("feels.fed_up", "found by the rule “feels.fed_up”"),
        ("model 0.87", "found by the text model (0.87 of 1)"),
        (
            "model 0.87 + feels.fed_up",
            "found by the text model (0.87 of 1) and by the rule “feels.fed_up”",
        ),
    ],
)
def test_only_a_rule_is_called_a_rule(name: str, shown: str) -> None:
    assert wording.source(name) == shown


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2026-11-20", "20 November 2026"),
        ("2026-11-20T14:30-05:00", "20 November 2026, 14:30"),
        ("<b>soon</b>", "<b>soon</b>"),
    ],
)
def test_a_date_is_written_for_people(iso: str, shown: str) -> None:
    assert wording.due(iso) == shown


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (-1.5, "voice calmer afterwards (−1.5)"),
        (0.2, "voice afterwards as before"),
        (1.0, "voice more raised afterwards (+1.0)"),
    ],
)
def test_how_the_voice_went_on_is_said_with_its_size(change: float, shown: str) -> None:
    assert wording.settling(change) == shown


@pytest.mark.parametrize(
    ("first", "last", "interval", "shown"),
    [
        (1.4, 0.2, (-0.5, -0.1), "calmer at the end"),
        (0.1, 1.2, (0.1, 0.4), "more raised at the end"),
        (1.4, 0.2, (-0.5, 0.1), "no change beyond chance"),
        (1.4, 0.2, None, "no change beyond chance"),
        (0.4, 0.2, (-0.2, -0.1), "no change beyond chance"),
        (0.1, 1.2, (-0.5, -0.1), "no change beyond chance"),
    ],
)
def test_a_trend_is_told_only_where_it_is_more_than_chance(
    first: float, last: float, interval: tuple[float, float] | None, shown: str
) -> None:
    voice = VoiceTrend(turns=6, per_minute=0.0, interval=interval, first=first, last=last)
    assert wording.trend(voice) == shown


def test_ends_of_a_trend_are_told_with_their_signs() -> None:
    voice = VoiceTrend(turns=9, per_minute=-0.4, interval=None, first=1.42, last=-0.2)
    assert wording.ends(voice) == "from +1.4 to −0.2 over 9 turns"
