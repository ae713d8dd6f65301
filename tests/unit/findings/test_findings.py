from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from callmon.call import (
    Behaviour,
    Commendation,
    Commitment,
    Dynamics,
    Finding,
    Interruption,
    Interval,
    Opportunity,
    Tone,
    Turn,
)
from callmon.findings.findings import find_findings
from callmon.findings.outcomes import judge
from callmon.findings.rules import Rules
from tests.unit.findings.moments import did, moment, turn

PROBLEM = "The boiler in our kitchen leaked over the wooden floor, I'm so fed up."


def found(
    rules: Rules,
    turns: Sequence[Turn],
    *,
    moments: Sequence[Opportunity] = (),
    behaviours: Sequence[Behaviour] = (),
    commitments: Sequence[Commitment] = (),
    tones: Sequence[Tone] = (),
    dynamics: Dynamics | None = None,
) -> tuple[tuple[Finding, ...], tuple[Commendation, ...]]:
    responses, outcomes = judge(
        moments, behaviours, turns, rules, tones=tones, dynamics=dynamics
    )
    return find_findings(
        moments, responses, outcomes, behaviours, commitments, turns, tones, dynamics, rules
    )


def kinds(*arguments: Any, **named: Any) -> list[str]:
    return [finding.kind for finding in found(*arguments, **named)[0]]


def spoken(*, silences: Sequence[Interval] = (), by: str | None = None) -> Dynamics:
    cut = Interruption(by=by, turn=2, interrupted=1, start=7.0, end=8.0) if by else None
    return Dynamics(
        talk={},
        silence=0.0,
        overlap=0.0,
        longest_silence=None,
        interruptions=(cut,) if cut else (),
        agent_words_per_minute=None,
        silences=tuple(silences),
    )


def promise(
    index: int, level: str, text: str, deadline: str | None = None, **rest: Any
) -> Commitment:
    return Commitment(
        turn=index, action=text, deadline=deadline, level=level, quote=text, **rest
    )


def tone(index: int, arousal: float) -> Tone:
    return Tone(
        turn=index,
        arousal=arousal,
        label="ordinary",
        confidence=0.9,
        measures={},
        unscorable=None,
    )


CALL = [
    turn(0, "agent", "Hello."),
    turn(1, "customer", PROBLEM),
    turn(2, "agent", "What is your account number?"),
    turn(3, "customer", "Four two seven."),
    turn(4, "agent", "Thank you."),
]
DONE = did(4, "resolution_done")


@pytest.mark.parametrize(
    ("behaviours", "kind"),
    [
        ([], "missed_empathy"),
        ([did(2, "exploration")], "missed_empathy"),
        ([did(2, "dismissal")], "dismissive_response"),
        ([did(2, "apology")], "sympathy_without_empathy"),
    ],
)
def test_a_missed_moment_is_shown_by_its_rung(rules, behaviours, kind) -> None:
    findings, _ = found(rules, CALL, moments=[moment(1)], behaviours=behaviours)
    first = findings[0]
    assert (first.kind, first.turn, first.opportunity) == (kind, 1, "o1")
    assert (first.start, first.end) == (5.0, 14.0)
    assert first.evidence[0].quote == "I'm so fed up"
    assert any(evidence.turn == 2 for evidence in first.evidence)


def test_missed_joy_is_shown(rules) -> None:
    joy = moment(1, emotion="joy", valence="positive", quote="We had a baby")
    assert kinds(rules, CALL, moments=[joy]) == ["missed_joy"]


def test_a_met_moment_gives_no_finding_and_a_full_one_a_commendation(rules) -> None:
    held = [did(2, "acknowledgement", "specific"), did(2, "mirroring"), DONE]
    findings, (praise,) = found(rules, CALL, moments=[moment(1)], behaviours=held)
    assert findings == ()
    assert (praise.opportunity, praise.turn) == ("o1", 2)
    assert "I'm so fed up" in praise.summary


