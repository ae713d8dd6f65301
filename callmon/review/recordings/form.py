"""The form of an upload, read as it comes: of the file nothing stays in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from callmon.review.problems import Fault, Problem

FILE: Final = "file"
METADATA: Final = "metadata"
MOST_FIELDS: Final = 200
MOST_BYTES: Final = 256 * 1024
"""Of all fields but the file together."""


class Form:
    """Feed it the body block by block and `take` the bytes of the file between.

    Every method raises a Problem, 422, for what is no such form.
    """

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise Problem(
                415,
                "unsupported-media-type",
                "The body has to be multipart/form-data with a boundary.",
                field="Content-Type",
            )
        self.name: str | None = None
        """Of the file; None until it begins."""
        self.fields: dict[str, str] = {}
        self.metadata: Mapping[str, Any] = {}
        """The JSON part of that name."""
        self._file = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._header, self._header_value = bytearray(), bytearray()
        self._field: str | None = None
        self._spent = 0
        self._ended = False
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, a, b: self._header.extend(data[a:b]),
                "on_header_value": lambda data, a, b: self._header_value.extend(data[a:b]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._close,
                "on_end": self._end,
            },
        )

    def feed(self, block: bytes) -> None:
        try:
            self._parser.write(block)
        except FormParserError:
            raise _cannot("The body is no form that can be read.") from None

    def take(self) -> bytes:
        """The bytes of the file that have come since the last time."""
        taken = bytes(self._file)
        self._file.clear()
        return taken

    @property
    def waiting(self) -> int:
        """How many they are."""
        return len(self._file)

    def check_whole(self) -> None:
        """To be called at the end of the body."""
        if not self._ended:
            raise _cannot("The body ends before the form does. Send it again.")
        if self.name is None:
            raise _cannot(
                "The form has no file. Send the recording in the part `file`, with its"
                " name.",
                field=FILE,
            )

    def _begin(self) -> None:
        self._headers = {}
        self._field = None
        self._value.clear()

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def _open(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not field:
            raise _cannot("A part of the form has no name.")
        is_file = b"filename" in options
        if is_file != (field == FILE):
            raise _cannot(
                f"The file belongs into the part {FILE!r}, and nothing else; it is in"
                f" {field[:100]!r}."
                if is_file
                else f"The part {FILE!r} has no file name.",
                field=FILE,
            )
        if is_file:
            if self.name is not None:
                raise _cannot("One recording at a time, please.", field=FILE)
            self.name = options[b"filename"].decode("utf-8", "surrogateescape")
            return
        if field in self.fields or len(self.fields) == MOST_FIELDS:
            raise _cannot(
                f"The field {field[:100]!r} is there twice."
                if field in self.fields
                else f"The form has more than {MOST_FIELDS} fields.",
                field=field[:100],
            )
        self._field = field
        self._spend(len(field))

    def _data(self, data: bytes, first: int, last: int) -> None:
        if self._field is None:
            self._file += data[first:last]
        else:
            self._spend(last - first)
            self._value += data[first:last]

    def _close(self) -> None:
        if self._field is None:
            return
        try:
            text = self._value.decode("utf-8")
        except UnicodeDecodeError:
            raise _cannot("The value is no text in UTF-8.", field=self._field) from None
        if self._field == METADATA:
            self.metadata = _object(text)
        self.fields[self._field] = text

    def _end(self) -> None:
        self._ended = True

    def _spend(self, count: int) -> None:
        self._spent += count
        if self._spent > MOST_BYTES:
            raise Problem(
                413,
                "too-large",
                f"The fields of the form are larger than {MOST_BYTES:,} bytes together.",
            )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _cannot(
            'The part is no JSON object such as {"agent": "Ann", "team": "billing"}.',
            field=METADATA,
        )
    return found


def _cannot(detail: str, *, field: str | None = None) -> Problem:
    faults = [] if field is None else [Fault(field=field, message=detail)]
    return Problem(422, "invalid-request", detail, field=field, errors=faults)
