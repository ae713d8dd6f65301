from __future__ import annotations

import pytest

from callmon.speech.transcripts.labels import is_voice, looks_like_name, party_of


@pytest.mark.parametrize(
    "label",
    [
        "Agent",
        "AGENT 2",
        "Customer Service Rep",
        "advisor (Tom)",
        "Operator",
        "Tech support",
    ],
)
def test_labels_of_the_company_are_agents(label: str) -> None:
    assert party_of(label) == "agent"


@pytest.mark.parametrize("label", ["Customer", "caller 1", "CLIENT", "Guest", "Member"])
def test_labels_of_the_caller_are_customers(label: str) -> None:
    assert party_of(label) == "customer"


@pytest.mark.parametrize(
    "label", ["IVR", "System", "Announcement", "Virtual Agent", "Other"]
)
def test_labels_of_machines_are_other(label: str) -> None:
    assert party_of(label) == "other"


@pytest.mark.parametrize("label", ["Laura", "Speaker 1", "SPEAKER_00", "left", ""])
def test_names_and_voices_are_no_party(label: str) -> None:
    assert party_of(label) is None


def test_a_voice_stays_a_voice_whatever_its_name_holds() -> None:
    assert party_of("Speaker customer") is None


def test_a_long_text_with_a_party_in_it_is_no_label() -> None:
    assert party_of("what the agent said to me then") is None


def test_a_very_long_label_is_looked_at_in_no_time() -> None:
    label = "speaker" + "a" * 1_000_000 + "!"
    assert not is_voice(label)


@pytest.mark.parametrize("text", ["Laura", "Mr. O'Neill", "ANNA", "Agente 2", "José María"])
def test_names_look_like_names(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize("text", ["so I said", "the thing is", "http", "1 of them", ""])
def test_other_words_do_not(text: str) -> None:
    assert not looks_like_name(text)
