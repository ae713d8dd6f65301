"""Decides whether a recording can be judged, which channels to use, and what to warn of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from callmon.audio.background import Background, listen
from callmon.audio.decode import Facts
from callmon.call import Activity, Audio, Interval, Notice, Value
from callmon.errors import BadRecording
from callmon.intervals import seconds, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 60.0
"""Seconds read at a time."""

LEAST_SPEECH = 2.0
"""Seconds of speech in a call under which there is nothing to judge."""

SILENT_CHANNEL = 0.5
"""Seconds of speech under which a channel has no voice: one answered "yes"."""
SILENT_SHARE = 0.001
"""The same as a share of a long recording, in which a few clicks pass for speech."""

NO_SOUND = 10 ** (-60 / 20)
"""Peak, -60 dB below full scale: under it is at most the dither of a converter."""

LOW_LEVEL = -50.0
"""dB below full scale, of speech. The nominal level is -26 (ITU-T P.800); the G.712 mask
for the distortion of a telephone line ends at -45 dBm0, which is -51 on this scale."""

CLIPPED_SHARE = 0.005
"""Clipped samples per sample of speech. Speech amplitudes are about Laplacian (Paez and
Glisson 1972): then the limit lies 3.7 deviations up, 11 dB above the mean level, and some
6 dB of the usual 18 dB of peaks are gone; loudness is no longer to be trusted."""

SAME_CORRELATION = 0.975
"""At this the part that differs has 5 % of the energy, 13 dB under the common part."""
TURN = 2.0
"""Seconds compared at a time: short enough to hold one voice as a rule."""

AUDIBLE_HUM = -30.0
"""dB beside the speech from which hum disturbs the measures of a voice."""
AUDIBLE_MUSIC = -20.0
"""dB beside the speech; quieter music is background of somebody's room."""

MOSTLY = 0.5


class Quality(Value):
    """What can be done with a recording."""

    channels: tuple[int, ...]
    """To analyse: two with one voice each, or one that is treated as mono."""
    notices: tuple[Notice, ...]


def check(audio: Audio, facts: Facts, activities: tuple[Activity, ...]) -> Quality:
    """Looks at the whole recording before anything is judged.

    Args:
        audio: The sound.
        facts: What decoding found.
        activities: One per channel of the sound, in their order, without what leaked in
            from the other channel.

    Raises:
        BadRecording: There is no sound, or under two seconds of speech.
    """
    spoken = union(interval for voice in activities for interval in voice.intervals)
    _require_speech(audio, spoken)

    levels = [_level(audio, voice) for voice in activities]
    # dB below full scale, of the speech on each channel
    channels, notices = _choose_channels(audio, activities, levels)
    for channel in channels:
        voice, level = activities[channel], levels[channel]
        where = f"The {voice.speaker} channel" if len(channels) == 2 else "The recording"
        notices += _level_notices(where, level, voice, facts, audio)
        background = listen(
            audio,
            voice,
            hum_floor=10 ** ((level + AUDIBLE_HUM) / 20),
            music_floor=10 ** ((level + AUDIBLE_MUSIC) / 20),
        )
        notices += _background_notices(where, background, audio.duration)
    notices += _damage_notices(facts, audio.duration)
    return Quality(channels=channels, notices=tuple(notices))


def _require_speech(audio: Audio, spoken: tuple[Interval, ...]) -> None:
    if seconds(spoken) >= LEAST_SPEECH:
        return
    peak = max(
        float(abs(samples).max(initial=0.0))
        for channel in range(audio.channels)
        for _, samples in _blocks(audio, channel)
    )
    if peak < NO_SOUND:
        raise BadRecording(
            f"The recording lasts {audio.duration:.1f} s and is silent: its loudest sample"
            f" is {_decibels(peak):.0f} dB. Check what the recorder was connected to."
        )
    raise BadRecording(
        f"The recording lasts {audio.duration:.1f} s and holds {seconds(spoken):.1f} s of"
        f" speech. A call needs at least {LEAST_SPEECH:.0f} s."
    )


def _choose_channels(
    audio: Audio, activities: tuple[Activity, ...], levels: list[float]
) -> tuple[tuple[int, ...], list[Notice]]:
    if audio.channels == 1:
        return (0,), []
    speech = [seconds(voice.intervals) for voice in activities]
    silent = min((0, 1), key=lambda channel: speech[channel])
    if speech[silent] < max(SILENT_CHANNEL, SILENT_SHARE * audio.duration):
        notice = Notice(
            kind="silent_channel",
            message=(
                f"The {activities[silent].speaker} channel holds {speech[silent]:.1f} s of"
                f" speech of its own. The {activities[1 - silent].speaker} channel was"
                " treated as a recording of both voices."
            ),
        )
        return (1 - silent,), [notice]
    correlation = _correlation(audio, activities)
    if abs(correlation) >= SAME_CORRELATION:
        louder = 0 if levels[0] >= levels[1] else 1
        notice = Notice(
            kind="same_channels",
            message=(
                f"Both channels hold the same sound (correlation {correlation:.2f})."
                f" The {activities[louder].speaker} channel was treated as a recording of"
                " both voices."
            ),
        )
        return (louder,), [notice]
    return (0, 1), []


