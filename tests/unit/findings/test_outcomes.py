from __future__ import annotations

from typing import Any

import pytest

from callmon.call import Behaviour, Dynamics, Interval, Suppressed, Tone
from callmon.findings.outcomes import judge
from tests.unit.findings.moments import did, moment, turn

CALL = [
    turn(0, "agent"),
    turn(1, "customer"),
    turn(2, "agent"),
    turn(3, "customer"),
    turn(4, "agent"),
    turn(5, "customer"),
    turn(6, "agent"),
]

SPECIFIC = did(2, "acknowledgement", "specific")
GENERIC = did(2, "acknowledgement", "generic")


@pytest.mark.parametrize(
    ("behaviours", "rung", "outcome"),
    [
        ([], "ignored", "missed"),
        ([did(2, "patience_thanks")], "ignored", "missed"),
        ([did(2, "self_disclosure")], "ignored", "missed"),
        ([did(2, "dismissal")], "dismissed", "missed"),
        ([GENERIC, did(2, "dismissal")], "dismissed", "missed"),
        ([did(2, "commitment", "timed")], "solved_only", "missed"),
        ([did(2, "exploration")], "solved_only", "missed"),
        ([did(2, "commitment", "timed"), did(2, "mirroring")], "solved_only", "partial"),
        ([did(2, "apology")], "sorry_only", "missed"),
        ([did(2, "sympathy"), did(2, "mirroring")], "sorry_only", "partial"),
        ([GENERIC], "acknowledged", "partial"),
        ([GENERIC, did(2, "mirroring")], "acknowledged", "partial"),
        ([SPECIFIC], "acknowledged_specific", "met"),
        ([SPECIFIC, did(2, "commitment", "vague")], "acknowledged_specific", "met"),
        ([SPECIFIC, did(4, "commitment", "concrete")], "full", "met"),
        ([GENERIC, did(2, "mirroring"), did(4, "resolution_done")], "full", "met"),
    ],
)
def test_the_ladder_and_the_table_of_outcomes(rules, behaviours, rung, outcome) -> None:
    _, (judged,) = judge([moment(1)], behaviours, CALL, rules)
    assert (judged.rung, judged.outcome) == (rung, outcome)


def test_a_generic_word_meets_a_mild_moment(rules) -> None:
    _, (judged,) = judge([moment(1, strength=1)], [GENERIC], CALL, rules)
    assert judged.outcome == "met"


@pytest.mark.parametrize(
    ("behaviours", "outcome"),
    [([GENERIC], "met"), ([did(2, "rapport")], "partial"), ([did(2, "apology")], "missed")],
)
def test_a_positive_moment_needs_no_plan(rules, behaviours, outcome) -> None:
    joy = moment(1, emotion="joy", valence="positive")
    _, (judged,) = judge([joy], behaviours, CALL, rules)
    assert judged.outcome == outcome


def test_two_agent_turns_count_and_a_third_is_recovery(rules) -> None:
    responses, (judged,) = judge(
        [moment(1)], [did(6, "acknowledgement", "specific")], CALL, rules
    )
    assert (judged.outcome, judged.recovered) == ("missed", True)
    assert judged.delay == 22.0
    assert [(r.turn, r.recovery) for r in responses] == [(2, False), (4, False), (6, True)]


def test_the_next_opportunity_closes_the_window(rules) -> None:
    moments = [moment(1), moment(3, id="o2")]
    _, (first, second) = judge(
        moments, [did(4, "acknowledgement", "specific")], CALL, rules
    )
    assert (first.outcome, second.outcome) == ("missed", "met")


def test_forty_five_seconds_of_talk_close_the_window(rules) -> None:
    call = [
        turn(0, "customer"),
        turn(1, "agent", start=5.0, end=51.0),
        turn(2, "agent", start=52.0, end=55.0),
    ]
    responses, (judged,) = judge(
        [moment(0)], [did(2, "acknowledgement", "specific")], call, rules
    )
    assert judged.outcome == "missed"
    assert [r.turn for r in responses if not r.recovery] == [1]


def test_silence_and_hold_do_not_close_the_window(rules) -> None:
    call = [turn(0, "customer"), turn(1, "agent", start=100.0, end=104.0)]
    _, (judged,) = judge([moment(0)], [did(1, "acknowledgement", "specific")], call, rules)
    assert judged.outcome == "met"


def test_a_backchannel_is_no_answer(rules) -> None:
    call = [turn(0, "customer"), turn(1, "agent", backchannel=True), turn(2, "agent")]
    responses, _ = judge([moment(0)], [], call, rules)
    assert [r.turn for r in responses] == [2]


