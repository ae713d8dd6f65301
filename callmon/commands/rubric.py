"""`callmon rubric check|show|explain`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from rich.padding import Padding
from rich.text import Text

from callmon.commands.engine import load_text_model
from callmon.commands.output import console, say, write_text
from callmon.empathy.explain import (
    ExplainedSentence,
    Explanation,
    MatchedRule,
    PartPlayed,
    explain,
)
from callmon.empathy.problems import line_of, problems
from callmon.empathy.rubric_file import Checked, check_rubric, load_rubric, read_text
from callmon.empathy.sentences import sentences
from callmon.errors import BadSettings
from callmon.findings.rules import Rules
from callmon.guide.contents import make_guide
from callmon.guide.show import print_guide, render
from callmon.report import wording
from callmon.settings import load_settings

LONGEST: Final = 5000
"""Characters that are explained: a turn of five minutes has about as many."""

PARTS: Final[Mapping[PartPlayed, str]] = {
    "confirms": "confirms the text model",
    "alone": "decides",
    "agrees": "points the same way",
    "vetoed": "was vetoed: the text model is sure that the words mean something else",
    "silenced": "was silenced by its own exception",
    "other_feeling": "speaks of another feeling than the one that is found",
    "out_of_place": "does not count after what the customer said",
    "needs_customer": "counts only in answer to a feeling; give it with --customer",
    "unused": "nothing came of it",
}


OTHER_SOURCES: Final[Mapping[str, str]] = {
    "mirroring.shared_words": "the words shared with the customer",
    "rapport.name": "the customer's name",
}


def run(arguments: argparse.Namespace) -> int:
    if arguments.verb is None:
        arguments.parser.print_help()
        return 0
    if arguments.verb == "explain":
        return _explain(arguments)
    path = _file(arguments.file)
    if arguments.verb == "check":
        return _check(path)
    page = make_guide(load_rubric(path))
    if arguments.html is None:
        print_guide(page, console(sys.stdout))
    elif arguments.html == "-":
        sys.stdout.write(render(page))
    else:
        _refuse_overwriting(arguments, path)
        write_text(Path(arguments.html), render(page))
    return 0


def _file(named: Path | None) -> Path | None:
    """The rubric that is asked for; None is the one that comes with callmon."""
    if named is None:
        return load_settings().rubric
    if not named.is_file():
        raise BadSettings(
            f"{named}: there is no such file; the path of a rubric would work."
        )
    return named


def _refuse_overwriting(arguments: argparse.Namespace, path: Path | None) -> None:
    place = Path(arguments.html)
    if path is not None and place.resolve() == path.resolve():
        arguments.parser.error(f"--html would write over {arguments.html!r}, which is read")


def _check(path: Path | None) -> int:
    """One line about a rubric that is in order, else a line for each problem."""
    checked = check_rubric(path)
    rubric = checked.rubric
    wrong = (*checked.problems, *_problems_of_findings(checked, read_text(path)))
    name = path or "The rubric that comes with callmon"
    if wrong:
        for problem in wrong:
            say(f"{name}: {problem}")
        count = f"{len(wrong)} problem{'' if len(wrong) == 1 else 's'}"
        say(f"{name}: {count}; it cannot be used as it is.")
        return 1
    assert rubric is not None
    run_examples = sum(len(r.examples) + len(r.counterexamples) for r in rubric.rules())
    line = (
        f"{name}: version {rubric.version}, language {rubric.language},"
        f" {len(rubric.cues)} rules for customers' words and {len(rubric.behaviours)} for"
        f" agents', {run_examples} examples run; all is in order."
    )
    sys.stdout.write(wording.harmless(line) + "\n")
    return 0


def _problems_of_findings(checked: Checked, text: str) -> Iterator[str]:
    """What the findings stage would refuse; its patterns are checked with the rubric."""
    section = checked.findings
    if not isinstance(section, dict):
        return
    try:
        Rules.model_validate({**section, "common": ()})
    except ValidationError as error:
        yield from problems(
            error.errors(), model=Rules, data=section, text=text, table=("findings",)
        )
    named = section.get("circumstances")
    if checked.rubric is not None and isinstance(named, dict):
        known = {rule.id for rule in checked.rubric.cues}
        for name in sorted(named.keys() - known):
            line = line_of(("findings", "circumstances", name), text)
            at = f"line {line}, " if line else ""
            yield f"{at}findings.circumstances: there is no rule {name!r} among the cues."


def _explain(arguments: argparse.Namespace) -> int:
    customer = _words(arguments, "customer")
    agent = _words(arguments, "agent")
    if customer is None and agent is None:
        arguments.parser.error("name the words with --agent, --customer, or both")
    rubric = load_rubric(load_settings(rubric=arguments.rubric).rubric)
    explained = explain(
        customer=customer, agent=agent, rubric=rubric, model=load_text_model()
    )
    if arguments.json:
        sys.stdout.write(explained.model_dump_json(indent=1) + "\n")
    else:
        _print(explained)
    return 0


def _words(arguments: argparse.Namespace, party: str) -> str | None:
    """The words given for a party, fit to be judged; wrong usage ends here."""
    given: str | None = getattr(arguments, party)
    if given is None:
        return None
    # Arguments are bytes on most systems, and not all of them are UTF-8.
    text = os.fsencode(given).decode("utf-8", "replace")
    if len(text) > LONGEST:
        arguments.parser.error(
            f"--{party} has {len(text)} characters, and {LONGEST} are the most; for more,"
            " put the lines into a file and use `callmon analyze --transcript FILE`"
        )
    if not sentences(text):
        arguments.parser.error(
            f"--{party} holds no word; a sentence in quotation marks would work"
        )
    return text


def _print(explained: Explanation) -> None:
    for number, sentence in enumerate(explained.sentences):
        _line(f"{wording.PARTIES[sentence.party]}: “{sentence.text}”", style="bold")
        found = list(
            _of_customer(explained, number)
            if sentence.party == "customer"
            else _of_agent(explained, number)
        )
        for line in found or [_nothing(sentence)]:
            _line(line, indent=2)
        if sentence.shared_words:
            shared = ", ".join(f"“{word}”" for word in sentence.shared_words)
            _line(f"shares with the customer: {shared}", indent=2)
        for rule in sentence.rules:
            _line(_rule(rule, sentence), indent=2, style="dim")
    moment = explained.opportunity
    if moment is not None:
        _line(
            f"Together: an opportunity, {moment.emotion} ({moment.valence}),"
            f" {moment.cue}: {wording.CUES[moment.cue]}; strength {moment.strength},"
            f" {wording.STRENGTHS[moment.strength]};"
            f" {wording.percent(moment.confidence)} sure."
        )
    elif any(sentence.party == "customer" for sentence in explained.sentences):
        _line("Together: no opportunity; nothing here calls for empathy.")
    by = explained.model or "none for the language of the rubric"
    _line(f"Rubric {explained.rubric}; text model: {by}.", style="dim")


def _of_customer(explained: Explanation, number: int) -> Iterator[str]:
    for cue in explained.cues:
        if cue.sentence == number:
            yield (
                f"{cue.emotion} ({cue.valence}), {wording.CUES[cue.cue]},"
                f" strength {cue.strength}, {wording.percent(cue.confidence)} sure,"
                f" by {_by(cue.source)}: “{cue.quote}”"
            )


def _of_agent(explained: Explanation, number: int) -> Iterator[str]:
    for held in explained.behaviours:
        if held.sentence == number:
            level = f", {held.level}" if held.level else ""
            yield (
                f"{held.behaviour}{level}, {wording.percent(held.confidence)} sure,"
                f" by {_by(held.source)}: “{held.quote}”"
            )
    for promise in explained.commitments:
        if promise.sentence == number:
            when = promise.deadline or "no time named"
            yield f"undertakes: {promise.action} ({when}; {wording.LEVELS[promise.level]})"


def _by(source: str) -> str:
    """Who says so, for example `the text model (0.87) and the rule “apology”`."""
    return " and ".join(
        OTHER_SOURCES.get(part)
        or (
            f"the text model ({part.removeprefix('model ')})"
            if part.startswith("model ")
            else f"the rule “{part}”"
        )
        for part in source.split(" + ")
    )


def _nothing(sentence: ExplainedSentence) -> str:
    """That there is nothing, with the nearest thing the model thought of."""
    of_party = f"{sentence.party}."
    shares = sentence.model or {}
    yes_or_no = {
        name.removeprefix(of_party): share
        for name, share in shares.items()
        if name.startswith(of_party) and ":" not in name
    }
    if sentence.party == "customer":
        line = "no cue"
        yes_or_no = {k: v for k, v in yes_or_no.items() if k == "opportunity"}
    else:
        line = "no behaviour of the coding scheme"
    if yes_or_no:
        nearest = max(yes_or_no, key=lambda name: yes_or_no[name])
        line += f"; the text model gives {nearest} {yes_or_no[nearest]:.2f}"
    return line


def _rule(rule: MatchedRule, sentence: ExplainedSentence) -> str:
    told = PARTS[rule.part]
    if rule.silenced_by is not None:
        told += f", “{rule.silenced_by}”"
    if rule.part == "vetoed" and sentence.model:
        column = (
            "customer.opportunity" if sentence.party == "customer" else f"agent.{rule.says}"
        )
        told += f" ({sentence.model[column]:.2f})"
    return f"rule {rule.rule} ({rule.says}) matches “{rule.words}”: {told}"


def _line(words: str, *, indent: int = 0, style: str = "") -> None:
    text = Text(wording.harmless(words), style=style)
    console(sys.stdout).print(Padding(text, (0, 0, 0, indent), expand=False))
