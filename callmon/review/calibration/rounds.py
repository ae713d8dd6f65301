"""`/calibration/rounds`: the same moments for several reviewers, each judging blind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from sqlalchemy import Connection

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.calibration import estimates
from callmon.review.calibration.estimates import Estimate
from callmon.review.calibration.reviewers import ReviewerView, reviewers
from callmon.review.calibration.summary import RUNGS
from callmon.review.findings.assigning import check_reviewer
from callmon.review.findings.seeing import find, seen
from callmon.review.findings.views import FindingView, views
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import Problem, declared, not_found
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.access import audit
from callmon.store.reviews import calibration as given_labels
from callmon.store.reviews import rounds as store
from callmon.store.reviews import subjects
from callmon.store.reviews.calibration import Labelled
from callmon.store.reviews.carrying import kin
from callmon.store.reviews.rounds import Round
from callmon.store.reviews.subjects import Label, Subject

router = APIRouter(tags=["calibration"])

RoundId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Person = Annotated[str, Field(max_length=40, pattern=r"^[!-~]+$")]
FindingId = Annotated[str, Field(max_length=80)]


class BeginningRound(Value):
    """A set of moments, and who is to judge them."""

    name: str = Field(min_length=1, max_length=200, pattern=r"\S")
    findings: tuple[FindingId, ...] = Field(min_length=1, max_length=200)
    """Ids of findings and controls, in the order in which they are to be judged."""
    reviewers: tuple[Person, ...] = Field(min_length=2, max_length=50)
    """Their ids. Who has seen a moment's label already cannot judge it blind."""
    deadline: Time | None = None


class Progress(Value):
    """How far a reviewer is."""

    reviewer: str
    judged: int


class MomentLabels(Value):
    """What was said of one moment."""

    finding: str
    machine: Label
    labels: dict[str, Label]
    """By reviewer; those who were unsure are left out."""


class RoundResults(Value):
    """How far the reviewers agree."""

    alpha: Estimate
    """Krippendorff's alpha, nominal, of what is to be raised."""
    rungs: Estimate
    """Krippendorff's alpha, ordinal, of the rung of the response ladder."""
    reviewers: tuple[ReviewerView, ...]
    moments: tuple[MomentLabels, ...]
    """Those they differ most on first."""


class RoundView(Value):
    """A round of calibration."""

    id: int
    name: str
    by: str
    at: datetime
    deadline: datetime | None
    closed_at: datetime | None
    moments: int
    """Those that you may see: a round goes on without a call that went to another team, or
    was deleted."""
    progress: tuple[Progress, ...]
    """With these moments."""
    results: RoundResults | None
    """Null in lists, and for those who judge until the round is closed."""


@router.post("/calibration/rounds", status_code=201, responses=declared(404, 409))
def begin_round(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    beginning: BeginningRound,
) -> RoundView:
    """Begins a round. Until it is closed its moments are hidden from its reviewers in all
    other lists, and a verdict that one of them gives counts for the round alone."""
    people = beginning.reviewers
    if len(set(people)) < len(people):
        raise _cannot("A reviewer is named twice.", field="reviewers")
    if beginning.deadline is not None and beginning.deadline <= site.now():
        raise _cannot(
            "The deadline has passed. A time that is still to come would work.",
            field="deadline",
        )
    with site.database.writing() as connection:
        shown = [find(connection, site, asking, id_)[0] for id_ in beginning.findings]
        ids = [subject.id for subject in shown]
        if len(set(ids)) < len(ids):
            raise _cannot("A finding is named twice.", field="findings")
        for person in people:
            for team in {subject.team for subject in shown}:
                check_reviewer(
                    connection, person, team=team, at=site.now(), field="reviewers"
                )
            _check_unseen(connection, shown, person)
        begun = store.begin(
            connection,
            name=beginning.name,
            subjects=shown,
            reviewers=people,
            by=asking.id,
            at=site.now(),
            deadline=beginning.deadline,
        )
        audit.record(
            connection,
            who=asking.id,
            action="round.begun",
            detail={"round": begun.id, "moments": len(ids), "reviewers": list(people)},
            at=site.now(),
        )
        return _view(connection, begun, ids)


