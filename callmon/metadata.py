"""What is known of a recording besides its sound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from callmon.call import Value


class Metadata(Value):
    """Told by an upload form, a file beside the recording, a list, or its name."""

    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    customer: str | None = None
    """Who called, by whatever the phone system knows them by."""
    started: datetime | None = None
    """When the call began, with its offset from UTC where that is known."""
    direction: Literal["inbound", "outbound"] | None = None
    language: str | None = None
    """ISO 639-1 code."""
    external_id: str | None = None
    """The call's id in the phone system."""
    agent_channel: Literal["left", "right"] | None = None
    """Where the agent is heard; None is as the settings say."""
    agent_voice: str | None = None
    """Which voice is the agent's where all are on one channel, such as `speaker 1`; None
    is as the words tell."""
    labels: Mapping[str, str] = {}
    """Everything else, by its name there."""


def merged(*told: Metadata) -> Metadata:
    """What several sources tell together; of two that differ the earlier one counts.

    >>> merged(Metadata(agent="ann"), Metadata(agent="bob", team="north")).team
    'north'
    """
    values: dict[str, Any] = {}
    labels: dict[str, str] = {}
    for metadata in reversed(told):
        labels |= metadata.labels
        values |= {name: value for name, value in metadata if value is not None}
    return Metadata(**{**values, "labels": labels})
