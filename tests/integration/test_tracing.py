"""Traces, as a collector gets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from callmon import tracing

RECORDING = "3f" * 16


class Collector(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.spans: list[Span] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever, daemon=True)
    thread.start()
    tracing.configure(collector.url, service="callmon-test")
    yield collector
    tracing.finish()
    collector.shutdown()
    thread.join()
    collector.server_close()


def attributes(span: Span) -> dict[str, str | int]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_an_upload_leads_to_its_run_and_the_run_is_one_trace(collector: Collector) -> None:
    with tracing.of_request("POST") as told:
        tracing.taken_in(RECORDING)
        told |= {"route": "/v1/recordings", "status": 202}
    now = datetime.now(UTC)
    tracing.of_waiting(RECORDING, 1, since=now - timedelta(seconds=9), until=now)
    for step in ("listen", "recognise"):
        with tracing.of_step(step, RECORDING, 1):
            pass
    tracing.finish()

    request, queue, *steps = collector.spans
    assert request.name == "POST /v1/recordings"
    assert attributes(request)["http.response.status_code"] == 202
    assert queue.name == "queue"
    assert round((queue.end_time_unix_nano - queue.start_time_unix_nano) / 1e9) == 9
    assert [step.name for step in steps] == ["listen", "recognise"]
    assert {s.trace_id for s in (queue, *steps)} == {request.links[0].trace_id}


def test_each_run_of_a_recording_is_a_trace_of_its_own(collector: Collector) -> None:
    for run in (1, 2):
        with tracing.of_step("listen", RECORDING, run):
            pass
    tracing.finish()
    first, second = collector.spans
    assert first.trace_id != second.trace_id
    assert attributes(second) == {"callmon.recording": RECORDING, "callmon.run": 2}


def test_of_an_error_only_the_type_is_told(collector: Collector) -> None:
    with (
        pytest.raises(ValueError, match="Mrs Smith"),
        tracing.of_step("judge", RECORDING, 1),
    ):
        raise ValueError("Mrs Smith is angry")
    tracing.finish()
    (span,) = collector.spans
    assert span.status.message == "ValueError"
    assert b"Smith" not in span.SerializeToString()


def test_nothing_is_sent_where_no_collector_is_named(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    tracing.finish()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    tracing.configure(None, service="callmon-test")
    with tracing.of_request("GET") as told, tracing.of_step("listen", RECORDING, 1):
        told["status"] = 200
    tracing.finish()
    assert collector.spans == []


def test_a_collector_that_is_away_costs_nobody_an_answer() -> None:
    tracing.configure("http://127.0.0.1:9/v1/traces", service="callmon-test")
    with tracing.of_request("GET") as told:
        told["status"] = 200
    tracing.finish()
