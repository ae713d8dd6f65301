"""Roles by the user's word, by labels, and by what is said; never by who speaks first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callmon.call import Party, Segment
from callmon.errors import BadSettings
from callmon.speech.roles.roles import SURE_ENOUGH, assign_roles

AGENT = "Thank you for calling, my name is Lee, how can I help you today?"
CUSTOMER = "My internet stopped working and I've been waiting for weeks."


def said(speaker: str, text: str, party: Party | None = None) -> Segment:
    return Segment(speaker=speaker, start=None, end=None, text=text, party=party)


def parties(*segments: Segment, **known: Any) -> dict[str, str]:
    return {name: role.party for name, role in assign_roles(segments, **known).items()}


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
    assert parties(said("left", CUSTOMER)) == {"left": "customer"}
    assert parties(said("left", "Kornblum.")) == {"left": "unknown"}


def test_more_evidence_is_surer() -> None:
    little = assign_roles([said("left", "How can I help you?"), said("right", "")])
    much = assign_roles([said("left", AGENT), said("right", CUSTOMER)])
    assert little["left"].confidence < much["left"].confidence < 1.0


def test_a_phrase_said_again_and_again_is_not_surer() -> None:
    twice = assign_roles([said("left", "Thank you.")] * 2 + [said("right", "")])
    often = assign_roles([said("left", "Thank you.")] * 50 + [said("right", "")])
    assert twice["left"].confidence == often["left"].confidence


def test_reasons_are_in_words_for_people() -> None:
    roles = assign_roles([said("left", AGENT), said("right", CUSTOMER)])
    assert any("how can I help" in reason for reason in roles["left"].reasons)
    assert any("My internet" in reason for reason in roles["right"].reasons)


def test_the_user_knows_best() -> None:
    roles = assign_roles([said("left", AGENT), said("right", CUSTOMER)], agent="right")
    assert (roles["right"].party, roles["right"].confidence) == ("agent", 1.0)
    assert (roles["left"].party, roles["left"].confidence) == ("customer", 1.0)


def test_the_named_channel_may_be_silent() -> None:
    assert parties(said("right", CUSTOMER), agent="left") == {"right": "customer"}


def test_the_named_voice_among_several_is_the_agent() -> None:
    found = parties(
        said("speaker 1", AGENT),
        said("speaker 2", "Hm."),
        said("speaker 3", CUSTOMER),
        agent="speaker 2",
    )
    assert (found["speaker 2"], found["speaker 3"]) == ("agent", "customer")


def test_voices_with_names_of_their_own_are_counted() -> None:
    found = parties(said("Anna", "Hm."), said("Ben", "Hm."), agent="speaker 2")
    assert found == {"Anna": "customer", "Ben": "agent"}


def test_voices_that_are_numbered_are_not_counted() -> None:
    found = parties(said("Speaker 2", "Hm."), said("Speaker 1", "Hm."), agent="speaker 2")
    assert found == {"Speaker 2": "agent", "Speaker 1": "customer"}


def test_counted_voices_are_not_counted_again() -> None:
    with pytest.raises(BadSettings, match="'speaker 1', 'speaker 3'"):
        parties(said("speaker 1", "Hm."), said("speaker 3", "Hm."), agent="speaker 2")


def test_on_two_channels_the_other_option_is_told() -> None:
    with pytest.raises(BadSettings, match="--agent-channel"):
        parties(said("left", "Hm."), said("right", "Hm."), agent="speaker 2")


def test_the_channel_of_the_settings_beats_the_words() -> None:
    roles = assign_roles(
        [said("left", CUSTOMER), said("right", AGENT)], agent_channel="left"
    )
    assert (roles["left"].party, roles["right"].party) == ("agent", "customer")
    assert roles["left"].reasons == ("the agent's channel by the settings",)


def test_the_user_beats_the_channel_of_the_settings() -> None:
    found = parties(
        said("left", "Hm."), said("right", "Hm."), agent="right", agent_channel="left"
    )
    assert found == {"left": "customer", "right": "agent"}


def test_a_call_with_one_channel_does_not_mind_the_channel_of_the_settings() -> None:
    found = parties(
        said("speaker 1", AGENT), said("speaker 2", CUSTOMER), agent_channel="right"
    )
    assert found == {"speaker 1": "agent", "speaker 2": "customer"}


def test_who_says_why_they_call_is_the_agent_when_the_company_calls() -> None:
    segments = [
        said("left", "Hello?"),
        said("right", "I'm calling about the delivery on Thursday."),
    ]
    assert parties(*segments)["right"] != "agent"
    assert parties(*segments, direction="outbound")["right"] == "agent"


def test_under_the_wanted_confidence_the_parties_stay_unknown() -> None:
    segments = [said("left", "How can I help you?"), said("right", "")]
    assert parties(*segments)["left"] == "agent"
    assert parties(*segments, sure_enough=1.0)["left"] == "unknown"


def test_words_of_other_languages_are_not_weighed() -> None:
    segments = [said("left", AGENT), said("right", CUSTOMER)]
    assert set(parties(*segments, language="de").values()) == {"unknown"}
    [reason] = assign_roles(segments, language="de")["left"].reasons
    assert "'de'" in reason
    assert parties(*segments, language="en")["left"] == "agent"


def test_announcements_are_other_and_the_two_people_are_judged_as_two() -> None:
    found = parties(
        said("left (announcement)", "Your call is important to us."),
        said("left", AGENT),
        said("right", "Kornblum."),
    )
    assert found == {
        "left (announcement)": "other",
        "left": "agent",
        "right": "customer",
    }


def test_announcements_do_not_hinder_naming_the_channel() -> None:
    found = parties(
        said("left (announcement)", "Press one."), said("right", "Hm."), agent="left"
    )
    assert found == {"left (announcement)": "other", "right": "customer"}


def test_labels_of_parties_beside_an_unknown_one_are_kept() -> None:
    found = parties(said("a", "Hm.", "unknown"), said("b", "Kornblum."))
    assert found == {"a": "unknown", "b": "unknown"}


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
    found = parties(said("a", AGENT), said("b", CUSTOMER), said("c", "Kornblum."))
    assert found == {"a": "agent", "b": "customer", "c": "unknown"}


def test_a_second_agent_after_a_transfer_is_an_agent() -> None:
    second = (
        "Hi, this is Sam in billing. I can see your account, let me check that for you."
    )
    found = parties(said("a", AGENT), said("b", CUSTOMER), said("c", second))
    assert found == {"a": "agent", "b": "customer", "c": "agent"}


def test_who_takes_the_telephone_for_the_customer_is_a_customer() -> None:
    husband = "It's my wife's account, I paid it last week and they charged me again."
    found = parties(said("a", AGENT), said("b", CUSTOMER), said("c", husband))
    assert found == {"a": "agent", "b": "customer", "c": "customer"}


def test_where_two_speak_as_agents_the_third_is_the_customer() -> None:
    second = (
        "Hi, this is Sam in billing. I can see your account, let me check that for you."
    )
    roles = assign_roles([said("a", AGENT), said("b", second), said("c", "Kornblum.")])
    assert [role.party for role in roles.values()] == ["agent", "agent", "customer"]


def test_with_all_other_voices_named_the_last_follows() -> None:
    found = parties(said("a", "Hm.", "agent"), said("b", "Hm.", "agent"), said("c", "Hm."))
    assert found["c"] == "customer"


def test_two_who_speak_alike_stay_unknown() -> None:
    found = parties(said("a", AGENT), said("b", AGENT))
    assert found == {"a": "unknown", "b": "unknown"}


def test_nobody_has_no_role() -> None:
    assert assign_roles([]) == {}


def test_enormous_evidence_is_weighed() -> None:
    segments = [said(name, f"{AGENT} {CUSTOMER} " * 300) for name in "abc"]
    assert set(parties(*segments).values()) == {"unknown"}


def test_roles_of_labelled_dialogues(shared: Path) -> None:
    """Calls that nothing was learned from: at least 95 % told, of those 99 % right."""
    agents: list[str] = []
    for file in sorted((shared / "dialogues" / "calls").glob("*.json")):
        turns = json.loads(file.read_text(encoding="utf-8"))["turns"]
        segments = [said(t["party"], t["text"]) for t in turns if t["party"] != "other"]
        agents.append(parties(*segments)["agent"])
    told = len(agents) - agents.count("unknown")
    assert told >= 0.95 * len(agents)
    assert agents.count("agent") >= 0.99 * told


def test_words_that_the_recogniser_doubts_tell_nothing() -> None:
    doubted = [
        said(speaker, text).model_copy(update={"confidence": 0.4})
        for speaker, text in (("left", AGENT), ("right", CUSTOMER))
    ]
    assert parties(*doubted) == {"left": "unknown", "right": "unknown"}
