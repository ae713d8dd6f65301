"""Where the speech model computes: processor or GPU, in which numbers, on how much."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from callmon.errors import BadSettings

FORMS = {
    "cuda": ("float16", "int8_float16", "int8_float32", "float32"),
    "cpu": ("int8", "int8_float32", "float32"),
}
"""Numbers to compute in, the first that the device supports. On a processor int8 is the
fastest, on a GPU float16; int8 saves memory there."""

BATCH = {"cuda": 16, "cpu": 4}
"""Windows at a time. A GPU needs many to be busy. A processor's encoder gains nothing
from a batch and its decoder a tenth from four (measured with a model of the shape of
`base`), while every window's attention takes memory: 108 MB for the 12 heads of `small`."""

MOST_THREADS = 8
"""Processor threads that are taken unasked; a larger machine is better used by several
workers, each with its own call."""

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""What a container may use: microseconds of computing per period, or `max`."""


@dataclass(frozen=True)
class Device:
    """A processor or one GPU."""

    kind: str
    """`cpu` or `cuda`."""
    index: int = 0
    """Of the GPU."""

    @property
    def batch(self) -> int:
        return BATCH[self.kind]

    @property
    def compute_type(self) -> str:
        """As CTranslate2 names it."""
        import ctranslate2

        supported = ctranslate2.get_supported_compute_types(self.kind, self.index)
        return next((form for form in FORMS[self.kind] if form in supported), "default")


def find_device(wanted: str) -> Device:
    """The device for `auto`, `cpu`, `cuda` or `cuda:1` (the second GPU).

    Raises BadSettings for a device that is unknown or not there: what was asked for is
    never replaced by another one.
    """
    import ctranslate2

    match = re.fullmatch(r"auto|cpu|cuda(?::(\d{1,3}))?", wanted)
    if match is None:
        raise BadSettings(
            f"The device {wanted!r} is unknown; use auto, cpu, cuda or, for the second"
            " of several GPUs, cuda:1."
        )
    if wanted == "cpu":
        return Device("cpu")
    gpus = ctranslate2.get_cuda_device_count()
    if wanted == "auto":
        return Device("cuda" if gpus else "cpu")
    if not gpus:
        raise BadSettings(
            f"The device {wanted} is asked for, but no NVIDIA GPU can be used here. "
            "Install its driver, or set the device to cpu or auto."
        )
    index = int(match[1] or 0)
    if index >= gpus:
        raise BadSettings(
            f"The device {wanted} is asked for, but the last GPU here is cuda:{gpus - 1}."
        )
    return Device("cuda", index)


def threads_to_take(asked: int, *, cores: int) -> int:
    """Processor threads: as many as asked for, else the cores up to MOST_THREADS."""
    return asked or max(1, min(cores, MOST_THREADS))


def usable_cores(quota: Path = QUOTA) -> int:
    """Cores that this process may use, at least one."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    try:
        allowed, period = quota.read_text().split()
        return max(1, min(cores, int(allowed) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no container, no limit
        return cores
