"""Calls as text with the parties known, and the forms in which the product meets them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Line = tuple[str, str]
"""Party and text."""

OPPOSITE = {"agent": "customer", "customer": "agent"}
LOST = 0.04
MISHEARD = 0.08
SWAPPED = 0.1


@dataclass(frozen=True)
class Call:
    name: str
    writer: str
    """Who wrote it: what is chosen on one writer's calls is measured on another's."""
    lines: tuple[Line, ...]


def read_training(folders: Sequence[Path]) -> list[Call]:
    """The calls of all JSONL files that have both parties; names are `writer-name`."""
    calls: list[Call] = []
    for path in sorted(path for folder in folders for path in folder.glob("*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(text)
            lines = tuple((line[0], line[2]) for line in entry["lines"])
            name = entry["scenario"]
            if {party for party, _ in lines} >= {"agent", "customer"}:
                calls.append(Call(name, name.partition("-")[0], lines))
    return calls


def read_dialogues(folder: Path) -> list[Call]:
    """The labelled dialogues, which nothing is learned from."""
    calls: list[Call] = []
    for path in sorted(folder.glob("*.json")):
        turns = json.loads(path.read_text(encoding="utf-8"))["turns"]
        lines = tuple((turn["party"], turn["text"]) for turn in turns)
        calls.append(Call(path.stem, path.stem[:2], lines))
    return calls


def forms(call: Call, words: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """The call whole, cut, misheard (`words` are what is heard instead), and with some
    sentences given to the wrong voice, as where voices are told apart by their sound."""
    rng = random.Random(call.name)
    heard = misheard(call.lines, words, rng)
    return {
        "whole": call.lines,
        "first half": _first(call.lines, 0.5),
        "first quarter": _first(call.lines, 0.25),
        "second half": call.lines[len(call.lines) // 2 :],
        "misheard": heard,
        "10 % swapped": _swapped(call.lines, rng),
        "all three": _first(_swapped(heard, rng), 0.5),
    }


def misheard(
    lines: Sequence[Line], words: Sequence[str], rng: random.Random
) -> tuple[Line, ...]:
    """As a recogniser without punctuation writes, with words lost and taken for others."""
    heard: list[Line] = []
    for party, text in lines:
        said: list[str] = []
        for word in words_of(text):
            chance = rng.random()
            if chance >= LOST:
                said.append(rng.choice(words) if chance < LOST + MISHEARD else word)
        if rng.random() < 0.5:
            said = [re.sub("['’]", "", word) for word in said]
        heard.append((party, " ".join(said)))
    return tuple(heard)


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower())


def _first(lines: Sequence[Line], share: float) -> tuple[Line, ...]:
    return tuple(lines[: max(2, round(share * len(lines)))])


def _swapped(lines: Sequence[Line], rng: random.Random) -> tuple[Line, ...]:
    return tuple(
        (OPPOSITE.get(party, party) if rng.random() < SWAPPED else party, text)
        for party, text in lines
    )
