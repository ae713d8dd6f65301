"""Tells the voices of a mono recording apart, with nothing but what ships with callmon.

Voiceprints of windows of speech are clustered into voices, then the borders between the
voices are found frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from callmon.call import Activity, Audio, Interval
from callmon.intervals import clip
from callmon.speech.diarization.borders import FRAME, RATE, UNKNOWN, cepstra, find_borders
from callmon.speech.diarization.clustering import are_one, voices_among
from callmon.speech.diarization.ghosts import share_out
from callmon.speech.diarization.voiceprints import Span, VoiceEncoder, mels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 160
"""Frames: 1.6 s, as the encoder was trained. A shorter stretch is one window."""

STEP = 40
"""Frames from one window to the next. Half as many would double the time: the encoder
takes 4 ms for a window."""

SHORTEST_WINDOW = 30
"""Frames: a syllable or two; shorter sounds tell nothing of the voice."""

SURE_WINDOW = 100
"""Frames from which a window takes part in finding the voices; shorter ones are given to
those that were found."""

LEAST_WINDOWS = 4
"""Two for each voice."""

PURE = 0.9
"""Share of a window's frames that must be of one voice for the window to be of it."""

PRINT_WEIGHT = 10.0
"""Nats per frame for a cosine of 1. The voiceprints of two voices differ by 0.15 in their
cosine to one of them: 1.5 nats beside the 4 to 7 of the sounds. On the development mixes
10 is as good as 5 and better than 20 (3.2 against 3.4 % wrong)."""

SHORTEST_STRETCH = 0.1
"""Seconds; less goes to the voice that is nearest in time."""

LONGEST_STRETCH = 60.0
"""Seconds of speech whose sound is held in memory at once."""


@dataclass(frozen=True)
class _Stretch:
    """A stretch of speech and what was made of its sound."""

    interval: Interval
    sounds: NDArray[np.float16]
    """Cepstra, (frames, 20)."""
    windows: tuple[Span, ...]
    """In its frames."""


class Clustering:
    """A Diarizer that needs no more than the voice encoder."""

    name = "clustering"

    def __init__(self, encoder: VoiceEncoder) -> None:
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Loads the encoder from a folder; raises MissingModel when it is not there."""
        return cls(VoiceEncoder.load(folder))

    def separate(
        self,
        audio: Audio,
        heard: Activity,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Activity, ...]:
        """The activity of each voice heard in one channel; see `Diarizer`.

        One to four voices; more than two where they clearly differ. Of two at once only
        one is told. It errs most with voices of alike pitch and timbre, and with one
        person in two moods. Raises ValueError unless the sound has 16 kHz.
        """
        if audio.sample_rate != RATE:
            raise ValueError(f"sound at {audio.sample_rate} Hz; voices need {RATE} Hz")
        speech = clip(heard.intervals, start=0.0, end=audio.duration)
        claims: dict[str, list[Interval]] = {}
        stretches, prints = self._listen(audio, heard.channel, speech, progress)
        for stretch, voices in zip(stretches, _voices(stretches, prints), strict=True):
            for voice, interval in _turns(stretch.interval, voices):
                claims.setdefault(str(voice), []).append(interval)
        return tuple(
            Activity(speaker=f"speaker {number}", channel=heard.channel, intervals=share)
            for number, share in enumerate(share_out(speech, claims), start=1)
        )

    def _listen(
        self,
        audio: Audio,
        channel: int,
        speech: Sequence[Interval],
        progress: Callable[[float], None] | None,
    ) -> tuple[list[_Stretch], NDArray[np.float32]]:
        """The speech in stretches, and the voiceprints of all windows, (windows, 256)."""
        import numpy as np

        stretches: list[_Stretch] = []
        prints = [np.empty((0, 256), np.float32)]
        for block in _blocks(_parts(speech)):
            windows = []
            for interval in block:
                sound = audio.read(channel, interval.start, interval.end)
                sounds = cepstra(sound)
                spans = windows_over(len(sounds))
                stretches.append(_Stretch(interval, sounds, spans))
                windows += mels(sound, spans)
            # Those of many stretches at once: small batches are slow.
            prints.append(self._encoder.voiceprints(windows))
            if progress is not None:
                progress(block[-1].end / audio.duration)
        return stretches, np.concatenate(prints)


def _voices(
    stretches: Sequence[_Stretch], prints: NDArray[np.float32]
) -> list[NDArray[np.int8]]:
    """The voice of each frame of each stretch."""
    import numpy as np

    one = [np.zeros(len(stretch.sounds), np.int8) for stretch in stretches]
    spans = [span for stretch in stretches for span in stretch.windows]
    if len(spans) < LEAST_WINDOWS:
        return one
    sure = np.array([last - first >= SURE_WINDOW for first, last in spans])
    # (voices, 256)
    centres = voices_among(prints[sure] if sure.sum() >= LEAST_WINDOWS else prints)
    ends = np.cumsum([len(stretch.windows) for stretch in stretches])
    # per stretch (windows, voices)
    cosines = np.split(prints @ centres.T, ends[:-1])
    # per stretch (frames, voices)
    likings = [_likings(s, own) for s, own in zip(stretches, cosines, strict=True)]
    guesses = [
        liking.argmax(axis=1).astype(np.int8)
        if stretch.windows
        else np.full(len(liking), UNKNOWN, np.int8)
        for stretch, liking in zip(stretches, likings, strict=True)
    ]
    # per stretch (frames,)
    voices = find_borders([stretch.sounds for stretch in stretches], likings, guesses)
    if len(centres) == 2 and are_one(prints, _owners(stretches, voices)):
        return one
    return voices


def _likings(stretch: _Stretch, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Nats in favour of each voice in each frame, by the voiceprints around it.

    `cosines` are those of the windows' voiceprints to each voice's, (windows, voices).
    """
    import numpy as np

    frames = np.arange(len(stretch.sounds))
    if not stretch.windows:
        return np.zeros((len(frames), cosines.shape[1]), np.float32)
    middles = [(first + last) / 2 for first, last in stretch.windows]
    liking = [np.interp(frames, middles, own) for own in PRINT_WEIGHT * cosines.T]
    return np.stack(liking, axis=1).astype(np.float32)