def test_the_end_of_the_call_impedes(rules) -> None:
    _, (judged,) = judge([moment(1)], [], CALL[:2], rules, duration=10.0)
    assert (judged.outcome, judged.rung) == ("impeded", None)
    assert "ended" in (judged.reason or "")


def dynamics(**rest: Any) -> Dynamics:
    values: dict[str, Any] = {
        "talk": {},
        "silence": 0.0,
        "overlap": 0.0,
        "longest_silence": None,
        "interruptions": (),
        "agent_words_per_minute": None,
    }
    return Dynamics(**{**values, **rest})


SECOND_AGENT = [
    turn(0, "agent"),
    turn(1, "customer"),
    turn(2, "agent", speaker="speaker 3"),
]
HELD = dynamics(hold=(Interval(start=9.0, end=9.9),))


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ([*CALL[:2], turn(2, "other")], None),
        ([*CALL[:2], turn(2, "other"), turn(3, "agent")], None),
        (CALL, HELD),
        (SECOND_AGENT, None),
    ],
)
def test_a_transfer_or_hold_before_the_answer_impedes(rules, call, known) -> None:
    _, (judged,) = judge([moment(1)], [], call, rules, duration=60.0, dynamics=known)
    assert judged.outcome == "impeded"
    assert "transferred" in (judged.reason or "")


def test_what_was_met_after_a_hold_is_met_and_what_was_rude_is_missed(rules) -> None:
    def outcome(answer: Behaviour) -> str:
        return judge([moment(1)], [answer], CALL, rules, dynamics=HELD)[1][0].outcome

    assert outcome(SPECIFIC) == "met"
    assert outcome(did(2, "dismissal")) == "missed"


def test_a_hold_after_the_first_answer_excuses_nothing(rules) -> None:
    later = dynamics(hold=(Interval(start=14.0, end=15.0),))
    _, (judged,) = judge([moment(1)], [], CALL, rules, dynamics=later)
    assert judged.outcome == "missed"


def test_a_long_rest_without_an_agent_is_told_as_it_is(rules) -> None:
    _, (judged,) = judge([moment(1)], [], CALL[:2], rules, duration=300.0)
    assert judged.outcome == "impeded"
    assert "No words of an agent" in (judged.reason or "")


@pytest.mark.parametrize("masked", ["hold", "redacted"])
def test_hold_and_redacted_audio_are_no_talk(rules, masked) -> None:
    call = [
        turn(0, "customer"),
        turn(1, "agent", start=5.0, end=60.0),
        turn(2, "agent", start=61.0, end=65.0),
    ]
    cut = dynamics(**{masked: (Interval(start=10.0, end=40.0),)})
    late = did(2, "acknowledgement", "specific")
    assert judge([moment(0)], [late], call, rules)[1][0].outcome == "missed"
    _, (judged,) = judge([moment(0)], [late], call, rules, dynamics=cut)
    assert judged.outcome == "met"


def lost(reason: str, *, speaker: str = "agent", end: float = 12.5) -> Suppressed:
    return Suppressed(speaker=speaker, start=11.0, end=end, text="the the", reason=reason)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (lost("loop"), "unscorable"),
        (lost("unlikely"), "unscorable"),
        (lost("stock_phrase"), "missed"),
        (lost("nobody_speaks"), "missed"),
        (lost("loop", end=11.5), "missed"),
        (lost("loop", speaker="customer"), "missed"),
    ],
)
def test_lost_words_in_the_window_leave_it_open(rules, words, expected) -> None:
    _, (judged,) = judge([moment(1)], [], CALL, rules, suppressed=[words])
    assert judged.outcome == expected


def test_what_was_heard_for_certain_counts_beside_lost_words(rules) -> None:
    _, (judged,) = judge([moment(1)], [SPECIFIC], CALL, rules, suppressed=[lost("loop")])
    assert judged.outcome == "met"


@pytest.mark.parametrize(
    ("speaker", "overlap", "expected"),
    [
        ("speaker 1", 3.0, "unscorable"),
        ("speaker 1", 1.0, "missed"),
        ("left", 3.0, "missed"),
    ],
)
def test_an_answer_under_another_voice_is_unscorable_in_one_channel(
    rules, speaker, overlap, expected
) -> None:
    call = [
        t.model_copy(update={"speaker": speaker, "overlap": overlap})
        if t.party == "agent"
        else t
        for t in CALL
    ]
    _, (judged,) = judge([moment(1)], [], call, rules)
    assert judged.outcome == expected


