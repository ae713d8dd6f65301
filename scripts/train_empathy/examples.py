"""Scenes to what the model reads and should say, through the product's own reading."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callmon.call import Turn
from callmon.empathy.readings import Reading, readings
from callmon.speech.turns import is_backchannel_text
from scripts.train_empathy.corpus import Line, Scene
from scripts.train_empathy.noise import raw

TORN = 3
"""Words of a labelled sentence in a part that holds less than half of it: what the part
means is then arguable, and it is left out."""


@dataclass(frozen=True)
class Example:
    reading: Reading
    labels: frozenset[str]
    scenario: str


@dataclass(frozen=True)
class Told:
    """A scene as a call: its turns, and where in them each sentence stands."""

    turns: tuple[Turn, ...]
    spans: Mapping[int, Sequence[tuple[int, int, Line]]]
    """By turn: first and last letter of each line."""

    def labels(self, turn: int) -> frozenset[str]:
        """What the turn as a whole carries."""
        return frozenset(label for *_, line in self.spans[turn] for label in line.labels)


def told(scene: Scene, *, rng: random.Random | None = None) -> Told:
    """The scene as clean text, or with `rng` as raw recognition writes it."""
    turns: list[Turn] = []
    spans: dict[int, list[tuple[int, int, Line]]] = defaultdict(list)
    for index, lines in enumerate(_runs(scene.lines)):
        text = ""
        for line in lines:
            heard = raw(line.text, rng) if rng else line.text
            if not heard:
                continue
            text += " " if text else ""
            spans[index].append((len(text), len(text) + len(heard), line))
            text += heard
        if text:
            turns.append(_turn(index, lines[0].party, text))
    return Told(turns=tuple(turns), spans=spans)


def examples(scene: Scene, *, rng: random.Random | None = None) -> Iterator[Example]:
    """The scene's sentences as the product would part them, clean or with `rng` raw."""
    call = told(scene, rng=rng)
    for reading in readings(call.turns):
        labels = _labels(reading, call.spans[reading.turn])
        if labels is not None:
            yield Example(reading, labels, scene.scenario)


def _turn(index: int, party: str, text: str) -> Turn:
    return Turn(
        index=index,
        party="agent" if party == "agent" else "customer",
        party_confidence=1.0,
        start=None,
        end=None,
        text=text,
        speaker=party,
        backchannel=is_backchannel_text(text),
    )


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    run: list[Line] = []
    for line in lines:
        if run and run[-1].party != line.party:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _labels(
    reading: Reading, spans: Sequence[tuple[int, int, Line]]
) -> frozenset[str] | None:
    """The labels of the lines that are mostly in this part; None where one is torn."""
    labels: set[str] = set()
    places = sorted(set(reading.sentence.spans))
    for first, last, line in spans:
        inside = sum(first <= start < last for start, _ in places)
        if not inside or not line.labels:
            continue
        if 2 * inside >= len(line.text.split()):
            labels.update(line.labels)
        elif inside >= TORN:
            return None
    return frozenset(labels)
