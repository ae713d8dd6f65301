from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from callmon.store.access.standing import Standing


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "agent"},
        {"role": "reviewer", "agent": "Ann"},
        {"role": "uploader", "teams": frozenset({"billing"})},
        {"role": "admin", "teams": frozenset({"billing"})},
        {"role": "king"},
    ],
)
def test_what_does_not_fit_together_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Standing(**fields)


def test_a_reviewer_may_be_limited_to_teams() -> None:
    assert Standing(role="reviewer", teams=frozenset({"a"})).teams == {"a"}
