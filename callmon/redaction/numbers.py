"""Which numbers are private: by checksum, by format, or by what was asked for.

A card number is one wherever it stands, by its length, its issuer's range and its check
digit (ISO/IEC 7812); by chance so is about one in twenty other numbers of sixteen digits,
and it goes too. Numbers that have no such proof are private only by the words before them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Final

from callmon.redaction.context import Contexts, Meaning
from callmon.redaction.dictation import Run, runs
from callmon.redaction.spans import Kind, Span

CARDS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:30[0-5]|309|36\d|3[89]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB
    r"|62\d{14}(?:\d{3})?"  # UnionPay
    r"|(?:50|5[6-8]|6[0-9])\d{14}(?:\d{2}\d?)?"  # Maestro and others
)
"""Issuers' ranges with their lengths, 13 to 19 digits. A telephone's serial number (IMEI)
has fifteen digits and the same check digit, but begins with none of them."""
LONGEST_CARD: Final = 19
AFTER_CARD: Final = 8
"""Digits that go on after a card number in one breath: expiry and security code."""

LENGTHS: Final[Mapping[Kind, Container[int]]] = {
    # From four, as people stop for a breath after each group of their card.
    "card number": range(4, 31),
    "security code": range(3, 5),
    "card expiry": range(3, 9),
    "password": range(3, 11),
    "social security number": range(4, 12),
    "national insurance number": range(6, 7),
    "health number": range(6, 13),
    "identity document": range(6, 17),
    # A sort code has six; a routing number (nine) and an account may come together.
    "bank account": range(6, 29),
    "phone number": range(6, 17),
    # An American one; the letters of others tell them.
    "postcode": (5, 9),
}
"""Digits that a number has of which the words before it say what it is."""

PHONE: Final = range(10, 16)
"""Digits of a telephone number that is told by its form alone (E.164 has up to 15)."""
MOBILE: Final = re.compile(r"07[1-57-9]\d{8}")
"""British mobile telephones, also where a range is not given out."""
NINO: Final = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]"
)
"""Form of a UK National Insurance number (HMRC, NIM39110); it has no check digit."""
POSTCODE: Final = re.compile(
    r"(?:[A-PR-UWYZ]\d[\dA-HJKPSTUW]?|[A-PR-UWYZ][A-HK-Y]\d[\dABEHMNPRVWXY]?)"
    r"\d[ABD-HJLNP-UW-Z]{2}"
)
"""Form of a UK postcode (BS 7666-2)."""
SIZES: Final = re.compile(r"\d(?:GB|TB|HZ|G[HR])")
"""An end that is more often a size: "M1 8GB"."""
IDENTITY: Final = re.compile(r"(?=\D*\d\D*\d\D*\d\D*\d)[A-Z0-9]{6,18}")
IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
"""Form of an international account number (ISO 13616)."""
LONGEST_SPELLED: Final = 34

_MONEY_BEFORE: Final = re.compile(r"[$£€]\s?$")
_MONEY_AFTER: Final = re.compile(
    r"\s?(?:%|dollars?|pounds?|euros?|cents?|pence|quid|bucks|percent|points|miles|kwh|units"
    r"|minutes|hours|days|weeks|months|years|times|people|gigs?|gigabytes)\b",
    re.IGNORECASE,
)
_SSN: Final = re.compile(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])")


def private_numbers(text: str, asked: Meaning | None) -> Iterator[Span]:
    """Numbers of a text; `asked` is what the other party asked for just before."""
    contexts = Contexts.read(text)
    for run in runs(text):
        meaning = contexts.before(run[0].first) or asked
        spans = list(_cards(run, meaning)) or list(_by_words(text, run, meaning))
        yield from spans or _phone(text, run, meaning)
    for run in runs(text, letters=True):
        yield from _spelled(run, contexts.before(run[0].last) or asked)
    for match in _SSN.finditer(text):
        if _is_ssn(match.group()):
            yield Span(match.start(), match.end(), "social security number")


def _cards(run: Run, meaning: Meaning | None) -> Iterator[Span]:
    """Rows of pieces that are card numbers.

    Where the words before name another number, only one that begins or ends the run: in
    any long number some row of digits has the check digit of a card.
    """
    from stdnum import luhn

    at = 0
    while at < len(run):
        digits, last = "", at
        found: int | None = None
        while last < len(run) and len(digits) + len(run[last].text) <= LONGEST_CARD:
            digits += run[last].text
            last += 1
            outer = at == 0 or last == len(run) or meaning != "other"
            if outer and CARDS.fullmatch(digits) and luhn.is_valid(digits):
                found = last
        if found is None:
            at += 1
            continue
        rest = run[found:]
        if sum(len(piece.text) for piece in rest) <= AFTER_CARD:
            found = len(run)
        yield Span(run[at].first, run[found - 1].last, "card number")
        at = found


def _by_words(text: str, run: Run, meaning: Meaning | None) -> Iterator[Span]:
    """The whole run, where it has as many digits as what the words before it name."""
    first, last = run[0].first, run[-1].last
    count = sum(len(piece.text) for piece in run)
    if meaning is None or meaning == "other" or count not in LENGTHS[meaning]:
        return
    if not _is_money(text, first, last) and not _is_amount(text[first:last], meaning):
        yield Span(first, last, meaning)


def _phone(text: str, run: Run, meaning: Meaning | None) -> Iterator[Span]:
    """A number that could be dialled, in a form in which people give theirs."""
    if meaning == "other" or _is_money(text, run[0].first, run[-1].last):
        return
    plus = text[: run[0].first].endswith("+")
    digits = "".join(piece.text for piece in run)
    if len(digits) in PHONE and _is_phone(run, digits, plus=plus):
        yield Span(run[0].first - plus, run[-1].last, "phone number")


def _is_phone(run: Run, digits: str, *, plus: bool) -> bool:
    """By the numbering plans: of any country after a plus, else British or American.

    An American number is ten digits as many others are, so it has to be grouped as one.
    """
    import phonenumbers

    groups = [len(piece.text) for piece in run]
    american = groups in ([3, 3, 4], [1, 3, 3, 4]) or max(groups) == 1
    if not (plus or digits.startswith("0") or american):
        return False
    if MOBILE.fullmatch(digits):
        return True
    region = None if plus else "GB" if digits.startswith("0") else "US"
    try:
        number = phonenumbers.parse("+" * plus + digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _spelled(run: Run, meaning: Meaning | None) -> Iterator[Span]:
    """What has letters in it, written in one or more words or spelled out."""
    from stdnum import iban

    if meaning != "identity document" and all(piece.text.isdigit() for piece in run):
        return
    at = 0
    while at < len(run):
        best: tuple[int, Kind] | None = None
        text, last = "", at
        while last < len(run) and len(text) + len(run[last].text) <= LONGEST_SPELLED:
            text += run[last].text
            last += 1
            kind: Kind | None = None
            if NINO.fullmatch(text):
                kind = "national insurance number"
            elif POSTCODE.fullmatch(text) and (
                meaning == "postcode" or not SIZES.fullmatch(text[-3:])
            ):
                kind = "postcode"
            elif IBAN.fullmatch(text) and iban.is_valid(text):
                kind = "IBAN"
            elif meaning == "identity document" and IDENTITY.fullmatch(text):
                kind = "identity document"
            if kind is not None:
                best = last, kind
        if best is None:
            at += 1
            continue
        yield Span(run[at].first, run[best[0] - 1].last, best[1])
        at = best[0]


def _is_money(text: str, first: int, last: int) -> bool:
    return bool(
        _MONEY_BEFORE.search(text, max(0, first - 2), first)
        or _MONEY_AFTER.match(text, last)
    )


def _is_amount(written: str, meaning: Kind) -> bool:
    """Only in telephone numbers are hundreds said for figures."""
    return meaning != "phone number" and "hundred" in written.casefold()


def _is_ssn(written: str) -> bool:
    from stdnum.us import ssn

    return ssn.is_valid(written.replace(" ", "-"))
