"""Batches from windows: arrays of one size, and the targets that go with the sound.

The target is text without times (`<|startoftranscript|><|notimestamps|>` …), which is how
the product decodes. Silence is `<|nospeech|>` right after the start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from train_demo_asr.tokenizer import END, NO_SPEECH, NO_TIMES, START
from train_demo_asr.windows import IGNORE, MAX_FRAMES, Window, WindowMaker

SILENT_SHARE = 0.01


@dataclass(frozen=True)
class Batch:
    """Arrays of one step; places are encoder positions (two frames each)."""

    spectra: np.ndarray  # (batch, 80, frames)
    inputs: np.ndarray  # (batch, n) token ids
    targets: np.ndarray  # (batch, n) token ids or IGNORE
    phones: np.ndarray  # (batch, places)
    guides: list[tuple[int, int, float]]  # example, step, place where its target is heard
    seconds: float


def collate(windows: list[Window], tokenizer: Tokenizer, *, frames: int) -> Batch:
    """Windows as arrays, zeros up to `frames` frames, as faster-whisper pads to 30 s."""
    end, start, no_speech, no_times = (
        tokenizer.token_to_id(token) for token in (END, START, NO_SPEECH, NO_TIMES)
    )
    frames = min(MAX_FRAMES, frames + frames % 2)
    length = max(len(window.tokens) for window in windows) + 2
    spectra = np.zeros((len(windows), frames, 80), np.float32)
    phones = np.full((len(windows), frames), IGNORE, np.int64)
    inputs = np.full((len(windows), length), end)
    targets = np.full((len(windows), length), IGNORE)
    guides: list[tuple[int, int, float]] = []
    for row, window in enumerate(windows):
        spectra[row, : len(window.spectrum)] = window.spectrum
        phones[row, : len(window.phones)] = window.phones
        inputs[row, 0] = start
        if not window.tokens:
            targets[row, 0] = no_speech
            continue
        last = len(window.tokens) + 2
        targets[row, 0] = inputs[row, 1] = no_times
        inputs[row, 2:last] = window.tokens
        targets[row, 1:last] = [*window.tokens, end]
        guides += [
            (row, step + 1, centre / 2) for step, centre in enumerate(window.centres)
        ]
    return Batch(
        np.ascontiguousarray(spectra.transpose(0, 2, 1)),
        inputs,
        targets,
        phones[:, ::2].copy(),
        guides,
        sum(len(window.spectrum) for window in windows) / 100,
    )


def singles(maker: WindowMaker, *, frames: int, batches: int, splice: float) -> list[Batch]:
    """Batches of about `frames` frames of single utterances, sorted by length: little is
    padding.
    """
    windows: list[Window] = []
    while sum(len(window.spectrum) for window in windows) < frames * batches:
        if maker.draw.random() < SILENT_SHARE:
            windows.append(maker.silence())
        else:
            windows.append(maker.window(frames=900, utterances=1, splice=splice))
    windows.sort(key=lambda window: len(window.spectrum))
    groups: list[list[Window]] = [[]]
    for window in windows:
        if groups[-1] and (len(groups[-1]) + 1) * len(window.spectrum) > frames * 1.08:
            groups.append([])
        groups[-1].append(window)
    result = []
    for group in groups:
        if len(group) > 2:
            longest = len(group[-1].spectrum)
            extra = maker.draw.choice([0, 0, maker.draw.randint(0, 60)])
            result.append(collate(group, maker.tokenizer, frames=longest + extra))
    maker.draw.shuffle(result)
    return result


def rows(
    maker: WindowMaker,
    *,
    frames: int,
    limit: int,
    most: int,
    splice: float,
    gap: tuple[float, float],
    pad_to: int = 0,
) -> Batch:
    """One batch of windows with up to `most` utterances in `limit` frames each."""
    windows: list[Window] = []
    total = 0
    while total < frames:
        utterances = maker.draw.randint(1, most)
        windows.append(
            maker.window(frames=limit, utterances=utterances, splice=splice, gap=gap)
        )
        total += max(len(windows[-1].spectrum), pad_to * 6 // 10)
    longest = max(len(window.spectrum) for window in windows)
    return collate(windows, maker.tokenizer, frames=max(pad_to, longest))
