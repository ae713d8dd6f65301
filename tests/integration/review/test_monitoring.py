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


def told(node: Any) -> dict[str, str] | None:
    """The values of labels that all series of an expression have by its selectors.

    None for a number. Raises AssertionError where two are brought together that never have
    the same labels, so that nothing ever comes of it.
    """
    match node:
        case VectorSelector():
            equal = promql_parser.MatchOp.Equal
            return {m.name: m.value for m in node.matchers.matchers if m.op == equal}
        case promql_parser.NumberLiteral():
            return None
        case promql_parser.AggregateExpr():
            return left_by(node.modifier, told(node.expr) or {})
        case promql_parser.BinaryExpr():
            left, right = told(node.lhs), told(node.rhs)
            if left is None or right is None:
                return right if left is None else left
            matching = node.modifier and node.modifier.matching
            if matching:
                left, right = left_by(matching, left), left_by(matching, right)
            assert left == right, node.prettify()
            return left
        case promql_parser.Call():
            found = [told(child) for child in node.args]
            return next((each for each in found if each is not None), None)
    return told(node.vector_selector if hasattr(node, "vector_selector") else node.expr)


def left_by(modifier: Any, labels: dict[str, str]) -> dict[str, str]:
    """What `by`, `without`, `on` or `ignoring` leaves of the labels; else nothing."""
    if modifier is None:
        return {}
    kept = modifier.type == promql_parser.LabelModifierType.Include
    return {k: v for k, v in labels.items() if (k in modifier.labels) is kept}


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_series_that_are_brought_together_have_the_same_labels(expression: str) -> None:
    told(promql_parser.parse(expression))


def test_series_of_two_states_do_not_find_each_other() -> None:
    two = 'x{state="failed"} / x{state="done"}'
    with pytest.raises(AssertionError):
        told(promql_parser.parse(two))
    told(promql_parser.parse(two.replace("/", "/ ignoring (state)")))
    told(promql_parser.parse('max(x{state="failed"}) / max(x{state="done"})'))


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