def _owners(
    stretches: Sequence[_Stretch], voices: Sequence[NDArray[np.int8]]
) -> NDArray[np.intp]:
    """The voice of each window; UNKNOWN where it holds two."""
    import numpy as np

    owners = []
    for stretch, own in zip(stretches, voices, strict=True):
        for first, last in stretch.windows:
            counts = np.bincount(own[first:last])
            pure = counts.max() >= PURE * (last - first)
            owners.append(int(counts.argmax()) if pure else UNKNOWN)
    return np.array(owners, np.intp)


def _parts(speech: Sequence[Interval]) -> Iterator[Interval]:
    """The intervals, long ones in equal parts, without the shortest."""
    for interval in speech:
        if interval.duration < SHORTEST_STRETCH:
            continue
        number = int(interval.duration // LONGEST_STRETCH) + 1
        length = interval.duration / number
        for part in range(number):
            last = part == number - 1
            yield Interval(
                start=interval.start + part * length,
                end=interval.end if last else interval.start + (part + 1) * length,
            )


def _blocks(parts: Iterator[Interval]) -> Iterator[list[Interval]]:
    """The parts in groups of at most LONGEST_STRETCH seconds."""
    block: list[Interval] = []
    held = 0.0
    for part in parts:
        if block and held + part.duration > LONGEST_STRETCH:
            yield block
            block, held = [], 0.0
        block.append(part)
        held += part.duration
    if block:
        yield block


def windows_over(frames: int) -> tuple[Span, ...]:
    """Windows over so many frames; the last one ends with them."""
    if frames < SHORTEST_WINDOW:
        return ()
    if frames <= WINDOW:
        return ((0, frames),)
    starts = [*range(0, frames - WINDOW, STEP), frames - WINDOW]
    return tuple((start, start + WINDOW) for start in starts)


def _turns(interval: Interval, voices: NDArray[np.int8]) -> Iterator[tuple[int, Interval]]:
    """The stretch in intervals of one voice each."""
    import numpy as np

    edges = [0, *(np.flatnonzero(np.diff(voices)) + 1).tolist()]
    starts = [min(interval.start + edge * FRAME / RATE, interval.end) for edge in edges]
    for edge, start, end in zip(edges, starts, [*starts[1:], interval.end], strict=True):
        yield int(voices[edge]), Interval(start=start, end=end)
