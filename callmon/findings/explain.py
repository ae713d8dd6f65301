"""Puts a finding into words, from the facts of its moment.

Which sentences are said, and what stands in them, follows from what was said and done;
the rubric has the sentences. A fact that is not known is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from callmon.call import (
    Behaviour,
    Commitment,
    Evidence,
    Interruption,
    Interval,
    Opportunity,
    Turn,
)
from callmon.findings.case import Case
from callmon.findings.facts import (
    about,
    at,
    did,
    keywords,
    last_words,
    move,
    plan_of,
    seconds,
    voice,
)
from callmon.findings.windows import comes_again
from callmon.findings.words import shortened

Explained = tuple[str, str]
"""What happened, and what would have cleared it."""


def of_answer(case: Case, opportunity: Opportunity) -> Explained:
    """For a moment that was missed, by the rung its answer reached."""
    said = [_opening(case, opportunity), voice(case, opportunity)]
    missing, cleared = _missing(case, opportunity)
    said += [missing, _consequence(case, opportunity), _recovery(case, opportunity)]
    change = case.outcome(opportunity).settling
    if change is not None and abs(change) >= case.rules.settled:
        said.append(case.rules.wording["calmer" if change < 0 else "louder"])
    return " ".join(filter(None, said)), cleared


def of_telling(case: Case, opportunity: Opportunity) -> Explained:
    words = case.rules.wording
    quote, start = case.telling_words(opportunity)
    text = words["no_mirroring"].format(
        quote=shortened(quote), at=at(start), did=did(case, opportunity)
    )
    named = keywords(case, quote)
    if len(named) < 2:  # one word says nothing of a problem
        return text, words["cleared_mirroring"]
    return text, words["cleared_mirroring_words"].format(words=", ".join(named))


def of_nothing_promised(
    case: Case, opportunity: Opportunity, handed: Sequence[Commitment]
) -> Explained:
    """`handed` are the promises to put the caller through, if any."""
    words = case.rules.wording
    quote, start = case.telling_words(opportunity)
    facts = {"quote": shortened(quote), "at": at(start)}
    if handed:
        promise = shortened(handed[-1].quote)
        text = words["no_commitment_handed"].format(promise=promise, **facts)
    else:
        last = last_words(case.by_agent[-1])
        text = words["no_commitment"].format(last=last, **facts)
    return text, words["cleared_commitment"]


def of_vague_promises(
    case: Case, opportunity: Opportunity, vague: Sequence[Commitment]
) -> Explained:
    words = case.rules.wording
    quote, start = case.telling_words(opportunity)
    name = "vague_commitment" if len(vague) == 1 else "vague_commitments"
    facts = {"number": str(len(vague))} if len(vague) > 1 else {}
    text = words[name].format(
        quote=shortened(quote), at=at(start), promise=shortened(vague[0].quote), **facts
    )
    return text, words["cleared_vague"]


def of_open_date(case: Case, promise: Commitment, asked: Sequence[Turn]) -> Explained:
    """`asked` are the caller's questions for the when, which nobody answered."""
    words = case.rules.wording
    facts = {"promise": shortened(promise.quote), "at": at(promise.start)}
    if asked:
        question = last_words(asked[0])
        text = words["no_expectation_asked"].format(question=question, **facts)
    else:
        text = words["no_expectation_set"].format(**facts)
    return text, words["cleared_expectation"]


def of_interruption(case: Case, cut: Turn, interruption: Interruption) -> Explained:
    words = case.rules.wording
    text = words["interrupted"].format(
        quote=last_words(cut, until=interruption.start),
        at=at(interruption.start),
        answer=shortened(case.turn(interruption.turn).text),
        seconds=f"{interruption.end - interruption.start:.1f}",
    )
    return text, words["cleared_interrupted"]


def of_breaking_off(case: Case, cut: Turn, by: Turn) -> Explained:
    words = case.rules.wording
    text = words["interrupted_written"].format(
        quote=last_words(cut), answer=shortened(by.text)
    )
    return text, words["cleared_interrupted"]


def of_silence(
    case: Case, silence: Interval, opportunity: Opportunity, spoken: Sequence[Turn]
) -> Explained:
    """`spoken` are the turns before the silence."""
    words = case.rules.wording
    facts = {
        "seconds": str(round(silence.duration)),
        "at": at(silence.start),
        "quote": shortened(key_evidence(opportunity).quote),
    }
    if spoken and spoken[-1].party == "agent":
        last = last_words(spoken[-1])
        text = words["silence_after"].format(last=last, **facts)
    else:
        text = words["silence"].format(**facts)
    return text, words["cleared_silence"]


