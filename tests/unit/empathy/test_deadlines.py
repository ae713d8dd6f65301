from __future__ import annotations

import doctest
from datetime import datetime, timedelta, timezone

import pytest

from callmon.empathy import deadlines
from callmon.empathy.deadlines import call_start, due

WEDNESDAY = datetime.fromisoformat("2026-11-18T14:30")


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("today", "2026-11-18"),
        ("right now", "2026-11-18"),
        ("by the end of the day", "2026-11-18"),
        ("by close of business", "2026-11-18"),
        ("this afternoon", "2026-11-18T18:00"),
        ("tonight", "2026-11-18"),
        ("overnight", "2026-11-19"),
        ("tomorrow", "2026-11-19"),
        ("tomorrow morning", "2026-11-19T12:00"),
        ("by Friday", "2026-11-20"),
        ("on Friday afternoon", "2026-11-20T18:00"),
        ("by Wednesday", "2026-11-25"),
        ("next Friday", "2026-11-27"),
        ("next Monday", "2026-11-23"),
        ("by the end of the week", "2026-11-22"),
        ("next week", "2026-11-29"),
        ("by the end of the month", "2026-11-30"),
        ("next month", "2026-12-31"),
        ("the day after tomorrow", "2026-11-20"),
        ("by close of business on Friday", "2026-11-20"),
        ("right after this call", "2026-11-18"),
        ("in the morning", "2026-11-19T12:00"),
        ("first thing in the morning", "2026-11-19T12:00"),
        ("first thing on Monday", "2026-11-23T12:00"),
        ("on Friday, in the morning", "2026-11-20T12:00"),
        ("in the afternoon", "2026-11-19T18:00"),
        ("in the evening", "2026-11-18"),
    ],
)
def test_days_and_their_parts(said, when) -> None:
    assert due(said, WEDNESDAY) == when


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("within 48 hours", "2026-11-20T14:30"),
        ("within twenty four hours", "2026-11-19T14:30"),
        ("in half an hour", "2026-11-18T15:00"),
        ("within the hour", "2026-11-18T15:30"),
        ("in the next hour", "2026-11-18T15:30"),
        ("in an hour and a half", "2026-11-18T16:00"),
        ("in an hour or so", "2026-11-18T15:30"),
        ("in a day or two", "2026-11-20"),
        ("within the next day", "2026-11-19"),
        ("takes up to five days", "2026-11-23"),
        ("in under 10 minutes", "2026-11-18T14:40"),
        ("in a couple of days", "2026-11-20"),
        ("over the next two weeks", "2026-12-02"),
        ("in two months", "2027-01-18"),
        ("in 3 to 5 business days", "2026-11-25"),
        ("within three to five working days", "2026-11-25"),
        ("within one business day", "2026-11-19"),
        ("in 3-5 days", "2026-11-23"),
        ("in 2 or 3 days", "2026-11-21"),
    ],
)
def test_a_stretch_of_time_ends_on_its_latest_day(said, when) -> None:
    assert due(said, WEDNESDAY) == when


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("at three", "2026-11-18T15:00"),
        ("at nine", "2026-11-19T09:00"),
        ("by 5pm", "2026-11-18T17:00"),
        ("by noon", "2026-11-19T12:00"),
        ("tomorrow at 3:30 pm", "2026-11-19T15:30"),
        ("tomorrow between nine and eleven", "2026-11-19T11:00"),
        ("by Monday at noon", "2026-11-23T12:00"),
        ("by 8 p.m.", "2026-11-18T20:00"),
        ("by eight pm", "2026-11-18T20:00"),
        ("by eight p m", "2026-11-18T20:00"),
        ("at 4 p.m. tomorrow", "2026-11-19T16:00"),
        ("at four p m tomorrow", "2026-11-19T16:00"),
        ("at 8 a.m.", "2026-11-19T08:00"),
        ("tonight at eight", "2026-11-18T20:00"),
        ("this evening at nine", "2026-11-18T21:00"),
        ("tomorrow morning at seven", "2026-11-19T07:00"),
        ("at seven in the morning", "2026-11-19T07:00"),
        ("next Tuesday at three", "2026-11-24T15:00"),
        ("between 9 am and 11 am", "2026-11-19T11:00"),
        ("tomorrow between eight and noon", "2026-11-19T12:00"),
        ("at half past three", "2026-11-18T15:30"),
        ("at quarter to four", "2026-11-18T15:45"),
        ("at a quarter to one tomorrow", "2026-11-19T12:45"),
        ("by midnight", "2026-11-19T00:00"),
        ("tonight at twelve", "2026-11-19T00:00"),
        ("by 12 am", "2026-11-19T00:00"),
        ("by 12 pm", "2026-11-19T12:00"),
    ],
)
def test_a_clock_time_is_the_next_one_in_the_working_day(said, when) -> None:
    assert due(said, WEDNESDAY) == when


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("by the fifth", "2026-12-05"),
        ("on the 20th", "2026-11-20"),
        ("by the 31st", "2026-12-31"),
        ("by the fifth of May", "2027-05-05"),
        ("December third", "2026-12-03"),
    ],
)
def test_a_date_is_the_next_one(said, when) -> None:
    assert due(said, WEDNESDAY) == when


@pytest.mark.parametrize(
    "said",
    ["in a few days", "soon", "", "by 45", "by the 99th", "in 99999999999 days"],
)
def test_words_that_name_no_day_have_no_date(said) -> None:
    assert due(said, WEDNESDAY) is None


def test_in_the_afternoon_is_todays_while_it_is_morning() -> None:
    assert due("in the afternoon", WEDNESDAY.replace(hour=9)) == "2026-11-18T18:00"


def test_times_are_in_the_calls_own_zone() -> None:
    started = WEDNESDAY.replace(tzinfo=timezone(timedelta(hours=-5)))
    assert due("within 48 hours", started) == "2026-11-20T14:30-05:00"
    assert due("by Friday", started) == "2026-11-20"


def test_on_a_friday_business_days_skip_the_weekend() -> None:
    friday = WEDNESDAY + timedelta(days=2)
    assert due("within one business day", friday) == "2026-11-23"


def test_another_language_is_read_by_its_own_words() -> None:
    assert due("morgen", WEDNESDAY, language="de") == "2026-11-19"
    assert due("tomorrow", WEDNESDAY, language="xx") is None


@pytest.mark.parametrize("started", [None, 17, "yesterday", ["2026"], "2026-99-99"])
def test_a_start_that_is_no_time_is_not_known(started) -> None:
    assert call_start({"started": started}) is None
    assert call_start({}) is None


def test_a_start_may_be_a_time_already() -> None:
    assert call_start({"started": WEDNESDAY}) == WEDNESDAY


def test_the_worked_examples_hold() -> None:
    result = doctest.testmod(deadlines)
    assert (result.attempted > 0, result.failed) == (True, 0)