def test_no_mirroring_of_a_problem_told(rules) -> None:
    held = [did(2, "acknowledgement", "specific"), DONE]
    assert kinds(rules, CALL, moments=[moment(1)], behaviours=held) == ["no_mirroring"]


def test_an_answer_that_takes_up_the_words_is_given_the_benefit_of_the_doubt(rules) -> None:
    call = [*CALL[:2], turn(2, "agent", "A leak over a wooden floor, oh dear."), *CALL[3:]]
    held = [did(2, "acknowledgement", "specific"), DONE]
    assert kinds(rules, call, moments=[moment(1)], behaviours=held) == []


def test_an_acknowledgement_that_names_what_was_told_gives_it_back(rules) -> None:
    told = [did(2, "acknowledgement", "specific", quote="a leaked boiler is upsetting")]
    assert kinds(rules, CALL, moments=[moment(1)], behaviours=[*told, DONE]) == []
    assert kinds(
        rules,
        CALL,
        moments=[moment(1)],
        behaviours=[did(2, "acknowledgement", "specific", quote="that is upsetting"), DONE],
    ) == ["no_mirroring"]


def test_a_feeling_without_a_problem_need_not_be_given_back(rules) -> None:
    call = [CALL[0], turn(1, "customer", "I'm so fed up."), *CALL[2:]]
    held = [did(2, "acknowledgement", "specific")]
    assert kinds(rules, call, moments=[moment(1)], behaviours=held) == []


def test_no_commitment_and_vague_commitment(rules) -> None:
    met = [did(2, "acknowledgement", "specific"), did(2, "mirroring")]
    vague = [promise(4, "vague", "We'll look into it")]
    assert kinds(rules, CALL, moments=[moment(1)], behaviours=met) == ["no_commitment"]
    assert kinds(
        rules,
        CALL,
        moments=[moment(1)],
        behaviours=[*met, did(4, "commitment", "vague")],
        commitments=vague,
    ) == ["vague_commitment"]


def test_a_promise_that_leaves_the_building_needs_a_when(rules) -> None:
    dated = promise(4, "timed", "I'll send a letter on Monday", "on Monday")
    assert kinds(
        rules, CALL, commitments=[promise(4, "concrete", "I'll send a letter")]
    ) == ["no_expectation_set"]
    assert kinds(rules, CALL, commitments=[dated]) == []
    assert kinds(rules, CALL, commitments=[promise(4, "concrete", "I'll change it")]) == []


@pytest.mark.parametrize(("by", "expected"), [("agent", True), ("customer", False)])
def test_only_the_agents_interruption_is_shown(rules, by, expected) -> None:
    met = [did(2, "acknowledgement", "specific"), did(2, "mirroring"), DONE]
    shown = kinds(rules, CALL, moments=[moment(1)], behaviours=met, dynamics=spoken(by=by))
    assert ("interrupted_customer" in shown) is expected


@pytest.mark.parametrize(
    ("silence", "before", "expected"),
    [
        (Interval(start=14.0, end=25.0), "All right.", True),
        (Interval(start=14.0, end=23.0), "All right.", False),
        (Interval(start=80.0, end=95.0), "All right.", False),
    ],
)
def test_ten_seconds_unannounced_soon_after_a_moment(
    rules, silence, before, expected
) -> None:
    call = [*CALL[:2], turn(2, "agent", before), turn(20, "agent")]
    met = [
        did(2, "acknowledgement", "specific"),
        did(2, "mirroring"),
        did(2, "resolution_done"),
    ]
    shown = kinds(
        rules,
        call,
        moments=[moment(1)],
        behaviours=met,
        dynamics=spoken(silences=[silence]),
    )
    assert ("unexplained_silence" in shown) is expected


def test_the_caller_may_explain_the_silence_too(rules) -> None:
    call = [*CALL[:3], turn(3, "customer", "Hang on, let me find it."), turn(20, "agent")]
    quiet = spoken(silences=[Interval(start=19.0, end=31.0)])
    assert "unexplained_silence" not in kinds(
        rules, call, moments=[moment(1)], dynamics=quiet
    )


