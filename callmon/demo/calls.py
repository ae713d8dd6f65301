"""The sample calls, taken in as if they had been held on some day."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from callmon.audio.decode import decode
from callmon.call import Analysis, Recording
from callmon.demo.people import Agent
from callmon.empathy.deadlines import due
from callmon.errors import BadRecording
from callmon.jobs.products import WRITERS
from callmon.jobs.queue import BATCH
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.review.site import Site
from callmon.samples import Sample
from callmon.store.calls import analyses, recordings
from callmon.store.media import Received
from callmon.store.reviews import controls
from callmon.store.work import runs

ARRIVES: Final = timedelta(minutes=20)
ANALYSED: Final = timedelta(minutes=25)
"""After the call began."""
WORKER: Final = "demonstration"


@dataclass(frozen=True)
class Told:
    """What is made up of a call."""

    agent: Agent
    customer: str
    started: datetime


@dataclass(frozen=True)
class Call:
    """A sample call and what was made of it."""

    sample: Sample
    analysis: Analysis
    products: Path
    """Beside it, by their endings, lie the copy for browsers and the outline."""


def add_call(site: Site, call: Call, told: Told, *, copy: int) -> str:
    """Keeps the call with its analysis; its id. Copies differ in what is after the sound,
    since the same content would be the same recording."""
    sample, analysis = call.sample, call.analysis
    received = _receive(site, sample.recording.read_bytes() + bytes(copy))
    metadata = Metadata(
        agent=told.agent.name,
        team=told.agent.team,
        queue=sample.name.partition("-")[0],
        customer=told.customer,
        started=told.started,
        language="en",
    )
    name, at = f"{sample.name}-{told.started:%m%d}.ogg", told.started + ANALYSED
    with site.database.writing() as connection:
        stored, _ = recordings.add(
            connection,
            sha256=received.sha256,
            name=name,
            size=received.size,
            media=received.key,
            metadata=metadata,
            received=told.started + ARRIVES,
            priority=BATCH,
        )
        run = runs.request(
            connection, stored.id, priority=BATCH, reason="upload", at=stored.received
        )
        runs.begin(connection, stored.id, run, worker=WORKER, at=stored.received)
        runs.finish(connection, stored.id, run, at=at)
        document = _dated(
            analysis,
            Recording(
                id=stored.id,
                sha256=stored.sha256,
                name=name,
                duration=analysis.recording.duration,
                channels=analysis.recording.channels,
                metadata=metadata.model_dump(mode="json", exclude_defaults=True),
            ),
            told.started,
        )
        redacted = redact_call(document)
        saved = analyses.save(
            connection, stored.id, run, document, redacted=redacted, at=at
        )
        controls.draw(connection, saved, document, share=site.options.control_share, at=at)
    for ending in WRITERS:
        with (
            call.products.with_suffix(ending).open("rb") as source,
            site.media.making(stored.media + ending) as target,
        ):
            shutil.copyfileobj(source, target)
    return stored.id


def add_broken_call(site: Site, *, at: datetime) -> str:
    """A recording that holds no sound, and how that is told; its id."""
    content = b"The line was tested, and nothing was recorded.\n"
    received = _receive(site, content)
    with tempfile.TemporaryDirectory(prefix="callmon-") as folder:
        path = Path(folder) / "recording.wav"
        path.write_bytes(content)
        try:
            with decode(path):
                raise AssertionError("this is no sound")
        except BadRecording as error:
            reason = str(error)
    with site.database.writing() as connection:
        stored, _ = recordings.add(
            connection,
            sha256=received.sha256,
            name=f"line-test-{at:%m%d}.wav",
            size=received.size,
            media=received.key,
            metadata=Metadata(team="Service"),
            received=at,
            priority=BATCH,
        )
        run = runs.request(connection, stored.id, priority=BATCH, reason="upload", at=at)
        runs.begin(connection, stored.id, run, worker=WORKER, at=at)
        runs.fail(connection, stored.id, run, error=reason, kind="permanent", at=at)
    return stored.id


def _receive(site: Site, content: bytes) -> Received:
    return site.media.receive(BytesIO(content), max_bytes=len(content))


def _dated(analysis: Analysis, recording: Recording, started: datetime) -> Analysis:
    """As the same call would have been analysed on that day: promises are due after it."""
    return analysis.model_copy(
        update={
            "recording": recording,
            "commitments": tuple(
                one.model_copy(
                    update={"due": due(one.deadline, started) if one.deadline else None}
                )
                for one in analysis.commitments
            ),
        }
    )
