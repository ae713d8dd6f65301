"""How slow a regular expression can become, found from its form.

A search that fails has tried every way in which the pattern fits at every place of the
text. The number of ways at one place is what explodes: groups repeated within repeated
groups multiply, and so do repeated characters where what follows can match them too
(Davis et al. 2018, "The impact of regular expression denial of service"). It is counted
here from the pattern's form, never by running it, and rather too high than too low.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

LONG = 40
"""Times that an unlimited character repeats: the letters of the longest word. The dot and
the other classes that cross words repeat far oftener, and count for the more."""

TOO_DEEP = 10**9
"""Ways of a pattern whose groups are nested too deep to be counted."""

_ANYTHING = frozenset("dlso")
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d*)(?:(,)(\d*))?\})[?+]?")
_REPEATS = frozenset("*+?{")
_TEXT = re.compile(r"[\w ,'-]+")
_OPENING = re.compile(r"\?(?:<?[=!]|:|P<\w+>)")

Kinds = frozenset[str]
"""Kinds of characters: `d` digits, `l` letters, `s` spaces, `o` others."""


@dataclass(frozen=True)
class _Item:
    """Part of a sequence with its repetition: characters of some kinds, or a group."""

    least: int
    most: int | None
    kinds: Kinds = frozenset()
    literal: str = ""
    group: tuple[tuple[_Item, ...], ...] | None = None
    part: Literal["text", "look", "place"] = "text"
    """`look` looks ahead or behind and `place` is an anchor: neither takes characters."""

    @cached_property
    def first(self) -> Kinds:
        if self.part != "text":
            return frozenset()
        if self.group is None:
            return self.kinds
        return frozenset[str]().union(*(_first(branch) for branch in self.group))

    @cached_property
    def may_be_empty(self) -> bool:
        if self.part != "text" or self.least == 0:
            return True
        return self.group is not None and any(
            all(item.may_be_empty for item in branch) for branch in self.group
        )


def ways(pattern: str) -> int:
    """The number of ways in which the pattern can fit at one place, at most.

    >>> ways("third time"), ways(r"call(?: \\w+){0,4} back")
    (1, 5)
    >>> ways(r"(?:(?:\\w+ ?){0,12}){0,12}") > 10**9
    True
    """
    try:
        branches, _ = _parse(pattern, 0)
        return _ways_of_branches(branches, frozenset())
    except RecursionError:
        return TOO_DEEP


def _parse(pattern: str, at: int) -> tuple[tuple[tuple[_Item, ...], ...], int]:
    """The branches from `at` to the end of their group, and where that is."""
    branches: list[tuple[_Item, ...]] = []
    items: list[_Item] = []
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            branches.append(tuple(items))
            items, at = [], at + 1
            continue
        item, at = _atom(pattern, at)
        if pattern[at : at + 1] in _REPEATS and (
            quantifier := _QUANTIFIER.match(pattern, at)
        ):
            least, most = _repetition(quantifier)
            item = _Item(least, most, item.kinds, item.literal, item.group, item.part)
            at = quantifier.end()
        items.append(item)
    return (*branches, tuple(items)), at


def _atom(pattern: str, at: int) -> tuple[_Item, int]:
    character = pattern[at]
    if character == "(":
        opening = _OPENING.match(pattern, at + 1)
        part: Literal["text", "look"] = (
            "look" if opening and opening[0][-1] in "=!" else "text"
        )
        group, end = _parse(pattern, opening.end() if opening else at + 1)
        return _Item(1, 1, group=group, part=part), end + 1
    if character == "[":
        end = pattern.find("]", at + 2)
        end = len(pattern) - 1 if end < 0 else end
        return _Item(1, 1, _kinds_in(pattern[at + 1 : end])), end + 1
    if character == "\\":
        code = pattern[at + 1 : at + 2]
        if code in "bBAZ":
            return _Item(1, 1, part="place"), at + 2
        kinds = {"d": "d", "w": "dl", "s": "s"}.get(code)
        known = frozenset(kinds) if kinds else _ANYTHING if code.isalpha() else _kind(code)
        return _Item(1, 1, known), at + 2
    if character in "^$":
        return _Item(1, 1, part="place"), at + 1
    if character == ".":
        return _Item(1, 1, _ANYTHING), at + 1
    return _text(pattern, at)


def _text(pattern: str, at: int) -> tuple[_Item, int]:
    """A run of characters that stand for themselves; one alone where it is repeated."""
    run = _TEXT.match(pattern, at)
    if run is None or len(run[0]) == 1:
        return _Item(1, 1, _kind(pattern[at]), literal=pattern[at]), at + 1
    end = run.end()
    if pattern[end : end + 1] in _REPEATS:
        end -= 1
    return _Item(1, 1, _kind(pattern[at]), literal=pattern[at:end]), end


def _repetition(quantifier: re.Match[str]) -> tuple[int, int | None]:
    sign, least, comma, most = quantifier.groups()
    if sign:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
    low = int(least or 0)
    return low, (int(most) if most else None) if comma else low


def _kinds_in(characters: str) -> Kinds:
    if characters.startswith("^") or "\\" in characters:
        return _ANYTHING
    return frozenset[str]().union(*map(_kind, characters))


def _kind(character: str) -> Kinds:
    if character.isdigit():
        return frozenset("d")
    if character.isalpha():
        return frozenset("l")
    return frozenset("s" if character.isspace() else "o")


def _first(items: Sequence[_Item]) -> Kinds:
    """The kinds of characters with which the sequence can begin."""
    kinds: Kinds = frozenset()
    for item in items:
        kinds |= item.first
        if not item.may_be_empty:
            break
    return kinds


def _ways_of_branches(branches: Sequence[Sequence[_Item]], after: Kinds) -> int:
    """Branches exclude each other unless the letters of one begin those of the other."""
    counts = [_ways_of_sequence(branch, after) for branch in branches]
    heads = [_literal_head(branch) for branch in branches]
    return max(
        sum(
            count
            for other, count in zip(heads, counts, strict=True)
            if other.startswith(head) or head.startswith(other)
        )
        for head in heads
    )


def _literal_head(items: Sequence[_Item]) -> str:
    """The letters with which every match of the sequence begins."""
    letters: list[str] = []
    for item in items:
        if not item.literal or item.least != 1 or item.most != 1:
            break
        letters.append(item.literal)
    return "".join(letters)


def _ways_of_sequence(items: Sequence[_Item], after: Kinds) -> int:
    total, following = 1, after
    for item in reversed(items):
        total *= max(_ways_of_item(item, following), 1)
        following = item.first | following if item.may_be_empty else item.first
    return total


def _ways_of_item(item: _Item, following: Kinds) -> int:
    most = LONG if item.most is None else item.most
    if item.part == "place":
        return 1
    if item.group is None:
        if item.most == item.least:
            return 1
        crosses_words = item.kinds == _ANYTHING
        if item.kinds & following or crosses_words:
            return (most - item.least + 1) * (
                LONG if item.most is None and crosses_words else 1
            )
        return 1
    inside = following | item.first if most > 1 else following
    each = _ways_of_branches(item.group, inside)
    if item.part == "look":
        return each
    # Beyond so many repetitions the number is too large whatever it is.
    return sum(each**times for times in range(min(item.least, LONG), min(most, LONG) + 1))
