from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from callmon.review.app import create_app
from callmon.review.enumerations import NAMED, name_enumerations
from callmon.review.site import Site


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    site = Site(database=None, media=None, queue=None)  # type: ignore[arg-type]
    return create_app(site).openapi()


def choices(part: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(part, dict):
        if "enum" in part:
            yield tuple(str(each) for each in part["enum"])
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from choices(each)


def test_each_set_of_words_stands_in_the_document_once(document: dict[str, Any]) -> None:
    often = {words: n for words, n in Counter(choices(document)).items() if n > 1}
    assert often == {}


def test_every_name_is_used(document: dict[str, Any]) -> None:
    assert set(NAMED) <= set(document["components"]["schemas"])


def test_a_field_refers_to_the_words_and_keeps_what_it_says_of_itself() -> None:
    field = {"type": "string", "enum": ["high", "low", "medium"], "description": "How bad."}
    document: dict[str, Any] = {"paths": {"x": [field]}}

    name_enumerations(document)

    assert document["paths"]["x"] == [
        {"$ref": "#/components/schemas/Severity", "description": "How bad."}
    ]
    severity = document["components"]["schemas"]["Severity"]
    assert severity["enum"] == ["low", "medium", "high"]


def test_words_that_nobody_named_stay_where_they_are() -> None:
    document = {"paths": {"type": "string", "enum": ["this", "that"]}}
    name_enumerations(document)
    assert document["paths"] == {"type": "string", "enum": ["this", "that"]}


def test_a_model_of_the_same_name_is_an_error() -> None:
    document = {
        "paths": {"type": "string", "enum": ["low", "medium", "high"]},
        "components": {"schemas": {"Severity": {}}},
    }
    with pytest.raises(RuntimeError, match="Severity"):
        name_enumerations(document)
