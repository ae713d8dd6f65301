"""Word error rates and word times of the converted model, in exactly the way the product
decodes.

    python -m train_demo_asr.evaluate models/demo-asr --work WORK

Without --work only the sample calls are judged. Text is compared in lower case without
punctuation.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import jiwer
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from train_demo_asr.text_world import SAMPLES, normalise

SAMPLE_RATE = 16_000
ACTIVITY = VadOptions(
    min_silence_duration_ms=250, speech_pad_ms=30, max_speech_duration_s=12
)
JOINING_PAUSE, MARGIN, LONGEST_CLIP = (
    0.5,
    0.2,
    12.0,
)  # seconds, as in callmon.speech.recognition.clips
Clip = tuple[float, float]
Words = list[tuple[str, float, float]]
Decode = Callable[[np.ndarray, list[Clip]], Words]


def read_channels(path: Path) -> np.ndarray:
    """A recording at 16 kHz, shape (channels, samples)."""
    with av.open(str(path)) as container:
        layout = container.streams.audio[0].codec_context.layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
        pieces = [
            p.to_ndarray()
            for frame in [*container.decode(audio=0), None]
            for p in resampler.resample(frame)
        ]
    return np.concatenate(pieces, axis=1)


def speech_clips(samples: np.ndarray) -> list[Clip]:
    """Start and end in seconds of what the model hears at once: speech joined over short
    pauses, with a margin of at most half the pause to the next.
    """
    joined: list[Clip] = []
    for part in get_speech_timestamps(samples, ACTIVITY):
        start, end = part["start"] / SAMPLE_RATE, part["end"] / SAMPLE_RATE
        near = bool(joined) and start - joined[-1][1] <= JOINING_PAUSE
        if near and end - joined[-1][0] <= LONGEST_CLIP:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    borders = [
        0.0,
        *(border for clip in joined for border in clip),
        len(samples) / SAMPLE_RATE,
    ]
    clips = []
    for number, (start, end) in enumerate(joined):
        before, after = start - borders[2 * number], borders[2 * number + 3] - end
        clips.append((start - min(MARGIN, before / 2), end + min(MARGIN, after / 2)))
    return clips


def batched(model: WhisperModel) -> Decode:
    """The product's way: every clip by itself, several at a time."""
    pipeline = BatchedInferencePipeline(model)

    def decode(samples: np.ndarray, clips: list[Clip]) -> Words:
        segments, _ = pipeline.transcribe(
            samples,
            language="en",
            clip_timestamps=[{"start": a, "end": b} for a, b in clips],
            without_timestamps=True,
            word_timestamps=True,
            beam_size=5,
        )
        return words_of(segments)

    return decode


def sequential(model: WhisperModel) -> Decode:
    """One call of the plain model with all clips."""

    def decode(samples: np.ndarray, clips: list[Clip]) -> Words:
        segments, _ = model.transcribe(
            samples,
            language="en",
            clip_timestamps=[border for clip in clips for border in clip],
            without_timestamps=True,
            word_timestamps=True,
            beam_size=5,
            condition_on_previous_text=False,
        )
        return words_of(segments)

    return decode


def words_of(segments: Iterable) -> Words:
    """All words with their times in seconds."""
    return [
        (word.word, word.start, word.end) for segment in segments for word in segment.words
    ]


def text_of(words: Words) -> str:
    """Normalised text of decoded words."""
    return normalise("".join(word for word, _, _ in words))


class Score:
    """Collects pairs of wanted and decoded text under several headings."""

    def __init__(self) -> None:
        self.pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def add(self, wanted: str, said: str, *headings: str) -> None:
        """Count one pair under every heading."""
        for heading in ("all", *headings):
            self.pairs[heading].append((wanted, said))

    def figures(self) -> dict[str, dict[str, float]]:
        """Word error rate and numbers of words and texts per heading."""
        result = {}
        for heading, pairs in self.pairs.items():
            wanted, said = [a for a, _ in pairs], [b for _, b in pairs]
            words = sum(len(text.split()) for text in wanted)
            result[heading] = {
                "wer": round(jiwer.wer(wanted, said), 4),
                "words": words,
                "texts": len(pairs),
            }
        return result


