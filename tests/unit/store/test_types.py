"""What goes into columns comes out alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from callmon.store.types import Json, Moment, Packed, Rank, storable

DIALECT = sqlite.dialect()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("🙂 é \u202e", "🙂 é \u202e"),
    ],
)
def test_text_is_kept_where_both_databases_can(text: str, kept: str) -> None:
    assert storable(text) == kept


def test_json_is_made_storable_within() -> None:
    odd = {"a\0": ["b\0", {"c": ("\ud800", 1, None)}]}
    mark = "\N{REPLACEMENT CHARACTER}"
    assert Json().process_bind_param(odd, DIALECT) == {
        f"a{mark}": [f"b{mark}", {"c": [mark, 1, None]}]
    }


def test_time_is_kept_as_utc() -> None:
    east = datetime(2026, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert Moment().process_bind_param(east, DIALECT) == datetime(
        2026, 2, 28, 23, 0, tzinfo=UTC
    )


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001


def test_time_read_back_is_aware() -> None:
    bare = datetime(2026, 3, 1)  # noqa: DTZ001
    assert Moment().process_result_value(bare, DIALECT) == bare.replace(tzinfo=UTC)


def test_severities_sort_by_their_gravity() -> None:
    ranks = [Rank().process_bind_param(name, DIALECT) for name in ("low", "medium", "high")]
    assert ranks == sorted(ranks)  # type: ignore[type-var]
    assert Rank().process_result_value(2, DIALECT) == "high"


def test_bytes_are_packed_and_come_back() -> None:
    packed = Packed().process_bind_param(b"words " * 1000, DIALECT)
    assert packed is not None
    assert len(packed) < 200
    assert Packed().process_result_value(packed, DIALECT) == b"words " * 1000
