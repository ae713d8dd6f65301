"""Kinds of argument, and what is said of one that does not work."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime

AddParser = Callable[..., argparse.ArgumentParser]
"""Of a subparsers action: makes the parser of a command."""


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day; 2026-11-01 would work"
        ) from None


def moment(text: str) -> datetime:
    """A day with a time of day, by ISO 8601; its offset from UTC where it has one."""
    try:
        date.fromisoformat(text)
    except ValueError:
        pass
    else:
        raise argparse.ArgumentTypeError(
            f"{text!r} has no time of day; {text}T14:30 would work"
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; 2026-11-18T14:30 or 2026-11-18T14:30:00+01:00 would work"
        ) from None


def counting(text: str) -> int:
    """A number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} does not work; it counts from 1")
    return number


def port(text: str) -> int:
    """A port, 0 to 65535."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port; 0 to 65535 are")
    return number


def size(text: str) -> float:
    number = float(text)
    if not 0 < number < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is no size; 4 or 0.5 would work")
    return number