def test_the_end_of_a_recording_is_a_silence_only_when_a_moment_is_unanswered(
    rules,
) -> None:
    quiet = spoken(silences=[Interval(start=24.0, end=40.0)])
    assert "unexplained_silence" not in kinds(
        rules, CALL, moments=[moment(1)], dynamics=quiet
    )
    left = [*CALL[:4], turn(4, "customer", "I'm so fed up.")]
    assert "unexplained_silence" in kinds(
        rules, left, moments=[moment(1), moment(4, id="o2")], dynamics=quiet
    )


def test_a_summary_of_the_promise_and_thanks_are_no_second_telling(rules) -> None:
    for said in (
        "Okay, so you'll fix the boiler and the leaked wooden floor in the kitchen.",
        "Great, thanks for the boiler and the leaked wooden floor in the kitchen.",
    ):
        call = [*CALL[:2], turn(2, "agent", "I see no fault."), turn(3, "customer", said)]
        assert "repeated_telling" not in kinds(rules, call, moments=[moment(1)])


def test_a_promise_needs_no_when_once_it_is_dated_nearby_or_kept(rules) -> None:
    letter = promise(2, "concrete", "I'll send the letter")
    dated = promise(4, "timed", "it will be with you on Monday", "on Monday")
    assert kinds(rules, CALL, commitments=[letter, dated]) == []
    kept = promise(2, "concrete", "I'll send the letter", open=False)
    assert kinds(rules, CALL, commitments=[kept]) == []


def test_when_the_caller_asked_for_the_when_it_is_told(rules) -> None:
    call = [*CALL, turn(5, "customer", "And when will that be?"), turn(6, "agent")]
    letter = promise(4, "concrete", "I'll send the letter")
    (open_date,) = found(rules, call, commitments=[letter])[0]
    assert "the caller asked: “And when will that be?”" in open_date.summary


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        ("When will that be?", "Within three days.", []),
        ("And by when?", "You should have it by Friday.", []),
        ("how long will it take", "three to five working days", []),
        ("Okay.", "It takes about a week.", []),
        ("When will that be?", "I can't say.", ["no_expectation_set"]),
        ("When will that be?", "You wrote two weeks ago.", ["no_expectation_set"]),
        ("Okay.", "Anything else I can do today?", ["no_expectation_set"]),
    ],
)
def test_a_when_may_be_told_in_answer_to_the_question(
    rules, asked, answer, expected
) -> None:
    call = [
        *CALL[:4],
        turn(4, "agent", "I'll send a new one."),
        turn(5, "customer", asked),
        turn(6, "agent", answer),
    ]
    new = promise(4, "concrete", "I'll send a new one")
    assert kinds(rules, call, commitments=[new]) == expected


def test_a_when_asked_for_much_later_is_an_answer_too(rules) -> None:
    call = [
        turn(i, "agent" if i % 2 == 0 else "customer", "Some other words.")
        for i in range(12)
    ]
    call += [turn(12, "agent"), turn(13, "customer", "When will it come?")]
    new = promise(2, "concrete", "I'll send a new one")
    later = [*call, turn(14, "agent", "Tomorrow.")]
    assert "no_expectation_set" in kinds(rules, call, commitments=[new])
    assert "no_expectation_set" not in kinds(rules, later, commitments=[new])


def test_being_put_through_is_no_commitment_for_the_problem(rules) -> None:
    met = [did(2, "acknowledgement", "specific"), did(2, "mirroring")]
    through = promise(4, "concrete", "I'll put you through to the warehouse")
    (handed,) = found(
        rules,
        CALL,
        moments=[moment(1)],
        behaviours=[*met, did(4, "commitment", "concrete")],
        commitments=[through],
    )[0]
    assert handed.kind == "no_commitment"
    assert "“I'll put you through to the warehouse”" in handed.summary


