"""What a key or a user may: a role, and how far it reaches."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import StringConstraints, model_validator

from callmon.call import Value

Role = Literal["uploader", "reviewer", "supervisor", "admin", "agent"]
ROLES: tuple[Role, ...] = get_args(Role)

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The name of a team or an agent, no longer than the database compares."""


class Standing(Value):
    """A role, the teams that it reaches, and for an agent whose calls are theirs."""

    role: Role
    """`uploader`: sends recordings and sees its own; `reviewer`: decides on findings and
    coaches; `supervisor`: also disputes, calibration and reports; `admin`: all that, but
    for beginning a dispute, and the settings; `agent`: their own calls, once they are
    shared."""
    teams: frozenset[Short] | None = None
    """For reviewers and supervisors: the teams whose calls they see; null is all."""
    agent: Short | None = None
    """For agents: their name as recordings have it."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.role == "agent") != (self.agent is not None):
            raise ValueError(
                "the role agent needs the agent's name, as recordings have it, in `agent`;"
                " other roles have none"
            )
        if self.teams is not None and self.role not in ("reviewer", "supervisor"):
            raise ValueError(
                f"the role {self.role} is not limited to teams; reviewer and supervisor are"
            )
        return self
