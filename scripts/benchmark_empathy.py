"""What the judgement of a ten-minute call's words costs, on one thread.

    python scripts/benchmark.py empathy [--model FOLDER] [--json]

The call is the dialogues of all sample calls in a row, about 1700 words: ten minutes at
170 words a minute. It is judged in a process of its own, so that the memory is that of
the judgement alone. Seconds are of the processor, the median over the repeats.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeVar

from callmon.call import Turn
from callmon.empathy.rubric_file import load_rubric
from callmon.empathy.text_model import TextModel
from callmon.findings.rules import load_rules
from callmon.judgement import judge_words
from callmon.samples import samples
from callmon.speech.turns import is_backchannel_text
from callmon.weights import models_folder

REPEATS = 5
STATUS = Path("/proc/self/status")

WORDS = {
    "engines": "importing onnxruntime and tokenizers",
    "model": "loading the model",
    "rubric": "loading the rubric",
    "reading": "reading every sentence",
    "rules": "opportunities, behaviours, outcomes, findings",
}

Result = TypeVar("Result")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        type=Path,
        default=models_folder() / "empathy",
        help="folder of the text model (default: models/empathy)",
    )
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    done = subprocess.run(
        [sys.executable, __file__, str(options.model)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    if options.json:
        print(done.stdout.strip())
        return
    report = json.loads(done.stdout)
    call = report["call"]
    print(f"{call['turns']} turns, {call['words']} words, {call['sentences']} sentences\n")
    print("| part | seconds |\n| --- | ---: |")
    for name, seconds in report["seconds"].items():
        print(f"| {WORDS[name]} | {seconds:.3f} |")
    print("\n| resident memory | MB |\n| --- | ---: |")
    for name, megabytes in report["megabytes"].items():
        print(f"| {name} | {megabytes if megabytes is not None else 'not told here'} |")


def measure(folder: Path) -> dict[str, dict[str, float | int | None]]:
    """Seconds and memory of this process, which must be a new one."""
    before = _resident("VmRSS")
    engines, _ = _timed(_import_engines)
    loading, model = _timed(lambda: TextModel.load(folder))
    reading_rubric, rubric = _timed(load_rubric)
    rules = load_rules(rubric.findings, common=rubric.common)
    turns = ten_minutes()
    reading: list[float] = []
    judging: list[float] = []
    for _ in range(REPEATS):
        began = process_time()
        reads = model.read(turns)
        read = process_time()
        judge_words(turns, rubric, rules, reads)
        reading.append(read - began)
        judging.append(process_time() - read)
    return {
        "call": {
            "turns": len(turns),
            "words": sum(len(turn.text.split()) for turn in turns),
            "sentences": len(reads),
        },
        "seconds": {
            "engines": engines,
            "model": loading,
            "rubric": reading_rubric,
            "reading": statistics.median(reading),
            "rules": statistics.median(judging),
        },
        "megabytes": {"before loading": before, "at most": _resident("VmHWM")},
    }


def ten_minutes() -> tuple[Turn, ...]:
    """The sample calls in a row, as one call without times."""
    said = [turn for sample in samples() for turn in sample.dialogue["turns"]]
    return tuple(
        Turn(
            index=index,
            party=turn["party"],
            party_confidence=1.0,
            start=None,
            end=None,
            text=turn["text"],
            speaker=turn["party"],
            backchannel=is_backchannel_text(turn["text"]),
        )
        for index, turn in enumerate(said)
    )


def _import_engines() -> None:
    import onnxruntime  # noqa: F401
    import tokenizers  # noqa: F401


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = process_time()
    result = work()
    return process_time() - began, result


def _resident(name: str) -> int | None:
    """MB, where Linux tells it; ru_maxrss would hold what the parent had before exec."""
    if not STATUS.is_file():
        return None
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(name))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
