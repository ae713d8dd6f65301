"""The coding scheme's words as people read them, and text made harmless to show."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from datetime import datetime
from typing import Final

from callmon import intervals
from callmon.call import (
    Behaviour,
    Commitment,
    CommitmentLevel,
    Cue,
    Dynamics,
    FindingKind,
    Opinion,
    OutcomeName,
    Party,
    Promiser,
    Rung,
    Severity,
    ToneLabel,
    VoiceTrend,
)

PARTIES: Final[dict[Party, str]] = {
    "agent": "Agent",
    "customer": "Customer",
    "other": "Other voice",
    "unknown": "Unknown voice",
}

FINDINGS: Final[dict[FindingKind, str]] = {
    "missed_empathy": "The feeling was not met",
    "dismissive_response": "The feeling was set aside",
    "sympathy_without_empathy": "Sorry, but no word for the feeling",
    "missed_joy": "Good news passed by",
    "no_mirroring": "The problem was not given back",
    "no_commitment": "No word of what happens next",
    "vague_commitment": "Only a vague promise",
    "no_expectation_set": "A promise without a when",
    "interrupted_customer": "The customer was interrupted",
    "unexplained_silence": "Silence without a word of why",
    "repeated_telling": "The problem had to be told again",
    "scripted_empathy": "The same words of empathy again",
    "missing_closing_check": "No check before the goodbye",
}

SEVERITIES: Final[tuple[Severity, ...]] = ("high", "medium", "low")

OUTCOMES: Final[dict[OutcomeName, str]] = {
    "met": "Met",
    "partial": "Partly met",
    "missed": "Missed",
    "impeded": "No chance to answer",
    "unscorable": "Could not be judged",
}

RUNGS: Final[dict[Rung, str]] = {
    "dismissed": "The feeling was set aside.",
    "ignored": "The talk went on without a word for the feeling.",
    "solved_only": "Work on the problem, but no word for the feeling.",
    "sorry_only": "A sorry, but no word of why.",
    "acknowledged": "The feeling was acknowledged in general words.",
    "acknowledged_specific": "The feeling or its cause was named.",
    "full": "The feeling was named and the next step undertaken.",
}

STRENGTHS: Final[dict[int, str]] = {1: "mild", 2: "clear", 3: "strong"}

CUES: Final[dict[Cue, str]] = {
    "explicit": "said in words",
    "implicit": "anybody in that place would feel it",
    "vocal": "heard in the voice, not in the words",
}

TONES: Final[dict[ToneLabel, str]] = {
    "lowered": "voice lowered",
    "ordinary": "voice as usual",
    "raised": "voice raised",
    "strongly_raised": "voice strongly raised",
}

PARTS: Final[dict[str, str]] = {
    "asr": "Speech to text",
    "diarizer": "Voices told apart by",
    "empathy": "Empathy in words",
    "tone": "Tone of voice",
}

ROLES_OF_EVIDENCE: Final[dict[str, str]] = {
    "voice": "heard in the voice",
    "answer": "the answer",
    "first telling": "told the first time",
    "told again": "told again",
    "interrupted": "what was being said",
    "interrupts": "what cut in",
    "silence": "nobody speaks",
    "commitment": "the promise",
    "end of the call": "the agent's last words",
}

LEVELS: Final[dict[CommitmentLevel, str]] = {
    "timed": "what and when",
    "concrete": "what, but not when",
    "vague": "vague",
}

PROMISERS: Final[dict[Promiser, str]] = {"agent": "the agent", "company": "the company"}

AS_BEFORE: Final = 0.5
"""Robust deviations; half of the spread within which a caller's ordinary turns lie."""

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip


def behaviour(said: Behaviour) -> str:
    """For example `specific acknowledgement`."""
    name = said.behaviour.replace("_", " ")
    return f"{said.level} {name}" if said.level else name


def source(name: str) -> str:
    """Where a piece of evidence comes from, or the part it plays; else its rule.

    >>> source("model 0.87 + feels.frustrated")
    'found by the text model (0.87 of 1) and by the rule “feels.frustrated”'
    """
    if role := ROLES_OF_EVIDENCE.get(name):
        return role
    finders = [
        f"by the text model ({part.removeprefix('model ')} of 1)"
        if part.startswith("model ")
        else f"by the rule “{part}”"
        for part in name.split(" + ")
    ]
    return f"found {' and '.join(finders)}"


