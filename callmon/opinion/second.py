"""Second opinions on the findings that callmon is least sure of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from callmon.call import Analysis, Notice, Opinion
from callmon.opinion.asker import Asker, NoAnswer
from callmon.opinion.question import SYSTEM, read_answer, user_prompt
from callmon.redaction.private import find_in_turns

MOST: Final = 20
"""Questions for one call."""
PEOPLE: Final = ("agent", "customer")
"""Where the metadata names somebody."""


def second_opinions(
    analysis: Analysis,
    asker: Asker,
    *,
    below: float,
    most: int = MOST,
    progress: Callable[[float], None] | None = None,
) -> Analysis:
    """The analysis with an opinion beside each finding of a confidence under `below`.

    The least sure ones are asked about first, `most` at the most. Of the findings nothing
    but `opinion` changes; `versions.models` names the model that was asked. When it does
    not answer, the rest stands without an opinion and a warning says so.
    """
    asked = [finding for finding in analysis.findings if finding.confidence < below]
    asked = sorted(asked, key=lambda finding: finding.confidence)[:most]
    if not asked:
        return analysis
    metadata = analysis.recording.metadata
    names = [str(metadata[key]) for key in PEOPLE if metadata.get(key)]
    private = find_in_turns(analysis.turns, names=names)
    opinions: dict[str, Opinion] = {}
    warnings = analysis.warnings
    for finding in asked:
        try:
            text = asker.ask(SYSTEM, user_prompt(finding, analysis, private))
        except NoAnswer as error:
            missing = len(asked) - len(opinions)
            warnings = (*warnings, _unanswered(str(error), missing))
            break
        opinions[finding.id] = read_answer(text, model=asker.name)
        if progress is not None:
            progress(len(opinions) / len(asked))
    findings = tuple(
        finding.model_copy(update={"opinion": opinions.get(finding.id, finding.opinion)})
        for finding in analysis.findings
    )
    models = {**analysis.versions.models, "opinion": asker.name}
    return analysis.model_copy(
        update={
            "findings": findings,
            "versions": analysis.versions.model_copy(update={"models": models}),
            "warnings": warnings,
        }
    )


def _unanswered(why: str, missing: int) -> Notice:
    many = "one finding stands" if missing == 1 else f"{missing} findings stand"
    return Notice(
        kind="second_opinion",
        message=f"{why} So {many} without a second opinion; nothing else is changed by it.",
    )
