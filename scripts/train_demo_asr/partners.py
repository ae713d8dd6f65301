"""Processes that train together and hold the same weights all the time.

PyTorch's own threads help such small matrices little: on two cores, two processes of one
thread each heard 130 seconds of speech a second, one process of two threads 73.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import distributed


class Partners:
    """Joined at the file `meeting`, which must be new; alone when `workers` is 1."""

    def __init__(self, *, rank: int, workers: int, meeting: Path) -> None:
        self.rank, self.workers = rank, workers
        if workers > 1:
            address = f"file://{meeting.resolve()}"
            distributed.init_process_group(
                "gloo", init_method=address, rank=rank, world_size=workers
            )

    def average(self, parameters: list[torch.nn.Parameter], *, stop: bool) -> bool:
        """Average the gradients over all; returns whether any of them wants to stop."""
        if self.workers == 1:
            return stop
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([grad.flatten() for grad in grads] + [torch.tensor([float(stop)])])
        distributed.all_reduce(flat)
        flat /= self.workers
        at = 0
        for parameter in parameters:
            parameter.grad = flat[at : at + parameter.numel()].view_as(parameter)
            at += parameter.numel()
        return bool(flat[-1] > 0)
