"""Talk, silence, overlap and interruptions from activity alone."""

from __future__ import annotations

import pytest

from callmon.call import Activity, Dynamics, Interval, Role, Turn
from callmon.speech.dynamics import measure_dynamics

ROLES = {
    "left": Role(party="agent", confidence=1.0),
    "right": Role(party="customer", confidence=1.0),
}
Spans = tuple[tuple[float, float], ...]


def turn(
    index: int,
    speaker: str,
    start: float,
    end: float,
    *,
    text: str = "",
    aside: bool = False,
    recording: bool = False,
) -> Turn:
    return Turn(
        index=index,
        party="other" if recording else ROLES[speaker].party,
        party_confidence=1.0,
        start=start,
        end=end,
        text=text,
        speaker=speaker,
        backchannel=aside,
    )


def measured(
    *turns: Turn,
    left: Spans = (),
    right: Spans = (),
    redacted: Spans = (),
    seconds: float = 20,
) -> Dynamics:
    activities = [
        Activity(
            speaker=speaker,
            channel=channel,
            intervals=tuple(Interval(start=start, end=end) for start, end in spans),
        )
        for channel, (speaker, spans) in enumerate([("left", left), ("right", right)])
    ]
    return measure_dynamics(
        turns,
        activities,
        ROLES,
        duration=seconds,
        redacted=[Interval(start=start, end=end) for start, end in redacted],
    )


def test_talk_silence_and_overlap_add_up() -> None:
    found = measured(left=((0, 5), (12, 15)), right=((4, 10),))
    assert found.talk == {"agent": 8.0, "customer": 6.0}
    assert (found.silence, found.overlap) == (7.0, 1.0)
    assert 8.0 + 6.0 - found.overlap + found.silence == 20.0


def test_silences_of_two_seconds_are_listed_and_the_longest_named() -> None:
    found = measured(left=((0, 5), (6, 9), (11.5, 17)))
    assert [(s.start, s.end) for s in found.silences] == [(9, 11.5), (17, 20)]
    assert found.longest_silence == Interval(start=17, end=20)


def test_activity_beyond_the_end_does_not_count() -> None:
    found = measured(left=((15, 30),))
    assert (found.talk["agent"], found.silence) == (5.0, 15.0)


def test_a_call_without_speech_is_one_silence() -> None:
    found = measured()
    assert (found.silence, found.overlap, found.interruptions) == (20.0, 0.0, ())
    assert found.agent_words_per_minute is None


def test_who_cuts_in_and_takes_the_floor_interrupts() -> None:
    found = measured(
        turn(0, "right", 0, 5), turn(1, "left", 4, 9), left=((4, 9),), right=((0, 5),)
    )
    (interruption,) = found.interruptions
    assert (interruption.by, interruption.turn, interruption.interrupted) == ("agent", 1, 0)
    assert (interruption.start, interruption.end) == (4, 5)


def test_the_customer_who_cuts_in_is_named() -> None:
    found = measured(
        turn(0, "left", 0, 5), turn(1, "right", 4, 9), right=((4, 9),), left=((0, 5),)
    )
    assert [(i.by, i.turn, i.interrupted) for i in found.interruptions] == [
        ("customer", 1, 0)
    ]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param((4.8, 9), (0, 5), id="on the last syllable"),
        pytest.param((4.6, 9), (0, 5), id="on the last word"),
        pytest.param((4, 5.2), (0, 5), id="stops as well"),
        pytest.param((4, 6), (0, 9), id="gives up"),
        pytest.param((0.5, 9), (0, 2), id="both begin together"),
        pytest.param((5.5, 9), (0, 5), id="after the end"),
    ],
)
def test_what_is_no_interruption(
    left: tuple[float, float], right: tuple[float, float]
) -> None:
    found = measured(
        turn(0, "right", *right), turn(1, "left", *left), left=(left,), right=(right,)
    )
    assert found.interruptions == ()


def test_two_who_begin_together_after_a_pause_do_not_interrupt() -> None:
    found = measured(
        turn(0, "right", 0, 9),
        turn(1, "left", 7.5, 12),
        left=((7.5, 12),),
        right=((0, 4), (7, 9)),
    )
    assert found.interruptions == ()


def test_a_breath_while_cutting_in_does_not_give_the_floor_back() -> None:
    found = measured(
        turn(0, "right", 0, 5),
        turn(1, "left", 3, 9),
        left=((3, 3.6), (4.4, 9)),
        right=((0, 5),),
    )
    assert [i.turn for i in found.interruptions] == [1]


def test_who_tries_gives_up_and_speaks_later_does_not_interrupt() -> None:
    found = measured(
        turn(0, "right", 0, 5),
        turn(1, "left", 3, 9),
        left=((3, 3.6), (5.2, 9)),
        right=((0, 5),),
    )
    assert found.interruptions == ()