def _correlation(audio: Audio, activities: tuple[Activity, ...]) -> float:
    """How alike both channels are while somebody speaks, -1 to 1.

    One gain has to fit the whole call, with every stretch of speech counting alike
    whatever its loudness. Stretch by stretch a voice that leaks into the other channel
    would look the same there; but then the other party's gain is another.
    """
    left_power = right_power = common = 0.0
    left_blocks = _speech_blocks(audio, 0, activities)
    right_blocks = _speech_blocks(audio, 1, activities)
    for left, right in zip(left_blocks, right_blocks, strict=True):
        power = float(left @ left), float(right @ right)
        if sum(power) > 0:
            left_power += power[0] / sum(power)
            right_power += power[1] / sum(power)
            common += float(left @ right) / sum(power)
    return common / max(math.sqrt(left_power * right_power), 1e-12)


def _level(audio: Audio, voice: Activity) -> float:
    """Level of the speech on a channel in dB below full scale."""
    energy, count = 0.0, 0
    for samples in _speech_blocks(audio, voice.channel, (voice,)):
        energy += float(samples @ samples)
        count += len(samples)
    return _decibels(math.sqrt(energy / count) if count else 0.0)


def _level_notices(
    where: str, level: float, voice: Activity, facts: Facts, audio: Audio
) -> list[Notice]:
    notices = []
    speech = seconds(voice.intervals)
    clipped = min(facts.clipped[voice.channel] * audio.duration / speech, 1.0)
    if clipped >= CLIPPED_SHARE:
        message = (
            f"{where} is clipped: {100 * clipped:.1f} % of the speech is at the limit of"
            " the scale. Loudness in it is less sure; lower the recorder's level."
        )
        notices.append(Notice(kind="clipping", message=message))
    if level < LOW_LEVEL:
        message = (
            f"{where} is very quiet: its speech is at {level:.0f} dB, where -26 dB is"
            " usual. Words and tone are less sure; raise the recorder's level."
        )
        notices.append(Notice(kind="low_level", message=message))
    return notices


def _background_notices(
    where: str, background: Background, duration: float
) -> list[Notice]:
    notices = []
    if background.quiet >= LEAST_SPEECH and background.hum >= MOSTLY * background.quiet:
        message = (
            f"{where} hums: {background.hum:.0f} s of the {background.quiet:.0f} s without"
            " speech are mains hum. Pitch and loudness are less sure."
        )
        notices.append(Notice(kind="hum", message=message))
    if background.music >= MOSTLY * duration:
        message = (
            f"{where} is mostly music or tones: {background.music:.0f} s of"
            f" {duration:.0f} s. Check that it holds the call and not only the waiting."
        )
        notices.append(Notice(kind="music", message=message))
    return notices


def _damage_notices(facts: Facts, duration: float) -> list[Notice]:
    notices = []
    if facts.truncated:
        known = facts.declared is not None and facts.declared > duration
        of = f" of {facts.declared:.1f} s" if known else ""
        message = (
            f"The end of the recording is missing: {duration:.1f} s{of} could be read."
            " What came after is not judged."
        )
        notices.append(Notice(kind="truncated", message=message))
    if facts.missing > 0:
        message = (
            f"{facts.missing:.1f} s inside the recording hold no sound data and were taken"
            " as silence."
        )
        notices.append(Notice(kind="gaps", message=message))
    return notices


def _blocks(
    audio: Audio, channel: int, *, block: float = BLOCK
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """The samples of a channel piece by piece, each with the second where it starts."""
    for index in range(math.ceil(audio.duration / block)):
        yield index * block, audio.read(channel, index * block, (index + 1) * block)


def _speech_blocks(
    audio: Audio, channel: int, activities: tuple[Activity, ...]
) -> Iterator[NDArray[np.float64]]:
    """The samples of a channel while one of the voices speaks, shape (n,) per block.

    Each block is centred, because a converter's offset is common to both channels.
    """
    import numpy as np

    rate = audio.sample_rate
    spoken = union(interval for voice in activities for interval in voice.intervals)
    starts = np.array([round(rate * speech.start) for speech in spoken])
    ends = np.array([round(rate * speech.end) for speech in spoken])
    for start, samples in _blocks(audio, channel, block=TURN):
        first = round(rate * start)
        here = slice(
            np.searchsorted(ends, first, side="right"),
            np.searchsorted(starts, first + len(samples)),
        )
        pieces = [
            samples[max(begin - first, 0) : end - first]
            for begin, end in zip(starts[here], ends[here], strict=True)
        ]
        if pieces:
            spoken_samples = np.concatenate(pieces).astype(np.float64)
            yield spoken_samples - spoken_samples.mean()


def _decibels(share_of_full_scale: float) -> float:
    return 20 * math.log10(max(share_of_full_scale, 1e-6))
