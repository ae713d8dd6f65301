from __future__ import annotations

import doctest
import re
import time

import pytest

from callmon.empathy import pattern_cost
from callmon.empathy.pattern_cost import ways
from callmon.empathy.patterns import MOST_WAYS, check_patterns
from callmon.empathy.rubric import Rubric

LONGEST_SENTENCE = "word " * 30


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:(?:\w+ ){0,12}){0,12}z",
        r"(?:(?:\w+ ?){0,12}x){0,12}z",
        r"(?:\w+ ?){0,12}z",
        r"(?:(?:(?:a )?){0,12}){0,12}z",
        r"(?:a|a){0,12}(?:a|a){0,12}z",
        r"(?:x?){0,12}(?:x?){0,12}z",
        r"\w+\w+\w+\w+z",
        r".*x.*y.*z",
        r"[^x]+[^y]+[^z]+",
        r"(?:a|b|(?:(?:\w+ ){1,6}){1,6}) z",
        r"(?!(?:(?:\w+ ){0,9}){0,9}z)",
        "(?:" * 5000 + "a" + ")" * 5000,
    ],
)
def test_a_pattern_that_could_become_slow_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="too many ways"):
        check_patterns((pattern,))


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("third time", 1),
        (r"call(?: \w+){0,4} back", 5),
        (r"(?:very |so ){0,2}tired", 3),
        (r"(?:two|three|twelve) days?", 1),
        (r"(?:a|an|and) hour", 3),
        (r"\d+ days", 1),
        (r"\w+ing", 40),
        (r"(?<!on )hold\b", 1),
        (r"[ab]{2}c", 1),
        ("", 1),
    ],
)
def test_the_ways_are_counted_from_the_form(pattern: str, count: int) -> None:
    assert ways(pattern) == count


def test_alternatives_that_begin_alike_add_up() -> None:
    assert ways("(?:now|never|not)") == 1
    assert ways("(?:no|not|nothing)") == 3


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "[", "[^", "\\", "(?P<x", "{3}", "a{", "(?<", "a{9999999999}"]
)
def test_what_is_no_pattern_is_survived(pattern: str) -> None:
    assert ways(pattern) >= 1


def test_a_pattern_at_the_limit_is_fast_enough() -> None:
    pattern = r"(?: \w+){0,12}(?: \w+){0,12}(?: \w+){0,8} z"
    assert MOST_WAYS / 10 < ways(pattern) <= MOST_WAYS
    began = time.process_time()
    assert re.search(pattern, LONGEST_SENTENCE) is None
    assert time.process_time() - began < 1.0


def test_all_patterns_of_the_packaged_rubric_are_quick_at_their_worst(
    rubric: Rubric,
) -> None:
    worst = "been about over the last two or so very long " * 3
    for rule in rubric.rules():
        for pattern in (*rule.patterns, *rule.unless):
            began = time.process_time()
            re.search(pattern, worst)
            assert time.process_time() - began < 0.1, rule.id


def test_the_worked_examples_hold() -> None:
    result = doctest.testmod(pattern_cost)
    assert (result.attempted > 0, result.failed) == (True, 0)
