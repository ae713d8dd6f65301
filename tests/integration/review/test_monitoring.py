"""The dashboard and the alert rules ask for metrics that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import VectorSelector

from scripts.write_dashboard import FILE, dashboard
from tests.integration.review.conftest import AsRole

FOLDER = FILE.parent
BUILT_IN = {"up"}


def rules() -> list[dict[str, Any]]:
    return yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]


def expressions() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
    for panel in dashboard()["panels"]:  # type: ignore[attr-defined]
        for target in panel["targets"]:
            yield target["expr"]


def selectors(node: Any) -> Iterator[VectorSelector]:
    """All selectors of metrics in a parsed expression."""
    if isinstance(node, VectorSelector):
        yield node
        return
    for name in ("expr", "lhs", "rhs", "param", "vector_selector", "vs"):
        child = getattr(node, name, None)
        if child is not None and not isinstance(child, str):
            yield from selectors(child)
    for child in getattr(node, "args", None) or ():
        yield from selectors(child)


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_each_metric_is_one_that_callmon_gives(expression: str, as_role: AsRole) -> None:
    found = list(selectors(promql_parser.parse(expression)))
    assert found
    prometheus = as_role("uploader")
    prometheus.get("/metrics")  # so that there is a request to count
    text = prometheus.get("/metrics").text
    given = {line.split("{")[0].split(" ")[0] for line in text.splitlines()}
    given |= {line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE")}
    for selector in found:
        assert selector.name in given | BUILT_IN, selector.name


def test_each_alert_says_what_is_wrong_and_where_to_begin() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_dashboard_is_as_its_program_writes_it() -> None:
    assert json.loads(Path(FILE).read_text()) == dashboard()
