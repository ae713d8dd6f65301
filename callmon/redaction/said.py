"""What is private in words: addresses, dates of birth, passwords, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from callmon.redaction.dictation import TEENS, TENS, UNITS
from callmon.redaction.spans import Kind, Span
from callmon.redaction.words import listed

HOSTS: Final = (
    "gmail|googlemail|hotmail|outlook|yahoo|icloud|aol|proton|protonmail|gmx|msn|live|me|mac"
    "|btinternet|sky|virginmedia|comcast|verizon|att|sbcglobal"
)
"""Where people have their mail: with one of them "at" is not a place."""

_AT: Final = r"(?:\s?@\s?|\s+at\s+)"
_DOT: Final = r"(?:\s?\.\s?|\s+(?:dot|point|period)\s+)"
_LINK: Final = (
    r"(?:\s?[._+-]\s?|\s+(?:dot|period|underscore|under score|dash|hyphen|plus)\s+)"
)
_END: Final = (
    r"(?:com|co|org|net|edu|gov|info|me|io|uk|us|ie|ca|au|de|fr|eu|biz|mail|local)"
)
_DOMAIN: Final = rf"(?:[\w-]{{1,63}}{_DOT}){{1,3}}{_END}\b"

# Written in one piece, as in chats and exports.
_WRITTEN: Final = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
# "jane dot doe at", "j a n e at", "jane 42 at": no place is called like that.
_SPELLED: Final = re.compile(
    rf"\b(?:(?:\w{{1,30}}{_LINK}){{1,4}}\w{{1,30}}|(?:[a-z0-9]\s){{2,20}}[a-z0-9]{{1,12}}"
    rf"|\w{{0,20}}\d\w{{0,20}}){_AT}{_DOMAIN}",
    re.IGNORECASE,
)
_HOSTED: Final = re.compile(
    rf"\b(?:[\w]{{1,30}}){_AT}(?:{HOSTS}){_DOT}{_END}(?:{_DOT}{_END})?\b", re.IGNORECASE
)
_EMAIL_ASKED: Final = re.compile(r"\be ?-?mail\b", re.IGNORECASE)
# Names in two words are common where an address is read out: "karen moore at".
_READ_OUT: Final = re.compile(
    rf"(?<!\S)(?P<before>(?:[^\s@]{{1,20}}\s){{0,3}})\w{{1,30}}{_AT}(?:{_DOMAIN})",
    re.IGNORECASE,
)

_BIRTH: Final = re.compile(
    r"\b(?:date of birth|birth ?date|d\.? ?o\.? ?b|born (?:on|in)?)\b", re.IGNORECASE
)
NEAR: Final = 40
"""Characters from "date of birth" to the date: "yes of course, it is the"."""

_STREETS: Final = (
    "street|road|avenue|lane|drive|close|crescent|court|boulevard|terrace|grove|gardens"
    "|place|way|square|st|rd|ave|blvd"
)
_ADDRESS: Final = re.compile(
    rf"\b\d{{1,5}}[a-z]?,?\s(?:[^\W\d_]{{2,20}}\s){{1,3}}(?:{_STREETS})\b", re.IGNORECASE
)

_SECRET: Final = re.compile(
    r"\b(?:password|passphrase|pass word|pass ?code|pin|memorable (?:word|name|place|date)"
    r"|security (?:word|answer)|maiden name|secret (?:word|answer))"
    r"(?P<linked>(?: (?:for|on) (?:it|that|this|the|my|your)(?: \w+)?)?"
    r"(?:\s?[:=]|\s(?:is|was|would be|should be|will be))\s|\s?[:=]\s?|['’]s\s)"
    r"(?P<secret>[^\s,;]{1,64})(?P<more>(?:\s(?:\d+|[A-Za-z]\b))*)",
    re.IGNORECASE,
)
_SECRET_ASKED: Final = re.compile(
    r"\b(?:password|passphrase|memorable (?:word|name|place)|security (?:word|answer)"
    r"|maiden name)\b[^.!?]{0,30}\?",
    re.IGNORECASE,
)

_NAMED: Final = re.compile(
    r"\b(?:my (?:full |first |last |sur)?name(?: is|['’]s)|(?:the )?name(?: is|['’]s)"
    r"|you(?:['’]re| are) (?:speaking|talking) (?:to|with)|you['’]?re through to"
    r"|am i (?:speaking|talking) (?:to|with)|is (?:this|that)(?= (?:mr|mrs|ms|miss|dr)\b)"
    r"|(?:first|last|middle|sur) ?name(?: is|['’]s)?|mr|mrs|ms|miss|mister|missus)\.?\s"
    r"(?P<name>(?:(?:mr|mrs|ms|miss|dr)\.?\s)?[^\W\d_]+(?:['’-][^\W\d_]+)*"
    r"(?:\s[^\W\d_]+(?:['’-][^\W\d_]+)*){0,2})",
    re.IGNORECASE,
)
_THIS_IS: Final = re.compile(
    r"\b(?:[Tt]his is|[Ii]t['’]s|[Ii]['’]m|[Ii] am) "
    r"(?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?= (?:speaking|here|from|calling)\b|[.,!])"
)
_NAME_ASKED: Final = re.compile(
    r"\b(?:(?:your|the)(?: \w+){0,3} name|who am i (?:speaking|talking)"
    r"|who is (?:this|calling)|take your name)\b[^.!]{0,40}\?",
    re.IGNORECASE,
)
LONGEST_NAME: Final = 4
"""Words of an answer that is nothing but a name or a password."""


def private_words(text: str, asked: str) -> Iterator[Span]:
    """What a text says in words; `asked` is what the other party said just before."""
    yield from _emails(text, asked)
    yield from _births(text, asked)
    for match in _ADDRESS.finditer(text):
        yield Span(*match.span(), "address")
    yield from _secrets(text, asked)
    for name in _names(text, asked):
        yield Span(*name, "name")


def _emails(text: str, asked: str) -> Iterator[Span]:
    for pattern in (_WRITTEN, _SPELLED, _HOSTED):
        for match in pattern.finditer(text):
            yield Span(*match.span(), "email address")
    if _EMAIL_ASKED.search(asked) or _EMAIL_ASKED.search(text):
        for match in _READ_OUT.finditer(text):
            first = match.end("before")
            for word in reversed(list(re.finditer(r"\S+", match["before"]))):
                if word.group().casefold() in listed("before_email"):
                    break
                first = match.start() + word.start()
            yield Span(first, match.end(), "email address")


def _births(text: str, asked: str) -> Iterator[Span]:
    starts = [match.end() for match in _BIRTH.finditer(text)]
    if not starts and _BIRTH.search(asked):
        starts = [0]
    for start in starts:
        match = _date().search(text, start)
        if match and match.start() - start <= NEAR:
            yield Span(*match.span(), "date of birth")


@cache
def _date() -> re.Pattern[str]:
    """Two or more parts of a date: "the third of May nineteen eighty two", "3/5/82"."""
    written = sorted({*listed("months"), *listed("ordinals"), *UNITS, *TEENS, *TENS})
    part = rf"(?:\d{{1,4}}(?:st|nd|rd|th)?|{'|'.join(written)}|o|hundred|thousand)"
    between = r"(?:[ \t,./-]|\bof\b|\bthe\b|\band\b){1,8}"
    return re.compile(rf"\b{part}(?:{between}{part})+\b", re.IGNORECASE)


def _secrets(text: str, asked: str) -> Iterator[Span]:
    for match in _SECRET.finditer(text):
        secret = match["secret"].strip(".!?\"'“”‘’").casefold()
        if secret and secret not in listed("no_secret") and not secret.endswith("n't"):
            yield Span(match.start("secret"), match.end("more"), "password")
    if _SECRET_ASKED.search(asked):
        yield from _whole_answer(text, "password", never=listed("no_secret"))


def _names(text: str, asked: str) -> Iterator[tuple[int, int]]:
    for pattern in (_NAMED, _THIS_IS):
        for match in pattern.finditer(text):
            yield from _of_name(text, *match.span("name"))
    if _NAME_ASKED.search(asked):
        for span in _whole_answer(text, "name", never=listed("no_name")):
            yield span.first, span.last


def _of_name(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The words up to the first one that is in no name; in small letters two at most."""
    small = text == text.lower()
    end = first
    for count, word in enumerate(re.finditer(r"\S+", text[first:last])):
        plain = word.group().strip(".,!?'’").casefold()
        ordinary = plain in listed("no_name")
        if small and (ordinary or count == 2):
            break
        if not small and (plain == word.group() or (ordinary and not _is_name(plain))):
            break
        end = first + word.end()
    if end > first:
        yield first, end


def _is_name(word: str) -> bool:
    """Whether a word with a capital can be a name all the same: "Will", "May"."""
    return word in listed("ordinary_names")


def _whole_answer(text: str, kind: Kind, *, never: frozenset[str]) -> Iterator[Span]:
    """A short answer to a question for a name or a password, without its lead-in.

    None at all where it holds a word of `never`.
    """
    words = list(re.finditer(r"[\w'’-]+", text))
    easy = listed("lead_in")
    told = [word for word in words if word.group().casefold().replace("’", "'") not in easy]
    if any(word.group().casefold() in never for word in told):
        return
    if told and len(told) <= LONGEST_NAME and len(words) <= 2 * LONGEST_NAME:
        yield Span(told[0].start(), told[-1].end(), kind)
