"""Targets of webhooks, and what is on its way to them.

Any number of processes deliver: each takes some lines for a while, and no other one takes
them until that while is over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.database import alone
from callmon.store.tables.operations import deliveries, webhooks
from callmon.store.webhooks.events import TEST, Event, line

DeliveryState = Literal["waiting", "delivered", "given up"]

BACK_OFF: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (10, 60, 300, 1800, 3600, 7200, 14400, 28800, 43200)
)
"""Before the second try, the third, ...: a target may be away for more than a day."""

LONGEST_REST: Final = 4
"""Of `BACK_OFF`: a target that does not answer is tried every half hour with something."""

TAKEN: Final = timedelta(seconds=120)
"""How long a line is one process's own: longer than it takes to try the few that are taken
together, one after the other."""

KEPT_DAYS: Final = 30
"""How long the log of deliveries is kept."""


class Webhook(Value):
    """A target. Its secret is not shown again."""

    id: str
    url: str
    events: tuple[Event, ...]
    made_at: datetime
    made_by: str
    failures: int
    """Tries that failed since the last one that arrived."""
    rests_until: datetime | None
    """Until then it is left alone, since it did not answer."""
    off_at: datetime | None = None
    """Since when it is switched off: it is told nothing of what happens meanwhile."""


class Delivery(Value):
    """One event on its way to one target, or arrived."""

    id: int
    event_id: str
    """The same for all targets and tries."""
    event: Event | Literal["test"]
    recording_id: str | None
    data: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_at: datetime
    """When it is tried next, while it waits."""
    tried_at: datetime | None
    status: int | None
    """That the target answered with."""
    error: str | None
    seconds: float | None
    """That the last try took."""


class Taken(Value):
    """What is to be sent now."""

    delivery: Delivery
    webhook_id: str
    url: str
    secret: str


_WEBHOOK = [webhooks.c[name] for name in Webhook.model_fields]
_DELIVERY = [deliveries.c[name] for name in Delivery.model_fields]


def add(
    connection: Connection,
    *,
    id: str,  # noqa: A002
    url: str,
    events: Collection[Event],
    secret: str,
    by: str,
    at: datetime,
) -> Webhook:
    connection.execute(
        insert(webhooks).values(
            id=id,
            url=url,
            events=sorted(set(events)),
            secret=secret,
            made_at=at,
            made_by=by,
            failures=0,
        )
    )
    return get(connection, id)


def get(connection: Connection, webhook_id: str) -> Webhook:
    """Raises NotFound."""
    row = connection.execute(
        select(*_WEBHOOK).where(webhooks.c.id == webhook_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no webhook {webhook_id!r}.")
    return Webhook.model_validate(dict(row._mapping))


def every(connection: Connection) -> list[Webhook]:
    """Oldest first."""
    rows = connection.execute(select(*_WEBHOOK).order_by(webhooks.c.made_at, webhooks.c.id))
    return [Webhook.model_validate(dict(row._mapping)) for row in rows]


def change(
    connection: Connection,
    webhook_id: str,
    *,
    events: Collection[Event],
    off_at: datetime | None,
) -> Webhook:
    """What is on its way to a target that is switched off waits. Raises NotFound."""
    connection.execute(
        update(webhooks)
        .where(webhooks.c.id == webhook_id)
        .values(events=sorted(set(events)), off_at=off_at, rests_until=None)
    )
    return get(connection, webhook_id)


def remove(connection: Connection, webhook_id: str) -> None:
    """With what is on its way to it. Raises NotFound."""
    get(connection, webhook_id)
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


def log(
    connection: Connection,
    webhook_id: str,
    *,
    state: DeliveryState | None = None,
    limit: int,
    after: int | None = None,
) -> list[Delivery]:
    """Newest first; `after` is the id of the last one of the page before."""
    query = select(*_DELIVERY).where(deliveries.c.webhook_id == webhook_id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if after is not None:
        query = query.where(deliveries.c.id < after)
    rows = connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit))
    return [Delivery.model_validate(dict(row._mapping)) for row in rows]


def test(connection: Connection, webhook_id: str, *, at: datetime) -> Taken:
    """A line that is to be sent at once, and that no other process takes meanwhile."""
    get(connection, webhook_id)
    values = line(webhook_id, TEST, None, {}, at=at)
    made = connection.execute(
        insert(deliveries)
        .values(**values, taken_until=at + TAKEN)
        .returning(deliveries.c.id)
    ).scalar_one()
    return _taken(connection, [made])[0]


def waits(connection: Connection, *, at: datetime) -> bool:
    """Whether there is something to take."""
    return connection.execute(_ready(at).limit(1)).first() is not None


def take(connection: Connection, *, at: datetime, limit: int) -> list[Taken]:
    """The lines that are due, the oldest first; they are this process's for a while."""
    alone(connection, "webhooks")
    ids = connection.execute(
        _ready(at).order_by(deliveries.c.next_at, deliveries.c.id).limit(limit)
    ).scalars()
    taken = list(ids)
    connection.execute(
        update(deliveries).where(deliveries.c.id.in_(taken)).values(taken_until=at + TAKEN)
    )
    return _taken(connection, taken)