@router.get("/calibration/rounds")
def list_rounds(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[RoundView]:
    """Rounds that you began or have a part in, newest first; admins see all."""
    after = None if cursor is None else from_cursor(cursor, int)[0]
    assert after is None or isinstance(after, int)
    with site.database.reading() as connection:
        found = store.find(
            connection,
            person=None if asking.role == "admin" else asking.id,
            limit=limit + 1,
            after=after,
        )
        return page_of(
            found,
            limit=limit,
            item=lambda each: _view(connection, each, _seen(connection, asking, each)),
            cursor=lambda each: (each.id,),
        )


@router.get("/calibration/rounds/{round_id}", responses=declared(404))
def get_round(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    round_id: RoundId,
) -> RoundView:
    """A round, how far everybody is, and its results for those who may see them."""
    with site.database.reading() as connection:
        found = _find(connection, asking, round_id)
        ids = _seen(connection, asking, found)
        view = _view(connection, found, ids)
        if found.closed_at is None and asking.id in found.reviewers:
            return view
        given = given_labels.labels(connection, None, round_id=round_id)
    return view.model_copy(update={"results": results(given, found, ids)})


@router.get("/calibration/rounds/{round_id}/moments", responses=declared(404))
def list_round_moments(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    round_id: RoundId,
) -> Page[FindingView]:
    """The moments of a round that you may see, in their order, all on one page. Judge each
    by posting a verdict to `/findings/{id}/verdicts`."""
    with site.database.reading() as connection:
        found = _find(connection, asking, round_id)
        shown = seen(connection, asking, subjects.several(connection, found.subjects))
        return Page(items=views(connection, site, asking, shown), next=None)


@router.post("/calibration/rounds/{round_id}/close", responses=declared(404, 409))
def close_round(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    round_id: RoundId,
) -> RoundView:
    """Closes a round: its results are shown to those who judged."""
    with site.database.writing() as connection:
        found = _find(connection, asking, round_id)
        if asking.role != "admin" and found.by != asking.id:
            raise Problem(409, "conflict", "Who began the round, or an admin, closes it.")
        if not store.close(connection, round_id, at=site.now()):
            raise Problem(409, "conflict", "The round is closed already.")
        audit.record(
            connection,
            who=asking.id,
            action="round.closed",
            detail={"round": round_id},
            at=site.now(),
        )
        ids = _seen(connection, asking, found)
        view = _view(connection, store.get(connection, round_id), ids)
        given = given_labels.labels(connection, None, round_id=round_id)
    return view.model_copy(update={"results": results(given, found, ids)})


def waiting(connection: Connection, asking: Asking) -> list[RoundView]:
    """Those that are not closed in which they have still to judge something."""
    judging = [
        _view(connection, each, _seen(connection, asking, each))
        for each in store.open_with(connection, asking.id)
    ]
    return [
        each
        for each in judging
        if any(
            who.reviewer == asking.id and who.judged < each.moments for who in each.progress
        )
    ]


def results(given: list[Labelled], of: Round, subject_ids: Sequence[str]) -> RoundResults:
    """From the labels that were given in the round to these moments of it."""
    labels: defaultdict[str, dict[str, Label]] = defaultdict(dict)
    machine: dict[str, Label] = {}
    counted = estimates.counting([one for one in given if one.subject in subject_ids])
    for each in counted:
        labels[each.subject][each.reviewer] = each.label
        machine[each.subject] = each.machine
    moments = [
        MomentLabels(finding=id_, machine=machine[id_], labels=labels[id_])
        for id_ in subject_ids
        if id_ in labels
    ]
    return RoundResults(
        alpha=estimates.among_reviewers(counted),
        rungs=estimates.among_rungs(counted, RUNGS),
        reviewers=tuple(reviewers(counted, only=of.reviewers)),
        moments=tuple(sorted(moments, key=_agreement)),
    )


def _agreement(moment: MomentLabels) -> float:
    """Share of the pairs of reviewers who say the same; 1 for a single one."""
    labels = list(moment.labels.values())
    pairs = len(labels) * (len(labels) - 1)
    same = sum(labels.count(label) - 1 for label in labels)
    return same / pairs if pairs else 1.0


def _find(connection: Connection, asking: Asking, round_id: int) -> Round:
    """The round, for those who began it or have a part in it, and admins."""
    found = store.get(connection, round_id)
    if asking.role != "admin" and asking.id not in (found.by, *found.reviewers):
        raise not_found(f"round {round_id}")
    return found


def _seen(connection: Connection, asking: Asking, of: Round) -> list[str]:
    """Its moments that they may see now, whatever they could see when it was begun."""
    shown = seen(connection, asking, subjects.several(connection, of.subjects))
    return [subject.id for subject in shown]


def _view(connection: Connection, of: Round, subject_ids: Sequence[str]) -> RoundView:
    judged = store.done(connection, of.id, subject_ids)
    return RoundView(
        id=of.id,
        name=of.name,
        by=of.by,
        at=of.at,
        deadline=of.deadline,
        closed_at=of.closed_at,
        moments=len(subject_ids),
        progress=tuple(
            Progress(reviewer=person, judged=judged.get(person, 0))
            for person in of.reviewers
        ),
        results=None,
    )


def _check_unseen(connection: Connection, shown: list[Subject], person: str) -> None:
    ids = [subject.id for subject in shown]
    # Who judged the same in an earlier analysis has seen its label, too.
    same = kin(connection, ids)
    every = {other: id_ for id_ in ids for other in (id_, *same.get(id_, ()))}
    known = {every[id_] for id_ in subjects.judged(connection, every, person)}
    known |= subjects.in_open_round(connection, ids, person)
    if known:
        raise Problem(
            409,
            "conflict",
            f"{person} has judged {len(known)} of these moments already, or is to judge"
            f" them in another round: {', '.join(sorted(known)[:5])}. Others would work.",
            field="findings",
        )


def _cannot(detail: str, *, field: str) -> Problem:
    return Problem(422, "invalid-request", detail, field=field)
