"""Algebra of time intervals: union, intersection, complement, seconds; and the clock.

All functions of intervals take and give half-open intervals in seconds; results are
sorted and do not touch or overlap.
"""

from __future__ import annotations

from collections.abc import Iterable

from callmon.call import Interval


def union(intervals: Iterable[Interval], *, gap: float = 0.0) -> tuple[Interval, ...]:
    """Joins intervals that overlap, touch, or are at most `gap` seconds apart."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda i: (i.start, i.end)):
        if interval.end <= interval.start:
            continue
        if joined and interval.start - joined[-1].end <= gap:
            end = max(joined[-1].end, interval.end)
            joined[-1] = Interval(start=joined[-1].start, end=end)
        else:
            joined.append(interval)
    return tuple(joined)


def clock(second: float) -> str:
    """A place in the recording as m:ss, or h:mm:ss from one hour on."""
    whole = int(max(second, 0.0))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{whole % 60:02d}"
    return f"{minutes}:{whole % 60:02d}"


def intersection(
    first: Iterable[Interval], second: Iterable[Interval]
) -> tuple[Interval, ...]:
    """The time that lies in both."""
    a, b = union(first), union(second)
    common: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start, b[j].start), min(a[i].end, b[j].end)
        if start < end:
            common.append(Interval(start=start, end=end))
        if a[i].end <= b[j].end:
            i += 1
        else:
            j += 1
    return tuple(common)


def complement(
    intervals: Iterable[Interval], *, start: float, end: float
) -> tuple[Interval, ...]:
    """The time in [start, end) that lies in none of them."""
    gaps: list[Interval] = []
    at = start
    for interval in union(intervals):
        if interval.start > at:
            gaps.append(Interval(start=at, end=min(interval.start, end)))
        at = max(at, interval.end)
        if at >= end:
            break
    if at < end:
        gaps.append(Interval(start=at, end=end))
    return tuple(gap for gap in gaps if gap.end > gap.start)


def difference(
    first: Iterable[Interval], second: Iterable[Interval]
) -> tuple[Interval, ...]:
    """The time of the first that is not in the second."""
    a = union(first)
    if not a:
        return ()
    outside = complement(second, start=a[0].start, end=a[-1].end)
    return intersection(a, outside)


def clip(
    intervals: Iterable[Interval], *, start: float, end: float
) -> tuple[Interval, ...]:
    """The time of the intervals that lies in [start, end)."""
    if end <= start:
        return ()
    return intersection(intervals, (Interval(start=start, end=end),))


def seconds(intervals: Iterable[Interval]) -> float:
    """Total duration; time covered twice counts once."""
    return sum(interval.duration for interval in union(intervals))
