from __future__ import annotations

import doctest

import pytest

from callmon.call import Evidence, Measure, Tone, TonePart, Word
from callmon.findings import explain, facts
from callmon.findings.case import Case
from callmon.findings.outcomes import judge
from tests.unit.findings.moments import did, moment, turn

UNKIND = ("bad", "fail", "violat", "wrong", "poor")


def explained(
    rules,
    answer: str,
    *,
    behaviours=(),
    source="again.many_contacts",
    later=(),
    tones=(),
    cue="implicit",
    more=(),
):
    call = [
        turn(0, "customer", "This is the third time I've called."),
        turn(1, "agent", answer),
        turn(2, "customer", "Yes."),
        turn(3, "agent", "I see."),
        turn(4, "agent", "Well."),
    ]
    quote = Evidence(
        turn=0,
        start=42.0,
        end=44.0,
        quote="this is the third time I've called",
        source=source,
    )
    moments = [moment(0, evidence=(quote,), cue=cue), *more]
    held = [*behaviours, *later]
    responses, outcomes = judge(moments, held, call, rules, tones=tones)
    case = Case(moments, responses, outcomes, held, (), call, tones, None, rules)
    return explain.of_answer(case, moments[0])


def test_the_summary_tells_what_was_said_when_and_what_came(rules) -> None:
    summary, cleared = explained(rules, "Okay. Can I have your account number?")
    assert summary.startswith(
        "After “this is the third time I've called” (0:42) the agent asked for the account"
        " number, then said “I see”."
    )
    assert cleared == "Naming the repeated calls, then the plan, would have met it."


def test_an_answer_that_is_no_known_move_is_quoted(rules) -> None:
    summary, _ = explained(rules, "The parcel is in Leeds.")
    assert "the agent said “The parcel is in Leeds”" in summary


def test_the_words_that_were_dismissive_are_quoted_not_the_first_ones(rules) -> None:
    rude = did(3, "dismissal", quote="calm down")
    summary, _ = explained(rules, "Good morning.", later=[rude])
    assert "the agent said “calm down”. To the caller this can sound" in summary


@pytest.mark.parametrize(
    ("behaviour", "plan"),
    [
        (did(1, "commitment", "timed"), True),
        (did(1, "exploration"), False),
        (did(1, "commitment", "vague"), False),
    ],
)
def test_a_plan_is_said_to_have_been_there_only_when_it_was(rules, behaviour, plan) -> None:
    _, cleared = explained(rules, "Hm.", behaviours=[behaviour])
    assert cleared.startswith("The plan was there") is plan


def test_without_a_circumstance_the_feeling_is_named(rules) -> None:
    _, cleared = explained(rules, "Hm.", source="feels.fed_up")
    assert "the frustration" in cleared


def test_a_later_acknowledgement_is_told(rules) -> None:
    later = [did(4, "acknowledgement", "specific")]
    summary, _ = explained(rules, "Hm.", later=later)
    assert "17 seconds later" in summary


@pytest.mark.parametrize(
    "behaviours",
    [[], [did(1, "dismissal")], [did(1, "apology")], [did(1, "commitment", "timed")]],
)
def test_the_words_differ_by_what_happened_and_are_kind(rules, behaviours) -> None:
    ordinary = explained(rules, "Hm.")
    summary, cleared = explained(rules, "Hm.", behaviours=behaviours)
    assert (summary == ordinary[0]) is (behaviours == [])
    assert not any(word in (summary + cleared).lower() for word in UNKIND)


def test_all_wording_is_kind(rules) -> None:
    for text in rules.wording.values():
        assert not any(word in text.lower() for word in UNKIND)


def voice(turn: int, arousal: float, *, pitch: float = 0.0, loudness: float = 0.0) -> Tone:
    return Tone(
        turn=turn,
        arousal=arousal,
        label="strongly_raised" if arousal > 1.5 else "ordinary",
        confidence=0.9,
        measures={
            "pitch": Measure(value=pitch, unit="semitones", baseline=0.0, distance=2.0),
            "loudness": Measure(value=loudness, unit="dB", baseline=0.0, distance=2.0),
        },
        unscorable=None,
    )


@pytest.mark.parametrize(
    ("pitch", "loudness", "told"),
    [
        (4.2, 6.4, "The voice was 4 semitones higher and 6 dB louder than this caller's"),
        (4.2, 0.5, "The voice was 4 semitones higher than this caller's usual."),
        (1.2, 0.5, "The voice was a semitone higher than this caller's usual."),
        (0.2, 6.4, "The voice was 6 dB louder than this caller's usual."),
        (0.2, 0.5, "The voice was raised above this caller's usual."),
    ],
)
def test_a_raised_voice_is_told_by_what_could_be_heard(
    rules, pitch, loudness, told
) -> None:
    tones = [voice(0, 2.0, pitch=pitch, loudness=loudness)]
    assert told in explained(rules, "Hm.", tones=tones)[0]


