"""A text model whose opinion is written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from callmon.call import BehaviourName, Emotion, Turn
from callmon.empathy.readings import readings
from callmon.empathy.rubric import Model, Rubric
from callmon.empathy.text_model import Read

ENOUGH, VETO = 0.5, 0.05

UNDECIDED = 0.2
"""Neither enough to claim, nor so little as to veto."""


def with_thresholds(rubric: Rubric) -> Rubric:
    """The rubric with `ENOUGH` and `VETO`, so that no test depends on how it is tuned."""
    behaviours = dict.fromkeys(get_args(BehaviourName), ENOUGH)
    model = Model(opportunity=ENOUGH, veto=VETO, behaviours=behaviours)
    return rubric.model_copy(update={"model": model})


class FakeModel:
    """Gives every label the same share, but those that are said by sentence.

    `FakeModel({"so sorry": {"agent.apology": 0.9}})` is sure of one label in the
    sentences that hold these plain words.
    """

    name = "fake/1"

    def __init__(
        self,
        opinions: Mapping[str, Mapping[str, float]] | None = None,
        *,
        share: float = UNDECIDED,
        language: str = "en",
    ) -> None:
        self.language = language
        self._opinions = opinions or {}
        self._share = share

    def read(self, turns: Sequence[Turn]) -> tuple[Read, ...]:
        found = []
        for reading in readings(turns):
            if reading.party == "customer":
                names = ["opportunity", "explicit", "negative"]
                columns = [f"customer.{name}" for name in names]
                columns += [f"emotion.{name}" for name in get_args(Emotion)]
                columns += [f"strength.{n}" for n in (1, 2, 3)]
            else:
                columns = [f"agent.{name}" for name in get_args(BehaviourName)]
                columns.append("agent.acknowledgement:specific")
                columns += [f"level.commitment:{n}" for n in ("vague", "concrete", "timed")]
            shares = dict.fromkeys(columns, self._share)
            for words, opinion in self._opinions.items():
                if words in reading.sentence.plain:
                    shares.update(opinion)
            found.append(Read(reading=reading, shares=shares))
        return tuple(found)
