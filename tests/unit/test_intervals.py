from callmon.call import Interval
from callmon.intervals import (
    clip,
    clock,
    complement,
    difference,
    intersection,
    seconds,
    union,
)


def spans(*pairs: tuple[float, float]) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in pairs)


def test_union_joins_what_overlaps_or_touches() -> None:
    assert union(spans((5, 6), (0, 2), (1, 3), (3, 4))) == spans((0, 4), (5, 6))


def test_union_bridges_gaps_up_to_the_given_one() -> None:
    assert union(spans((0, 1), (1.25, 2), (3, 4)), gap=0.25) == spans((0, 2), (3, 4))


def test_union_drops_empty_intervals() -> None:
    assert union(spans((1, 1), (3, 2))) == ()


def test_intersection_is_the_time_in_both() -> None:
    assert intersection(spans((0, 4), (6, 9)), spans((3, 7), (8, 10))) == spans(
        (3, 4), (6, 7), (8, 9)
    )


def test_half_open_intervals_that_touch_have_nothing_in_common() -> None:
    assert intersection(spans((0, 1)), spans((1, 2))) == ()


def test_complement_is_the_rest_of_the_stretch() -> None:
    assert complement(spans((1, 2), (4, 9)), start=0, end=6) == spans((0, 1), (2, 4))


def test_complement_of_nothing_is_everything() -> None:
    assert complement((), start=2, end=3) == spans((2, 3))


def test_difference_cuts_holes() -> None:
    assert difference(spans((0, 10)), spans((2, 3), (9, 12))) == spans((0, 2), (3, 9))


def test_clip_keeps_what_lies_inside() -> None:
    assert clip(spans((0, 5), (7, 9)), start=4, end=8) == spans((4, 5), (7, 8))


def test_clip_to_an_empty_stretch_is_empty() -> None:
    assert clip(spans((0, 5)), start=3, end=3) == ()


def test_seconds_counts_time_once() -> None:
    assert seconds(spans((0, 2), (1, 3))) == 3


def test_the_clock_has_hours_from_one_on() -> None:
    assert [clock(second) for second in (-1.0, 62.8, 3599.9, 4502.0)] == [
        "0:00",
        "1:02",
        "59:59",
        "1:15:02",
    ]
