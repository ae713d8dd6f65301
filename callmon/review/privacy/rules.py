"""How long each kind of thing is kept, as the rules stand."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from callmon.call import Value
from callmon.review.site import Site
from callmon.store.keeping import retention
from callmon.store.keeping.retention import KINDS, Kind

WITHIN: dict[Kind, tuple[Kind, ...]] = {
    "audio": ("audio", "recording"),
    "transcript": ("transcript", "analysis", "recording"),
    "analysis": ("analysis", "recording"),
    "recording": ("recording",),
}
"""The rules by which something of each kind goes."""


class Kept(Value):
    """How long, and by whose word."""

    days: int | None
    """After the recording was received; null: until somebody deletes it."""
    by: Kind | None
    """The rule that ends it; null where there is none."""
    source: Literal["rule", "setting"] | None
    """A rule that was set here, or the setting `retention_days`."""
    set_by: str | None
    set_at: datetime | None


def kept(connection: Connection, site: Site) -> dict[Kind, Kept]:
    """By kind: of all rules that touch it, the one that comes first."""
    rules = retention.rules(connection)
    single = {
        kind: Kept(days=r.days, by=kind, source="rule", set_by=r.by, set_at=r.at)
        for kind, r in rules.items()
    }
    days = site.options.retention_days
    if days is not None and "recording" not in single:
        single["recording"] = Kept(
            days=days, by="recording", source="setting", set_by=None, set_at=None
        )
    none = Kept(days=None, by=None, source=None, set_by=None, set_at=None)
    return {
        kind: min(
            (single[each] for each in WITHIN[kind] if each in single),
            key=lambda rule: rule.days or 0,
            default=none,
        )
        for kind in KINDS
    }
