from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from callmon.review.access.claims import SingleSignOn, name_in, standing_of
from callmon.store.access.standing import Standing


def setup(**changes: Any) -> SingleSignOn:
    fields: dict[str, Any] = {
        "issuer": "https://id.example.com",
        "client_id": "callmon",
        "client_secret": SecretStr("x"),
        "roles": {"qa": "reviewer", "qa-leads": "supervisor", "agents": "agent"},
    }
    return SingleSignOn(**{**fields, **changes})


def test_a_group_gives_a_role() -> None:
    assert standing_of({"groups": ["staff", "qa"]}, setup()) == Standing(role="reviewer")


def test_one_value_need_not_be_a_list() -> None:
    assert standing_of({"groups": "qa"}, setup()) == Standing(role="reviewer")


def test_the_strongest_of_several_roles_holds() -> None:
    found = standing_of({"groups": ["qa", "qa-leads"]}, setup())
    assert found == Standing(role="supervisor")


@pytest.mark.parametrize(
    "claims", [{}, {"groups": []}, {"groups": None}, {"groups": ["sales"]}, {"groups": 7}]
)
def test_without_a_group_of_ours_there_is_no_role(claims: dict[str, Any]) -> None:
    assert standing_of(claims, setup()) is None


def test_a_claim_may_lie_in_an_object() -> None:
    claims = {"realm_access": {"roles": ["qa"]}}
    found = standing_of(claims, setup(role_claim="realm_access.roles"))
    assert found == Standing(role="reviewer")


def test_a_claim_may_have_an_address_for_a_name() -> None:
    claims = {"https://example.com/roles": ["qa"]}
    found = standing_of(claims, setup(role_claim="https://example.com/roles"))
    assert found == Standing(role="reviewer")


def test_teams_come_from_their_claim() -> None:
    claims = {"groups": ["qa"], "teams": ["billing", "sales"]}
    found = standing_of(claims, setup(team_claim="teams"))
    assert found == Standing(role="reviewer", teams=frozenset({"billing", "sales"}))


def test_without_their_claim_they_see_nothing_rather_than_everything() -> None:
    found = standing_of({"groups": ["qa"]}, setup(team_claim="teams"))
    assert found == Standing(role="reviewer", teams=frozenset())


def test_an_agent_has_the_name_in_the_claim() -> None:
    claims = {"groups": ["agents"], "agent": "Ann"}
    found = standing_of(claims, setup(agent_claim="agent"))
    assert found == Standing(role="agent", agent="Ann")


def test_an_agent_without_a_name_is_not_let_in() -> None:
    assert standing_of({"groups": ["agents"]}, setup(agent_claim="agent")) is None
    assert standing_of({"groups": ["agents"]}, setup()) is None


@pytest.mark.parametrize("issuer", ["http://id.example.com", "ftp://x", "id.example.com"])
def test_a_provider_without_encryption_is_refused(issuer: str) -> None:
    with pytest.raises(ValidationError):
        setup(issuer=issuer)


def test_the_secret_is_not_shown() -> None:
    assert "geheim" not in repr(setup(client_secret=SecretStr("geheim")))


def test_a_name_is_on_one_line() -> None:
    assert name_in({"name": " Ann\n\x1b[31m Example ", "sub": "1"}) == "Ann[31m Example"
    assert name_in({"name": 7, "sub": "abc"}) == "abc"
