"""Speech to text, beside plain faster-whisper: `python scripts/benchmark.py speech`.

    python scripts/benchmark.py speech                the sample calls with two channels
    python scripts/benchmark.py speech --asr small.en CALL... [--json]

One run, one loaded model, the same threads and language for all of:

- callmon: voice activity and transcription, as the product does it, with word times;
- sequential: `WhisperModel.transcribe`, channel by channel, beam 5, as its README shows;
- batched: `BatchedInferencePipeline.transcribe`, channel by channel, with its defaults.

Neither of the other two computes word times. They hear windows of 30 s, which is what
faster-whisper takes for every published model; where the model has a shorter window of
its own, the batched one is measured with that too. Decoding the sound is not counted.
Word error rates are in lower case without punctuation, against the dialogues of the
sample calls; other calls have none.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import jiwer
from faster_whisper import BatchedInferencePipeline
from faster_whisper.feature_extractor import FeatureExtractor

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.call import Audio
from callmon.samples import Sample, samples
from callmon.settings import load_settings
from callmon.speech.recognition.transcribe import Whisper
from callmon.weights import find

SIDES = ("left", "right")
USUAL_WINDOW = 30
"""Seconds."""

Texts = dict[str, str]
"""What is said in each channel, by side."""


@dataclass(frozen=True)
class Result:
    """One way to transcribe, over all calls."""

    way: str
    seconds: float
    """By the clock on the wall."""
    processor_seconds: float
    """Of all threads: steadier than `seconds` on a machine that others use too."""
    ratio: float
    """Times as fast as sequential, by processor seconds on a CPU, else by the clock."""
    word_errors: float | None
    """Share of the reference's words; null where no call has a reference."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "calls", nargs="*", type=Path, help="calls with two channels (default: the samples)"
    )
    parser.add_argument("--asr", default="demo", help="speech model (default: demo)")
    parser.add_argument("--language", default="en", help="of the calls (default: en)")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=0, help="processor threads")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(options: argparse.Namespace) -> None:
    chosen = {sample.recording.resolve(): sample for sample in samples()}
    paths = [path.resolve() for path in options.calls] or [
        path for path, sample in chosen.items() if sample.dialogue["channels"] == 2
    ]
    settings = load_settings(asr=options.asr)
    folder = find(settings.asr, cache=settings.model_cache, offline=settings.offline)
    whisper = Whisper.load(
        folder, name=options.asr, device=options.device, threads=options.threads
    )
    ways = ways_to_transcribe(whisper, options.language)

    spent = dict.fromkeys(ways, (0.0, 0.0))
    heard: dict[str, list[str]] = {way: [] for way in ways}
    truth: list[str] = []
    minutes = 0.0
    for path in paths:
        with decode(path, max_seconds=settings.max_call_seconds) as audio:
            if audio.channels != 2:
                raise SystemExit(f"{path} has one channel; this compares calls with two.")
            if not minutes:
                ways["callmon"](audio)  # warms the engines up
            minutes += audio.duration / 60
            reference = said(chosen[path]) if path in chosen else None
            truth += list(reference.values()) if reference else []
            for way, transcribe in ways.items():
                clocks = perf_counter(), process_time()
                texts = transcribe(audio)
                spent[way] = (
                    spent[way][0] + perf_counter() - clocks[0],
                    spent[way][1] + process_time() - clocks[1],
                )
                if reference is not None:
                    heard[way] += [plain(texts[side]) for side in reference]
    results = compare(spent, truth, heard, on_gpu=whisper.device.kind == "cuda")
    facts = {
        "calls": len(paths),
        "minutes": round(minutes, 1),
        "model": whisper.name,
        "device": whisper.device.kind,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "reference_words": sum(len(text.split()) for text in truth),
    }
    if options.json:
        print(json.dumps(facts | {"results": [asdict(result) for result in results]}))
    else:
        print(*(f"{name}: {value}" for name, value in facts.items()), sep="\n")
        print(table(results))


def ways_to_transcribe(
    whisper: Whisper, language: str
) -> dict[str, Callable[[Audio], Texts]]:
    """Each way by its name, all with the same model; the first is sequential."""
    model = whisper.model
    own = model.feature_extractor.chunk_length
    batched = BatchedInferencePipeline(model)

    def plainly(engine: Any, window: int, **settings: Any) -> Callable[[Audio], Texts]:
        def transcribe(audio: Audio) -> Texts:
            with heard_by(model, window):
                return {
                    side: " ".join(
                        part.text
                        for part in engine.transcribe(
                            audio.read(channel, 0.0, audio.duration),
                            language=language,
                            **settings,
                        )[0]
                    )
                    for channel, side in enumerate(SIDES)
                }

        return transcribe

    def callmon(audio: Audio) -> Texts:
        spoken = whisper.transcribe(audio, find_activity(audio), language=language)
        return {
            side: " ".join(part.text for part in spoken.segments if part.speaker == side)
            for side in SIDES
        }

    ways = {
        "sequential": plainly(model, USUAL_WINDOW, beam_size=5),
        "batched": plainly(batched, USUAL_WINDOW),
    }
    if own != USUAL_WINDOW:
        ways[f"batched, windows of {own} s"] = plainly(batched, own)
    return ways | {"callmon": callmon}


@contextmanager
def heard_by(model: Any, window: int) -> Iterator[None]:
    """The model with windows of so many seconds, for a while."""
    own = model.feature_extractor
    model.feature_extractor = FeatureExtractor(
        **(model.feat_kwargs | {"chunk_length": window})
    )
    try:
        yield
    finally:
        model.feature_extractor = own


def compare(
    spent: Mapping[str, tuple[float, float]],
    truth: Sequence[str],
    heard: Mapping[str, Sequence[str]],
    *,
    on_gpu: bool,
) -> list[Result]:
    """The ways side by side; `spent` has wall and processor seconds, sequential first."""
    judged = 0 if on_gpu else 1
    sequential = next(iter(spent.values()))[judged]
    return [
        Result(
            way=way,
            seconds=round(seconds[0], 2),
            processor_seconds=round(seconds[1], 2),
            ratio=round(sequential / seconds[judged], 2),
            word_errors=round(jiwer.wer(list(truth), list(heard[way])), 4)
            if truth
            else None,
        )
        for way, seconds in spent.items()
    ]


def table(results: Sequence[Result]) -> str:
    lines = [
        "",
        "| way | seconds | processor seconds | times as fast | word errors |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        errors = "" if result.word_errors is None else f"{result.word_errors:.1%}"
        lines.append(
            f"| {result.way} | {result.seconds:.1f} | {result.processor_seconds:.1f}"
            f" | {result.ratio:.1f} | {errors} |"
        )
    return "\n".join(lines)


def said(sample: Sample) -> Texts:
    """The words of a sample's dialogue by side."""
    agent = sample.dialogue["agent_channel"]
    return {
        side: plain(
            " ".join(
                turn["text"]
                for turn in sample.dialogue["turns"]
                if (turn["party"] == "agent") == (side == agent)
            )
        )
        for side in SIDES
    }


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower().replace("’", "'")))
