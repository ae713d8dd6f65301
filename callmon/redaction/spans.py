"""What can be private, and where in a text it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "card number",
    "IBAN",
    "password",
    "security code",
    "card expiry",
    "social security number",
    "national insurance number",
    "health number",
    "identity document",
    "bank account",
    "date of birth",
    "email address",
    "phone number",
    "postcode",
    "address",
    "name",
]
"""Where two overlap, the one that stands first here gives its name to both."""

_ORDER = {kind: place for place, kind in enumerate(get_args(Kind))}


@dataclass(frozen=True)
class Span:
    """The characters `text[first:last]`, and what they are."""

    first: int
    last: int
    kind: Kind


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order of the text; spans that overlap become one, so that no end is left over."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.first, -span.last)):
        if joined and span.first < joined[-1].last:
            before = joined.pop()
            kind = min(before.kind, span.kind, key=_ORDER.__getitem__)
            span = Span(before.first, max(before.last, span.last), kind)
        joined.append(span)
    return tuple(joined)
