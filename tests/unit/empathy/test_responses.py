from __future__ import annotations

import pytest

from callmon.empathy.responses import find_behaviours
from tests.unit.empathy.fake_model import ENOUGH, VETO, FakeModel, with_thresholds

TROUBLE = "My boiler broke down on Sunday and we have had no heating, I'm so upset."


def held(conversation, rubric, text: str, *, customer: str = TROUBLE) -> set[str]:
    found = find_behaviours(conversation(("customer", customer), ("agent", text)), rubric)
    return {f"{b.behaviour}:{b.level}" if b.level else b.behaviour for b in found}


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("I can see how upsetting that must be.", "acknowledgement:specific"),
        ("I understand.", "acknowledgement:generic"),
        ("So your boiler broke on Sunday and the heating is off.", "mirroring"),
        ("What happened then?", "exploration"),
        ("I'll book an engineer for you.", "commitment:concrete"),
        ("I'll book an engineer for tomorrow morning.", "commitment:timed"),
        ("I'll see what I can do.", "commitment:vague"),
        ("I've booked the engineer.", "resolution_done"),
        ("This was our mistake.", "ownership"),
        ("I'm so sorry about this.", "apology"),
        ("I'm sorry to hear that.", "sympathy"),
        ("I've been in the same spot myself.", "self_disclosure"),
        ("Don't worry, we'll get this sorted.", "reassurance"),
        ("Thank you for your patience.", "patience_thanks"),
        ("You need to calm down.", "dismissal"),
        ("I hope your mum feels better soon.", "rapport"),
    ],
)
def test_each_behaviour_of_the_scheme_is_found(
    conversation, rubric, text: str, behaviour: str
) -> None:
    assert behaviour in held(conversation, rubric, text)


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("I understand your account number ends in four two.", "acknowledgement"),
        ("No problem.", "acknowledgement"),
        ("So that is four seven two nine.", "mirroring"),
        ("What is your postcode?", "exploration"),
        ("Which model is it?", "exploration"),
        ("Refunds usually take ten days.", "commitment"),
        ("Let's check the settings together.", "commitment"),
        ("You'll need to call them yourself.", "commitment"),
        ("Sorry, could you repeat that?", "apology"),
        ("I can't refund it, but I can give you a credit.", "dismissal"),
        ("Have a great day.", "rapport"),
        ("Don't worry about the second form.", "reassurance"),
    ],
)
def test_what_the_scheme_excludes_is_not_taken_for_it(
    conversation, rubric, text: str, behaviour: str
) -> None:
    found = {name.split(":")[0] for name in held(conversation, rubric, text)}
    assert behaviour not in found


def test_a_turn_may_hold_several_behaviours(conversation, rubric) -> None:
    found = held(
        conversation,
        rubric,
        "I'm so sorry about this. That must be really stressful. I'll send someone today.",
    )
    assert {"apology", "acknowledgement:specific", "commitment:timed"} <= found


def test_sharing_joy_counts_only_after_good_news(conversation, rubric) -> None:
    text = "Oh, that's wonderful!"
    glad = held(conversation, rubric, text, customer="I'm so happy, I passed my exam!")
    plain = held(conversation, rubric, text, customer="My number is four two.")
    assert "acknowledgement:generic" in glad
    assert plain == set()


def test_words_said_only_by_the_agent_are_not_mirrored(conversation, rubric) -> None:
    turns = conversation(
        ("customer", "Hello there."),
        ("agent", "So your boiler broke on Sunday and the heating is off."),
    )
    assert not [b for b in find_behaviours(turns, rubric) if b.behaviour == "mirroring"]


def test_a_promise_is_no_mirroring_though_it_shares_words(conversation, rubric) -> None:
    text = "I'll have your boiler and heating repaired on Sunday."
    assert "mirroring" not in held(conversation, rubric, text)


def test_the_customers_name_used_in_warmth_is_rapport(conversation, rubric) -> None:
    turns = conversation(
        ("customer", "Hi, this is Maria."),
        ("agent", "Thanks for waiting, Maria."),
        ("agent", "Can I confirm the name as Maria?"),
    )
    found = find_behaviours(turns, rubric)
    assert [b.turn for b in found if b.behaviour == "rapport"] == [1]


