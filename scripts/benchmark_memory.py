"""Peak memory of the whole analysis by the length of the call.

    python scripts/benchmark.py memory

Long calls are made of the two-channel sample calls, one after the other with pauses of a
few seconds; each is analysed by a process of its own, with the same models.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import wave
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callmon.audio.decode import decode
from callmon.commands.engine import Engine, VoicesApart, load_text_model
from callmon.empathy.rubric_file import load_rubric
from callmon.pipeline import analyse
from callmon.samples import samples
from callmon.settings import load_settings

PAUSE_SECONDS = (1.0, 4.0)
SEED = 7
FROM_BYTES = 2**20 if sys.platform == "darwin" else 2**10
"""ru_maxrss is in bytes on macOS, in KiB elsewhere."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--minutes",
        type=float,
        nargs="+",
        default=[5.0, 240.0],
        help="lengths of the calls (default: 5 240)",
    )
    parser.add_argument("--asr", default="demo", help="speech model (default: demo)")


def run(options: argparse.Namespace) -> None:
    print("minutes   peak MB   turns")
    with tempfile.TemporaryDirectory() as folder:
        for minutes in options.minutes:
            call = Path(folder) / f"{minutes:g}.wav"
            write_call(call, seconds=60 * minutes)
            peak, turns = _in_own_process(call, options.asr)
            print(f"{minutes:7.0f} {peak:9.0f} {turns:7}", flush=True)
            call.unlink()


def write_call(path: Path, *, seconds: float) -> None:
    """Writes a two-channel call of 8 kHz and 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        left = int(seconds * 8000)
        for piece in _pieces():
            file.writeframes(piece[:left].tobytes())
            left -= len(piece[:left])
            if left <= 0:
                return


def _pieces() -> Iterator[NDArray[np.int16]]:
    """Calls and pauses without end, shape (n, 2)."""
    rng = np.random.default_rng(SEED)
    for sample in cycle(samples()):
        with decode(sample.recording) as audio:
            if audio.channels != 2:
                continue
            sound = np.stack(
                [audio.read(c, 0, audio.duration)[::2] for c in (0, 1)], axis=1
            )
        yield (sound * 32767).astype(np.int16)
        pause = rng.normal(0, 20, (int(8000 * rng.uniform(*PAUSE_SECONDS)), 2))
        yield pause.astype(np.int16)


def _in_own_process(call: Path, asr: str) -> tuple[float, int]:
    """Peak MB and number of turns."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (call, asr))


def _peak(call: Path, asr: str) -> tuple[float, int]:
    settings = load_settings(asr=asr, language="en")
    analysis = analyse(
        call,
        rubric=load_rubric(),
        text_model=load_text_model(),
        diarizer=VoicesApart(settings),
        transcriber=Engine(settings),
        language="en",
        max_seconds=86_400,
    )
    # The document as JSON is part of what an analysis needs.
    analysis.model_dump_json()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / FROM_BYTES
    return peak, len(analysis.turns)
