"""`PATCH /recordings/{id}`: puts right what is known of a call, and who is who in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BeforeValidator, Field, StringConstraints
from sqlalchemy import Connection

from callmon.call import Value
from callmon.intake.fields import (
    LABELS,
    LONGEST,
    LONGEST_LABEL,
    LONGEST_NAME,
    cleaned,
    read_moment,
)
from callmon.jobs.queue import UPLOAD
from callmon.metadata import Metadata
from callmon.review.access.roles import Asking, allow, found
from callmon.review.problems import Problem, declared
from callmon.review.recordings.asked import RecordingId, not_analysed
from callmon.review.recordings.one import request_run, tag_of, view_of
from callmon.review.recordings.views import RecordingView
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import analyses, channel_maps, recordings
from callmon.store.calls.recordings import StoredRecording

router = APIRouter(tags=["recordings"])

JUDGED_BY: Final = ("agent_channel", "agent_voice", "direction", "started", "language")
"""Metadata that an analysis depends on."""
CHANNELS: Final = ("left", "right")

Line = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Voice = Annotated[str, StringConstraints(pattern=r"^(left|right|speaker [1-9]\d{0,3})$")]


def _moment(given: object) -> datetime:
    # pydantic takes numbers too.
    return read_moment(given if isinstance(given, str) else "")


class Change(Value):
    """What is to change; null takes a value away, what is not there stays."""

    agent: Line | None = None
    team: Line | None = None
    queue: Line | None = None
    customer: Line | None = None
    started: Annotated[datetime, BeforeValidator(_moment)] | None = None
    direction: Literal["inbound", "outbound"] | None = None
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")] | None = None
    """ISO 639-1 code."""
    external_id: Line | None = None
    labels: Mapping[str, str | None] = Field(default={}, max_length=LABELS)
    """Label by label; null takes one away."""
    parties: Literal["swap"] | Mapping[Voice, Literal["agent", "customer"]] | None = Field(
        None, examples=["swap", {"left": "agent"}, {"speaker 2": "agent"}]
    )
    """Who is who, where the analysis has it wrong: `swap`, or the agent's or the customer's
    voice by name. Null leaves it to the words again."""
    remember: bool = True
    """Whether later recordings of the same source have their agent on the same channel."""


@router.patch("/recordings/{recording_id}", responses=declared(404, 409, 412))
def change_recording(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    recording_id: RecordingId,
    change: Change,
    response: Response,
    if_match: Annotated[
        str | None,
        Header(
            max_length=1000,
            description="The `ETag` that the recording was read with: nothing is changed"
            " when somebody else was faster.",
        ),
    ] = None,
) -> RecordingView:
    """Changes what is known of a call.

    When the judgement depends on it, above all on who is who, the call is judged again at
    once, with the words that were recognised before.

    When `parties` name the agent's channel, recordings that come from the same source later
    and say nothing of it have their agent there too: of all who send by that source. The
    audit log has it as `channel.remembered`; `"remember": false` leaves it to this call.
    """
    run = None
    with site.database.writing() as connection:
        found(connection, asking, recording_id)
        recording = recordings.locked(connection, recording_id)
        _check_tag(if_match, recording)
        metadata = _changed(connection, recording, change, asking)
        edited = recordings.edit(
            connection, recording_id, metadata, who=asking.id, at=site.now()
        )
        if change.remember and "parties" in change.model_fields_set:
            _remember(connection, site, asking, edited)
        if any(
            getattr(metadata, name) != getattr(recording.metadata, name)
            for name in JUDGED_BY
        ):
            run = request_run(connection, site, asking, recording_id, priority=UPLOAD)
        view = view_of(connection, site, asking, recording_id)
    if run is not None:
        site.queue.enqueue(recording_id, run, priority=UPLOAD)
    response.headers["ETag"] = tag_of(edited.metadata)
    return view


def _check_tag(if_match: str | None, recording: StoredRecording) -> None:
    if if_match is None or if_match.strip() == "*":
        return
    if tag_of(recording.metadata) not in [each.strip() for each in if_match.split(",")]:
        raise Problem(
            412,
            "precondition-failed",
            "The recording was changed since you read it. Read it again.",
            field="If-Match",
        )


def _changed(
    connection: Connection, recording: StoredRecording, change: Change, asking: Asking
) -> Metadata:
    """The metadata after the change. Raises a Problem: 409, 422."""
    old = recording.metadata
    values: dict[str, Any] = {
        name: _plain(getattr(change, name))
        for name in change.model_fields_set - {"labels", "parties", "remember"}
    }
    if "labels" in change.model_fields_set:
        values["labels"] = _labels(old.labels, change.labels)
    if "parties" in change.model_fields_set:
        values |= _voices(connection, recording, change.parties)
    metadata = old.model_copy(update=values)
    moved = metadata.team != old.team
    if moved and asking.teams is not None and metadata.team not in asking.teams:
        raise _cannot(
            f"The team has to be one of yours: {', '.join(sorted(asking.teams))}.",
            field="team",
        )
    return metadata


def _plain(value: Any) -> Any:
    """Text on one line; what has no visible character is nothing."""
    return cleaned(value, longest=LONGEST) or None if isinstance(value, str) else value


def _labels(old: Mapping[str, str], new: Mapping[str, str | None]) -> dict[str, str]:
    labels = dict(old)
    for name, value in new.items():
        plain = cleaned(name, longest=LONGEST_NAME)
        text = None if value is None else cleaned(value, longest=LONGEST_LABEL)
        if text:
            labels[plain] = text
        else:
            labels.pop(plain, None)
    if len(labels) > LABELS:
        raise _cannot(f"{LABELS} labels are the most.", field="labels")
    labels.pop("", None)
    return labels


def _voices(
    connection: Connection,
    recording: StoredRecording,
    parties: Literal["swap"] | Mapping[str, str] | None,
) -> dict[str, Any]:
    """Which voice is the agent's, as metadata have it."""
    if parties is None:
        return {"agent_channel": None, "agent_voice": None}
    if recording.analysis is None:
        raise not_analysed(connection, recording)
    analysis = analyses.load(connection, recording.analysis)
    now = {name: role.party for name, role in analysis.speakers.items()}
    people = sorted(name for name, party in now.items() if party != "other")
    agent = _swapped(now, people) if parties == "swap" else _named(parties, people)
    if agent in CHANNELS:
        return {"agent_channel": agent, "agent_voice": None}
    return {"agent_voice": agent}


