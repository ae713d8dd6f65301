"""Who sees which finding, and whether they see its label.

A label is hidden from who is to judge without it: a control from everybody, a finding from
reviewers where the site is blind first, and both within a round of calibration, each until
that person has given a verdict. What is hidden is left out of every answer here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from callmon.review.access.roles import Asking, visible
from callmon.review.problems import Problem, not_found
from callmon.review.site import Site
from callmon.store.calls.recordings import locked
from callmon.store.reviews import subjects
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.calls import recordings


def sees(connection: Connection, asking: Asking, subject: Subject) -> bool:
    """Whether the subject is there for those who ask."""
    return bool(seen(connection, asking, [subject]))


def seen(connection: Connection, asking: Asking, among: Sequence[Subject]) -> list[Subject]:
    """Those of the subjects that are there for those who ask. Agents see no controls."""
    if asking.role == "agent":
        among = [subject for subject in among if subject.kind is not None]
    ids = {subject.recording_id for subject in among}
    query = select(recordings.c.id).where(recordings.c.id.in_(ids), visible(asking))
    theirs = set(connection.execute(query).scalars())
    return [subject for subject in among if subject.recording_id in theirs]


def hidden(
    connection: Connection, site: Site, asking: Asking, shown: Sequence[Subject]
) -> frozenset[str]:
    """Ids of those whose label is hidden from those who ask."""
    ids = [subject.id for subject in shown]
    always_blind = site.options.blind_first and asking.role == "reviewer"
    in_round = subjects.in_open_round(connection, ids, asking.id)
    given = subjects.judged(connection, ids, asking.id)
    return frozenset(
        subject.id
        for subject in shown
        if (subject.kind is None or always_blind or subject.id in in_round)
        and subject.id not in given
    )


def find(
    connection: Connection, site: Site, asking: Asking, finding_id: str
) -> tuple[Subject, bool]:
    """The subject of this id, and whether its label is hidden from those who ask.

    Raises a Problem, 404, for what is not there or not for them. An id that would tell
    that the machine flagged the moment is not there while that is hidden.
    """
    subject = subjects.get(connection, finding_id)
    if not sees(connection, asking, subject):
        raise not_found(f"finding {finding_id!r}")
    is_hidden = subject.id in hidden(connection, site, asking, [subject])
    if is_hidden and finding_id != subject.blind_id:
        raise not_found(f"finding {finding_id!r}")
    return subject, is_hidden


def find_locked(
    connection: Connection, site: Site, asking: Asking, finding_id: str
) -> tuple[Subject, bool]:
    """Like `find`, and what it says holds to the end of the transaction: nobody moves the
    call to another team or agent, or analyses it again."""
    locked(connection, subjects.get(connection, finding_id).recording_id)
    return find(connection, site, asking, finding_id)


def find_labelled(
    connection: Connection, site: Site, asking: Asking, finding_id: str
) -> Subject:
    """A finding whose label those who ask may know, locked to the end of the transaction.

    Raises a Problem: 404, 409 for a control and while the label is hidden.
    """
    subject, is_hidden = find_locked(connection, site, asking, finding_id)
    if is_hidden:
        raise not_judged()
    if subject.kind is None:
        raise Problem(
            409,
            "conflict",
            "The machine raised nothing at this moment; it was shown to see what is missed."
            " Add what you see there as a moment of the recording.",
        )
    return subject


def not_judged() -> Problem:
    return Problem(
        409, "conflict", "You have not judged this moment yet. Give a verdict first."
    )
