"""Which pages there are for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callmon.store.access.standing import Role


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    path: str
    name: str
    icon: str
    is_here: bool = False


EVERY: Final[Sequence[tuple[str, str, str, frozenset[Role]]]] = (
    ("/review", "Review", "queue", frozenset({"reviewer", "supervisor", "admin"})),
    (
        "/calls",
        "Calls",
        "calls",
        frozenset({"uploader", "reviewer", "supervisor", "admin", "agent"}),
    ),
    (
        "/promises",
        "Promises",
        "promise",
        frozenset({"reviewer", "supervisor", "admin", "agent"}),
    ),
    ("/trends", "Trends", "trend", frozenset({"supervisor", "admin"})),
    ("/calibration", "Calibration", "gauge", frozenset({"supervisor", "admin"})),
    ("/fairness", "Fairness", "scale", frozenset({"supervisor", "admin"})),
    ("/upload", "Upload", "upload", frozenset({"uploader", "supervisor", "admin"})),
    ("/audit", "Audit", "log", frozenset({"admin"})),
    ("/settings", "Settings", "gear", frozenset({"admin"})),
)


def links_for(role: Role, path: str) -> tuple[Link, ...]:
    """The pages of a role; the one that is open is marked."""
    return tuple(
        Link(to, name, icon, is_here=path == to or path.startswith(f"{to}/"))
        for to, name, icon, roles in EVERY
        if role in roles
    )


def home_of(role: Role) -> str:
    """Where somebody begins."""
    return links_for(role, "")[0].path
