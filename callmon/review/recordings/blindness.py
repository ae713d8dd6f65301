"""From whom the judgement of a whole call is hidden."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from callmon.call import Analysis, Notice, Score
from callmon.review.access.roles import Asking
from callmon.review.site import Site
from callmon.store.reviews import subjects
from callmon.store.tables.reviews import round_reviewers, round_subjects, rounds, verdicts

HIDDEN = Notice(
    kind="hidden",
    message="The judgement is hidden from you until you have given your own verdicts on"
    " this call.",
)


def judges_blind(
    connection: Connection, site: Site, asking: Asking, recording_id: str
) -> bool:
    """Whether the judgement of this call is hidden from them."""
    return recording_id in blind_among(connection, site, asking, [recording_id])


def blind_among(
    connection: Connection, site: Site, asking: Asking, recording_ids: Collection[str]
) -> frozenset[str]:
    """Those of the calls of which they have still to judge something without the machine's
    label: where the site is blind first, or in a round of calibration."""
    if asking.role not in ("reviewer", "supervisor", "admin"):
        return frozenset()
    if asking.role == "reviewer" and site.options.blind_first:
        return subjects.unjudged(connection, recording_ids, asking.id)
    among = round_subjects.c.recording_id.in_(recording_ids)
    return frozenset(connection.execute(in_rounds(asking).where(among)).scalars())


def in_rounds(asking: Asking) -> Select[Any]:
    """Ids of the calls of which they have still to judge something in a round.

    What asks for the machine's judgement leaves them out: whether such a filter finds a
    call tells what is hidden of it.
    """
    given = exists().where(
        verdicts.c.subject == round_subjects.c.subject, verdicts.c.reviewer == asking.id
    )
    return (
        select(round_subjects.c.recording_id)
        .join(rounds, rounds.c.id == round_subjects.c.round_id)
        .join(round_reviewers, round_reviewers.c.round_id == rounds.c.id)
        .where(
            rounds.c.closed_at.is_(None),
            round_reviewers.c.reviewer == asking.id,
            ~given,
        )
    )


def unjudged(analysis: Analysis) -> Analysis:
    """What was said and heard, without what the machine makes of it."""
    score = Score(
        value=None, met=0, partial=0, missed=0, impeded=0, unscorable=0, interval=None
    )
    return analysis.model_copy(
        update={
            "opportunities": (),
            "responses": (),
            "agent_behaviours": (),
            "outcomes": (),
            "findings": (),
            "commendations": (),
            "score": score,
            "warnings": (*analysis.warnings, HIDDEN),
        }
    )