def test_what_the_caller_says_to_work_again_is_solved(rules) -> None:
    met = [did(2, "acknowledgement", "specific"), did(2, "mirroring")]
    call = [*CALL, turn(5, "customer", "Oh, it's working now!"), turn(6, "agent")]
    assert kinds(rules, call, moments=[moment(1)], behaviours=met) == []


def test_a_telling_that_was_told_before_is_not_the_first(rules) -> None:
    before = turn(0, "customer", "My boiler leaked over the wooden floor.")
    held = [did(2, "acknowledgement", "specific"), DONE]
    call = [before, *CALL[1:]]
    assert kinds(rules, call, moments=[moment(1)], behaviours=held) == []


WRITTEN = {"start": None, "end": None}


@pytest.mark.parametrize(
    ("said", "answer", "expected"),
    [
        ("I was waiting all day and then—", "What is your account number?", True),
        ("I was waiting all day and then --", "What is your account number?", True),
        ("I was waiting all day and then.", "What is your account number?", False),
        ("I was waiting all day and then...", "What is your account number?", False),
        ("I was waiting all day and then—", "Sorry, go ahead.", False),
        ("I was waiting all day and then—", "You were waiting all day?", False),
        ("I was waiting all day and then—", "Okay.", False),
    ],
)
def test_in_writing_only_a_dash_and_another_matter_show_an_interruption(
    rules, said, answer, expected
) -> None:
    call = [turn(0, "customer", said, **WRITTEN), turn(1, "agent", answer, **WRITTEN)]
    shown = kinds(rules, call, moments=[moment(0, start=None, end=None)])
    assert ("interrupted_customer" in shown) is expected


def test_handing_the_caller_over_needs_no_when(rules) -> None:
    through = promise(4, "concrete", "I'll put you through to a specialist")
    assert kinds(rules, CALL, commitments=[through]) == []


def test_the_problem_is_quoted_by_the_words_that_tell_it(rules) -> None:
    judged = moment(1, quote="it's ridiculous")
    judged = judged.model_copy(
        update={
            "evidence": tuple(
                e.model_copy(update={"source": "judges.harsh"}) for e in judged.evidence
            )
        }
    )
    shown = found(rules, CALL, moments=[judged])[0]
    (no_mirroring,) = [f for f in shown if f.kind == "no_mirroring"]
    assert "“The boiler in our kitchen leaked" in no_mirroring.summary


def test_the_same_problem_after_an_answer_is_a_second_telling(rules) -> None:
    again = "The boiler leaked over our wooden floor in the kitchen."
    call = [*CALL[:2], turn(2, "agent", "I see no fault."), turn(3, "customer", again)]
    assert "repeated_telling" in kinds(rules, call, moments=[moment(1)])


@pytest.mark.parametrize(
    ("answer", "later"),
    [
        ("I see no fault.", "Could you send somebody on Thursday then?"),
        ("What leaked over the floor?", "The boiler leaked over our wooden floor."),
    ],
)
def test_new_words_and_answers_to_questions_are_none(rules, answer, later) -> None:
    call = [*CALL[:2], turn(2, "agent", answer), turn(3, "customer", later)]
    assert "repeated_telling" not in kinds(rules, call, moments=[moment(1)])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Thanks again, I'll wait for the boiler.", False),
        ("Great, as I said, I'll wait for the boiler then, thank you.", False),
        ("How many times will the boiler engineer come?", False),
        ("I just went down to the boiler.", False),
        ("As I said, it is the boiler.", True),
        ("I've already told you, the kitchen.", True),
        ("How many times do I have to tell you? The boiler!", True),
        ("Thanks, but as I said the boiler leaked over the kitchen floor.", True),
    ],
)
def test_the_customers_own_sign_of_telling_it_again(rules, said, expected) -> None:
    call = [*CALL[:2], turn(2, "agent", "I see no fault."), turn(3, "customer", said)]
    shown = kinds(rules, call, moments=[moment(1)])
    assert ("repeated_telling" in shown) is expected


