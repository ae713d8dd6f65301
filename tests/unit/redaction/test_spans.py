from __future__ import annotations

from callmon.redaction.spans import Span, merged


def test_spans_come_in_the_order_of_the_text() -> None:
    late, early = Span(9, 12, "name"), Span(0, 4, "postcode")
    assert merged([late, early]) == (early, late)


def test_overlapping_spans_become_one_that_covers_both() -> None:
    spans = [Span(0, 6, "phone number"), Span(4, 9, "name")]
    assert merged(spans) == (Span(0, 9, "phone number"),)


def test_of_two_names_for_one_place_the_graver_is_kept() -> None:
    spans = [Span(0, 9, "phone number"), Span(0, 9, "card number")]
    assert merged(spans) == (Span(0, 9, "card number"),)


def test_spans_that_only_touch_stay_two() -> None:
    assert len(merged([Span(0, 4, "name"), Span(4, 8, "postcode")])) == 2
