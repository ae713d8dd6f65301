"""What patterns and model together find in the training calls, turn by turn.

    python -m scripts.train_empathy.judge [--on judging.jsonl ...] [--model FOLDER]
        [--rubric FILE] [--list]

`--on` names files by judging writers, or `choose` or `judge`, the parts of the corpus that
no training step reads. Another model is judged with the `--rubric` that has its thresholds.
With `--list` every difference is printed instead of the table.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callmon.call import Opportunity
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.empathy.text_model import Read, TextModel
from callmon.plain import plain
from scripts.train_empathy.corpus import JUDGING, Scene, read_corpus, read_file
from scripts.train_empathy.examples import Told, told

MODEL = Path("models/empathy")
OPPORTUNITY = "opportunity"


@dataclass(frozen=True)
class Call:
    """A scene as a call, and what the model reads in it."""

    scenario: str
    told: Told
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class Difference:
    """A label that is found and not there (`false`), or there and not found (`missed`)."""

    kind: str
    label: str
    scenario: str
    text: str


@dataclass(frozen=True)
class Figures:
    """Counts of one label over calls."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    @property
    def cases(self) -> int:
        return self.hit + self.missed

    @property
    def precision(self) -> float:
        return self.hit / max(1, self.hit + self.false)

    @property
    def recall(self) -> float:
        return self.hit / max(1, self.cases)

    def f(self, beta: float = 1.0) -> float:
        """Van Rijsbergen's measure: below 1, `beta` counts precision for more."""
        square = beta * beta
        return (
            (1 + square)
            * self.hit
            / max(1, (1 + square) * self.hit + square * self.missed + self.false)
        )


def read_calls(
    scenes: Iterable[Scene], model: TextModel, *, rng: random.Random | None
) -> Iterator[Call]:
    """The scenes as clean text, or with `rng` as raw recognition."""
    for scene in scenes:
        call = told(scene, rng=rng)
        yield Call(scene.scenario, call, model.read(call.turns))


def judge_moments(call: Call, rubric: Rubric) -> tuple[list[str], list[Difference]]:
    """The opportunities found rightly, one for each labelled turn, and the differences."""
    turns = call.told.turns
    opportunities = find_opportunities(turns, (), rubric, call.reads)
    inside = {turn for opportunity in opportunities for turn in opportunity.turns}
    wanted = {
        turn.index
        for turn in turns
        if turn.party == "customer" and call.told.labels(turn.index)
    }
    missed = [
        Difference("missed", OPPORTUNITY, call.scenario, turn.text)
        for turn in turns
        if turn.index in wanted - inside
    ]
    false = [
        Difference("false", OPPORTUNITY, call.scenario, _quoted(opportunity))
        for opportunity in opportunities
        if not wanted & set(opportunity.turns)
    ]
    return [OPPORTUNITY] * len(wanted & inside), [*missed, *false]


def judge_behaviours(call: Call, rubric: Rubric) -> tuple[list[str], list[Difference]]:
    """The behaviours found rightly, by agent turn of substance, and the differences."""
    turns = call.told.turns
    found: dict[int, set[str]] = defaultdict(set)
    for behaviour in find_behaviours(turns, rubric, call.reads):
        found[behaviour.turn].add(behaviour.behaviour)
    hits: list[str] = []
    differences: list[Difference] = []
    for turn in turns:
        if turn.party != "agent" or turn.backchannel:
            continue
        wanted = {label.partition(":")[0] for label in call.told.labels(turn.index)}
        hits.extend(sorted(wanted & found[turn.index]))
        for kind, labels in (
            ("missed", wanted - found[turn.index]),
            ("false", found[turn.index] - wanted),
        ):
            differences.extend(
                Difference(kind, label, call.scenario, turn.text)
                for label in sorted(labels)
            )
    return hits, differences


def judge(call: Call, rubric: Rubric) -> tuple[list[str], list[Difference]]:
    """The labels found rightly, and what is found and not there or there and not found."""
    hits, differences = judge_moments(call, rubric)
    more_hits, more_differences = judge_behaviours(call, rubric)
    return [*hits, *more_hits], [*differences, *more_differences]


def _quoted(opportunity: Opportunity) -> str:
    return " / ".join(evidence.quote for evidence in opportunity.evidence)


def figures(
    calls: Iterable[Call],
    rubric: Rubric,
    judged: Callable[[Call, Rubric], tuple[list[str], list[Difference]]] = judge,
) -> dict[str, Figures]:
    """By label: turns with it found, turns without it told to have it, turns missed."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for call in calls:
        hits, differences = judged(call, rubric)
        for label in hits:
            counts[label]["hit"] += 1
        for difference in differences:
            counts[difference.label][difference.kind] += 1
    return {label: Figures(**counts[label]) for label in counts}


def scenes_of(name: str, folder: Path) -> list[Scene]:
    if name in JUDGING:
        return list(read_file(folder / name))
    return [scene for scene in read_corpus(folder) if scene.part == name]


TELLING = 7
"""Words from which it is worth telling that a sentence is in the training calls too."""


def known(scenes: Iterable[Scene], learnt: Iterable[Scene]) -> tuple[int, int]:
    """How many of the longer sentences are learnt ones, and how many there are."""
    heard = {plain(line.text) for scene in learnt for line in scene.lines}
    said = [plain(line.text) for scene in scenes for line in scene.lines]
    long = [text for text in said if len(text.split()) >= TELLING]
    return sum(text in heard for text in long), len(long)


def as_table(
    clean: Mapping[str, Figures], noisy: Mapping[str, Figures], order: Sequence[str]
) -> str:
    """F1, precision and recall, of clean text and (after the stroke) of raw."""
    rows = ["| | F1 | precision | recall | cases |", "| --- | --- | --- | --- | ---: |"]
    for label in order:
        both = clean.get(label, Figures()), noisy.get(label, Figures())
        cells = (
            _short(f.f() for f in both),
            _short(f.precision for f in both),
            _short(f.recall for f in both),
        )
        rows.append(f"| {label} | {' | '.join(cells)} | {both[0].cases} |")
    return "\n".join(rows)


def _short(shares: Iterable[float]) -> str:
    return " / ".join(f"{share:.2f}".removeprefix("0") for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--on", nargs="+", default=[JUDGING[0]], choices=(*JUDGING, "choose", "judge")
    )
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--rubric", type=Path)
    parser.add_argument("--list", action="store_true", help="every difference")
    options = parser.parse_args()
    model, rubric = TextModel.load(options.model), load_rubric(options.rubric)
    scenes = [s for name in options.on for s in scenes_of(name, MODEL / "training")]
    clean = list(read_calls(scenes, model, rng=None))
    if options.list:
        for call in clean:
            for d in judge(call, rubric)[1]:
                print(f"{d.kind} {d.label} [{d.scenario}] {d.text}")
        return
    noisy = read_calls(scenes, model, rng=random.Random(3))
    order = (OPPORTUNITY, *rubric.model.behaviours)
    turns = sum(len(call.told.turns) for call in clean)
    print(f"{', '.join(options.on)}: {len(scenes)} calls, {turns} turns, {model.name}\n")
    learnt = [s for s in read_corpus(MODEL / "training") if s.part == "train"]
    same, long = known(scenes, learnt)
    print(f"{same} of {long} sentences of {TELLING} words or more are learnt ones\n")
    print(as_table(figures(clean, rubric), figures(noisy, rubric), order))


if __name__ == "__main__":
    main()
