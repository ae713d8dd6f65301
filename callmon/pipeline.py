"""The whole run on one screen: a recorded call in, the analysis document out.

recording ─audio─▶ voices ─speech─▶ turns ─tone─▶ tones of the customer
                                      └─empathy─▶ moments ─findings─▶ Analysis
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from callmon import __version__
from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.audio.quality import check
from callmon.call import (
    Analysis,
    Dynamics,
    Notice,
    Recording,
    Role,
    Segment,
    Tone,
    Turn,
    Versions,
)
from callmon.empathy.commitments import find_commitments
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric
from callmon.findings.findings import find_findings
from callmon.findings.outcomes import judge
from callmon.findings.rules import load_rules
from callmon.findings.score import score
from callmon.samples import is_sample
from callmon.speech.diarize import by_voice
from callmon.speech.dynamics import measure_dynamics
from callmon.speech.roles import assign_roles
from callmon.speech.transcribe import Transcriber, Transcript
from callmon.speech.transcripts import check_fit
from callmon.speech.turns import build_turns
from callmon.speech.voices import match_voices
from callmon.tone.tone import VERSION as TONE
from callmon.tone.tone import measure_tones

DEMO_MODEL = "demo"
"""The bundled speech model, which knows the words of the sample calls only."""

FOREIGN_TO_DEMO_MODEL = Notice(
    kind="demo_model",
    message="The words are by the demo speech model, which knows nothing but the sample"
    " calls; on any other call they are mostly wrong, and so is what rests on them."
    " Fetch a real model with `callmon models pull small.en`.",
)

Progress = Callable[[str, float], None]
"""Called with the name of a step and the share of it that is done, 0 to 1."""


def analyse(
    path: Path,
    *,
    rubric: Rubric,
    transcriber: Transcriber | None = None,
    transcript: Sequence[Segment] | None = None,
    agent: str | None = None,
    language: str | None = None,
    max_seconds: float = 14_400.0,
    progress: Progress = lambda _step, _share: None,
) -> Analysis:
    """Analyses one recorded call.

    The words come from `transcript` where one is given, else from `transcriber`. `agent`
    names the voice of the agent (`left`, `speaker 2`, ...) when the user knows it; else
    the words decide. Raises BadRecording when the sound cannot be analysed and
    BadTranscript when the transcript does not fit it.
    """
    with decode(
        path, max_seconds=max_seconds, progress=partial(progress, "decode")
    ) as audio:
        heard = find_activity(audio, progress=partial(progress, "activity"))
        quality = check(audio, audio.facts, heard)
        progress("speakers", 0.0)
        voices = (
            heard
            if len(quality.channels) == 2
            else by_voice(audio, heard[quality.channels[0]])
        )
        progress("words", 0.0)
        if transcript is not None:
            check_fit(transcript, audio.duration)
            spoken = Transcript(
                language=language, segments=match_voices(transcript, voices)
            )
            asr = None
        elif transcriber is not None:
            spoken = transcriber.transcribe(
                audio, voices, language=language, progress=partial(progress, "words")
            )
            asr = transcriber.name
        else:
            raise ValueError("analyse needs a transcriber or a transcript")
        if agent in ("left", "right") and len(quality.channels) < audio.channels:
            # Two channels that are one: `quality` has told so, and the words decide.
            agent = None
        progress("turns", 0.0)
        roles = assign_roles(spoken.segments, agent=agent)
        turns = build_turns(spoken.segments, roles, voices)
        dynamics = measure_dynamics(turns, voices, roles, duration=audio.duration)
        progress("tone", 0.0)
        tones = measure_tones(audio, turns, voices, progress=partial(progress, "tone"))
        recording = Recording(
            **_identity(path),
            duration=round(audio.duration, 3),
            channels=audio.channels,
            metadata=_metadata(spoken.language),
        )
    progress("judgement", 0.0)
    doubts = _doubts(roles, transcript)
    if asr == DEMO_MODEL and not is_sample(recording.sha256):
        doubts = (*doubts, FOREIGN_TO_DEMO_MODEL)
    return _judged(
        recording,
        turns=turns,
        tones=tones,
        dynamics=dynamics,
        rubric=rubric,
        models={
            "asr": asr,
            "diarizer": "channels" if len(quality.channels) == 2 else "clustering",
            "tone": TONE,
        },
        notices=(*quality.notices, *doubts),
    )


def analyse_transcript(
    path: Path,
    transcript: Sequence[Segment],
    *,
    rubric: Rubric,
    agent: str | None = None,
    language: str | None = None,
) -> Analysis:
    """Analyses a chat or a transcript without its recording: no voice, no silence."""
    roles = assign_roles(transcript, agent=agent)
    return _judged(
        Recording(
            **_identity(path), duration=None, channels=None, metadata=_metadata(language)
        ),
        turns=build_turns(transcript, roles, ()),
        tones=(),
        dynamics=None,
        rubric=rubric,
        models={"asr": None, "diarizer": None, "tone": None},
        notices=_doubts(roles, None),
    )


def _judged(
    recording: Recording,
    *,
    turns: tuple[Turn, ...],
    tones: tuple[Tone, ...],
    dynamics: Dynamics | None,
    rubric: Rubric,
    models: dict[str, str | None],
    notices: tuple[Notice, ...],
) -> Analysis:
    """The part that needs only words, times and tones."""
    rules = load_rules(rubric.findings)
    language = recording.metadata.get("language", rubric.language)
    if language != rubric.language:
        notices = (*notices, _unknown_language(language, rubric))
    judged = turns if language == rubric.language else ()
    opportunities = find_opportunities(judged, tones, rubric)
    behaviours = find_behaviours(judged, rubric)
    commitments = find_commitments(judged, behaviours, rubric)
    responses, outcomes = judge(
        opportunities, behaviours, judged, rules, duration=recording.duration
    )
    findings, commendations = find_findings(
        opportunities,
        responses,
        outcomes,
        behaviours,
        commitments,
        judged,
        tones,
        dynamics,
        rules,
    )
    return Analysis(
        recording=recording,
        versions=Versions(
            callmon=__version__,
            rubric=rubric.version,
            models={**models, "empathy": "patterns"},
        ),
        turns=turns,
        dynamics=dynamics,
        tones=tones,
        opportunities=opportunities,
        responses=responses,
        agent_behaviours=behaviours,
        outcomes=outcomes,
        commitments=commitments,
        findings=findings,
        commendations=commendations,
        score=score(outcomes),
        warnings=notices,
    )


def _metadata(language: str | None) -> dict[str, str]:
    return {"language": language} if language else {}


def _doubts(
    roles: dict[str, Role], transcript: Sequence[Segment] | None
) -> tuple[Notice, ...]:
    """What the reader must know about parties and words before trusting the judgement."""
    notices: list[Notice] = []
    parties = {role.party for role in roles.values()}
    if not {"agent", "customer"} <= parties:
        notices.append(
            Notice(
                kind="unsure_roles",
                message="It is not clear who is the agent and who the customer, so"
                " empathy and tone are not judged. Name the agent's voice with"
                " --agent-channel left|right for a call with two channels, or with"
                " --agent-speaker 1|2 for a call with one.",
            )
        )
    if transcript is not None and any(segment.start is None for segment in transcript):
        notices.append(
            Notice(
                kind="transcript_without_times",
                message="The transcript has no times, so its words cannot be laid over the"
                " recording: the voice is not judged and the words have no seconds.",
            )
        )
    return tuple(notices)


def _unknown_language(language: str, rubric: Rubric) -> Notice:
    return Notice(
        kind="language",
        message=f"The call is in the language {language!r} and the rubric is for"
        f" {rubric.language!r}: the words are there, but empathy is not judged. A rubric"
        " for that language works with --rubric.",
    )


def _identity(path: Path) -> dict[str, str]:
    """Id, hash and name of what was read: the same content is the same recording."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    sha256 = digest.hexdigest()
    # Names are bytes on most systems, and not all of them are UTF-8.
    name = os.fsencode(path.name).decode("utf-8", "replace")
    return {"id": sha256[:16], "sha256": sha256, "name": name}
