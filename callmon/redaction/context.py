"""What the words before a number say that it is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from callmon.redaction.spans import Kind

Meaning = Kind | Literal["other"]

REACH: Final = 60
"""Characters from the words to the number: "is, if you have a pen ready, it's"."""

WORDS: Final[Mapping[Meaning, str]] = {
    "card number": r"card (?:number|details)|(?:long|sixteen digit|16 digit) number"
    r"|(?:number|digits) (?:on|across|from) (?:the )?(?:front|card|your card|my card)",
    "security code": r"security code|security number|c ?v ?[vc2]|cv two|card verification"
    r"|(?:back|reverse|signature strip) of (?:the|your|my) card"
    r"|(?:three|3|four|4) (?:digits?|numbers?|digit (?:code|number)) on the (?:back|front)",
    "card expiry": r"expir(?:y|ation)(?: date)?|valid (?:thru|through|until|to)",
    "password": r"pin(?: (?:number|code))?|pass ?code|one time (?:pass ?)?(?:code|word)|otp"
    r"|(?:access|verification|authentication|unlock|door|alarm|gate) code",
    "social security number": r"social(?: security)?(?: number)?|s ?s ?n|tax id",
    "national insurance number": r"national insurance(?: number)?|n ?i number",
    "health number": r"(?:n ?h ?s|medicare|health|patient) number|medical record number",
    "identity document": r"passport(?: number)?|driving licen[cs]e(?: number)?"
    r"|driver'?s? licen[cs]e(?: number)?|licen[cs]e number|identity card",
    "bank account": r"(?:bank )?account (?:number|details)|bank account|sort code|i ?ban"
    r"|routing(?: number)?|account and (?:routing|sort)(?: code| number)?",
    "phone number": r"(?:tele)?phone|mobile|cell(?: ?phone)?|land ?line|contact number"
    r"|best number|number to (?:call|ring|reach)|(?:call|ring|reach|text) (?:me|us|you)"
    r"(?: back)? (?:on|at)|whats ?app|call ?back number",
    "postcode": r"post ?codes?|post ?al code|zip(?: ?code)?",
    "other": r"orders?|reference|ref|ticket|case|invoice|tracking|confirmation|serial"
    r"|model|imei|booking|policy|claim|parcel|product|item|part|meter|reading|job|batch"
    r"|receipt|purchase|catalogue|catalog|flight|train|bus|room|flat|version|total|amount"
    r"|price|balance|bill|payment|(?:ends?|ending|ended)(?: in| with)?"
    r"|(?:last|final|first) (?:two|three|four|2|3|4)(?: (?:digits|numbers|figures))?"
    r"(?! of (?:\w+ )?(?:social|s ?s ?n))",
}
"""Regular expressions over small letters; those of `other` are numbers that tell a clerk
something and a stranger nothing."""

_ANY: Final = re.compile(
    r"\b(?:" + "|".join(f"(?P<k{n}>{p})" for n, p in enumerate(WORDS.values())) + r")\b",
    re.IGNORECASE,
)
_MEANINGS: Final = tuple(WORDS)


@dataclass(frozen=True)
class Contexts:
    """The places of a text that say what the next number is."""

    ends: Sequence[int]
    meanings: Sequence[Meaning]

    @classmethod
    def read(cls, text: str) -> Contexts:
        found = list(_ANY.finditer(text))
        return cls(
            ends=[match.end() for match in found],
            meanings=[_MEANINGS[int((match.lastgroup or "k0")[1:])] for match in found],
        )

    def before(self, first: int) -> Meaning | None:
        """What the number at `first` is, by the nearest words before it."""
        place = bisect_right(self.ends, first) - 1
        if place < 0 or first - self.ends[place] > REACH:
            return None
        return self.meanings[place]

    @property
    def last(self) -> Meaning | None:
        """What a text asks for at its end."""
        return self.meanings[-1] if self.meanings else None
