"""`POST /findings/{id}/verdicts`: what a reviewer says of a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.call import Outcome, OutcomeName, Rung, Value
from callmon.review.access.roles import Asking, allow
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find_locked
from callmon.review.findings.views import FindingDetail, detail, rules_of
from callmon.review.idempotency import (
    Answer,
    IdempotencyKey,
    answer_once,
    fingerprint_of,
)
from callmon.review.problems import Problem, declared
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import analyses
from callmon.store.calls.questions import FindingState
from callmon.store.reviews import disputes, rounds, subjects, verdicts
from callmon.store.reviews.subjects import Label, Subject
from callmon.store.reviews.verdicts import Opinion, Verdict
from callmon.store.webhooks import events

router = APIRouter(tags=["findings"])


class GivenVerdict(Value):
    """A verdict. Where the label is hidden (`blind`) say `kind` and no `verdict`."""

    verdict: Opinion | None = None
    """Whether you agree with the machine; null for a moment whose label is hidden, unless
    you are unsure."""
    kind: Label | None = None
    """What is to be raised here, or `none`. Needed for a hidden label; with `disagree` it
    is what the machine should have said, and `none` when left out."""
    outcome: OutcomeName | None = None
    """How the moment was answered, where you see it otherwise."""
    rung: Rung | None = None
    """The step of the response ladder that was reached."""
    note: str | None = Field(None, max_length=4000)
    seconds: float | None = Field(None, ge=0, le=86400)
    """That you spent on it."""


class VerdictAnswer(Value):
    """The verdict as it was kept, and the finding, which shows its label now."""

    verdict: Verdict
    finding: FindingDetail


@router.post(
    "/findings/{finding_id}/verdicts",
    status_code=201,
    response_model=VerdictAnswer,
    responses=declared(404, 409),
)
def give_verdict(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    finding_id: FindingId,
    given: GivenVerdict,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Says what you think of a finding. A verdict is kept for good; others may be added,
    and the newest of yours counts: after `unsure` none does. In calibration the first one
    that you gave blind goes on counting."""
    with site.database.writing() as connection:
        return answer_once(
            connection,
            asking=asking,
            key=idempotency_key,
            fingerprint=fingerprint_of(
                "verdict", finding_id, given.model_dump(mode="json")
            ),
            at=site.now(),
            act=lambda: _give(connection, site, asking, finding_id, given),
        )


def judge(
    given: GivenVerdict, *, machine: Label, blind: bool
) -> tuple[Opinion, Label | None]:
    """The verdict, and what the reviewer says is to be raised.

    Raises a Problem, 422, for what contradicts itself.
    """
    if given.verdict == "unsure":
        if given.kind is not None:
            raise _cannot("Who is unsure gives no kind. Leave it out.", field="kind")
        return "unsure", None
    if blind:
        if given.verdict is not None:
            raise _cannot(
                "This moment is shown without the machine's label, so there is nothing to"
                " agree with. Leave `verdict` out; `kind` is what you see, or `none`.",
                field="verdict",
            )
        if given.kind is None:
            raise _cannot("Say which kind you see here, or `none`.", field="kind")
        return ("agree" if given.kind == machine else "disagree"), given.kind
    if given.verdict is None:
        raise _cannot("agree, disagree or unsure would work.", field="verdict")
    if given.verdict == "agree":
        if given.kind not in (None, machine):
            raise _cannot(
                f"The machine says {machine}. To say {given.kind}, disagree.", field="kind"
            )
        return "agree", machine
    label = given.kind or "none"
    if label == machine:
        raise _cannot(
            f"The machine says {machine} too. Agree, or give another kind.", field="kind"
        )
    return "disagree", label


def state_of(label: Label, *, machine: Label, changed: bool) -> FindingState:
    """Where a verdict leaves the finding; `changed` when its outcome or rung was corrected.

    Of a control, `agreed` is that there was nothing to raise.
    """
    if label == machine:
        return "corrected" if changed else "agreed"
    return "dismissed" if label == "none" else "corrected"


def _settle(
    connection: Connection, subject: Subject, outcome: Outcome | None, *, newest: Verdict
) -> None:
    """Puts the subject into the state in which the newest verdict leaves it. Who is unsure
    takes back what they said before: then what is left decides, or it is open again."""
    if newest.label is not None:
        state = _left_by(newest, outcome)
    else:
        said = [
            each
            for each in verdicts.of_subjects(connection, [subject.id])
            if each.round_id is None
        ]
        before = [each for each in said if each.reviewer == newest.reviewer][:-1]
        if not before or before[-1].label is None:
            return
        last = {each.reviewer: each for each in said}
        left: list[tuple[datetime, FindingState]] = [
            (each.at, _left_by(each, outcome))
            for each in last.values()
            if each.label is not None
        ]
        left += [
            (each.resolved_at, state_of(each.label, machine=subject.label, changed=False))
            for each in disputes.of_subjects(connection, [subject.id])
            if each.resolved_at is not None and each.label is not None
        ]
        state = max(left, key=lambda each: each[0])[1] if left else "open"
    subjects.set_state(connection, subject, state)


def _left_by(verdict: Verdict, outcome: Outcome | None) -> FindingState:
    assert verdict.label is not None
    changed = outcome is not None and (
        verdict.rung not in (None, outcome.rung)
        or verdict.outcome not in (None, outcome.outcome)
    )
    return state_of(verdict.label, machine=verdict.machine, changed=changed)


def _cannot(detail: str, *, field: str) -> Problem:
    return Problem(422, "invalid-request", detail, field=field)


def _give(
    connection: Connection, site: Site, asking: Asking, finding_id: str, given: GivenVerdict
) -> Answer:
    subject, blind = find_locked(connection, site, asking, finding_id)
    round_id = rounds.open_for(connection, subject.id, asking.id)
    if round_id is not None and not blind:
        raise Problem(
            409,
            "conflict",
            "You have judged this moment in the round already; the first verdict counts.",
        )
    verdict, label = judge(given, machine=subject.label, blind=blind)
    seen = detail(connection, site, asking, subject)
    analysis = analyses.load(connection, subject.analysis_id)
    outcome = next(
        (o for o in analysis.outcomes if o.opportunity == subject.opportunity), None
    )
    kept = verdicts.add(
        connection,
        subject,
        reviewer=asking.id,
        at=site.now(),
        verdict=verdict,
        label=label,
        outcome=given.outcome,
        # Only what they stated: who agrees to a finding has said nothing of the ladder.
        rung=given.rung,
        note=given.note,
        seconds=given.seconds,
        blind=blind,
        round_id=round_id,
        rules=rules_of(analysis, subject),
        snapshot=seen.model_dump(mode="json"),
    )
    events.verdict_given(connection, subject, kept, at=site.now())
    if round_id is None:
        _settle(connection, subject, outcome, newest=kept)
    audit.record(
        connection,
        who=asking.id,
        action="verdict.given",
        recording_id=subject.recording_id,
        detail={"finding": finding_id, "verdict": kept.id},
        at=site.now(),
    )
    now = detail(connection, site, asking, subjects.get(connection, subject.id))
    return Answer(
        201,
        VerdictAnswer(verdict=kept, finding=now),
        recording_id=subject.recording_id,
    )
