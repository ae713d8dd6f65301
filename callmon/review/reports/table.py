"""Reports as CSV, in which nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from callmon.report.spreadsheet import write_csv

if TYPE_CHECKING:
    from callmon.review.reports.figures import Group
    from callmon.review.reports.kinds import KindView

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


MOMENT_COLUMNS: Final = (
    "opportunities",
    "met",
    "partial",
    "missed",
    "impeded",
    "unscorable",
    "score",
    "score_low",
    "score_high",
    "commendations",
    "promises_made",
    "promises_open",
    "promises_kept",
    "promises_broken",
    "time_to_acknowledge",
    "settling",
    "settling_low",
    "settling_high",
    "settling_measured",
)
"""Of a group, and of a kind."""


def moment_cells(of: Group | KindView) -> dict[str, Any]:
    """Its fields, with intervals and promises as cells of their own."""
    low, high = of.interval or (None, None)
    settled_low, settled_high = of.settling_interval or (None, None)
    return {
        **dict(of),
        **{f"promises_{name}": value for name, value in of.promises},
        "score_low": low,
        "score_high": high,
        "settling_low": settled_low,
        "settling_high": settled_high,
    }
