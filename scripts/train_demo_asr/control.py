"""What to train on, read from a file that may be changed while the training runs."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

from train_demo_asr.batches import Batch, rows, singles
from train_demo_asr.windows import WindowMaker

WARM_UP_STEPS = 150
LEAST_SHARE = 0.02  # of the learning rate, at the end


@dataclass(frozen=True)
class Control:
    """The fields of the control file (JSON). Times are Unix times."""

    lr: float  # highest learning rate
    decay_from: float  # from here the rate falls as a cosine
    until: float  # here training ends
    noise: float  # share of the decoder's past that is replaced by random tokens
    splice: float  # share of utterances that are put together from several
    weights: dict[str, float]  # of the losses `phone`, `guide`, `token`
    mix: dict[str, float]  # of the kinds `single`, `pair`, `row`, `padded`
    judge_every: float  # seconds between two checkpoints

    def rate(self, *, step: int, now: float) -> float:
        """Learning rate: warm-up, level, then a cosine down to `LEAST_SHARE`."""
        rate = self.lr * min(1.0, (step + 1) / WARM_UP_STEPS)
        share = (now - self.decay_from) / (self.until - self.decay_from)
        falling = 0.5 * (1 + math.cos(math.pi * min(max(share, 0.0), 1.0)))
        return rate * max(LEAST_SHARE, falling)

    def kind(self, step: int) -> str:
        """Kind of batch at a step: the same in all processes, so that none waits long."""
        return random.Random(step).choices(list(self.mix), list(self.mix.values()))[0]


def read_control(path: Path) -> Control:
    """The control file as it is now."""
    return Control(**json.loads(path.read_text(encoding="utf-8")))


def draw_batch(
    maker: WindowMaker, control: Control, *, step: int, frames: int, waiting: list[Batch]
) -> Batch:
    """The next batch; `waiting` holds single ones, which are made several at a time."""
    kind, splice = control.kind(step), control.splice
    if kind == "single":
        if not waiting:
            waiting.extend(singles(maker, frames=frames, batches=6, splice=splice))
        return waiting.pop()
    if kind == "pair":
        return rows(maker, frames=frames, limit=900, most=2, splice=splice, gap=(8, 50))
    if kind == "row":
        return rows(maker, frames=frames, limit=1200, most=6, splice=splice, gap=(10, 80))
    if kind == "padded":
        draw = random.Random(step)
        most, pad_to = draw.choice([1, 1, 2, 5]), draw.choice([1500, 3000, 3000])
        return rows(
            maker,
            frames=frames,
            limit=1200,
            most=most,
            splice=splice,
            gap=(10, 80),
            pad_to=pad_to,
        )
    raise ValueError(
        f"unknown kind of batch {kind!r} in the control file; "
        "known are single, pair, row and padded"
    )
