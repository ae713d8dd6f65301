"""Where the agent is heard in the recordings of a source, as people have put it right."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from callmon.store.database import put
from callmon.store.tables.search import channel_maps

Channel = Literal["left", "right"]


def remember(
    connection: Connection, source: str, channel: Channel, *, who: str, at: datetime
) -> None:
    """From now on recordings of the source that say nothing else have it so."""
    row = {"source": source, "agent_channel": channel, "who": who, "at": at}
    put(connection, channel_maps, row)


def recall(connection: Connection, source: str | None) -> Channel | None:
    """None where nobody has said anything."""
    if source is None:
        return None
    found: Channel | None = connection.execute(
        select(channel_maps.c.agent_channel).where(channel_maps.c.source == source)
    ).scalar_one_or_none()
    return found
