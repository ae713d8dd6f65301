"""Nothing private is left anywhere in an analysis that is shown redacted."""

from __future__ import annotations

from callmon.call import Evidence
from callmon.review.recordings.blindness import unjudged
from callmon.review.recordings.redacting import redacted
from tests.integration.review.made import make_analysis, make_finding

CARD = "4111 1111 1111 1111"
TURNS = (
    ("agent", "What is the number of your card?"),
    ("customer", f"It is {CARD} and this is the third time."),
    ("agent", "I will refund it by Friday."),
)


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

    shown = redacted(analysis)

    assert "1111" not in shown.model_dump_json()
    assert "[card number]" in shown.turns[1].text
    assert shown.findings[0].evidence[1].quote == "[card number] and this"
    assert shown.findings[0].summary == "After 'It is [card number]' nothing came."


def test_what_is_not_private_stays_as_it_is() -> None:
    analysis = make_analysis()
    assert redacted(analysis).findings == analysis.findings
    assert redacted(analysis).commitments == analysis.commitments


def test_without_the_judgement_nothing_tells_of_it() -> None:
    shown = unjudged(make_analysis())
    assert shown.turns == make_analysis().turns
    assert (shown.findings, shown.opportunities, shown.outcomes) == ((), (), ())
    assert shown.score.value is None
    assert shown.warnings[-1].kind == "hidden"