def settling(change: float) -> str:
    """How the caller's voice went on after the answer, in this caller's own spread.

    >>> settling(-1.52), settling(0.2)
    ('voice calmer afterwards (−1.5)', 'voice afterwards as before')
    """
    if abs(change) < AS_BEFORE:
        return "voice afterwards as before"
    moved = "calmer" if change < 0 else "more raised"
    return f"voice {moved} afterwards ({'−' if change < 0 else '+'}{abs(change):.1f})"


def trend(voice: VoiceTrend) -> str:
    """How the caller's voice went on over the call, where that is more than chance.

    For example `calmer at the end` or `no change beyond chance`.
    """
    change = voice.last - voice.first
    if voice.interval is not None and abs(change) >= AS_BEFORE:
        low, high = voice.interval
        if change < 0 and high < 0:
            return "calmer at the end"
        if change > 0 and low > 0:
            return "more raised at the end"
    return "no change beyond chance"


def ends(voice: VoiceTrend) -> str:
    """The voice in the first and the last third of the customer's turns, in spreads.

    For example `from +1.4 to +0.2 over 9 turns`.
    """
    first, last = (f"{end:+.1f}".replace("-", "−") for end in (voice.first, voice.last))
    return f"from {first} to {last} over {voice.turns} turns"


def due(iso: str) -> str:
    """A date, or a date and time, as people write it.

    >>> due("2026-11-20"), due("2026-11-20T14:30+01:00")
    ('20 November 2026', '20 November 2026, 14:30')
    """
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    day = f"{when.day} {MONTHS[when.month - 1]} {when.year}"
    return f"{day}, {when:%H:%M}" if "T" in iso else day


def promise(made: Commitment) -> str:
    """Who is to keep a promise, and whether it still has to be kept.

    For example `to be kept by the company`.
    """
    return f"to be kept by {PROMISERS[made.who]}" if made.open else "kept in the call"


def interruptions(dynamics: Dynamics) -> str:
    """For example `2 interruptions (agent 1, customer 1)`; empty without any."""
    by = Counter(cut.by for cut in dynamics.interruptions)
    if not by:
        return ""
    who = ", ".join(
        f"{PARTIES[party].lower()} {by[party]}" for party in PARTIES if by[party]
    )
    return f"{by.total()} interruption{'' if by.total() == 1 else 's'} ({who})"


def latency(seconds: float) -> str:
    """For example `after 0.9 s`, or `0.5 s early` before the other has ended."""
    return f"after {seconds:.1f} s" if seconds >= 0 else f"{-seconds:.1f} s early"


def clock(seconds: float | None) -> str:
    """A place in the recording as m:ss, or h:mm:ss from one hour on."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    return intervals.clock(seconds)


def amount(seconds: float) -> str:
    """A length of time: `4.2 s` below ten seconds, `34 s`, from two minutes on `2:05`."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else clock(seconds)


def percent(share: float) -> str:
    return f"{share * 100:.0f} %" if math.isfinite(share) else "–"


def opinion(given: Opinion) -> str:
    """A second opinion in words: whose it is, then what it says."""
    verdict = {"agree": "agrees", "disagree": "disagrees", "unsure": "is not sure"}
    says = verdict[given.verdict] if given.verdict else "has none"
    return f"{given.model} {says}: {given.reason}"


def harmless(text: str) -> str:
    """The text with every character replaced that could steer a terminal or a reader.

    Control characters, the marks that turn the direction of writing (CVE-2021-42574),
    invisible tags and lone surrogates become U+FFFD; line breaks and tabs become a
    space. The joiners that Persian and emoji need stay. Length is unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless_character(character) for character in text)


def _harmless_character(character: str) -> str:
    if character in "\u200c\u200d":
        return character
    category = unicodedata.category(character)
    if character in "\t\n\r" or category in ("Zl", "Zp"):
        return " "
    return "\ufffd" if category in ("Cc", "Cf", "Cs") else character
