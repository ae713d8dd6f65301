"""A pipeline of pyannote.audio that knows two made-up voices, and what these say.

It has the architectures of published pipelines (PyanNet, x-vectors on SincNet) with few
units, and is saved in pyannote.audio's own form. The segmentation is trained for some
seconds; the embedding has random weights, which tell a low hum from a high one well enough
once their mean is taken off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callmon.call import Interval
from callmon.speech.diarization.privacy import switch_off_telemetry
from callmon.speech.diarization.pyannote_loading import quiet
from callmon.speech.diarization.torchaudio_standin import ensure_torchaudio

RATE = 16_000
WINDOW = 5.0
"""Seconds."""
PITCHES = (110.0, 210.0)
"""Hertz, of the two voices."""
STEPS, BATCH = 24, 4
DIMENSION = 16

CONFIG = """\
version: 4.0.7
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    segmentation_step: 0.2
    segmentation_batch_size: 32
    embedding: $model/embedding
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    plda: $model/plda
    clustering: AgglomerativeClustering
params:
  segmentation: {min_duration_off: 0.0}
  clustering: {method: centroid, min_cluster_size: 2, threshold: 1.2}
"""


def voice(pitch: float, samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A hum with vibrato and the rhythm of syllables."""
    time = np.arange(samples) / RATE
    vibrato = 1 + 0.03 * np.sin(2 * np.pi * 4 * time + rng.uniform(0, 6))
    phase = 2 * np.pi * np.cumsum(pitch * vibrato) / RATE
    wave = sum(np.sin(k * phase) / k for k in range(1, 12))
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time + rng.uniform(0, 6))
    return np.asarray(0.1 * wave * syllables, dtype=np.float32)


def conversation(
    seconds: float, *, seed: int, longest: float = 2.5
) -> tuple[NDArray[np.float32], tuple[list[Interval], list[Interval]]]:
    """The two voices in turns with pauses between, and when each of them speaks."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE), dtype=np.float32)
    turns: tuple[list[Interval], list[Interval]] = ([], [])
    at, who = 0.0, 0
    while True:
        start = at + rng.uniform(0.2, 1.0)
        end = min(start + rng.uniform(0.6, longest), seconds)
        if end - start < 0.2:
            break
        first, last = round(start * RATE), round(end * RATE)
        sound[first:last] = voice(PITCHES[who], last - first, rng)
        turns[who].append(Interval(start=start, end=end))
        at, who = end, 1 - who if rng.uniform() < 0.8 else who
    noise = rng.normal(0.0, 0.003, len(sound))
    return sound + np.asarray(noise, dtype=np.float32), turns


def build(folder: Path) -> Path:
    """Makes the pipeline in `folder`."""
    switch_off_telemetry()
    with quiet():
        ensure_torchaudio()
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # Sums in the same order on every machine.
        try:
            with torch.random.fork_rng():
                torch.manual_seed(0)
                _save(_segmentation(), folder / "segmentation")
                _save(_embedding(), folder / "embedding")
        finally:
            torch.set_num_threads(threads)
    plda = folder / "plda"
    plda.mkdir()
    zeros, unit = np.zeros(DIMENSION), np.eye(DIMENSION)
    np.savez(plda / "xvec_transform.npz", mean1=zeros, mean2=zeros, lda=unit)
    np.savez(plda / "plda.npz", mu=zeros, tr=unit, psi=np.linspace(2.0, 1.0, DIMENSION))
    (folder / "config.yaml").write_text(CONFIG)
    return folder


def _segmentation() -> Any:
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet

    model = PyanNet(
        lstm={"hidden_size": 16, "num_layers": 1},
        linear={"hidden_size": 16, "num_layers": 1},
    )
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=WINDOW,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    model.build()
    model.setup()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    frames = model.num_frames(round(WINDOW * RATE))
    seconds = STEPS * BATCH * WINDOW
    sound, turns = conversation(seconds, seed=1)
    # (windows, samples) and (windows, frames): 0 for silence, 1 and 2 for the voices
    sounds = torch.from_numpy(sound).reshape(STEPS * BATCH, -1)
    labels = torch.from_numpy(_labels(turns, seconds, STEPS * BATCH * frames))
    labels = labels.reshape(STEPS * BATCH, frames)
    for step in range(STEPS):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        scores = model(sounds[batch, None])
        loss = torch.nn.functional.nll_loss(scores.flatten(0, 1), labels[batch].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def _labels(
    turns: tuple[list[Interval], list[Interval]], seconds: float, frames: int
) -> NDArray[np.int64]:
    labels = np.zeros(frames, dtype=np.int64)
    for who, intervals in enumerate(turns, start=1):
        for turn in intervals:
            first, last = (round(t / seconds * frames) for t in (turn.start, turn.end))
            labels[first:last] = who
    return labels


def _embedding() -> Any:
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorSincNet

    model = XVectorSincNet(sincnet={"stride": 10}, dimension=DIMENSION)
    model.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=WINDOW
    )
    model.eval()
    rng = np.random.default_rng(2)
    hums = np.stack([voice(pitch, round(WINDOW * RATE), rng) for pitch in PITCHES])
    with torch.no_grad():
        model.embedding.bias -= model(torch.from_numpy(hums)[:, None]).mean(dim=0)
    return model


def _save(model: Any, folder: Path) -> None:
    """As Lightning's own checkpoints are, with what pyannote.audio adds to them."""
    import lightning
    import torch

    checkpoint = {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": lightning.__version__,
    }
    model.on_save_checkpoint(checkpoint)
    folder.mkdir(parents=True)
    torch.save(checkpoint, folder / "pytorch_model.bin")
