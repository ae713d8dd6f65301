"""Rounds of calibration: the same moments for several reviewers, each judging blind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, distinct, func, insert, or_, select, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.reviews import round_reviewers, round_subjects, rounds, verdicts


class Round(Value):
    """A set of moments and who is to judge them."""

    id: int
    name: str
    by: str
    at: datetime
    deadline: datetime | None
    closed_at: datetime | None
    """Until then everyone judges blind, and nobody sees the others' verdicts."""
    reviewers: tuple[str, ...]
    subjects: tuple[str, ...]


_COLUMNS = [rounds.c[name] for name in ("id", "name", "by", "at", "deadline", "closed_at")]


def begin(
    connection: Connection,
    *,
    name: str,
    subjects: Sequence[Subject],
    reviewers: Sequence[str],
    by: str,
    at: datetime,
    deadline: datetime | None,
) -> Round:
    """The moments keep their order, which is the same for everybody."""
    made = insert(rounds).values(name=name, by=by, at=at, deadline=deadline)
    round_id = connection.execute(made.returning(rounds.c.id)).scalar_one()
    connection.execute(
        insert(round_subjects),
        [
            {
                "round_id": round_id,
                "place": place,
                "subject": subject.id,
                "recording_id": subject.recording_id,
            }
            for place, subject in enumerate(subjects)
        ],
    )
    connection.execute(
        insert(round_reviewers),
        [{"round_id": round_id, "reviewer": reviewer} for reviewer in reviewers],
    )
    return get(connection, round_id)


def get(connection: Connection, round_id: int) -> Round:
    """Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(rounds.c.id == round_id)).first()
    if row is None:
        raise NotFound(f"There is no round {round_id}.")
    of_round = round_subjects.c
    members = select(round_reviewers.c.reviewer).where(
        round_reviewers.c.round_id == round_id
    )
    moments = select(of_round.subject).where(of_round.round_id == round_id)
    return Round(
        **row._mapping,
        reviewers=tuple(
            connection.execute(members.order_by(round_reviewers.c.reviewer)).scalars()
        ),
        subjects=tuple(connection.execute(moments.order_by(of_round.place)).scalars()),
    )


def find(
    connection: Connection,
    *,
    person: str | None = None,
    limit: int = 50,
    after: int | None = None,
) -> list[Round]:
    """Newest first; with `person` those that they began or have a part in."""
    query = select(rounds.c.id).order_by(rounds.c.id.desc()).limit(limit)
    if person is not None:
        theirs = select(round_reviewers.c.round_id).where(
            round_reviewers.c.reviewer == person
        )
        query = query.where(or_(rounds.c.by == person, rounds.c.id.in_(theirs)))
    if after is not None:
        query = query.where(rounds.c.id < after)
    return [get(connection, round_id) for round_id in connection.execute(query).scalars()]


def open_with(connection: Connection, reviewer: str) -> list[Round]:
    """Those that are not closed in which they judge, newest first."""
    query = (
        select(rounds.c.id)
        .join(round_reviewers, round_reviewers.c.round_id == rounds.c.id)
        .where(round_reviewers.c.reviewer == reviewer, rounds.c.closed_at.is_(None))
        .order_by(rounds.c.id.desc())
    )
    return [get(connection, round_id) for round_id in connection.execute(query).scalars()]


def close(connection: Connection, round_id: int, *, at: datetime) -> bool:
    """False when it was closed before."""
    done = update(rounds).where(rounds.c.id == round_id, rounds.c.closed_at.is_(None))
    return connection.execute(done.values(closed_at=at)).rowcount == 1


def open_for(connection: Connection, subject_id: str, reviewer: str) -> int | None:
    """The round that is not closed in which the reviewer is to judge this subject."""
    query = (
        select(rounds.c.id)
        .join(round_subjects, round_subjects.c.round_id == rounds.c.id)
        .join(round_reviewers, round_reviewers.c.round_id == rounds.c.id)
        .where(
            round_subjects.c.subject == subject_id,
            round_reviewers.c.reviewer == reviewer,
            rounds.c.closed_at.is_(None),
        )
        .order_by(rounds.c.id)
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


def done(
    connection: Connection, round_id: int, subject_ids: Collection[str]
) -> dict[str, int]:
    """How many of these moments of it each reviewer has judged; without those who judged
    none."""
    number = func.count(distinct(verdicts.c.subject)).label("number")
    query = (
        select(verdicts.c.reviewer, number)
        .where(verdicts.c.round_id == round_id, verdicts.c.subject.in_(subject_ids))
        .group_by(verdicts.c.reviewer)
    )
    return {row.reviewer: row.number for row in connection.execute(query)}
