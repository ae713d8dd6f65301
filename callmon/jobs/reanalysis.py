"""What another analysis of a recording would change, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callmon.call import Analysis, Finding
from callmon.empathy.rubric import Rubric
from callmon.jobs.setup import Setup
from callmon.jobs.shelf import ReadingShelf, sound
from callmon.jobs.steps import Engines, Steps
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, recordings
from callmon.store.database import Database
from callmon.store.reviews.carrying import is_same


@dataclass(frozen=True)
class Difference:
    """Between the analysis that counts and a new one."""

    gained: tuple[Finding, ...]
    lost: tuple[Finding, ...]


def compare(
    database: Database,
    setup: Setup,
    engines: Engines,
    recording_id: str,
    *,
    rubric: Rubric | None = None,
) -> Difference:
    """Analyses a recording and sets the findings against those that count now, without
    what is private.

    What is kept of it is used, so mostly only the judgement is made again. Raises NotFound,
    BadRecording, and what the engines raise.
    """
    with database.reading() as connection:
        recording = recordings.get(connection, recording_id)
        before = analyses.current(connection, recording_id)
    run = Steps(
        recording,
        sound=lambda: sound(setup.media, recording.media, name=recording.name),
        # Second opinions change no finding, and take their time.
        engines=replace(engines, review=lambda analysis: analysis),
        plan=setup.plan(recording),
        rubric=rubric,
        shelf=ReadingShelf(database, recording_id),
    )
    try:
        after = run.analysis
    finally:
        run.close()
    told = None if before is None else redact_call(before).analysis
    return difference(told, redact_call(after).analysis)


def difference(before: Analysis | None, after: Analysis) -> Difference:
    """The findings of one analysis that the other has not.

    Two findings are the same when they are of one kind and overlap in time; without times,
    when they are at the same turn. Each is matched once.
    """
    left = list(after.findings)
    lost = []
    for finding in before.findings if before is not None else ():
        match = next((other for other in left if is_same(finding, other)), None)
        if match is None:
            lost.append(finding)
        else:
            left.remove(match)
    return Difference(gained=tuple(left), lost=tuple(lost))