def test_in_trouble_it_is_told_again_in_other_words(rules) -> None:
    call = [
        turn(0, "agent", "Repairs, good morning."),
        turn(
            1, "customer", "The boiler leaked all night, the oak floor in our kitchen swam."
        ),
        turn(2, "agent", "This is the second line."),
        turn(
            3, "customer", "That boiler ruined granny's kitchen, her lovely floor bulges."
        ),
    ]
    calm = kinds(rules, call, moments=[moment(1)])
    assert "repeated_telling" not in calm
    troubled = kinds(rules, call, moments=[moment(1), moment(3, id="o2")])
    assert "repeated_telling" in troubled


def test_an_acknowledgement_said_three_times_is_a_script(rules) -> None:
    said = [
        did(i, "acknowledgement", "generic", quote="I do understand your situation")
        for i in (0, 2, 4)
    ]
    (script,) = found(rules, CALL, behaviours=said)[0]
    assert script.kind == "scripted_empathy"
    assert (
        "comes 3 times in nearly the same words (0:01), (0:11), (0:21)." in script.summary
    )
    assert kinds(rules, CALL, behaviours=said[:2]) == []


def closing_with(*said: tuple[str, str]) -> list[Turn]:
    parties = ["agent", "customer"] * 8
    call = [turn(i, party, "Some words.") for i, party in enumerate(parties)]
    return [*call, *(turn(16 + i, *one) for i, one in enumerate(said))]


@pytest.mark.parametrize(
    "last",
    [
        ("customer", "And then the water came"),
        ("agent", "Hello? Are you still there?"),
        ("agent", "I'll put you through to the warehouse now."),
        ("other", "Please hold."),
    ],
)
def test_a_call_that_breaks_off_or_goes_on_elsewhere_needs_no_closing(rules, last) -> None:
    assert kinds(rules, closing_with(last)) == []


def test_the_last_words_are_told_when_the_closing_check_is_missing(rules) -> None:
    (missing,) = found(rules, closing_with(("agent", "Goodbye.")))[0]
    assert "ends with the agent's “Goodbye”" in missing.summary


def test_a_long_call_needs_a_closing_check(rules) -> None:
    call = closing_with()
    call[-1] = turn(15, "customer", "Right, bye.")
    offered = [*call[:-2], turn(14, "agent", "Is there anything else?"), call[-1]]
    assert kinds(rules, call) == ["missing_closing_check"]
    assert kinds(rules, offered) == []
    declined = [*call[:-1], turn(15, "customer", "No, that's all.")]
    assert kinds(rules, declined) == []
    assert kinds(rules, call[:6]) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("customer", "I think it's the router."), True),
        (("customer", "No, it's all broken."), True),
        (("customer", "I think that's it, thanks."), False),
        (("customer", "no thats everything"), False),
    ],
)
def test_a_customer_declines_only_what_was_offered(rules, said, expected) -> None:
    call = closing_with(said, ("agent", "Goodbye."), ("customer", "Bye."))
    assert ("missing_closing_check" in kinds(rules, call)) is expected


def test_whether_it_works_is_a_closing_check_at_the_end_and_not_amid_the_work(
    rules,
) -> None:
    asked = ("agent", "Is it working?")
    work = [("agent", "Now the next step."), ("customer", "Yes, I see a light.")] * 6
    bye = [("agent", "Goodbye."), ("customer", "Bye.")]
    amid = closing_with(asked, *work, *bye)
    end = closing_with(*work, asked, ("customer", "It works."), *bye)
    assert kinds(rules, amid) == ["missing_closing_check"]
    assert kinds(rules, end) == []


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("I'll do that then.", True),
        ("Okay, I'll wait for the letter.", True),
        ("All right then.", True),
        ("But when I came home the", False),
        ("So the thing is that it", False),
    ],
)
def test_a_customer_who_agrees_at_the_end_has_not_broken_off(rules, last, expected) -> None:
    call = closing_with(("customer", last))
    assert ("missing_closing_check" in kinds(rules, call)) is expected


