"""Train the demo model from the shards of a folder.

    python -m train_demo_asr.train WORK --control WORK/control.json

On two cores, start it twice, with `--workers 2 --rank 0` and `--workers 2 --rank 1`. The
fields of the control file are those of `control.Control`; it is read again every ten steps.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration

from train_demo_asr.batches import Batch, singles
from train_demo_asr.control import draw_batch, read_control
from train_demo_asr.losses import Helpers, step_loss
from train_demo_asr.model import Size, aim_heads, build
from train_demo_asr.partners import Partners
from train_demo_asr.text_world import make_texts
from train_demo_asr.tokenizer import END, load_tokenizer, train_tokenizer
from train_demo_asr.watch import Watch
from train_demo_asr.windows import WindowMaker

TEXT_TOKENS = 1000
TOKENIZER_TEXTS = 24_000
LOG_EVERY, RELOAD_EVERY, READ_EVERY = 25, 100, 10  # steps


class Learner:
    """The network, its training heads and the optimiser: what a checkpoint holds."""

    def __init__(self, size: Size, tokenizer: Tokenizer, *, text_tokens: int) -> None:
        self.size, self.step = size, 0
        self.model: WhisperForConditionalGeneration = build(size, tokenizer)
        self.helpers = Helpers(size.width, text_tokens)
        both = (self.model, self.helpers)
        self.parameters = [p for part in both for p in part.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in self.parameters if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in self.parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), foreach=True)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path)
        self.model.load_state_dict(state["weights"])
        self.helpers.load_state_dict(state["helpers"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        part = path.with_suffix(".part")
        state = {
            "size": self.size.__dict__,
            "weights": self.model.state_dict(),
            "helpers": self.helpers.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, part)
        part.rename(path)

    def learn(
        self,
        batch: Batch,
        partners: Partners,
        *,
        rate: float,
        weights: dict[str, float],
        noise: float,
        stop: bool,
    ) -> tuple[bool, dict[str, float]]:
        """One step; returns whether to stop, and figures for the log."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, figures = step_loss(
            self.model, self.helpers, batch, weights=weights, noise=noise
        )
        self.optimiser.zero_grad()
        loss.backward()
        stop = partners.average(self.parameters, stop=stop)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.step += 1
        return stop, figures


def run(
    learner: Learner,
    maker: WindowMaker,
    partners: Partners,
    *,
    control_path: Path,
    frames: int,
    watch: Watch | None,
    checkpoint: Path,
) -> None:
    """Train until the control file's time; the process that has a `watch` also saves."""
    control = read_control(control_path)
    begin = judged = time.time()
    seconds = 0.0
    log: dict[str, list[float]] = defaultdict(list)
    waiting: list[Batch] = []
    stop = False
    while not stop:
        now = time.time()
        if learner.step % READ_EVERY == 0:
            control = read_control(control_path)
        if learner.step % RELOAD_EVERY == 0:
            maker.reload()
        batch = draw_batch(
            maker, control, step=learner.step, frames=frames, waiting=waiting
        )
        rate = control.rate(step=learner.step, now=now)
        stop, figures = learner.learn(
            batch,
            partners,
            rate=rate,
            weights=control.weights,
            noise=control.noise,
            stop=now > control.until,
        )
        seconds += batch.seconds * partners.workers
        for name, value in figures.items():
            log[name].append(value)
        if learner.step % LOG_EVERY == 0:
            means = " ".join(
                f"{name} {np.mean(values):.3f}" for name, values in log.items()
            )
            passed = time.time() - begin
            speed = f"{seconds / 3600:.2f} h of speech ({seconds / passed:.0f}x)"
            print(
                f"{learner.step} {passed:.0f} s, {speed}, lr {rate:.1e}: {means}",
                flush=True,
            )
            log.clear()
        if watch and (stop or now - judged > control.judge_every):
            learner.save(checkpoint)
            print(
                f"JUDGE {time.time() - begin:.0f} s\n{watch.report(learner.model)}",
                flush=True,
            )
            judged = time.time()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "work", type=Path, help="folder of shards, tokenizer and checkpoint"
    )
    parser.add_argument(
        "--control", type=Path, required=True, help="control file (see above)"
    )
    parser.add_argument(
        "--name", default="model", help="of the checkpoint (default: %(default)s)"
    )
    parser.add_argument("--go-on", type=Path, help="checkpoint to go on from")
    parser.add_argument(
        "--frames",
        type=int,
        default=2600,
        help="in a batch of one process (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that train together (default: 1)"
    )
    parser.add_argument("--rank", type=int, default=0, help="which one this is, from 0")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # the first minutes are seven times slower without
    torch.manual_seed(0)  # all processes start with the same weights

    meeting = options.work / f"{options.name}.meeting"
    partners = Partners(rank=options.rank, workers=options.workers, meeting=meeting)
    tokens = options.work / "tokenizer.json"
    if not tokens.exists():
        texts = make_texts(TOKENIZER_TEXTS, seed=1)
        train_tokenizer(texts, text_tokens=TEXT_TOKENS).save(str(tokens))
    tokenizer = load_tokenizer(tokens)
    maker = WindowMaker(tokenizer, options.work, seed=options.rank)
    learner = Learner(Size(), tokenizer, text_tokens=tokenizer.token_to_id(END))
    if options.go_on:
        learner.load(options.go_on)
        maker.draw.seed(learner.step * 10 + options.rank)  # not the same windows again
    else:
        same = WindowMaker(tokenizer, options.work, seed=0)  # in all processes
        first = singles(same, frames=options.frames, batches=6, splice=0.0)[0]
        aim_heads(
            learner.model, torch.from_numpy(first.spectra), torch.from_numpy(first.inputs)
        )
    count = sum(p.numel() for p in learner.parameters) / 1e6
    print(f"{count:.2f} M parameters, {len(maker.heard)} utterances", flush=True)
    run(
        learner,
        maker,
        partners,
        control_path=options.control,
        frames=options.frames,
        watch=Watch(options.work, tokenizer) if options.rank == 0 else None,
        checkpoint=options.work / f"{options.name}.pt",
    )


if __name__ == "__main__":
    main()
