# ruff: noqa: DTZ001  times without an offset are what phone systems write

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from callmon.intake.fields import LABELS, cleaned, read_fields
from callmon.metadata import Metadata, merged


def test_fields_are_known_by_the_names_of_phone_systems() -> None:
    told = read_fields(
        {
            "ContactId": "c-1",
            "Agent": {"Username": "ann"},
            "Queue": {"Name": "billing"},
            "InitiationMethod": "INBOUND",
            "InitiationTimestamp": "2026-11-18T14:30:00Z",
            "CustomerEndpoint": {"Address": "+491234"},
        },
        where="The file",
    )
    assert told.warnings == ()
    assert told.metadata == Metadata(
        external_id="c-1",
        agent="ann",
        queue="billing",
        direction="inbound",
        started=datetime(2026, 11, 18, 14, 30, tzinfo=UTC),
        customer="+491234",
    )


def test_unknown_fields_become_labels() -> None:
    told = read_fields(
        {"campaign": "autumn", "Attributes": {"vip": True, "score": 3}, "tags": ["a", "b"]},
        where="The file",
    )
    assert told.metadata.labels == {
        "campaign": "autumn",
        "Attributes.vip": "true",
        "Attributes.score": "3",
        "tags": "a, b",
    }


def test_labels_of_a_form_keep_their_names() -> None:
    told = read_fields({"labels": {"shift": "late"}}, where="The form")
    assert told.metadata.labels == {"shift": "late"}


def test_a_second_name_for_a_field_stays_a_label() -> None:
    told = read_fields({"agent": "ann", "agent_id": "17"}, where="The file")
    assert told.metadata.agent == "ann"
    assert told.metadata.labels == {"agent_id": "17"}


@pytest.mark.parametrize(
    ("field", "value", "works"),
    [
        ("started", "yesterday", "2026-11-18T14:30"),
        ("started", "0001-01-01", "2026-11-18T14:30"),
        ("started", [{}], "2026-11-18T14:30"),
        ("direction", "sideways", "inbound or outbound"),
        ("language", "English please", "en-US"),
        ("agent_channel", "middle", "left or right"),
        ("agent", "x" * 201, "200 characters"),
    ],
)
def test_a_wrong_value_is_left_out_with_a_warning(
    field: str, value: object, works: str
) -> None:
    told = read_fields({field: value, "team": "north"}, where="The form")
    assert getattr(told.metadata, field) is None
    assert told.metadata.team == "north"
    assert len(told.warnings) == 1
    assert works in told.warnings[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-18T14:30:00+01:00",
         datetime(2026, 11, 18, 14, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("2026-11-18 14:30", datetime(2026, 11, 18, 14, 30)),
        ("Wed, 18 Nov 2026 14:30:00 +0000", datetime(2026, 11, 18, 14, 30, tzinfo=UTC)),
        ("1795012200", datetime.fromtimestamp(1795012200, UTC)),
        ("1795012200123", datetime.fromtimestamp(1795012200.123, UTC)),
        ("20261118143000", datetime(2026, 11, 18, 14, 30)),
        (1795012200, datetime.fromtimestamp(1795012200, UTC)),
    ],
)  # fmt: skip
def test_times_are_read_in_the_ways_phone_systems_write_them(
    text: object, moment: datetime
) -> None:
    assert read_fields({"started": text}, where="").metadata.started == moment


@pytest.mark.parametrize("direction", ["in", "Incoming", "INBOUND", " inbound\n"])
def test_directions_have_several_words(direction: str) -> None:
    told = read_fields({"direction": direction}, where="")
    assert told.metadata.direction == "inbound"


def test_of_a_language_the_region_is_left_out() -> None:
    assert read_fields({"language": "en-GB"}, where="").metadata.language == "en"


def test_control_and_invisible_characters_are_removed() -> None:
    told = read_fields({"agent": "a\0nn\x1b[31m\u202e lee\r\n", "no\nte": "x\ty"}, where="")
    assert told.metadata.agent == "ann[31m lee"
    assert told.metadata.labels == {"no te": "x y"}


def test_markup_is_kept_as_it_is_because_showing_is_where_it_is_made_harmless() -> None:
    told = read_fields({"agent": "<script>alert(1)</script>"}, where="")
    assert told.metadata.agent == "<script>alert(1)</script>"


def test_there_is_a_limit_to_labels_and_their_length() -> None:
    many = read_fields({f"n{i}": "v" for i in range(LABELS + 5)}, where="The form")
    assert len(many.metadata.labels) == LABELS
    assert "more than 50 labels" in many.warnings[0]
    long = read_fields({"note": "v" * 10_000_000}, where="The form")
    assert len(long.metadata.labels["note"]) == 500
    assert "500 characters" in long.warnings[0]


def test_empty_values_tell_nothing() -> None:
    told = read_fields({"agent": "", "team": None, "note": " \n"}, where="")
    assert told.metadata == Metadata()
    assert told.warnings == ()


def test_deep_nesting_ends_somewhere() -> None:
    fields: dict[str, object] = {"x": 1}
    for _ in range(200):
        fields = {"a": fields}
    told = read_fields(fields, where="")
    assert len(told.metadata.labels) == 1


def test_lists_that_are_as_deep_as_can_be_read_are_no_error() -> None:
    deep: list[object] = []
    for _ in range(sys.getrecursionlimit()):
        deep = [deep]
    told = read_fields({"x": deep, "agent": "ann"}, where="")
    assert told.metadata == Metadata(agent="ann", labels={"x": "…"})


def test_a_text_is_cut_before_it_is_looked_at() -> None:
    assert cleaned("a b " * 10_000_000, longest=5) == "a b a"


def test_of_two_sources_the_first_counts() -> None:
    both = merged(
        Metadata(agent="ann", labels={"a": "1"}),
        Metadata(agent="bob", team="north", labels={"a": "2", "b": "3"}),
    )
    assert both == Metadata(agent="ann", team="north", labels={"a": "1", "b": "3"})
