from __future__ import annotations

import pytest

from callmon.empathy.explain import explain
from tests.unit.empathy.fake_model import FakeModel, with_thresholds


@pytest.fixture
def told(rubric):
    """Explains with the rubric of fixed thresholds and a model of this opinion."""

    def make(customer: str | None = None, agent: str | None = None, **how):
        return explain(
            customer=customer,
            agent=agent,
            rubric=with_thresholds(rubric),
            model=how.get("model", FakeModel()),
        )

    return make


def parts(explained, sentence: int = 0) -> dict[str, str]:
    return {rule.rule: rule.part for rule in explained.sentences[sentence].rules}


def test_a_rule_that_decides_alone_confirms_or_is_vetoed(told) -> None:
    text = "I'm so sorry."
    sure, against = (FakeModel({"": {"agent.apology": s}}) for s in (0.9, 0.01))
    assert parts(told(agent=text))["apology"] == "alone"
    assert parts(told(agent=text, model=sure))["apology"] == "confirms"
    assert parts(told(agent=text, model=against))["apology"] == "vetoed"
    assert told(agent=text, model=against).behaviours == ()


def test_a_rule_that_its_exception_silences_tells_the_words(told) -> None:
    explained = told(agent="I understand your account number ends in 42.")
    (rule,) = [r for r in explained.sentences[0].rules if r.rule == "ack.generic"]
    assert (rule.part, rule.words) == ("silenced", "I understand")
    assert rule.silenced_by == "understand your account"
    assert explained.behaviours == ()


def test_a_rule_for_good_news_is_out_of_place_after_trouble(told) -> None:
    answer = "That is wonderful."
    trouble = told(customer="I'm so upset.", agent=answer)
    joy = told(customer="I'm so happy, I passed my exam!", agent=answer)
    assert parts(trouble, 1)["ack.joy_generic"] == "out_of_place"
    assert parts(joy, 1)["ack.joy_generic"] == "alone"


def test_a_rule_of_joy_does_not_point_the_same_way_as_a_worry(told) -> None:
    worry = FakeModel({"": {"customer.opportunity": 0.9, "emotion.anxiety": 0.9}})
    explained = told(customer="No heating, and we have a newborn.", model=worry)
    played = parts(explained)
    assert played["home.without"] == "confirms"
    assert played["tells.good_news"] == "other_feeling"


def test_without_a_customer_it_is_said_that_a_rule_needs_one(told) -> None:
    alone = told(agent="Congratulations! That is wonderful.")
    assert "needs_customer" in {p for n in range(2) for p in parts(alone, n).values()}
    after = told(customer="My name is Lee.", agent="That is wonderful.")
    assert parts(after, 1)["ack.joy_generic"] == "out_of_place"


def test_words_that_stand_in_two_sentences_are_put_to_the_right_one(told) -> None:
    explained = told(agent="I understand your account number ends in 42. I understand.")
    assert [(b.sentence, b.quote) for b in explained.behaviours] == [(1, "I understand")]


def test_given_back_words_are_shown(told) -> None:
    explained = told(
        customer="The parcel says delivered but there is nothing on the porch.",
        agent="So the parcel says delivered and nothing was on your porch.",
    )
    assert [b.behaviour for b in explained.behaviours] == ["mirroring"]
    assert {"parcel", "porch"} <= set(explained.sentences[1].shared_words)
    assert explained.sentences[0].shared_words == ()


def test_a_promise_has_its_action_deadline_and_level(told) -> None:
    (promise,) = told(agent="I'll send a new one by Friday.").commitments
    assert (promise.action, promise.deadline, promise.level) == (
        "send a new one",
        "by Friday",
        "timed",
    )


def test_a_customer_alone_is_an_opportunity_or_none(told) -> None:
    moment = told(customer="I'm so fed up. My name is Lee.").opportunity
    assert moment is not None
    assert (moment.cue, moment.emotion, moment.valence) == (
        "explicit",
        "frustration",
        "negative",
    )
    assert told(customer="My name is Lee.").opportunity is None


def test_each_cue_has_its_sentence_source_and_the_models_shares(told) -> None:
    sure = FakeModel({"fed up": {"customer.opportunity": 0.8, "emotion.anger": 0.9}})
    explained = told(customer="My name is Lee. I'm so fed up.", model=sure)
    (cue,) = explained.cues
    assert (cue.sentence, cue.emotion, cue.source) == (
        1,
        "anger",
        "model 0.80 + feels.fed_up",
    )
    assert explained.sentences[1].model["customer.opportunity"] == 0.8


def test_a_model_for_another_language_is_left_out(told) -> None:
    explained = told(agent="I'm so sorry.", model=FakeModel(share=0.0, language="fr"))
    assert explained.model is None
    assert explained.sentences[0].model is None
    assert [b.source for b in explained.behaviours] == ["apology"]