def judge_calls(
    decode: Decode, *, folder: Path, show: bool
) -> tuple[dict, dict[str, float]]:
    """The sample calls, channel by channel; also how far the first and last word of each
    turn are from the truth.
    """
    score, errors = Score(), []
    seconds = spent = 0.0
    for path in sorted(folder.glob("*.toml")):
        dialogue = tomllib.loads(path.read_text(encoding="utf-8"))
        times = json.loads(path.with_suffix(".times.json").read_text(encoding="utf-8"))[
            "turns"
        ]
        channels = read_channels(path.with_suffix(".ogg"))
        order = (
            ["agent", "customer"]
            if dialogue.get("agent_channel") != "right"
            else ["customer", "agent"]
        )
        for number, samples in enumerate(channels):
            party = order[number] if len(channels) == 2 else "both"
            begin = time.monotonic()
            words = decode(samples, speech_clips(samples))
            spent += time.monotonic() - begin
            seconds += len(samples) / SAMPLE_RATE
            turns = [
                (t["text"], s)
                for t, s in zip(dialogue["turns"], times, strict=True)
                if party in ("both", t["party"])
            ]
            wanted, said = normalise(" ".join(text for text, _ in turns)), text_of(words)
            voice = dialogue["voices"][party] if party != "both" else "mono"
            score.add(wanted, said, f"call {path.stem}", f"party {party}", f"voice {voice}")
            errors += turn_time_errors(words, [span for _, span in turns])
            if show:
                print(f"\n{path.stem} {party}\n  wanted {wanted}\n  said   {said}")
    start, end = np.abs(np.array(errors)).T
    numbers = {
        "turn_start_median_s": round(float(np.median(start)), 3),
        "turn_start_p90_s": round(float(np.quantile(start, 0.9)), 3),
        "turn_end_median_s": round(float(np.median(end)), 3),
        "turn_end_p90_s": round(float(np.quantile(end, 0.9)), 3),
        "turns": len(errors),
        "real_time_factor": round(spent / seconds, 3),
    }
    return score.figures(), numbers


def turn_time_errors(words: Words, spans: list[dict]) -> list[tuple[float, float]]:
    """Per turn: the first word's start and the last word's end against the true turn, in
    seconds.
    """
    errors = []
    for span in spans:
        inside = [(a, b) for _, a, b in words if a < span["end"] and b > span["start"]]
        if inside:
            errors.append((inside[0][0] - span["start"], inside[-1][1] - span["end"]))
    return errors


def judge_set(
    decode: Decode, items: list[dict], *, show: bool
) -> tuple[dict, dict[str, float]]:
    """Single sentences, each its own recording; word times where every word was right."""
    score, errors = Score(), []
    for item in items:
        samples = item["samples"]
        words = decode(samples, speech_clips(samples))
        wanted, said = normalise(item["text"]), text_of(words)
        score.add(wanted, said, f"voice {item['person']}", f"style {item['style']}")
        if wanted == said and item["words"] and len(words) == len(item["words"]):
            pairs = zip(words, item["words"], strict=True)
            errors += [(abs(a - start), abs(b - end)) for (_, a, b), (start, end) in pairs]
        if show and wanted != said:
            print(f"  wanted {wanted}\n  said   {said}")
    start, end = np.array(errors or [(np.nan, np.nan)]).T
    times = {"words": len(errors)}
    for name, values in (("start", start), ("end", end)):
        times[f"{name}_median_s"] = round(float(np.median(values)), 3)
        times[f"{name}_p90_s"] = round(float(np.quantile(values, 0.9)), 3)
    return score.figures(), times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder of the converted model")
    parser.add_argument(
        "--work", type=Path, help="folder with held.pickle and hand.pickle of judge.py"
    )
    parser.add_argument(
        "--samples",
        type=Path,
        default=SAMPLES,
        help="folder of the sample calls (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--show", action="store_true", help="print what was wanted and what was said"
    )
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    begin = time.monotonic()
    model = WhisperModel(
        str(options.model), device="cpu", compute_type="int8", cpu_threads=options.threads
    )
    report: dict = {"load_seconds": round(time.monotonic() - begin, 3)}
    for name, decode in (("batched", batched(model)), ("sequential", sequential(model))):
        figures, times = judge_calls(
            decode, folder=options.samples, show=options.show and name == "batched"
        )
        report[f"calls {name}"] = figures
        report[f"times {name}"] = times
        print(f"sample calls, {name}: {figures['all']} {times}", flush=True)
    for name in ("held", "hand") if options.work else ():
        items = pickle.loads((options.work / f"{name}.pickle").read_bytes())  # noqa: S301
        figures, times = judge_set(batched(model), items, show=options.show)
        report[name], report[f"times {name}"] = figures, times
        print(f"{name}: {figures['all']} {times}", flush=True)
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
