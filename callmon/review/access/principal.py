"""Who is asking."""

from __future__ import annotations

from typing import Literal

from callmon.call import Value
from callmon.store.access.standing import Role, Standing


class Asking(Value):
    """A key or a user whose request this is."""

    id: str
    """`key:ID` or `user:ID`; what the audit log has as `who`."""
    name: str
    role: Role
    teams: frozenset[str] | None
    """Teams whose calls they see; null is all."""
    agent: str | None
    """The agent who they are, as recordings name them."""
    via: Literal["key", "session"]

    @property
    def standing(self) -> Standing:
        return Standing(role=self.role, teams=self.teams, agent=self.agent)
