"""Writes the Grafana dashboard, docker/monitoring/dashboard.json.

python scripts/write_dashboard.py
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docker" / "monitoring" / "dashboard.json"

SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT = 8, 7
"""Of a panel, in units of which a row has 24."""


@dataclass(frozen=True)
class Panel:
    """One drawing, with an expression and the name of its lines for each."""

    title: str
    about: str
    unit: str
    lines: Sequence[tuple[str, str]]
    kind: str = "timeseries"


PANELS = (
    Panel(
        "Waiting",
        "Recordings that wait to be analysed.",
        "short",
        [("max(callmon_queue_length)", "recordings")],
    ),
    Panel(
        "Longest wait",
        "For how long the oldest of them waits. It grows where the workers do not keep up.",
        "s",
        [("max(callmon_queue_age_seconds)", "oldest")],
    ),
    Panel(
        "Workers",
        "Workers that gave a sign of life in the last two minutes.",
        "short",
        [("max by (state) (callmon_workers)", "{{state}}")],
    ),
    Panel(
        "Analysed and failed per hour",
        "Runs that came to an end, by how.",
        "short",
        [
            (
                'max by (state) (delta(callmon_runs{state=~"done|failed|cancelled"}[1h]))',
                "{{state}}",
            )
        ],
    ),
    Panel(
        "Work for a minute of call",
        "Seconds, by step; the median of the newest runs.",
        "s",
        [("max by (stage) (callmon_stage_seconds_per_minute)", "{{stage}}")],
    ),
    Panel(
        "Recordings",
        "All that are kept, by state.",
        "short",
        [("max by (state) (callmon_recordings)", "{{state}}")],
    ),
    Panel(
        "Requests per second",
        "By what came of them.",
        "reqps",
        [("sum by (status) (rate(callmon_requests_total[5m]))", "{{status}}")],
    ),
    Panel(
        "Slowest requests",
        "The time within which 95 of 100 are answered, of the five slowest routes.",
        "s",
        [
            (
                "topk(5, histogram_quantile(0.95, sum by (le, route)"
                " (rate(callmon_request_seconds_bucket[5m]))))",
                "{{route}}",
            )
        ],
    ),
    Panel(
        "Space for recordings",
        "What the disk of the media still takes; not known of an S3 store.",
        "bytes",
        [("min(callmon_media_free_bytes)", "free")],
    ),
    Panel(
        "Verdicts per day",
        "What reviewers said of findings and controls.",
        "short",
        [("max by (verdict) (delta(callmon_verdicts[1d]))", "{{verdict}}")],
    ),
    Panel(
        "Webhooks",
        "Deliveries that are still to be made.",
        "short",
        [("max(callmon_webhooks_waiting)", "waiting")],
    ),
)


def dashboard() -> dict[str, object]:
    """The dashboard, as Grafana imports it."""
    return {
        "title": "callmon",
        "uid": "callmon",
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "source",
                    "label": "Prometheus",
                    "type": "datasource",
                    "query": "prometheus",
                }
            ]
        },
        "panels": [_drawn(number, panel) for number, panel in enumerate(PANELS)],
    }


def _drawn(number: int, panel: Panel) -> dict[str, object]:
    in_row = 24 // WIDTH
    return {
        "id": number + 1,
        "title": panel.title,
        "description": panel.about,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": {
            "x": number % in_row * WIDTH,
            "y": number // in_row * HEIGHT,
            "w": WIDTH,
            "h": HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "expr": expr, "legendFormat": name}
            for i, (expr, name) in enumerate(panel.lines)
        ],
    }


def main() -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(dashboard(), indent=1) + "\n")


if __name__ == "__main__":
    main()
