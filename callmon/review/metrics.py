"""Metrics for Prometheus: numbers without names of people, teams or calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from callmon.review.access.roles import allow
from callmon.review.health import SILENT
from callmon.review.site import Site
from callmon.store.calls import recordings
from callmon.store.reviews import verdicts
from callmon.store.webhooks import targets
from callmon.store.work import figures, runs, workers

router = APIRouter(tags=["health"])

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Metrics:
    """The metrics of one app."""

    def __init__(self, site: Site) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "callmon_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "callmon_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(FromStore(site))

    def count(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request; `route` is its pattern, so that there are few of them."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


class FromStore(Collector):
    """What the database tells, asked anew for each scrape."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: without it, registering would ask the database for the names."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        free = self._site.media.free_bytes()
        if free is not None:
            yield GaugeMetricFamily(
                "callmon_media_free_bytes", "What the disk of the media still takes.", free
            )
        with self._site.database.reading() as connection:
            yield from self._families(connection)

    def _families(self, connection: Connection) -> Iterator[GaugeMetricFamily]:
        now = self._site.now()
        states = recordings.counts(connection)
        yield _by("callmon_recordings", "Recordings by state.", "state", states)
        waiting = float(states["received"] + states["queued"])
        yield GaugeMetricFamily(
            "callmon_queue_length", "Recordings that wait to be analysed.", waiting
        )
        since = figures.oldest_queued(connection)
        age = 0.0 if since is None else max(0.0, (now - since).total_seconds())
        yield GaugeMetricFamily(
            "callmon_queue_age_seconds", "For how long the oldest of them waits.", age
        )
        ended = figures.run_states(connection)
        yield _by("callmon_runs", "Analyses, repeated ones too, by state.", "state", ended)
        yield _by(
            "callmon_stage_seconds_per_minute",
            "Seconds of work for a minute of call, by stage: median of the newest runs.",
            "stage",
            runs.speeds(connection),
        )
        yield GaugeMetricFamily(
            "callmon_webhooks_waiting",
            "Deliveries to webhooks that are still to be made.",
            targets.waiting(connection),
        )
        given = verdicts.counts(connection)
        yield _by("callmon_verdicts", "Verdicts of reviewers.", "verdict", given)
        alive = [w for w in workers.every(connection) if w.at >= now - SILENT]
        working = {
            state: sum(w.state == state for w in alive) for state in ("working", "draining")
        }
        yield _by("callmon_workers", "Workers that are alive, by state.", "state", working)


@router.get(
    "/metrics",
    dependencies=[Depends(allow("uploader", "reviewer", "supervisor", "admin"))],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "For Prometheus."}},
)
def metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus. A key with the role `uploader` will do."""
    kept: Metrics = request.app.state.metrics
    return Response(generate_latest(kept.registry), media_type=CONTENT_TYPE_LATEST)


def _by(name: str, text: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], float(value))
    return family
