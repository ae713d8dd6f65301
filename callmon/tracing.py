"""Traces through web, queue and stages, by OpenTelemetry, to the operator's own collector.

Off until `configure` names a collector; then every function here is nearly free. A trace
holds ids, names of routes and steps, and times: never a name, a number or a word of a call.

A run has a trace of its own, whose id follows from the run, so that the processes that work
on it need to tell each other nothing; the request that took the recording in links to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanContext, Tracer

FLUSH_MILLISECONDS: Final = 2000
"""How long the end of a process waits for a collector that does not answer."""

Attributes = Mapping[str, str | int | float | bool]

_provider: TracerProvider | None = None
_tracer: Tracer | None = None


def configure(endpoint: str | None, *, service: str) -> None:
    """Sends the spans of this process to `endpoint`, an OTLP address for HTTP such as
    `http://collector:4318/v1/traces`; None: to nobody."""
    global _provider, _tracer
    if endpoint is None or _tracer is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from callmon import __version__

    # Not `Resource.create`: it would add what stands in the environment.
    resource = Resource({SERVICE_NAME: service, SERVICE_VERSION: __version__})
    # Ours alone, not the global one: a library's spans are not ours to send.
    _provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    _tracer = _provider.get_tracer("callmon", __version__)


def finish() -> None:
    """Sends what is still to be sent; before a process ends."""
    global _provider, _tracer
    if _provider is not None:
        _provider.force_flush(FLUSH_MILLISECONDS)
        _provider.shutdown()
    _provider = _tracer = None


@contextmanager
def of_request(method: str) -> Iterator[dict[str, str | int]]:
    """A request. What is put into the dictionary until its end stands with it: `route`
    names it, `status` from 500 marks it as failed."""
    told: dict[str, str | int] = {}
    if _tracer is None:
        yield told
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    with _tracer.start_as_current_span(method, kind=SpanKind.SERVER) as span:
        try:
            yield told
        finally:
            status = int(told.get("status", 0))
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.response.status_code", status)
            if "route" in told:
                span.update_name(f"{method} {told['route']}")
                span.set_attribute("http.route", told["route"])
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))


def taken_in(recording: str) -> None:
    """Links the present request to the first run over the recording that it brought."""
    if _tracer is None:
        return
    from opentelemetry.trace import get_current_span

    get_current_span().set_attribute("callmon.recording", recording)
    get_current_span().add_link(_context_of(recording, 1))


@contextmanager
def of_step(step: str, recording: str, run: int) -> Iterator[None]:
    """A step of a run. An error that leaves it is told by its type alone."""
    if _tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode, use_span

    span = _tracer.start_span(
        step, context=_parent(recording, run), attributes=_ids(recording, run)
    )
    with use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def of_waiting(recording: str, run: int, *, since: datetime, until: datetime) -> None:
    """The time that a run has waited in the queue."""
    if _tracer is None:
        return
    span = _tracer.start_span(
        "queue",
        context=_parent(recording, run),
        attributes=_ids(recording, run),
        start_time=_nanoseconds(since),
    )
    span.end(_nanoseconds(until))


def _ids(recording: str, run: int) -> Attributes:
    return {"callmon.recording": recording, "callmon.run": run}


def _parent(recording: str, run: int) -> Context:
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    return set_span_in_context(NonRecordingSpan(_context_of(recording, run)))


def _context_of(recording: str, run: int) -> SpanContext:
    """The trace of a run; its root is the run itself, which no process measures whole."""
    from opentelemetry.trace import SpanContext, TraceFlags

    digest = hashlib.sha256(f"callmon run {recording} {run}".encode()).digest()
    return SpanContext(
        trace_id=int.from_bytes(digest[:16], "big"),
        span_id=int.from_bytes(digest[16:24], "big"),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000_000)
