from __future__ import annotations

import json
import logging
import sys
from typing import Any

from callmon.review.logs import FIELDS, JsonLines


def line(**more: Any) -> dict[str, Any]:
    record = logging.LogRecord("callmon", logging.INFO, __file__, 1, "event", (), None)
    record.__dict__.update(more)
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_line_has_its_fields() -> None:
    found = line(**{FIELDS: {"status": 200}})
    assert (found["event"], found["level"], found["status"]) == ("event", "info", 200)


def test_a_line_break_stays_within_its_line() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "a\nb", (), None)
    assert json.loads(JsonLines().format(record))["event"] == "a\nb"


def test_an_error_tells_where_and_never_what_was_said() -> None:
    try:
        raise ValueError("the customer said: my number is 4711")
    except ValueError:
        found = line(exc_info=sys.exc_info())
    assert found["error"] == "ValueError"
    assert "test_logs.py" in found["where"][0]
    assert "4711" not in json.dumps(found)
