"""Which party a speaker's label in a transcript stands for."""

from __future__ import annotations

import re

from callmon.call import Party

# Words of labels, as call recorders, help desks and captioners write them. The order is
# that of the checks: "virtual agent" is a machine, "customer service" an agent.
_WORDS: dict[Party, str] = {
    "other": """
        other ivr system announcement announcer recording automated virtual bot chatbot
        voicemail menu background hold""",
    "agent": """
        agent representative rep csr advisor adviser advocate operator support service
        services care helpdesk desk associate assistant specialist consultant technician
        dispatcher receptionist supervisor manager teamleader employee staff""",
    "customer": """
        customer caller client consumer member guest patient policyholder user subscriber
        shopper buyer tenant passenger""",
}
_PARTIES = {word: party for party, words in _WORDS.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")
# Labels of diarizers say which voice it is, never who: "Speaker 1", "SPEAKER_00".
_VOICE = re.compile(r"(?:speaker|spk|channel|voice)(?:\d*|[ _-].*)", re.IGNORECASE)
# "Laura", "Mr. O'Neill", "ANNA", "Agente 2": every word begins with a capital or digit.
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’-]*(?: [^\W_a-zß-ÿ][\w.'’-]*){0,3}")
LONGEST_LABEL = 40


def party_of(label: str) -> Party | None:
    """The party that a label names, whatever its case; None for names and voices.

    `Agent 2`, `SUPPORT` and `Customer Service Rep` are agents, `Caller (female)` is a
    customer, `IVR` and `System` are other.
    """
    words = {word.casefold() for word in _WORD.findall(label)}
    # A longer text that happens to hold such a word is no label.
    if len(words) > 4 or is_voice(label):
        return None
    named = {_PARTIES[word] for word in words & _PARTIES.keys()}
    return next((party for party in _WORDS if party in named), None)


def is_label(text: str) -> bool:
    """Whether a text stands for a speaker for certain, by its words alone."""
    return party_of(text) is not None or is_voice(text)


def is_voice(text: str) -> bool:
    """Whether a label counts voices without saying whose they are."""
    return _VOICE.fullmatch(text.strip()) is not None


def looks_like_name(text: str) -> bool:
    """Whether a text could be the name of a speaker: "Laura" is, "so I said" is not."""
    return _NAME.fullmatch(text.strip()) is not None