def _ready(at: datetime) -> Any:
    return (
        select(deliveries.c.id)
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(
            deliveries.c.state == "waiting",
            deliveries.c.next_at <= at,
            or_(deliveries.c.taken_until.is_(None), deliveries.c.taken_until <= at),
            or_(webhooks.c.rests_until.is_(None), webhooks.c.rests_until <= at),
            webhooks.c.off_at.is_(None),
        )
    )


def arrived(
    connection: Connection, taken: Taken, *, status: int, seconds: float, at: datetime
) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == taken.delivery.id)
        .values(
            state="delivered",
            attempts=deliveries.c.attempts + 1,
            tried_at=at,
            taken_until=None,
            status=status,
            error=None,
            seconds=seconds,
        )
    )
    connection.execute(
        update(webhooks)
        .where(webhooks.c.id == taken.webhook_id)
        .values(failures=0, rests_until=None)
    )


def failed(
    connection: Connection,
    taken: Taken,
    *,
    status: int | None,
    error: str,
    seconds: float,
    at: datetime,
) -> None:
    """It is tried again later, or given up. Until then the target is left alone: what
    else waits for it would only wait for its silence."""
    attempts = taken.delivery.attempts + 1
    last = attempts > len(BACK_OFF) or taken.delivery.event == TEST
    pause = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == taken.delivery.id)
        .values(
            state="given up" if last else "waiting",
            attempts=attempts,
            tried_at=at,
            next_at=at + pause,
            taken_until=None,
            status=status,
            error=error,
            seconds=seconds,
        )
    )
    if taken.delivery.event == TEST:
        return
    failures = connection.execute(
        update(webhooks)
        .where(webhooks.c.id == taken.webhook_id)
        .values(failures=webhooks.c.failures + 1)
        .returning(webhooks.c.failures)
    ).scalar_one_or_none()
    if failures is None:  # it was removed meanwhile
        return
    connection.execute(
        update(webhooks)
        .where(webhooks.c.id == taken.webhook_id)
        .values(rests_until=at + BACK_OFF[min(failures, LONGEST_REST) - 1])
    )


def give_back(connection: Connection, taken: Collection[Taken]) -> None:
    """What was taken and not tried."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([each.delivery.id for each in taken]))
        .values(taken_until=None)
    )


def forget_before(connection: Connection, moment: datetime) -> int:
    """Deletes from the log what was made before and does not wait; how many lines."""
    counted = {"preserve_rowcount": True}
    query = delete(deliveries).where(
        deliveries.c.made_at < moment, deliveries.c.state != "waiting"
    )
    return connection.execute(query, execution_options=counted).rowcount


def waiting(connection: Connection) -> int:
    """How many lines are on their way; not those of targets that are switched off."""
    query = (
        select(func.count(deliveries.c.id))
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.state == "waiting", webhooks.c.off_at.is_(None))
    )
    return int(connection.execute(query).scalar_one())


def _taken(connection: Connection, ids: Collection[int]) -> list[Taken]:
    query = (
        select(*_DELIVERY, webhooks.c.id.label("hook"), webhooks.c.url, webhooks.c.secret)
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.id)
    )
    return [
        Taken(
            delivery=Delivery(**{name: row[name] for name in Delivery.model_fields}),
            webhook_id=row["hook"],
            url=row["url"],
            secret=row["secret"],
        )
        for row in connection.execute(query).mappings()
    ]