def of_second_telling(case: Case, again: Turn, before: Turn, answer: Turn) -> Explained:
    """`answer` is the agent's last turn before the second telling."""
    words = case.rules.wording
    text = words["repeated"].format(
        quote=shortened(again.text),
        at=at(again.start),
        before=at(before.start),
        did=move(case, answer),
    )
    return text, words["cleared_repeated"]


def of_script(case: Case, said: Sequence[Behaviour]) -> Explained:
    words = case.rules.wording
    text = words["scripted"].format(
        quote=shortened(said[0].quote),
        number=len(said),
        places=",".join(at(one.start) for one in said if one.start is not None),
    )
    return text, words["cleared_scripted"]


def of_closing(case: Case, last: Turn) -> Explained:
    words = case.rules.wording
    return words["closing"].format(last=last_words(last)), words["cleared_closing"]


def of_commendation(
    case: Case, opportunity: Opportunity, named: Behaviour, acted: Behaviour
) -> str:
    words = case.rules.wording
    key = key_evidence(opportunity)
    facts = {
        "quote": shortened(key.quote),
        "at": at(key.start),
        "answer": shortened(named.quote),
        "step": shortened(acted.quote),
    }
    delay = case.outcome(opportunity).delay
    if delay is None:
        return words["commended"].format(**facts)
    return words["commended_sooner"].format(seconds=seconds(delay), **facts)


def key_evidence(opportunity: Opportunity) -> Evidence:
    """The last words of the moment: what the agent had just heard."""
    return opportunity.evidence[-1]


def _opening(case: Case, opportunity: Opportunity) -> str:
    """What the caller said, and what the agent did then."""
    words = case.rules.wording
    key = key_evidence(opportunity)
    then = did(case, opportunity)
    if opportunity.cue == "vocal":
        return words["after_voice"].format(at=at(key.start), did=then)
    return words["after"].format(quote=shortened(key.quote), at=at(key.start), did=then)


def _missing(case: Case, opportunity: Opportunity) -> Explained:
    """What the answer left out, and what would have met the moment."""
    words = case.rules.wording
    rung = case.outcome(opportunity).rung
    feeling = case.rules.feelings[opportunity.emotion]
    named = about(case, opportunity)
    circumstance = named != feeling
    plan = plan_of(case, opportunity)
    if opportunity.valence == "positive":
        missing, cleared = words["joy"], words["cleared_joy"]
    elif rung == "dismissed":
        missing = words["dismissed_about" if circumstance else "dismissed"]
        cleared = words["cleared_dismissed"]
    elif rung == "sorry_only":
        missing = words["sorry_about" if circumstance else "sorry"]
        cleared = words["cleared_sorry_has_plan" if plan else "cleared_sorry"]
    else:
        cleared = words["cleared_has_plan" if plan else "cleared_plan"]
        missing = words[_without_a_word(case, opportunity, circumstance=circumstance)]
    held = {b.behaviour: b.quote for b in case.held(opportunity)}
    thanks = shortened(held.get("patience_thanks", ""))
    facts = {"feeling": feeling, "about": named, "plan": plan, "thanks": thanks}
    return missing.format(**facts), cleared.format(**facts)


def _without_a_word(case: Case, opportunity: Opportunity, *, circumstance: bool) -> str:
    """Which sentence tells best what the answer did instead of a word for the feeling."""
    held = {b.behaviour for b in case.held(opportunity)}
    if case.outcome(opportunity).rung == "solved_only":
        if plan_of(case, opportunity):
            return "missed_plan"
        return "missed_asked" if "exploration" in held else "missed_solved"
    if "patience_thanks" in held:
        return "missed_thanks"
    if circumstance:
        return "missed_ignored_about"
    several = len(case.window(opportunity)) > 1
    return "missed_ignored_twice" if several else "missed_ignored"


def _consequence(case: Case, opportunity: Opportunity) -> str:
    """That the feeling came again soon, where the caller's next moment tells of it."""
    later = [
        other
        for other in case.opportunities
        if other.turns[0] > opportunity.turns[-1] and other.cue != "vocal"
    ]
    if not later or not comes_again(opportunity, later[0], case.rules):
        return ""
    key = later[0].evidence[0]
    return case.rules.wording["again"].format(quote=shortened(key.quote), at=at(key.start))


def _recovery(case: Case, opportunity: Opportunity) -> str:
    """The words that met the moment after its window."""
    outcome, words = case.outcome(opportunity), case.rules.wording
    later = [
        b
        for response in case.responses
        if response.opportunity == opportunity.id and response.recovery
        for b in response.behaviours
        if b.behaviour == "acknowledgement"
    ]
    if not outcome.recovered or not later:
        return ""
    quote = shortened(later[0].quote)
    if outcome.delay is None:
        return words["later_untimed"].format(words=quote)
    return words["later"].format(delay=seconds(outcome.delay), words=quote)