@pytest.mark.parametrize(("loud", "told"), [(0, True), (1, False)])
def test_the_voice_is_that_of_the_sentence_that_is_quoted(rules, loud, told) -> None:
    whole = voice(0, 2.0, pitch=4.2)
    parts = tuple(
        TonePart(
            start=start,
            end=start + 5.0,
            arousal=2.0,
            label="raised" if number == loud else "ordinary",
            confidence=0.9,
            measures=whole.measures,
            unscorable=None,
        )
        for number, start in enumerate((40.0, 45.5))
    )
    tones = [whole.model_copy(update={"parts": parts})]
    assert ("4 semitones higher" in explained(rules, "Hm.", tones=tones)[0]) is told


def test_an_ordinary_voice_is_not_mentioned(rules) -> None:
    assert "oice" not in explained(rules, "Hm.", tones=[voice(0, 0.2)])[0]


@pytest.mark.parametrize(("after", "told"), [(0.5, "came down"), (3.5, "rose further")])
def test_it_is_told_when_the_voice_changed_after_the_answer(rules, after, told) -> None:
    tones = [voice(0, 2.0), voice(2, after)]
    assert told in explained(rules, "Hm.", tones=tones)[0]


def test_the_words_that_met_it_later_are_quoted(rules) -> None:
    later = [did(4, "acknowledgement", "specific", quote="three calls is a lot")]
    assert "with “three calls is a lot”" in explained(rules, "Hm.", later=later)[0]


def test_that_the_feeling_came_again_is_told(rules) -> None:
    again = moment(2, id="o2", quote="I told you, I'm fed up")
    summary, _ = explained(rules, "Hm.", more=[again])
    assert "It came up again soon: “I told you, I'm fed up” (0:10)." in summary


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"start": 60.0, "end": 64.0}, True),
        ({"start": 784.0, "end": 790.0}, False),
        ({"emotion": "sadness"}, False),
        ({"start": None, "end": None}, True),
    ],
)
def test_it_came_up_again_only_when_it_was_the_same_feeling_soon(
    rules, other, told
) -> None:
    summary, _ = explained(rules, "Hm.", more=[moment(2, id="o2", **other)])
    assert ("It came up again soon" in summary) is told


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (
            did(1, "commitment", "timed", quote="I'll send one today"),
            "“I'll send one today”",
        ),
        (did(1, "exploration"), "The questions went to the problem"),
        (did(1, "patience_thanks", quote="thanks for waiting"), "“thanks for waiting”"),
        (did(1, "apology"), "has no word for the repeated calls"),
        (did(1, "dismissal"), "no interest in the repeated calls"),
    ],
)
def test_what_was_missing_follows_from_what_was_done(rules, behaviour, told) -> None:
    assert told in explained(rules, "Hm.", behaviours=[behaviour])[0]


def test_a_circumstance_that_the_model_and_a_rule_saw_is_named(rules) -> None:
    _, cleared = explained(rules, "Hm.", source="model 0.91 + again.many_contacts")
    assert "the repeated calls" in cleared


def test_keywords_are_the_callers_own_in_their_order(rules) -> None:
    call = [turn(0, "customer", "The boiler leaked over the wooden kitchen floor.")]
    case = Case([], [], [], [], (), call, (), None, rules)
    assert facts.keywords(case, call[0].text) == ["boiler", "leaked", "kitchen"]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("I couldn't open the parcel yesterday", ["open", "parcel"]),
        ("I work from home and I'm losing money", ["work", "home", "money"]),
        ("They keep saying they want the letter", ["letter"]),
        ("My router completely stopped without warning", ["router", "stopped", "warning"]),
        ("Somebody charged my family already", ["charged", "family"]),
        ("They haven't, they really didn't", []),
    ],
)
def test_keywords_name_something(rules, said, named) -> None:
    case = Case([], [], [], [], (), [], (), None, rules)
    assert facts.keywords(case, said) == named


def test_times_over_an_hour_are_told_as_everywhere() -> None:
    assert facts.at(4502.0) == " (1:15:02)"


def test_what_was_being_said_at_a_second_is_quoted() -> None:
    text = "I have been waiting for my refund since June"
    words = tuple(
        Word(text=word, start=float(n), end=n + 0.5, confidence=1.0)
        for n, word in enumerate(text.split())
    )
    said = turn(0, "customer", text, words=words)
    assert facts.last_words(said, until=4.2) == "I have been waiting for"
    assert facts.last_words(said) == said.text
    assert facts.last_words(said.model_copy(update={"words": ()}), until=4.2) == said.text


def test_braces_in_a_quote_are_harmless(rules) -> None:
    summary, _ = explained(rules, "{what} <b>{0}</b>")
    assert "{what} <b>{0}</b>" in summary


def test_the_worked_examples_hold() -> None:
    result = doctest.testmod(facts)
    assert result.attempted > 0
    assert result.failed == 0
