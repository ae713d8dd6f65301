from __future__ import annotations

from collections.abc import Callable

import pytest

from callmon.call import Party, Turn
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric

Conversation = Callable[..., tuple[Turn, ...]]


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return load_rubric()


@pytest.fixture
def conversation() -> Conversation:
    """Turns from ("agent", "…") pairs, five seconds each."""

    def make(*said: tuple[Party, str]) -> tuple[Turn, ...]:
        return tuple(
            Turn(
                index=index,
                party=party,
                party_confidence=1.0,
                start=5.0 * index,
                end=5.0 * index + 4.0,
                text=text,
                speaker=party,
                backchannel=text in ("Okay.", "Right.", "Mm-hmm."),
            )
            for index, (party, text) in enumerate(said)
        )

    return make
