"""When a promise is due: the words of a deadline as a date.

dateparser knows weekdays, months, clock times and "in 48 hours". What it reads in
another way than a caller would, or not at all, is worked out here first: the latest day
of a range, business days, the end of a week or month, "next Friday", "at three".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

FURTHEST = 3660
"""Days, hours or whatever is counted. What is further away than ten years is no deadline
of a call, and far larger numbers leave the calendar."""

_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70}
_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14,
    "fifteen": 15,
}  # fmt: skip
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "tenth": "10th", "fifteenth": "15th", "twentieth": "20th",
}  # fmt: skip
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAY = "|".join(_WEEKDAYS)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
)
_UNITS_OF_TIME = "second|minute|hour|day|week|month"

_PARTS_OF_DAY = {"first thing": time(12), "morning": time(12), "afternoon": time(18)}
"""When they are over. An evening ends with its day, so the date alone tells it."""

_CLOCK = re.compile(
    r"\b(?:at|by|before|no later than|between)(?: about| around)?"
    r" (\d\d?)(?: (\d\d))?(?: ?(am|pm))?\b"
    r"(?! (?:seconds?|minutes?|hours?|days?|weeks?|months?)\b)"
)
"""In the plain form, with the hour, the minute and the half of the day."""

_AT_ONCE = re.compile(
    r"\b(?:right now|right away|straight ?away|immediately|at once|now|as we speak|"
    r"this (?:very )?(?:minute|second|moment|instant)|hang up|on the (?:line|phone)|"
    r"same day|after (?:this|the|our) call|within the day|"
    r"end of (?:the |this )?(?:business )?day|(?:close|end) of (?:business|play))\b"
)


def call_start(metadata: Mapping[str, Any]) -> datetime | None:
    """When the call began, from the recording's `started`; None where it does not tell.

    >>> call_start({"started": "2026-11-18T14:30:00+01:00"}).isoformat()
    '2026-11-18T14:30:00+01:00'
    """
    started = metadata.get("started")
    if isinstance(started, datetime):
        return started
    try:
        return datetime.fromisoformat(started) if isinstance(started, str) else None
    except ValueError:
        return None


def due(deadline: str, started: datetime, *, language: str = "en") -> str | None:
    """The deadline as an ISO date, with the time where an hour was said or counted.

    Times are in the call's own zone, to the minute. Of several readings it is the latest:
    "in 3 to 5 business days" is the fifth, "next week" its Sunday, "next Friday" the one
    of the next week. Business days are Monday to Friday; holidays are not known. None
    where the words name no day, such as "in a few days".

    >>> due("in 3 to 5 business days", datetime(2026, 11, 18, 14, 30))
    '2026-11-25'
    """
    words = _plain(deadline) if language == "en" else deadline
    if any(int(number) > FURTHEST for number in re.findall(r"\d+", words)):
        return None
    try:
        when = _worked_out(words, started) if language == "en" else None
        when = when or _parsed(words, started, language)
    except (OverflowError, ValueError):  # "at 45", or a day beyond the calendar
        return None
    if isinstance(when, datetime):
        return when.isoformat(timespec="minutes")
    return when.isoformat() if when else None


def _worked_out(words: str, started: datetime) -> date | datetime | None:
    """What dateparser would read differently, or not at all."""
    today = started.date()
    week_ends = today + timedelta(days=6 - today.weekday())
    if counted := re.search(r"(\d+) (?:business|working) days?", words):
        return _business_days(today, int(counted[1]))
    if re.search(r"next week(?:end)?\b", words):
        return week_ends + timedelta(days=7)
    if re.search(r"(?:this|the|end of(?: the)?(?: business)?) week(?:end)?\b", words):
        return week_ends
    if re.search(r"next month", words):
        return _end_of_month(_end_of_month(today) + timedelta(days=1))
    if re.search(r"(?:this|end of(?: the)?) month", words):
        return _end_of_month(today)
    if numbered := re.fullmatch(
        r"(?:by|on|before|no later than)? ?(?:the )?(\d+)(?:st|nd|rd|th)", words
    ):
        return _next_with_day(today, int(numbered[1]))
    clock = _CLOCK.search(words)
    if clock or re.search(r"\b(?:noon|midday|lunchtime|midnight)\b", words):
        hour, minute = _hour(clock, words)
        day = _day_named(words, started)
        begins = datetime.combine(day or today, time(), started.tzinfo)
        when = begins + timedelta(hours=hour, minutes=minute)
        later = when + timedelta(days=1)
        return when if day or when > started else later
    if day := _day_named(words, started):
        return _at_part_of_day(day, words, started)
    return today if _AT_ONCE.search(words) else None


def _day_named(words: str, started: datetime) -> date | None:
    """Today, tomorrow or the weekday among the words; a weekday is never today.

    "In the morning" is the next day's, "in the afternoon" too once it is noon.
    """
    today = started.date()
    tomorrow = today + timedelta(days=1)
    if "day after tomorrow" in words:
        return tomorrow + timedelta(days=1)
    if re.search(r"\b(?:tomorrow|overnight)\b", words):
        return tomorrow
    if re.search(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", words):
        return today
    if named := re.search(rf"\bnext ({_DAY})\b", words):
        return today + timedelta(days=7 - today.weekday() + _WEEKDAYS.index(named[1]))
    if named := re.search(rf"\b({_DAY})\b", words):
        return today + timedelta(
            days=(_WEEKDAYS.index(named[1]) - today.weekday() - 1) % 7 + 1
        )
    if re.search(r"\b(?:in the morning|first thing)\b", words):
        return tomorrow
    if "in the afternoon" in words:
        return today if started.hour < 12 else tomorrow
    return today if "in the evening" in words else None


def _at_part_of_day(day: date, words: str, started: datetime) -> date | datetime:
    """The day, until noon or six where the words say morning or afternoon."""
    for part, over in _PARTS_OF_DAY.items():
        if part in words:
            return datetime.combine(day, over, started.tzinfo)
    return day


def _hour(clock: re.Match[str] | None, words: str) -> tuple[int, int]:
    """Hour and minute; "at three" is in the afternoon and "at nine" in the morning, where
    the other words do not tell, as "tonight at nine" does. Midnight is hour 24."""
    if clock is None:
        return 24 if "midnight" in words else 12, 0
    hour, minute = int(clock[1]), int(clock[2] or 0)
    if hour > 23 or minute > 59:
        raise ValueError(f"{hour}:{minute} is no time")
    if hour > 12:
        return hour, minute
    half = clock[3]
    if half is None and "morning" in words:
        half = "am"
    if half is None and re.search(r"\b(?:afternoon|evening|night|tonight)\b", words):
        half = "pm"
        if hour == 12 and "afternoon" not in words:
            return 24, minute
    if half is None:
        half = "pm" if hour < 8 or hour == 12 else "am"
    return hour % 12 + (12 if half == "pm" else 0), minute


def _business_days(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _next_with_day(today: date, number: int) -> date | None:
    """The next such day of a month, today included."""
    if not 1 <= number <= 31:
        return None
    day = today
    while day.day != number:
        day += timedelta(days=1)
    return day


def _parsed(words: str, started: datetime, language: str) -> date | datetime | None:
    """What dateparser reads; of English only counted time and months, where it is sure."""
    if language == "en" and not re.search(rf"\d+ (?:{_UNITS_OF_TIME})|{_MONTHS}", words):
        return None
    base = started.replace(tzinfo=None)
    lead = (
        r"^(?:by|before|on|no later than|within|for|over|at|takes?) (?:the )?(?:next )?"
        r"(?:coming )?(?:about |around |up to )?"
    )
    bare = re.sub(lead, "", words)
    if re.search(rf"\d+ (?:{_UNITS_OF_TIME})", bare):
        bare = "in " + re.sub(
            r"^in (?:the next )?(?:under |about |around |less than |up to )?", "", bare
        )
    found: datetime | None = _parser(language, base).get_date_data(bare).date_obj
    if found is None:
        return None
    exact = re.search(r"\d (?:second|minute|hour)|\d(?: ?[ap]m\b|:\d\d)", bare)
    return found.replace(tzinfo=started.tzinfo) if exact else found.date()


@lru_cache(maxsize=1)
def _parser(language: str, base: datetime) -> DateDataParser:
    from dateparser.date import DateDataParser

    return DateDataParser(
        languages=[language],
        settings={
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": base,
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )


def _plain(deadline: str) -> str:
    """The words with numbers as digits and, of a range, only its latest one.

    >>> _plain("within twenty-four to forty eight hours")
    'within 48 hours'
    """
    words = re.sub(r"[^\w]+", " ", deadline.lower().replace("’", "'")).split()
    text = " ".join(words)
    text = re.sub(r"\b(?:within|inside|in) the next (minute|day)\b", r"in 1 \1", text)
    text = re.sub(
        r"\b(?:within|inside|over|for|in) the (?:next )?(hour|week|month)\b",
        r"in 1 \1",
        text,
    )
    text = re.sub(r"\b(?:half an|half) hour\b", "30 minutes", text)
    text = re.sub(r"\b(?:a )?couple(?: of)?\b", "2", text)
    text = re.sub(r"\ban? (?=second|minute|hour|day|week|month)", "1 ", text)
    text = re.sub(r"\b(\w+) thirty\b", r"\1 30", text) if "hour" not in text else text
    for word, digits in _ORDINALS.items():
        text = re.sub(rf"\b{word}\b(?! thing)", digits, text)
    tens = "|".join(_TENS)
    units = "|".join(_UNITS)
    text = re.sub(
        rf"\b({tens})(?: ({'|'.join(u for u in _UNITS if _UNITS[u] < 10)}))?\b",
        lambda m: str(_TENS[m[1]] + (_UNITS[m[2]] if m[2] else 0)),
        text,
    )
    text = re.sub(rf"\b({units})\b", lambda m: str(_UNITS[m[1]]), text)
    text = re.sub(r"(\d) ?([ap]) ?m\b", r"\1 \2m", text)
    text = re.sub(r"\b1 hour and (?:a|1) half\b", "90 minutes", text)
    text = re.sub(r"\b1 (hour|day|week|month) or 2\b", r"2 \1s", text)
    text = re.sub(r" or so\b", "", text)
    text = re.sub(r"\b(?:a )?(?:half|quarter) (?:past|to) \d+\b", _on_the_clock, text)
    text = re.sub(r"\b\d+(?: \d\d)?(?: [ap]m)? (?:to|or|and) (?=\d|noon)", "", text)
    text = re.sub(
        r"\b\d+ (?=\d+ (?:(?:business|working) )?(?:hour|day|week|month))", "", text
    )
    text = re.sub(r"\boclock\b|\bo clock\b|\bsharp\b", "", text)
    text = re.sub(r"(\d) in the morning", r"\1 am", text)
    text = re.sub(r"(\d) in the (?:afternoon|evening)", r"\1 pm", text)
    text = re.sub(r"\b(\d+(?:st|nd|rd|th)) of\b", r"\1", text)
    return " ".join(text.split())


def _on_the_clock(said: re.Match[str]) -> str:
    """ "Half past 3" as "3 30", "quarter to 4" as "3 45"."""
    part, side, hour = said[0].removeprefix("a ").split()
    minutes = 30 if part == "half" else 15
    if side == "past":
        return f"{hour} {minutes}"
    return f"{(int(hour) - 2) % 12 + 1} {60 - minutes}"
