"""Fields that keys and users share, as clients send them and as they are shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from callmon.store.access.standing import Role, Standing

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
    ),
]
Password = Annotated[str, StringConstraints(min_length=12, max_length=1000)]
"""NIST SP 800-63B: length, and no rule on what it is made of."""


class Reach(Standing):
    """A role and how far it reaches, as a client sends it."""

    teams: frozenset[Name] | None = Field(default=None, max_length=1000)
    """For reviewers and supervisors: the teams whose calls they see; null is all."""
    agent: Name | None = None
    """For agents: their name as recordings have it."""

    @property
    def standing(self) -> Standing:
        return Standing(role=self.role, teams=self.teams, agent=self.agent)


class ReachView(BaseModel):
    """A role and how far it reaches."""

    role: Role
    teams: list[str] | None = Field(description="Teams whose calls they see; null is all.")
    agent: str | None = Field(description="The agent who they are, as recordings have it.")


def reach_of(standing: Standing) -> dict[str, object]:
    """The fields of `ReachView`."""
    teams = None if standing.teams is None else sorted(standing.teams)
    return {"role": standing.role, "teams": teams, "agent": standing.agent}
