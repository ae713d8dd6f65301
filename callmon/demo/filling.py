"""Fills an empty store for the demonstration.

The analyses are those of the sample calls, made from their sound. What is made up, and said
to be on every page, is who spoke and when, and what reviewers thought of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from callmon.call import FindingKind
from callmon.demo.calls import Call, Told, add_broken_call, add_call
from callmon.demo.people import AGENTS
from callmon.demo.reviewing import Review
from callmon.review.access.keys import NewKey, make_key
from callmon.review.access.principal import Asking
from callmon.review.access.secrets import new_id
from callmon.review.privacy.holds import NewHold, begin_hold
from callmon.review.privacy.retention import Retention, set_retention
from callmon.review.site import Site
from callmon.review.views import NewView, save_view
from callmon.review.webhooks.signing import new_secret
from callmon.samples import Sample
from callmon.store.webhooks import targets

NOTICE: Final = (
    "Demonstration: the ten sample calls, repeated under made-up names, dates and verdicts."
)
SEED: Final = 4
WEEKS: Final = 13
"""In each of them every sample call once: with three agents 43 calls for each, and more
moments than the forty from which on a trend is drawn for a person."""
CUSTOMERS: Final = 47
WEBHOOK: Final = "https://quality.example/callmon"
"""No such host can exist (RFC 2606), and the target is switched off."""


def fill(
    site: Site,
    people: Mapping[str, Asking],
    calls: Sequence[Call],
    *,
    now: datetime,
) -> None:
    """Puts the calls and what people did with them into the store, up to the day of `now`:
    counted in whole days, so that at any hour the same is seen."""
    rng = Random(SEED)  # noqa: S311
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    meant: dict[str, frozenset[FindingKind]] = {}
    review = Review(site, people, meant, rng, at=now)
    for week in range(WEEKS):
        first = today - timedelta(weeks=WEEKS - week)
        for number, call in enumerate(calls):
            told = Told(
                agent=AGENTS[(number + week) % len(AGENTS)],
                customer=f"C-{1000 + (7 * number + 10 * week) % CUSTOMERS}",
                started=_office_hour(first, number, rng),
            )
            id_ = add_call(site, call, told, copy=week)
            meant[id_] = _meant(call.sample)
        review.at(first + timedelta(days=6, hours=20))
        _review_week(review, week)
    add_broken_call(site, at=now - timedelta(hours=3))
    _set_up(site, people, list(meant))


def _office_hour(first: datetime, number: int, rng: Random) -> datetime:
    """A time of day from nine to five, on one of the six days from `first` on."""
    day = first + timedelta(days=0.55 * number)
    return day.replace(
        hour=9 + rng.randrange(8), minute=rng.randrange(60), second=0, microsecond=0
    )


def _meant(sample: Sample) -> frozenset[FindingKind]:
    return frozenset(each["kind"] for each in sample.dialogue["expected"]["findings"])


def _review_week(review: Review, week: int) -> None:
    """Nearly all of earlier weeks is decided, of the last one little."""
    last = week == WEEKS - 1
    if week in (WEEKS - 4, WEEKS - 1):
        review.calibrate(f"Calibration, week {week + 1}", finished=not last)
    review.decide(share=0.1 if last else 0.3)
    if week == WEEKS - 3:
        review.add_a_miss()
    if week in (WEEKS - 4, WEEKS - 2):
        notes = review.coach(agent="Ann Berger", notes=3)
        review.answer(notes, settle=week == WEEKS - 4)
    if last:
        review.look_after_promises()
        review.hand_out(number=4)


def _set_up(site: Site, people: Mapping[str, Asking], calls: Sequence[str]) -> None:
    """What an admin sets up, and filters that a reviewer keeps."""
    ada, rita, sam = people["ada"], people["rita"], people["sam"]
    make_key(site, ada, NewKey(name="phone system", role="uploader"))
    set_retention(site, ada, Retention(audio=365, recording=1095))
    begin_hold(site, ada, calls[0], NewHold(reason="Case 2026-114, made up"))
    save_view(
        site,
        rita,
        NewView(
            page="review", name="Service, medium", query="severity=medium&team=Service"
        ),
    )
    billing = NewView(
        page="calls", name="Billing", query="team=Billing&findings=yes", team="Billing"
    )
    save_view(site, sam, billing)
    with site.database.writing() as connection:
        hook = targets.add(
            connection,
            id=new_id(),
            url=WEBHOOK,
            events=("recording.analyzed", "verdict.created"),
            secret=new_secret(),
            by=ada.id,
            at=site.now(),
        )
        targets.change(connection, hook.id, events=hook.events, off_at=site.now())
