from __future__ import annotations

import pytest

from callmon.call import Tone, TonePart, Turn, Word
from callmon.empathy.opportunities import find_opportunities
from tests.unit.empathy.fake_model import ENOUGH, VETO, FakeModel, with_thresholds


def tone(turn: int, label: str, *, confidence: float = 0.9) -> Tone:
    return Tone(
        turn=turn,
        arousal=3.0,
        label=label,
        confidence=confidence,
        measures={},
        unscorable=None,
    )


def test_a_named_feeling_is_explicit(conversation, rubric) -> None:
    turns = conversation(
        ("agent", "Hello."), ("customer", "Honestly, I'm annoyed by this.")
    )
    (found,) = find_opportunities(turns, (), rubric)
    assert (found.cue, found.emotion, found.valence) == (
        "explicit",
        "frustration",
        "negative",
    )
    assert found.strength == 2
    assert found.turns == (1,)


def test_an_intensifier_makes_a_feeling_stronger_and_a_softener_weaker(
    conversation, rubric
) -> None:
    said = ["I'm extremely worried.", "I'm worried.", "I'm a little worried."]
    strengths = [
        find_opportunities(conversation(("customer", text)), (), rubric)[0].strength
        for text in said
    ]
    assert strengths == [3, 2, 1]


def test_a_circumstance_is_implicit(conversation, rubric) -> None:
    turns = conversation(("customer", "My wallet was stolen on the bus."))
    (found,) = find_opportunities(turns, (), rubric)
    assert (found.cue, found.emotion) == ("implicit", "anxiety")


def test_trouble_beside_good_news_is_trouble(conversation, rubric) -> None:
    turns = conversation(
        ("customer", "I've been without hot water since Sunday and I've got a newborn.")
    )
    (found,) = find_opportunities(turns, (), rubric)
    assert found.valence == "negative"


def test_good_news_is_positive(conversation, rubric) -> None:
    turns = conversation(("customer", "We're over the moon, we just had a baby!"))
    (found,) = find_opportunities(turns, (), rubric)
    assert (found.emotion, found.valence) == ("joy", "positive")


@pytest.mark.parametrize(
    "text",
    [
        "Thanks so much.",
        "It's still not working.",
        "I'm not angry, I only wanted to ask.",
        "I'd like to change my address.",
        "Lovely weather today, isn't it?",
        "My account number is four two seven.",
        "I'd love to move my appointment to Friday.",
        "How much is the delivery?",
        "Could you send me a copy of the bill?",
        "It's my savings account, not the other one.",
    ],
)
def test_requests_faults_and_politeness_are_no_opportunities(
    conversation, rubric, text: str
) -> None:
    assert find_opportunities(conversation(("customer", text)), (), rubric) == ()


def test_turns_parted_by_a_backchannel_are_one_moment(conversation, rubric) -> None:
    turns = conversation(
        ("customer", "I've been waiting for six weeks."),
        ("agent", "Okay."),
        ("customer", "I'm so fed up."),
    )
    (found,) = find_opportunities(turns, (), rubric)
    assert found.turns == (0, 2)
    assert (found.start, found.end) == (0.0, 14.0)


def test_after_an_answer_the_same_feeling_is_a_new_moment(conversation, rubric) -> None:
    turns = conversation(
        ("customer", "I'm so fed up."),
        ("agent", "What is your order number?"),
        ("customer", "I'm really fed up with this."),
    )
    assert [found.id for found in find_opportunities(turns, (), rubric)] == ["o1", "o2"]


def test_evidence_is_an_exact_quote_with_the_seconds_of_its_words(rubric) -> None:
    words = ("Hello.", "I'm", "so", "upset.")
    turn = Turn(
        index=0,
        party="customer",
        party_confidence=1.0,
        start=0.0,
        end=4.0,
        text=" ".join(words),
        words=tuple(
            Word(text=word, start=float(n), end=n + 0.9, confidence=0.8)
            for n, word in enumerate(words)
        ),
        speaker="left",
        confidence=0.8,
    )
    (found,) = find_opportunities((turn,), (), rubric)
    (evidence,) = found.evidence
    assert evidence.quote == "I'm so upset"
    assert (evidence.start, evidence.end) == (1.0, 3.9)
    assert evidence.source == "feels.upset"
    assert found.confidence < 0.8


def test_a_raised_voice_strengthens_an_implicit_cue(conversation, rubric) -> None:
    turns = conversation(("customer", "I was charged twice."))
    (calm,) = find_opportunities(turns, (), rubric)
    (loud,) = find_opportunities(turns, (tone(0, "raised"),), rubric)
    assert (calm.strength, loud.strength) == (2, 3)


@pytest.mark.parametrize(("loud", "strength"), [(0, 3), (1, 2)])
def test_a_raised_voice_counts_in_the_sentence_of_the_cue(
    conversation, rubric, loud: int, strength: int
) -> None:
    (turn,) = conversation(("customer", "I was charged twice. It is the blue one."))
    words = tuple(
        Word(text=text, start=0.4 * at, end=0.4 * at + 0.3, confidence=1.0)
        for at, text in enumerate(turn.text.split())
    )
    parts = tuple(
        TonePart(
            start=start,
            end=end,
            arousal=1.5 if number == loud else 0.0,
            label="raised" if number == loud else "ordinary",
            confidence=0.9,
            measures={},
            unscorable=None,
        )
        for number, (start, end) in enumerate(((0.0, 1.5), (1.6, 4.0)))
    )
    whole = tone(0, "raised").model_copy(update={"parts": parts})
    (found,) = find_opportunities(
        [turn.model_copy(update={"words": words})], (whole,), rubric
    )
    assert found.strength == strength