def _swapped(now: Mapping[str, str], people: list[str]) -> str:
    agents = [name for name in people if now[name] == "agent"]
    others = [name for name in people if now[name] != "agent"]
    if len(agents) != 1 or len(others) != 1:
        raise Problem(
            409,
            "conflict",
            "There are not just an agent and a customer to swap. Name the agent's voice:"
            f" the voices are {', '.join(people) or 'not there'}.",
        )
    return others[0]


def _named(parties: Mapping[str, str], people: list[str]) -> str:
    """The agent's voice; of two, it is the one that is not the customer's."""
    unknown = sorted(set(parties) - set(people))
    if unknown:
        raise _cannot(
            f"There is no voice {unknown[0]!r} in this call; the voices are"
            f" {', '.join(people) or 'not there'}.",
            field="parties",
        )
    agents = [name for name, party in parties.items() if party == "agent"]
    left = [name for name in people if name not in parties]
    if not agents and len(left) == 1:
        agents = left
    if len(agents) != 1:
        raise _cannot(
            "One voice has to be the agent's, for example"
            f' {{"{people[0] if people else "left"}": "agent"}}.',
            field="parties",
        )
    return agents[0]


def _remember(
    connection: Connection, site: Site, asking: Asking, recording: StoredRecording
) -> None:
    channel = recording.metadata.agent_channel
    if channel is not None and recording.source is not None:
        channel_maps.remember(
            connection, recording.source, channel, who=asking.id, at=site.now()
        )
        audit.record(
            connection,
            who=asking.id,
            action="channel.remembered",
            recording_id=recording.id,
            detail={"source": recording.source, "agent_channel": channel},
            at=site.now(),
        )


def _cannot(detail: str, *, field: str) -> Problem:
    return Problem(422, "invalid-request", detail, field=field)