def test_a_backchannel_does_not_interrupt() -> None:
    found = measured(
        turn(0, "right", 0, 5),
        turn(1, "left", 4, 9, aside=True),
        left=((4, 9),),
        right=((0, 5),),
    )
    assert found.interruptions == ()


def test_agent_words_are_counted_by_the_agents_own_speech() -> None:
    found = measured(
        turn(0, "left", 0, 30, text="one two three four"),
        turn(1, "right", 2, 3, text="not counted"),
        left=((0, 1), (9, 10)),
    )
    assert found.agent_words_per_minute == 120.0


def test_turns_without_times_interrupt_nobody() -> None:
    untimed = [
        turn(0, "right", 0, 5).model_copy(update={"start": None, "end": None}),
        turn(1, "left", 4, 9).model_copy(update={"start": None, "end": None}),
    ]
    assert measured(*untimed, left=((4, 9),), right=((0, 5),)).interruptions == ()


def test_a_recording_interrupts_nobody_and_is_not_the_agents_talk() -> None:
    found = measured(
        turn(0, "right", 0, 5),
        turn(1, "left", 4, 9, recording=True),
        left=((4, 9),),
        right=((0, 5),),
    )
    assert found.interruptions == ()
    assert found.talk == {"agent": 0.0, "customer": 5.0, "other": 5.0}


def test_hold_is_no_silence() -> None:
    found = measured(
        turn(0, "left", 0, 4, text="Please hold."),
        turn(1, "left", 14, 16, text="Thank you."),
        left=((0, 4), (14, 16)),
    )
    assert found.hold == (Interval(start=4, end=14),)
    assert found.silence == 4.0
    assert found.silences == (Interval(start=16, end=20),)
    assert found.longest_silence == Interval(start=16, end=20)


def test_redacted_sound_is_neither_talk_nor_silence() -> None:
    found = measured(left=((0, 6),), right=((5, 8),), redacted=((4, 15), (19, 25)))
    assert found.redacted == (Interval(start=4, end=15), Interval(start=19, end=20))
    assert found.talk == {"agent": 4.0, "customer": 0.0}
    assert (found.silence, found.overlap) == (4.0, 0.0)
    assert found.longest_silence == Interval(start=15, end=19)


def test_who_stops_because_the_sound_was_cut_out_was_not_interrupted() -> None:
    found = measured(
        turn(0, "right", 0, 6),
        turn(1, "left", 4, 9),
        left=((4, 9),),
        right=((0, 6),),
        redacted=((5, 5.4),),
    )
    assert found.interruptions == ()


def test_response_latency_is_the_median_gap_by_party() -> None:
    found = measured(
        turn(0, "left", 0, 2),
        turn(1, "right", 3, 4),
        turn(2, "left", 4.2, 6),
        turn(3, "right", 6.5, 8),
        left=((0, 2), (4.2, 6)),
        right=((3, 4), (6.5, 8)),
    )
    assert found.response_latency == {"customer": 0.75, "agent": pytest.approx(0.2)}


def test_response_latency_is_below_zero_where_the_other_has_not_ended() -> None:
    found = measured(
        turn(0, "right", 0, 5), turn(1, "left", 4.5, 9), left=((4.5, 9),), right=((0, 5),)
    )
    assert found.response_latency == {"agent": -0.5}


@pytest.mark.parametrize(
    ("turns", "left", "redacted"),
    [
        pytest.param([turn(1, "left", 3, 4)], ((3, 4),), (), id="within the others speech"),
        pytest.param([turn(1, "left", 6, 7, aside=True)], ((6, 7),), (), id="backchannel"),
        pytest.param(
            [turn(1, "left", 6, 7, recording=True)], ((6, 7),), (), id="recording"
        ),
        pytest.param(
            [turn(1, "left", 8, 9)], ((8, 9),), ((6, 7),), id="over redacted sound"
        ),
        pytest.param([turn(1, "left", 8, 9)], ((8, 9),), ((5, 8),), id="all redacted"),
    ],
)
def test_what_is_no_response(turns: list[Turn], left: Spans, redacted: Spans) -> None:
    found = measured(
        turn(0, "right", 0, 5), *turns, left=left, right=((0, 5),), redacted=redacted
    )
    assert found.response_latency == {}


def test_who_comes_back_from_hold_does_not_respond() -> None:
    found = measured(
        turn(0, "left", 0, 4, text="Please hold."),
        turn(1, "right", 4.5, 5, text="Thank you."),
        turn(2, "left", 14, 16, text="Thank you."),
        left=((0, 4), (14, 16)),
        right=((4.5, 5),),
    )
    assert found.response_latency == {"customer": 0.5}