def test_no_behaviour_is_looked_for_in_customer_or_unknown_turns(
    conversation, rubric
) -> None:
    turns = conversation(
        ("customer", "I'm sorry about this."), ("unknown", "I understand.")
    )
    assert find_behaviours(turns, rubric) == ()


def test_the_quote_is_an_exact_part_of_the_turn(conversation, rubric) -> None:
    turns = conversation(
        ("customer", TROUBLE), ("agent", "Right — I’m  SO sorry about this!")
    )
    (found,) = find_behaviours(turns, rubric)
    assert found.quote in turns[1].text
    assert found.source == "apology"


# What the text model says is weighed with the rules.


def weighed(conversation, rubric, text: str, **opinion: float):
    """The behaviours in an agent's sentence of which the model thinks this."""
    turns = conversation(("customer", TROUBLE), ("agent", text))
    shares = {
        name if name.startswith("level.") else f"agent.{name}": share
        for name, share in opinion.items()
    }
    return find_behaviours(
        turns, with_thresholds(rubric), FakeModel({"": shares}).read(turns)
    )


def test_the_model_finds_what_no_rule_knows(conversation, rubric) -> None:
    (found,) = weighed(conversation, rubric, "Goodness, in this cold.", acknowledgement=0.9)
    assert (found.behaviour, found.level, found.confidence) == (
        "acknowledgement",
        "generic",
        0.9,
    )
    assert (found.source, found.quote) == ("model 0.90", "Goodness, in this cold")


def test_the_model_tells_a_specific_acknowledgement(conversation, rubric) -> None:
    opinion = {"acknowledgement": 0.9, "acknowledgement:specific": 0.6}
    (found,) = weighed(conversation, rubric, "Goodness, in this cold.", **opinion)
    assert found.level == "specific"


@pytest.mark.parametrize(
    ("text", "likeliest", "level"),
    [
        ("One moment and it goes out.", "vague", "vague"),
        ("It goes out from here.", "concrete", "concrete"),
        ("It goes out from here tomorrow.", "concrete", "timed"),
    ],
)
def test_the_level_of_a_promise_is_the_models_and_a_deadline_times_it(
    conversation, rubric, text: str, likeliest: str, level: str
) -> None:
    opinion = {"commitment": 0.9, f"level.commitment:{likeliest}": 0.8}
    (found,) = weighed(conversation, rubric, text, **opinion)
    assert (found.behaviour, found.level) == ("commitment", level)


def test_a_firm_promise_beside_a_vague_one_is_what_is_shown(conversation, rubric) -> None:
    text = "I'll see what I can do, and I'll ring you by Friday."
    opinion = {"commitment": 0.9, "level.commitment:vague": 0.8}
    (found,) = weighed(conversation, rubric, text, **opinion)
    assert (found.level, found.source) == ("timed", "model 0.90 + commit.action")
    assert found.quote == "and I'll ring you by Friday"


def test_a_rule_that_says_the_same_is_named_and_lends_its_words(
    conversation, rubric
) -> None:
    (found,) = weighed(conversation, rubric, "I'm so sorry about this.", apology=0.8)
    assert found.source == "model 0.80 + apology"
    assert found.confidence == 0.8


def test_the_threshold_of_the_rubric_itself_is_enough(conversation, rubric) -> None:
    text = "The little one will love it."
    assert weighed(conversation, rubric, text, rapport=ENOUGH)
    assert not weighed(conversation, rubric, text, rapport=ENOUGH - 0.01)


def test_a_rule_adds_what_the_model_is_unsure_of(conversation, rubric) -> None:
    (found,) = weighed(conversation, rubric, "I'm so sorry about this.", apology=VETO)
    assert found.source == "apology"


def test_a_model_that_is_sure_of_nothing_there_silences_a_rule(
    conversation, rubric
) -> None:
    assert not weighed(
        conversation, rubric, "I'm so sorry about this.", apology=VETO - 0.001
    )


def test_what_is_spelled_out_is_no_mirroring_for_the_model_either(
    conversation, rubric
) -> None:
    assert not weighed(
        conversation, rubric, "So that is four seven two nine.", mirroring=0.99
    )
    assert weighed(conversation, rubric, "So it has been four weeks.", mirroring=0.99)
