"""Nothing private is left anywhere in an analysis that is shown redacted."""

from __future__ import annotations

import pytest

from callmon.call import Behaviour, Commitment, Evidence, Suppressed
from callmon.redaction.call import redact_call, redactor
from tests.integration.review.made import make_analysis, make_finding

CARD = "4111 1111 1111 1111"
TURNS = (
    ("agent", "What is the number of your card?"),
    ("customer", f"It is {CARD} and this is the third time."),
    ("agent", "I will refund it by Friday."),
)
CODE = (
    ("agent", "And the three digits on the back?"),
    ("customer", "Seven three nine, and I am fed up."),
    ("agent", "7 3 9, thank you."),
)
EMAIL = (
    ("agent", "What is your email address?"),
    ("customer", "It is jane dot butterfly at example dot com and I wait since Monday."),
    ("agent", "Thank you."),
)


def summed_up(turns: tuple[tuple[str, str], ...], summary: str, **changes: object) -> str:
    """The summary of a finding after the call was redacted."""
    finding = make_finding().model_copy(update={"summary": summary, **changes})
    analysis = make_analysis(turns=turns, findings=(finding,), commitments=())
    return redact_call(analysis).analysis.findings[0].summary


def test_a_card_number_is_gone_from_turns_words_quotes_and_sentences() -> None:
    evidence = (
        Evidence(turn=1, start=7.0, end=8.0, quote=f"It is {CARD}", source="model"),
        Evidence(turn=1, start=7.0, end=8.0, quote="1111 1111 and this", source="model"),
    )
    finding = make_finding().model_copy(
        update={"summary": f"After 'It is {CARD}' nothing came.", "evidence": evidence}
    )
    analysis = make_analysis(turns=TURNS, findings=(finding,))
    assert "1111" in analysis.model_dump_json()

    shown = redact_call(analysis).analysis

    assert "1111" not in shown.model_dump_json()
    assert "[card number]" in shown.turns[1].text
    assert shown.findings[0].evidence[1].quote == "[card number] and this"
    assert shown.findings[0].summary == "After 'It is [card number]' nothing came."


def test_a_code_that_was_asked_for_is_gone_from_quotes_that_do_not_tell_so() -> None:
    evidence = (Evidence(turn=1, start=7.0, end=8.0, quote="Seven three nine", source="r"),)
    finding = make_finding().model_copy(
        update={"summary": "After 'seven three nine' nothing came.", "evidence": evidence}
    )
    behaviour = Behaviour(
        turn=2, behaviour="patience_thanks", level=None, confidence=0.9,
        quote="7 3 9, thank you.", start=13.0, end=14.0, source="r",
    )  # fmt: skip
    analysis = make_analysis(turns=CODE, findings=(finding,), agent_behaviours=(behaviour,))
    shown = redact_call(analysis).analysis
    assert shown.findings[0].evidence[0].quote == "[security code]"
    assert shown.findings[0].summary == "After '[security code]' nothing came."
    assert shown.agent_behaviours[0].quote == "[security code], thank you."
    assert "7 3 9" not in shown.model_dump_json()


def test_the_words_of_a_promise_are_cleaned_with_its_deadline() -> None:
    turns = (
        ("agent", "What is your phone number?"),
        ("customer", "oh seven seven double oh nine hundred one two three"),
        ("agent", "I will call 07700 900123 by 07700 900123."),
    )
    promise = Commitment(
        turn=2, action="call 07700 900123", deadline="by 07700 900123", level="timed",
        quote="I will call 07700 900123 by 07700 900123.",
    )  # fmt: skip
    shown = redact_call(make_analysis(turns=turns, commitments=(promise,))).analysis
    (kept,) = shown.commitments
    assert kept.action == "call [phone number]"
    assert kept.deadline == "by [phone number]"
    assert "900" not in shown.model_dump_json()


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("After 'SEVEN, three nine' it went on.", "After '[security code]' it went on."),
        ("After 'seven three …' it went on.", "After '[security code] …' it went on."),
        ("After '… three nine' it went on.", "After '… [security code]' it went on."),
        ("After '739' it went on.", "After '[security code]' it went on."),
        ("Three moments, nine minutes.", "Three moments, nine minutes."),
    ],
)
def test_a_sentence_may_repeat_it_in_another_form(summary: str, shown: str) -> None:
    assert summed_up(CODE, summary) == shown


def test_one_word_of_an_address_is_enough_to_give_it_away() -> None:
    said = summed_up(EMAIL, "Naming 'Butterfly' and 'Monday' would have met it.")
    assert said == "Naming '[email address]' and 'Monday' would have met it."


def test_a_quote_that_stands_twice_in_its_turn_is_private_if_one_of_them_is() -> None:
    turns = (
        ("agent", "And the security code?"),
        ("customer", "739. I have waited 739 days, and the security code is 739."),
        ("agent", "Thank you."),
    )
    evidence = (Evidence(turn=1, start=7.0, end=8.0, quote="739", source="r"),)
    finding = make_finding().model_copy(update={"evidence": evidence})
    shown = redact_call(make_analysis(turns=turns, findings=(finding,))).analysis
    assert shown.findings[0].evidence[0].quote == "[security code]"


def test_what_was_heard_on_the_other_channel_is_cleaned_by_what_was_asked_for() -> None:
    def heard(text: str) -> Suppressed:
        return Suppressed(speaker="left", start=13.5, end=14.0, text=text, reason="echo")

    suppressed = (heard("seven three nine"), heard("7-3-9 and I am fed up"))
    shown = redact_call(make_analysis(turns=CODE, suppressed=suppressed)).analysis
    assert [each.text for each in shown.suppressed] == [
        "[security code]",
        "[security code] and I am fed up",
    ]


def test_what_is_not_private_stays_as_it_is() -> None:
    analysis = make_analysis()
    shown = redact_call(analysis).analysis
    assert shown.findings == analysis.findings
    assert shown.commitments == analysis.commitments


def test_a_word_that_is_a_name_too_stays_where_it_is_a_word() -> None:
    turns = (
        ("agent", "What is your name?"),
        ("customer", "My name is Will."),
        ("agent", "Thank you, Will."),
    )
    assert summed_up(turns, "Will said that it will do.") == "[name] said that it will do."


def test_what_is_not_to_be_heard_is_told_in_seconds() -> None:
    first, _again = redact_call(make_analysis(turns=CODE)).silent
    # Three of the eight words, which take five seconds, with a margin.
    assert (first.start, first.end) == pytest.approx((6.75, 7.25 + 5.0 * 3 / 8))


def test_the_rules_have_a_name_that_stays_until_they_change() -> None:
    assert redact_call(make_analysis()).redactor == redactor() == redactor()
    assert len(redactor()) == 16
