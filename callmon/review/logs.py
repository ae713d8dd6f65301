"""Logs: one JSON object a line, one line a request. Ids and numbers, never what was said.

What a library or a defect has to say goes in without its values: of an exception its type
and the lines of code, not its message, which may repeat a customer.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final

LOGGER: Final = logging.getLogger("callmon.review")

FIELDS: Final = "fields"
"""Attribute of a log record that holds what the line has besides the event."""


def event(name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Logs one event."""
    LOGGER.log(level, name, extra={FIELDS: fields})


def where(error: BaseException) -> list[str]:
    """The lines of code that an error came by, innermost last, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class JsonLines(logging.Formatter):
    """Records as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info is not None and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line |= {"error": type(error).__name__, "where": where(error)}
        return json.dumps(line, default=str)


def configure() -> None:
    """Writes all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("callmon", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)
    # Ours has the line of a request, with its id and who asked.
    logging.getLogger("uvicorn.access").disabled = True
