"""Single sign-on: what is set for it, and what a provider's claims make of a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr, field_validator

from callmon.call import Value
from callmon.store.access.standing import Role, Standing

STRONGEST_FIRST: Final[tuple[Role, ...]] = (
    "admin",
    "supervisor",
    "reviewer",
    "uploader",
    "agent",
)
LOOPBACK: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class SingleSignOn(Value):
    """A provider of OpenID Connect, and what its claims mean here."""

    issuer: str
    """Its URL; the document `/.well-known/openid-configuration` is under it."""
    client_id: str
    client_secret: SecretStr
    role_claim: str = "groups"
    """The claim that tells the role; `realm_access.roles` looks into an object."""
    roles: Mapping[str, Role]
    """The role for each value of that claim; the strongest of several holds."""
    team_claim: str | None = None
    """The claim with the teams of reviewers and supervisors; without one they see all."""
    agent_claim: str | None = None
    """The claim with an agent's name as recordings have it."""
    scope: str = "openid profile email"

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        if not issuer.startswith(("https://", *LOOPBACK)):
            raise ValueError("an issuer's URL begins with https://")
        return issuer.rstrip("/")


def standing_of(claims: Mapping[str, Any], setup: SingleSignOn) -> Standing | None:
    """The standing of who has these claims; None when they have no part here."""
    held = {
        setup.roles[value]
        for value in _values(claims, setup.role_claim)
        if value in setup.roles
    }
    for role in STRONGEST_FIRST:
        if role not in held:
            continue
        if role in ("reviewer", "supervisor") and setup.team_claim is not None:
            # Without the claim they see nothing, rather than everything.
            teams = frozenset(_values(claims, setup.team_claim))
            return Standing(role=role, teams=teams)
        if role == "agent":
            names = _values(claims, setup.agent_claim) if setup.agent_claim else []
            return Standing(role=role, agent=names[0]) if len(names) == 1 else None
        return Standing(role=role)
    return None


def name_in(claims: Mapping[str, Any]) -> str:
    """What to call the user."""
    for claim in ("name", "preferred_username", "email", "sub"):
        found = claims.get(claim)
        if isinstance(found, str) and found.strip():
            return "".join(c for c in found.strip() if c.isprintable())[:200]
    return "user"


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    """The texts of a claim, which may be one or a list; the claim may lie in an object."""
    found: Any = claims
    if path in claims:
        found = claims[path]
    else:
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found] if found else []
    return (
        [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    )
