"""Lays an imported transcript over the sound: which label is which voice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from callmon.call import Activity, Interval, Segment
from callmon.intervals import intersection, seconds


def match_voices(
    segments: Sequence[Segment], voices: Sequence[Activity]
) -> tuple[Segment, ...]:
    """The segments with their speakers renamed to the voices that speak at their times.

    Labels take voices greedily, the largest common time first, one voice to one label.
    A label that no voice is left for (more labels than voices), or whose segments have
    no times, keeps its own name, set apart where a voice has the same.
    """
    times: dict[str, list[Interval]] = defaultdict(list)
    for segment in segments:
        if segment.start is not None and segment.end is not None:
            times[segment.speaker].append(Interval(start=segment.start, end=segment.end))
    common = sorted(
        (
            (seconds(intersection(intervals, voice.intervals)), label, voice.speaker)
            for label, intervals in times.items()
            for voice in voices
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    voice_of: dict[str, str] = {}
    for shared, label, voice_name in common:
        if shared > 0 and label not in voice_of and voice_name not in voice_of.values():
            voice_of[label] = voice_name
    taken = {voice.speaker for voice in voices}
    return tuple(
        segment.model_copy(
            update={
                "speaker": voice_of.get(
                    segment.speaker,
                    f"{segment.speaker} (transcript)"
                    if segment.speaker in taken
                    else segment.speaker,
                )
            }
        )
        for segment in segments
    )