def test_a_strongly_raised_voice_without_a_cue_in_words_is_a_vocal_one(
    conversation, rubric
) -> None:
    turns = conversation(("customer", "It is the blue one."))
    (found,) = find_opportunities(turns, (tone(0, "strongly_raised"),), rubric)
    assert (found.cue, found.strength) == ("vocal", 1)
    assert found.evidence[0].source == "voice"


@pytest.mark.parametrize(
    "heard", [tone(0, "raised"), tone(0, "strongly_raised", confidence=0.4)]
)
def test_a_voice_that_is_less_raised_or_less_sure_is_none(
    conversation, rubric, heard: Tone
) -> None:
    turns = conversation(("customer", "It is the blue one."))
    assert find_opportunities(turns, (heard,), rubric) == ()


@pytest.mark.parametrize("party", ["agent", "other", "unknown"])
def test_only_the_customer_is_judged(conversation, rubric, party) -> None:
    turns = conversation((party, "I'm so angry about this."))
    assert find_opportunities(turns, (tone(0, "strongly_raised"),), rubric) == ()


def test_markup_and_control_characters_are_only_words(conversation, rubric) -> None:
    turns = conversation(("customer", "<b>I'm so\x1b[31m upset</b>\x00 {feeling}"))
    (found,) = find_opportunities(turns, (), rubric)
    assert found.evidence[0].quote in turns[0].text


# What the text model says is weighed with the rules.


def weighed(conversation, rubric, text: str, **opinion: float):
    """The opportunities in a customer's sentence of which the model thinks this."""
    turns = conversation(("customer", text))
    shares = {name.replace("_", "."): share for name, share in opinion.items()}
    return find_opportunities(
        turns, (), with_thresholds(rubric), FakeModel({"": shares}).read(turns)
    )


def test_the_model_finds_what_no_rule_knows(conversation, rubric) -> None:
    text = "My heart sank a little when I opened the envelope."
    (found,) = weighed(
        conversation,
        rubric,
        text,
        customer_opportunity=0.9,
        customer_explicit=0.3,
        emotion_disappointment=0.8,
        strength_2=0.7,
    )
    assert (found.cue, found.emotion, found.strength) == ("implicit", "disappointment", 2)
    assert found.confidence == 0.9
    assert [e.source for e in found.evidence] == ["model 0.90"]


def test_a_rule_that_says_the_same_is_named_beside_the_model(conversation, rubric) -> None:
    (found,) = weighed(conversation, rubric, "I'm fed up.", customer_opportunity=0.8)
    assert found.evidence[0].source == "model 0.80 + feels.fed_up"


def test_every_rule_of_a_like_feeling_is_named_and_none_of_another(
    conversation, rubric
) -> None:
    text = "I'm so frustrated, I've waited three weeks."
    (upset,) = weighed(conversation, rubric, text, customer_opportunity=0.8)
    assert upset.evidence[0].source == "model 0.80 + feels.frustrated + wait.long"
    (glad,) = weighed(conversation, rubric, text, customer_opportunity=0.8, emotion_joy=0.9)
    assert glad.evidence[0].source == "model 0.80"


def test_kind_words_do_not_hide_the_trouble_after_them(conversation, rubric) -> None:
    text = "You've been wonderful. But there's been no heating for three weeks."
    turns = conversation(("customer", text))
    kind = {
        "customer.opportunity": 0.9,
        "customer.explicit": 0.9,
        "emotion.joy": 0.9,
        "strength.2": 0.8,
    }
    cold = {
        "customer.opportunity": 0.9,
        "customer.explicit": 0.1,
        "emotion.frustration": 0.9,
        "strength.2": 0.8,
    }
    reads = FakeModel({"wonderful": kind, "heating": cold}).read(turns)
    (found,) = find_opportunities(turns, (), with_thresholds(rubric), reads)
    assert (found.valence, found.cue) == ("negative", "implicit")
    stronger = FakeModel({"wonderful": kind | {"strength.3": 0.9}, "heating": cold}).read(
        turns
    )
    (found,) = find_opportunities(turns, (), with_thresholds(rubric), stronger)
    assert found.valence == "positive"


def test_the_threshold_of_the_rubric_itself_is_enough(conversation, rubric) -> None:
    text = "My heart sank a little."
    assert weighed(conversation, rubric, text, customer_opportunity=ENOUGH)
    assert not weighed(conversation, rubric, text, customer_opportunity=ENOUGH - 0.01)


def test_a_rule_adds_what_the_model_is_unsure_of(conversation, rubric) -> None:
    (found,) = weighed(conversation, rubric, "I'm fed up.", customer_opportunity=VETO)
    assert found.evidence[0].source == "feels.fed_up"


def test_a_model_that_is_sure_of_nothing_there_silences_a_rule(
    conversation, rubric
) -> None:
    assert not weighed(
        conversation, rubric, "I'm fed up.", customer_opportunity=VETO - 0.001
    )


def test_a_loud_voice_counts_where_the_model_found_no_words(conversation, rubric) -> None:
    turns = conversation(("customer", "I'm fed up."))
    reads = FakeModel(share=0.0).read(turns)
    (found,) = find_opportunities(turns, (tone(0, "strongly_raised"),), rubric, reads)
    assert found.cue == "vocal"
