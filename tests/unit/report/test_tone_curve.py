from __future__ import annotations

from callmon.call import Measure, TonePart
from callmon.report import tone_curve
from callmon.report.axis import Axis
from tests.unit.report import sample


def label(**measures: Measure) -> str:
    """What hovering over the first point of the curve shows."""
    call = sample.analysis()
    turn = next(turn.index for turn in call.turns if turn.party == "customer")
    tone = sample.tone(turn, 1.4, "raised").model_copy(update={"measures": measures})
    lane = tone_curve.draw(
        Axis(duration=100.0, span=500.0),
        call.model_copy(update={"tones": (tone,)}),
        top=0.0,
    )
    assert lane is not None
    return lane.points[0].label


def test_measure_that_is_relative_is_shown_as_a_difference() -> None:
    pitch = Measure(value=4.04, unit="semitones", baseline=0.0, distance=2.7)
    assert label(pitch=pitch).endswith("; pitch +4.0 semitones")


def test_measure_with_a_usual_value_is_shown_beside_it() -> None:
    rate = Measure(value=5.5, unit="syllables/s", baseline=4.0, distance=2.1)
    assert label(rate=rate).endswith("; rate 5.5 syllables/s (usual 4.0)")


def test_names_of_measures_are_words() -> None:
    pause = Measure(value=0.6, unit="s", baseline=0.2, distance=0.8)
    assert "; longest pause 0.6 s" in label(longest_pause=pause)


def part(start: float, end: float, arousal: float | None) -> TonePart:
    return TonePart(
        start=start,
        end=end,
        arousal=arousal,
        label=None if arousal is None else "ordinary",
        confidence=0.8,
        measures={},
        unscorable="Too much noise." if arousal is None else None,
    )


def test_a_long_turn_is_drawn_sentence_by_sentence_with_its_gaps() -> None:
    call = sample.analysis()
    parts = (part(5.8, 8.0, 0.1), part(8.2, 11.0, None), part(11.2, 14.6, 0.9))
    tone = sample.tone(1, 0.5, "ordinary").model_copy(update={"parts": parts})
    lane = tone_curve.draw(
        Axis(duration=100.0, span=500.0),
        call.model_copy(update={"tones": (tone,)}),
        top=0.0,
    )
    assert lane is not None
    assert [point.start for point in lane.points] == [5.8, 11.2]
    assert [(gap.start, gap.end) for gap in lane.gaps] == [(8.2, 11.0)]
    assert "Too much noise" in lane.gaps[0].label
    assert lane.curves == ()
