"""What is known of a recording besides its sound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

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
    labels: Mapping[str, str] = {}
    """Everything else, by its name there."""
