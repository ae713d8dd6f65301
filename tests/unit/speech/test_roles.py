"""Roles by the user's word, by labels, and by what is said; never by who speaks first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callmon.call import Party, Segment
from callmon.errors import BadSettings
from callmon.speech.roles import SURE_ENOUGH, Evidence, assign_roles, read_evidence, weigh

AGENT = "Thank you for calling, my name is Lee, how can I help you today?"
CUSTOMER = "My internet stopped working and I've been waiting for weeks."


def said(speaker: str, text: str, party: Party | None = None) -> Segment:
    return Segment(speaker=speaker, start=None, end=None, text=text, party=party)


def parties(*segments: Segment, agent: str | None = None) -> dict[str, str]:
    return {k: role.party for k, role in assign_roles(segments, agent=agent).items()}


def test_words_tell_the_agent_from_the_customer() -> None:
    found = parties(said("left", AGENT), said("right", CUSTOMER))
    assert found == {"left": "agent", "right": "customer"}


def test_who_speaks_first_does_not_matter() -> None:
    found = parties(said("left", CUSTOMER), said("right", AGENT))
    assert found == {"left": "customer", "right": "agent"}


def test_recognition_without_punctuation_and_apostrophes_is_enough() -> None:
    found = parties(
        said("left", "thanks for calling this is lee how may i assist"),
        said("right", "im calling about my bill ive been waiting"),
    )
    assert found == {"left": "agent", "right": "customer"}


def test_one_clear_side_tells_the_other() -> None:
    found = parties(said("left", AGENT), said("right", "Kornblum."))
    assert found["right"] == "customer"


def test_without_evidence_both_are_unknown() -> None:
    roles = assign_roles([said("left", "Hello."), said("right", "Hello there.")])
    assert {role.party for role in roles.values()} == {"unknown"}
    assert all(role.confidence < SURE_ENOUGH for role in roles.values())


def test_one_speaker_alone_is_judged_by_the_own_words() -> None:
    assert parties(said("left", AGENT)) == {"left": "agent"}
    assert parties(said("left", "Hello.")) == {"left": "unknown"}


def test_more_evidence_is_surer() -> None:
    little = assign_roles([said("left", "How can I help you?"), said("right", "")])
    much = assign_roles([said("left", AGENT), said("right", CUSTOMER)])
    assert little["left"].confidence < much["left"].confidence < 1.0


def test_a_phrase_said_again_and_again_is_not_surer() -> None:
    twice = assign_roles([said("left", "one moment " * 2), said("right", "")])
    often = assign_roles([said("left", "one moment " * 50), said("right", "")])
    assert twice == often


def test_reasons_are_in_words_for_people() -> None:
    roles = assign_roles([said("left", AGENT), said("right", CUSTOMER)])
    assert "offers help" in roles["left"].reasons
    assert "tells a problem" in roles["right"].reasons


def test_the_user_knows_best() -> None:
    roles = assign_roles([said("left", AGENT), said("right", CUSTOMER)], agent="right")
    assert (roles["right"].party, roles["right"].confidence) == ("agent", 1.0)
    assert (roles["left"].party, roles["left"].confidence) == ("customer", 1.0)


def test_the_named_channel_may_be_silent() -> None:
    assert parties(said("right", CUSTOMER), agent="left") == {"right": "customer"}


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(BadSettings, match=r"'speaker 2'.*'left', 'right'"):
        parties(said("left", AGENT), said("right", CUSTOMER), agent="speaker 2")


def test_a_channel_names_nobody_where_one_channel_holds_both_voices() -> None:
    with pytest.raises(BadSettings, match="--agent-speaker"):
        parties(said("speaker 1", AGENT), said("speaker 2", CUSTOMER), agent="left")


def test_labels_win_over_words_and_the_named_agent() -> None:
    found = parties(
        said("Anna", CUSTOMER, "agent"), said("Ben", AGENT, "customer"), agent="left"
    )
    assert found == {"Anna": "agent", "Ben": "customer"}


def test_contradicting_labels_lower_the_confidence() -> None:
    labels: list[Party] = ["agent", "agent", "agent", "customer"]
    roles = assign_roles([said("Anna", "Hm.", label) for label in labels])
    assert (roles["Anna"].party, roles["Anna"].confidence) == ("agent", 0.75)


def test_the_second_speaker_follows_from_a_label() -> None:
    found = parties(said("Anna", "Hm.", "customer"), said("Ben", "Hm."))
    assert found == {"Anna": "customer", "Ben": "agent"}


def test_a_third_voice_is_judged_by_itself() -> None:
    found = parties(said("a", AGENT), said("b", CUSTOMER), said("c", "Hello."))
    assert found == {"a": "agent", "b": "customer", "c": "unknown"}


def test_nobody_has_no_role() -> None:
    assert assign_roles([]) == {}


@pytest.mark.parametrize("evidence", read_evidence(), ids=lambda evidence: evidence.reason)
def test_every_example_is_found(evidence: Evidence) -> None:
    for example in evidence.examples:
        assert evidence in weigh(example), example


def test_roles_of_labelled_dialogues(shared: Path) -> None:
    """On dialogues that the evidence was not written from: most are told, few wrongly."""
    agents: list[str] = []
    for file in sorted((shared / "dialogues" / "calls").glob("*.json")):
        turns = json.loads(file.read_text(encoding="utf-8"))["turns"]
        segments = [said(t["party"], t["text"]) for t in turns if t["party"] != "other"]
        agents.append(parties(*segments)["agent"])
    assert agents.count("agent") >= 0.85 * len(agents)
    assert agents.count("customer") <= 0.05 * len(agents)
