"""Parts of a body, as players ask for them (RFC 9110, 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from callmon.review.problems import Problem

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

Read = Callable[[int, int], Iterator[bytes]]
"""The bytes [first, last) of a body, in blocks."""


def respond(
    request: Request,
    read: Read,
    *,
    size: int,
    kind: str,
    tag: str,
) -> Response:
    """The whole body, or the one part of it that is asked for. Raises a Problem, 416.

    Several parts at once, which players do not ask for, are answered by the whole.
    """
    told = {"Accept-Ranges": "bytes", "ETag": tag}
    part = None
    if request.headers.get("if-range", tag) == tag:
        part = _part(request.headers.get("range", ""), size)
    first, last = (0, size) if part is None else part
    told["Content-Length"] = str(last - first)
    if part is not None:
        told["Content-Range"] = f"bytes {first}-{last - 1}/{size}"
    return StreamingResponse(
        read(first, last),
        status_code=200 if part is None else 206,
        media_type=kind,
        headers=told,
    )


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """The part [first, last); None for all of it."""
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    begin, end = match.groups()
    if begin == "":
        first, last = max(0, size - int(end)), size
    else:
        first = int(begin)
        last = min(size, int(end) + 1) if end else size
        if end and int(end) < first:
            return None
    if first >= last:
        raise Problem(
            416,
            "range-not-satisfiable",
            f"There are {size:,} bytes, and the range {wanted[:100]!r} is not within them.",
            field="Range",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return first, last