def arousal(turn: int, value: float | None) -> Tone:
    return Tone(
        turn=turn, arousal=value, label=None, confidence=0.9, measures={}, unscorable=None
    )


@pytest.mark.parametrize(
    ("tones", "expected"),
    [
        ([(1, 2.0), (3, 0.5)], -1.5),
        ([(1, 2.0), (3, 0.5), (5, 1.5)], -1.0),
        ([(1, 2.0), (3, None), (5, 1.5)], -0.5),
        ([(1, None), (3, 0.5)], None),
        ([(1, 2.0)], None),
    ],
)
def test_settling_is_the_change_of_the_voice_after_the_answer(
    rules, tones, expected
) -> None:
    voice = [arousal(*one) for one in tones]
    _, (judged,) = judge([moment(1)], [SPECIFIC], CALL, rules, tones=voice)
    assert judged.settling == expected


@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        ({"party_confidence": 0.5}, "who is speaking"),
        ({"confidence": 0.3}, "not recognised"),
    ],
)
@pytest.mark.parametrize("index", [1, 2])
def test_doubt_in_the_moment_or_its_answer_is_unscorable(rules, doubt, told, index) -> None:
    call = [t.model_copy(update=doubt) if t.index == index else t for t in CALL]
    _, (judged,) = judge([moment(1)], [SPECIFIC], call, rules)
    assert judged.outcome == "unscorable"
    assert told in (judged.reason or "")


def test_an_answer_by_an_unknown_party_is_unscorable(rules) -> None:
    call = [CALL[0], CALL[1], turn(2, "unknown"), *CALL[3:]]
    _, (judged,) = judge([moment(1)], [], call, rules)
    assert judged.outcome == "unscorable"


def test_the_delay_runs_to_the_words_that_met_it(rules) -> None:
    _, (judged,) = judge([moment(1)], [SPECIFIC], CALL, rules)
    assert judged.delay == 2.0


def test_without_times_there_is_no_delay(rules) -> None:
    call = [t.model_copy(update={"start": None, "end": None}) for t in CALL]
    answer = SPECIFIC.model_copy(update={"start": None, "end": None})
    _, (judged,) = judge([moment(1, start=None, end=None)], [answer], call, rules)
    assert (judged.outcome, judged.delay) == ("met", None)


def test_a_later_shared_joy_does_not_recover_a_missed_anger(rules) -> None:
    joy = moment(3, id="o2", emotion="joy", valence="positive")
    shared = did(4, "acknowledgement", "specific")
    _, (anger, _) = judge([moment(1), joy], [shared], CALL, rules)
    assert (anger.outcome, anger.recovered) == ("missed", False)


@pytest.mark.parametrize(
    ("other", "recovered"),
    [
        ({"emotion": "sadness"}, False),
        ({"emotion": "anxiety"}, False),
        ({}, True),
        ({"start": 609.0, "end": 613.0}, False),
    ],
)
def test_words_for_another_moment_recover_none_but_the_same_feeling_soon(
    rules, other, recovered
) -> None:
    later = moment(5, id="o2", **other)
    met = did(6, "acknowledgement", "specific")
    _, (first, second) = judge([moment(1), later], [met], CALL, rules)
    assert (first.outcome, first.recovered) == ("missed", recovered)
    assert second.outcome == "met"


@pytest.mark.parametrize(
    ("answer", "rung"),
    [
        ("Can you hold for a moment?", "ignored"),
        ("Could you check your account number?", "ignored"),
        ("Would you send me your name?", "ignored"),
        ("I see your account.", "ignored"),
        ("Could you restart the router?", "solved_only"),
        ("lets check the settings", "solved_only"),
        ("I see that your account was charged twice.", "solved_only"),
    ],
)
def test_requests_and_holds_are_no_work_on_the_problem(rules, answer, rung) -> None:
    call = [*CALL[:2], turn(2, "agent", answer)]
    _, (judged,) = judge([moment(1)], [], call, rules)
    assert judged.rung == rung


def test_a_caller_who_talks_on_leaves_the_agent_no_turn(rules) -> None:
    call = [
        *CALL[:2],
        turn(2, "customer", start=10.0, end=70.0),
        turn(3, "agent", start=71.0, end=75.0),
    ]
    _, (judged,) = judge([moment(1)], [], call, rules, duration=600.0)
    assert judged.outcome == "impeded"
    assert "went on talking" in (judged.reason or "")
