"""Tells any number of voices in one channel apart, by a pipeline of pyannote.audio.

A pipeline (Bredin 2023, Plaquet and Bredin 2023) finds the voices in windows of ten
seconds with a segmentation network, and joins them over the call by what an embedding
network says of each voice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callmon.call import Activity, Audio, Interval
from callmon.intervals import clip, seconds
from callmon.speech.diarization.ghosts import share_out
from callmon.speech.diarization.known_voices import KnownVoices
from callmon.speech.diarization.privacy import switch_off_telemetry
from callmon.speech.diarization.pyannote_loading import (
    DEFAULT,
    load_pipeline,
    local_folder,
    quiet,
    send,
    usable_device,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hertz; every published pipeline is trained on it."""

BLOCK = 1800.0
"""Longest stretch in seconds that is given to the pipeline at once. It wants the sound in
memory (115 MB for half an hour), and its clustering the square of the number of voices in
windows: at worst 120 MB for half an hour, and 8 GB for four hours. A longer call is cut
into equal parts."""

SEGMENTATION_SHARE = 0.1
"""Of the time; on a processor the embeddings are nine tenths of the work."""


class Pyannote:
    """A Diarizer: a pipeline of pyannote.audio, loaded once for any number of calls."""

    def __init__(self, pipeline: Any, *, name: str, device: str) -> None:
        """Wraps a loaded `pyannote.audio.pipelines.SpeakerDiarization`; see `load`."""
        self.name = name
        self.device = device
        self._pipeline = pipeline

    @classmethod
    def load(
        cls,
        name_or_folder: str | Path = DEFAULT,
        *,
        token: str | None = None,
        device: str = "auto",
        threads: int = 0,
        cache: Path | None = None,
        offline: bool = False,
    ) -> Pyannote:
        """Loads a pipeline from a folder, or by its name on the model hub.

        How is told in `load_pipeline`, whose errors go through. `device` is `cpu`, `cuda`
        or `auto`: cuda where PyTorch can use a GPU. `threads` is the number of CPU
        threads; 0 leaves it to PyTorch.
        """
        device = usable_device(device)
        pipeline = load_pipeline(name_or_folder, token=token, cache=cache, offline=offline)
        send(pipeline, device)
        if threads:
            import torch

            torch.set_num_threads(threads)
        # A folder's path is nobody else's business; its own name tells the pipeline.
        folder = local_folder(name_or_folder)
        name = folder.name if folder else str(name_or_folder)
        return cls(pipeline, name=name, device=device)

    def separate(
        self,
        audio: Audio,
        heard: Activity,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Activity, ...]:
        """The activity of each voice heard in one channel; see `Diarizer`.

        The number of voices is left open: an announcement or a second agent is a voice.
        How the speech is shared out is told in `share_out`. `audio` has 16 kHz; at most
        half an hour of it is in memory at a time.
        """
        if audio.sample_rate != SAMPLE_RATE:
            raise ValueError(f"pipelines need {SAMPLE_RATE} Hz, not {audio.sample_rate}")
        speech = clip(heard.intervals, start=0.0, end=audio.duration)
        claims: dict[str, list[Interval]] = {}
        known = KnownVoices()
        blocks = _blocks(audio.duration) if speech else []
        for index, block in enumerate(blocks):
            turns, embeddings = self._turns(
                audio.read(heard.channel, block.start, block.end),
                progress=_within(progress, first=index, of=len(blocks)),
            )
            weights = {label: seconds(intervals) for label, intervals in turns.items()}
            names = known.recognise(embeddings, weights)
            for label, intervals in turns.items():
                claims.setdefault(names[label], []).extend(
                    Interval(start=block.start + turn.start, end=block.start + turn.end)
                    for turn in intervals
                )
        return tuple(
            Activity(speaker=f"speaker {number}", channel=heard.channel, intervals=share)
            for number, share in enumerate(share_out(speech, claims), start=1)
        )

    def _turns(
        self, sound: NDArray[np.float32], *, progress: Callable[[float], None]
    ) -> tuple[dict[str, list[Interval]], dict[str, NDArray[np.float64]]]:
        """The turns of each speaker, and what the pipeline's network says of each."""
        import torch

        switch_off_telemetry()
        # (1, samples), never a path: the pipeline's own decoding needs torchcodec.
        file = {"waveform": torch.from_numpy(sound)[None], "sample_rate": SAMPLE_RATE}
        with quiet():
            output = self._pipeline(file, hook=_hook(progress))
        turns: dict[str, list[Interval]] = {}
        for turn, _, label in output.exclusive_speaker_diarization.itertracks(
            yield_label=True
        ):
            turns.setdefault(label, []).append(Interval(start=turn.start, end=turn.end))
        # One row for each of these labels, some of which may have no turn of their own.
        rows = dict(
            zip(output.speaker_diarization.labels(), output.speaker_embeddings, strict=True)
        )
        return turns, {label: rows[label] for label in turns}


def _hook(progress: Callable[[float], None]) -> Callable[..., None]:
    """What the pipeline calls after each batch, told as a share of the whole."""

    def hook(
        step: str,
        _artefact: object,
        *,
        total: int | None = None,
        completed: int | None = None,
        **_file: object,
    ) -> None:
        # The last batch counts as a whole one, and goes beyond the total.
        share = min(completed / total, 1.0) if total and completed else 0.0
        if share and step == "segmentation":
            progress(share * SEGMENTATION_SHARE)
        elif share and step == "embeddings":
            progress(SEGMENTATION_SHARE + share * (1.0 - SEGMENTATION_SHARE))

    return hook


def _within(
    progress: Callable[[float], None] | None, *, first: int, of: int
) -> Callable[[float], None]:
    """Progress of one of several equal blocks."""
    return lambda share: progress((first + share) / of) if progress else None


def _blocks(duration: float) -> list[Interval]:
    """The call in equal parts of BLOCK at most."""
    parts = math.ceil(duration / BLOCK)
    edges = [duration * part / parts for part in range(parts)] + [duration]
    return [Interval(start=s, end=e) for s, e in itertools.pairwise(edges)]
