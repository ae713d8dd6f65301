"""The tracker itself, on sound made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from callmon.tone.pitch import RATIOS, Candidates, track, voiced


def octave_errors(periodic: float) -> Candidates:
    """A steady voice of 100 Hz for 0.5 s, in which yin twice takes the octave."""
    pitches = np.full((50, 1), 100.0) * np.array(RATIOS)
    pitches[20:23] *= 2
    periodicity = np.full(pitches.shape, 0.1)
    periodicity[np.isclose(pitches, 100.0)] = 0.9
    periodicity[np.isclose(pitches, 200.0)] = periodic
    return Candidates(pitches=pitches, periodicity=periodicity)


@pytest.mark.parametrize("periodic", [0.85, 0.95])
def test_octave_errors_of_some_frames_are_corrected_over_time(periodic: float) -> None:
    semitones, _ = track(octave_errors(periodic))
    steady = np.delete(semitones, slice(20, 23))
    assert np.ptp(steady) == 0
    assert semitones[21] == pytest.approx(steady[0])


@pytest.mark.parametrize(("usual", "hertz"), [(0.0, 100.0), (12.0, 200.0)])
def test_callers_own_range_decides_between_equal_octaves(
    usual: float, hertz: float
) -> None:
    found = octave_errors(0.9)
    equal = Candidates(pitches=found.pitches[:20], periodicity=found.periodicity[:20])
    semitones, _ = track(equal, usual=usual)
    assert 100 * 2 ** (semitones[0] / 12) == pytest.approx(hertz)


def voicing(*periodicity: tuple[float, int], audible: bool = True) -> list[bool]:
    """Which frames are voiced, of runs of frames with a periodicity."""
    frames = np.concatenate([np.full(count, value) for value, count in periodicity])
    return voiced(frames, audible=np.full(len(frames), audible)).tolist()


def test_a_single_frame_does_not_break_a_voice_off() -> None:
    assert all(voicing((0.9, 20), (0.25, 1), (0.9, 20)))


def test_a_single_periodic_frame_is_no_voice() -> None:
    assert not any(voicing((0.2, 20), (0.5, 1), (0.2, 20)))


def test_a_pause_breaks_the_voice_off() -> None:
    assert (
        voicing((0.9, 20), (0.1, 5), (0.9, 20)) == [True] * 20 + [False] * 5 + [True] * 20
    )


def test_a_noisy_line_lowers_the_border_of_voicing() -> None:
    assert all(voicing((0.75, 20), (0.38, 20)))
    assert not all(voicing((1.0, 20), (0.38, 20)))


def test_noise_alone_is_not_voiced_on_any_line() -> None:
    assert not any(voicing((0.29, 40)))


def test_what_is_not_audible_is_not_voiced() -> None:
    assert not any(voicing((0.9, 20), audible=False))


def test_no_frames_have_no_pitch() -> None:
    none = np.empty((0, len(RATIOS)))
    semitones, periodicity = track(Candidates(pitches=none, periodicity=none))
    assert (len(semitones), len(periodicity)) == (0, 0)
    assert len(voiced(periodicity, audible=np.empty(0, dtype=bool))) == 0
