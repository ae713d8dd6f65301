"""The settings made into what the jobs need; `partial`s of these go to their processes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from callmon.commands.engine import (
    Engine,
    VoicesApart,
    chosen_diarizer,
    load_asker,
    load_text_model,
)
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.jobs.setup import Setup
from callmon.jobs.steps import Engines, Plan
from callmon.opinion.second import second_opinions
from callmon.settings import Settings, Source
from callmon.store.calls.recordings import StoredRecording


def set_up(settings: Settings) -> Setup:
    """What a worker with these settings needs to know."""
    return Setup(
        database=settings.database_url,
        queue=settings.queue_url,
        media=settings.media_url,
        locks=settings.data / "workers",
        load=partial(load_engines, settings),
        plan=partial(plan, settings),
        read_rubric=read_rubric,
        max_attempts=settings.max_attempts,
        step_limit=settings.step_limit,
        traces=settings.traces_url,
        control_share=settings.control_share,
    )


def load_engines(settings: Settings) -> Engines:
    """What analyses; speech model and diarizer are loaded with the first call."""
    engines = Engines(
        transcriber=Engine(settings),
        diarizer=VoicesApart(settings),
        text_model=load_text_model(),
        rubric=load_rubric(settings.rubric),
    )
    asker = load_asker(settings)
    if asker is None:
        return engines
    below = settings.opinion_below
    return replace(
        engines,
        review=lambda analysis: second_opinions(analysis, asker, below=below),
    )


def plan(settings: Settings, recording: StoredRecording) -> Plan:
    """How a recording is to be analysed: by what came with it, by its source, by all."""
    told = recording.metadata
    source = settings.sources.get(recording.source or settings.source or "", Source())
    channel = told.agent_channel or source.agent_channel or settings.agent_channel
    return Plan(
        asr=settings.asr,
        diarizer=chosen_diarizer(settings),
        language=told.language or settings.language,
        max_seconds=settings.max_call_seconds,
        agent_channel=None if channel == "auto" else channel,
        direction=told.direction or source.direction,
        role_confidence=settings.role_confidence,
        agent_voice=told.agent_voice,
    )


def read_rubric(document: bytes) -> Rubric:
    """A rubric from the bytes of its file. Raises BadSettings."""
    with tempfile.NamedTemporaryFile(prefix="callmon-", suffix=".toml") as file:
        file.write(document)
        file.flush()
        return load_rubric(Path(file.name))