def test_a_long_chat_without_times_needs_one_too(rules) -> None:
    parties = ["agent", "customer"] * 6
    call = [turn(i, p, "Thanks.", start=None, end=None) for i, p in enumerate(parties)]
    assert kinds(rules, call) == ["missing_closing_check"]


def test_severity_follows_strength_recovery_and_the_voice_after(rules) -> None:
    def level(strength: int, behaviours: Sequence[Behaviour] = (), tones=()) -> str:
        call = [*CALL, turn(5, "customer"), turn(6, "agent")]
        findings, _ = found(
            rules,
            call,
            moments=[moment(1, strength=strength)],
            behaviours=behaviours,
            tones=tones,
        )
        return next(f.severity for f in findings if f.turn == 1)

    def voice(during: float, after: float) -> list[Tone]:
        return [
            Tone(
                turn=index,
                arousal=arousal,
                label="raised",
                confidence=0.9,
                measures={},
                unscorable=None,
            )
            for index, arousal in ((1, during), (3, after))
        ]

    later = [did(6, "acknowledgement", "specific")]
    assert [level(1), level(2), level(3)] == ["low", "medium", "high"]
    assert level(2, [did(2, "dismissal")]) == "high"
    assert level(2, later) == "low"
    assert level(2, tones=voice(2.0, 0.5)) == "low"
    assert level(2, tones=voice(1.0, 2.5)) == "high"


@pytest.mark.parametrize(
    ("after", "level"), [(-2.0, "high"), (0.0, "medium"), (2.0, "medium")]
)
def test_a_joy_that_was_passed_by_weighs_more_when_the_voice_falls(
    rules, after, level
) -> None:
    joy = moment(1, emotion="joy", valence="positive")
    tones = [tone(1, 0.0), tone(3, after)]
    (missed,) = found(rules, CALL, moments=[joy], tones=tones)[0]
    assert (missed.kind, missed.severity) == ("missed_joy", level)


@pytest.mark.parametrize(
    ("behaviours", "tones"),
    [
        ([], ()),
        ([did(2, "dismissal")], ()),
        ([], ((1, 0.0), (3, 2.0))),
        ([did(6, "acknowledgement", "specific")], ()),
    ],
)
def test_an_interruption_weighs_as_much_as_its_moment(rules, behaviours, tones) -> None:
    call = [*CALL, turn(5, "customer"), turn(6, "agent")]
    findings, _ = found(
        rules,
        call,
        moments=[moment(1)],
        behaviours=behaviours,
        tones=[tone(*one) for one in tones],
        dynamics=spoken(by="agent"),
    )
    (cut,) = [f for f in findings if f.kind == "interrupted_customer"]
    assert cut.severity == "medium"


def test_a_raised_voice_alone_tells_no_problem(rules) -> None:
    met = [did(2, "acknowledgement", "specific")]
    heard = moment(1, cue="vocal")
    assert kinds(rules, CALL, moments=[heard], behaviours=met) == []


def test_a_kind_that_is_off_is_not_shown(rules) -> None:
    fewer = rules.model_copy(update={"kinds": rules.kinds - {"missed_empathy"}})
    assert "missed_empathy" not in kinds(fewer, CALL, moments=[moment(1)])


def test_findings_are_numbered_in_the_order_of_the_call(rules) -> None:
    findings, _ = found(rules, CALL, moments=[moment(1)])
    assert [f.id for f in findings] == [f"f{n}" for n in range(1, len(findings) + 1)]
    assert [f.turn for f in findings] == sorted(f.turn for f in findings)


def test_an_empty_call_has_no_findings(rules) -> None:
    assert found(rules, []) == ((), ())
