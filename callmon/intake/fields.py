"""Makes metadata of whatever fields somebody wrote: a form, a JSON file, a row of a list.

Nothing here refuses a recording. A value that cannot be used is left out, with a warning;
a field of no known name becomes a label.
"""

from __future__ import annotations

import email.utils
import json
import re
import reprlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from callmon.metadata import Metadata

LONGEST: Final = 200
"""Characters of a value such as an agent's name."""
LABELS: Final = 50
LONGEST_NAME: Final = 64
LONGEST_LABEL: Final = 500
DEEPEST: Final = 6
"""Objects within objects whose fields are looked at."""
WARNINGS: Final = 20
"""Warnings that one source may leave on a recording."""
YEARS: Final = range(1970, 2100)

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": ("agent", "agentname", "agentusername", "agentid"),
    "team": ("team", "teamname"),
    "queue": ("queue", "queuename"),
    "customer": ("customer", "customerid", "customerphone", "customerendpointaddress"),
    "started": ("started", "startedat", "start", "starttime", "callstart",
                "conversationstart", "initiationtimestamp"),
    "direction": ("direction", "calldirection", "initialdirection", "initiationmethod"),
    "language": ("language", "languagecode"),
    "external_id": ("externalid", "callid", "callsid", "contactid", "conversationid",
                    "uniqueid", "uuid"),
    "agent_channel": ("agentchannel",),
}  # fmt: skip
"""Our fields by the names that phone systems give them, without case and punctuation; a
field of an object is named with it: `Agent.Username`. README.md says whose they are."""

DIRECTIONS: Final[Mapping[str, str]] = {
    "inbound": "inbound", "in": "inbound", "incoming": "inbound",
    "outbound": "outbound", "out": "outbound", "outgoing": "outbound",
    "outbound-api": "outbound", "outbound-dial": "outbound",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What one source tells, and what in it could not be used."""

    metadata: Metadata = field(default_factory=Metadata)
    warnings: tuple[str, ...] = ()


def read_fields(fields: Mapping[str, Any], *, where: str) -> Told:
    """Metadata from fields with any names and any values that JSON has.

    `where` begins the warnings, for example `The form`. Never raises.
    """
    told: dict[str, Any] = {}
    labels: dict[str, str] = {}
    warnings: list[str] = []
    flat = dict(_flat(fields))
    by_plain_name: dict[str, str] = {}
    for name in flat:
        by_plain_name.setdefault(_plain(name), name)

    used: set[str] = set()
    for known, names in NAMES.items():
        # A second name for the same field stays what it is: a label.
        given = next((by_plain_name[n] for n in names if n in by_plain_name), None)
        if given is None:
            continue
        used.add(given)
        text = cleaned(flat[given], longest=LONGEST + 1)
        try:
            told[known] = READERS[known](text) if text else None
        except ValueError as error:
            shown = reprlib.repr(text)
            warnings.append(f"{where} gives {known} as {shown}; {error}. It is left out.")

    for name, value in flat.items():
        if name in used:
            continue
        plain = cleaned(name.removeprefix("labels."), longest=LONGEST_NAME)
        text = cleaned(value, longest=LONGEST_LABEL + 1)
        if not plain or not text:
            continue
        if len(labels) == LABELS:
            warnings.append(f"{where} has more than {LABELS} labels; the rest is left out.")
            break
        if len(text) > LONGEST_LABEL:
            warnings.append(
                f"{where} has more than {LONGEST_LABEL} characters in the label {plain!r};"
                " its end is left out."
            )
        labels[plain] = text[:LONGEST_LABEL]
    return Told(Metadata(**told, labels=labels), tuple(warnings[:WARNINGS]))


def cleaned(text: str, *, longest: int) -> str:
    """The text on one line, without control and invisible characters, cut at `longest`.

    >>> cleaned("  Ann\\n\\x1b[31m Lee ", longest=20)
    'Ann [31m Lee'
    """
    # Cut first, so that a value of a gigabyte costs nothing.
    kept = "".join(_kept(character) for character in text[: 4 * longest])
    return " ".join(kept.split())[:longest].rstrip()


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    # The joiners that Persian and emoji need stay.
    visible = character in "\u200c\u200d" or unicodedata.category(character)[0] != "C"
    return character if visible else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name[: 4 * LONGEST_NAME].lower())


def _flat(fields: Mapping[str, Any], depth: int = 1) -> Iterator[tuple[str, str]]:
    """Every field as text, those of an object under the name of the object."""
    for name, value in fields.items():
        if value is None:
            continue
        if isinstance(value, Mapping) and depth < DEEPEST:
            for inner, text in _flat(value, depth + 1):
                yield f"{name}.{inner}", text
        else:
            yield str(name), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return ", ".join(_text(each) for each in value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:  # it was read with a little more room than is left here
        return "…"


def _line(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"{LONGEST} characters are the most")
    return text


def read_moment(text: str) -> datetime:
    """A point in time, with its offset where it has one. Raises ValueError.

    ISO 8601, RFC 2822 (`Wed, 18 Nov 2026 14:30:00 +0000`), seconds or milliseconds since
    1970, and `20261118143000`.
    """
    would = ValueError("a time such as 2026-11-18T14:30:00+01:00 would work")
    if len(text) > LONGEST:
        raise would
    for read in (_since_1970, _compact, datetime.fromisoformat, _rfc_2822):
        try:
            moment = read(text)
        except (ValueError, OverflowError, IndexError, TypeError):
            continue
        if moment.year in YEARS:
            return moment
    raise would


def _since_1970(text: str) -> datetime:
    if re.fullmatch(r"[0-9]{9,10}(\.[0-9]{1,9})?", text):
        return datetime.fromtimestamp(float(text), UTC)
    if re.fullmatch(r"[0-9]{12,13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    raise ValueError


def _compact(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007  no offset is given


def _rfc_2822(text: str) -> datetime:
    return email.utils.parsedate_to_datetime(text)


def _direction(text: str) -> str:
    try:
        return DIRECTIONS[text.lower()]
    except KeyError:
        raise ValueError("inbound or outbound would work") from None


def _language(text: str) -> str:
    found = re.fullmatch(r"([a-z]{2,3})([-_][a-z0-9-]{2,10})?", text.lower())
    if found is None:
        raise ValueError("a code such as en or en-US would work")
    return found[1]


def _channel(text: str) -> str:
    if text.lower() not in ("left", "right"):
        raise ValueError("left or right would work")
    return text.lower()


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "agent": _line,
    "team": _line,
    "queue": _line,
    "customer": _line,
    "started": read_moment,
    "direction": _direction,
    "language": _language,
    "external_id": _line,
    "agent_channel": _channel,
}
