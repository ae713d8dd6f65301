"""Reports as CSV, in which nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from starlette.responses import Response

from callmon.report.spreadsheet import write_csv

DECLARED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "RFC 4180, UTF-8.", "content": {"text/csv": {}}}
}
"""For `responses=` of a route that answers with CSV."""


class Csv(Response):
    """A table as a file to be saved."""

    media_type = "text/csv"


def csv(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    text = StringIO(newline="")
    write_csv(text, columns, rows)
    disposition = f'attachment; filename="{name}.csv"'
    return Csv(text.getvalue(), headers={"Content-Disposition": disposition})
