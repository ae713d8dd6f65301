from __future__ import annotations

from callmon.empathy.readings import (
    AGENT_CONTEXT,
    CUSTOMER_CONTEXT,
    CUSTOMER_WORDS,
    ECHOED,
    LONGEST_HEAD,
    OWN_CONTEXT,
    readings,
)


def test_each_sentence_is_read_with_its_party_and_what_came_before(conversation) -> None:
    turns = conversation(
        ("agent", "How can I help?"), ("customer", "It's broken. I'm upset.")
    )
    assert [(r.turn, r.party, r.text, r.context) for r in readings(turns)] == [
        (0, "agent", "agent how can i help", ""),
        (1, "customer", "customer it is broken", "agent how can i help"),
        (
            1,
            "customer",
            "customer i am upset",
            "agent how can i help customer it is broken",
        ),
    ]


def test_a_backchannel_is_no_context_and_is_not_read(conversation) -> None:
    turns = conversation(
        ("customer", "My bill is wrong."), ("agent", "Mm-hmm."), ("customer", "Again.")
    )
    assert [r.turn for r in readings(turns)] == [0, 2]
    assert readings(turns)[1].context == "customer my bill is wrong"


def test_other_voices_are_not_read(conversation) -> None:
    turns = conversation(
        ("other", "All agents are busy."), ("unknown", "Hello?"), ("agent", "Hi.")
    )
    assert [(r.turn, r.context) for r in readings(turns)] == [(2, "")]


def test_the_context_is_no_longer_than_its_room(conversation) -> None:
    told = " ".join(f"w{n}" for n in range(200))
    turns = conversation(("customer", told), ("agent", "I see."), ("customer", told))
    answer, last = (
        next(r for r in readings(turns) if r.turn == number) for number in (1, 2)
    )
    assert len(answer.context.split()) == AGENT_CONTEXT + 1  # and the party's name
    assert len(last.context.split()) == CUSTOMER_CONTEXT + 2  # and those of two parties


def test_a_few_words_of_the_customer_are_read_with_more_of_what_was_said(
    conversation,
) -> None:
    said = " ".join(f"w{n}" for n in range(100))
    turns = conversation(("agent", said), ("customer", "Not before Easter."))
    context = readings(turns)[-1].context.split()
    assert len(context) == CUSTOMER_WORDS - 3 + 1


def test_what_an_agent_echoes_is_read_however_far_back_it_was_said(conversation) -> None:
    before, after = (" ".join(f"{x}{n}" for n in range(30)) for x in "ab")
    told = f"{before} asleep on a borrowed mattress {after}."
    turns = conversation(("customer", told), ("agent", "A borrowed mattress."))
    context = readings(turns)[-1].context.split()
    echoed, latest = context[1 : 1 + ECHOED], context[2 + ECHOED :]
    assert {"borrowed", "mattress"} <= set(echoed)
    assert len(echoed) + len(latest) == AGENT_CONTEXT
    assert latest[-1] == "b29"


def test_a_short_word_said_again_is_no_echo(conversation) -> None:
    told = " ".join(["the", "cat", *(f"w{n}" for n in range(60))])
    turns = conversation(("customer", told), ("agent", "The cat."))
    assert readings(turns)[-1].context.split().count("customer") == 1


def test_of_a_long_turn_the_beginning_and_the_end_are_kept(conversation) -> None:
    told = " ".join(f"w{n}" for n in range(100))
    turns = conversation(("customer", told), ("agent", "I see."))
    context = readings(turns)[-1].context.split()
    head = [f"w{n}" for n in range(LONGEST_HEAD)]
    assert context[: LONGEST_HEAD + 1] == ["customer", *head]
    assert context[-1] == "w99"


def test_a_long_answer_is_read_with_what_it_answers_in_sight(conversation) -> None:
    said = " ".join(f"w{n}" for n in range(30))
    turns = conversation(("customer", "My lamp is broken."), ("agent", f"{said}. I see."))
    context = readings(turns)[-1].context
    own = " ".join(f"w{n}" for n in range(30 - OWN_CONTEXT, 30))
    assert context == f"customer my lamp is broken agent {own}"


def test_a_turn_without_a_word_leaves_no_trace(conversation) -> None:
    turns = conversation(("customer", "..."), ("agent", "Hello."))
    assert [(r.turn, r.context) for r in readings(turns)] == [(1, "")]
