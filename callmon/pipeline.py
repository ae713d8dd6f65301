"""The whole run on one screen: a recorded call in, the analysis document out.

recording ─audio─▶ voices ─speech─▶ turns ─tone─▶ tones of the customer
                                      └─empathy─▶ moments ─findings─▶ Analysis
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from callmon import __version__
from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.audio.leakage import relative_loudness, remove_leakage
from callmon.audio.quality import check
from callmon.audio.redaction import find_redacted
from callmon.call import (
    Analysis,
    Dynamics,
    Notice,
    Recording,
    Role,
    Segment,
    Suppressed,
    Tone,
    Turn,
    Unscorable,
    Versions,
)
from callmon.empathy.commitments import find_commitments
from callmon.empathy.deadlines import call_start
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import TextModel
from callmon.findings.findings import find_findings
from callmon.findings.outcomes import judge
from callmon.findings.rules import Rules, load_rules
from callmon.findings.score import score
from callmon.samples import is_sample
from callmon.speech.diarization.diarizer import Diarizer
from callmon.speech.dynamics import measure_dynamics
from callmon.speech.echo import drop_echoes
from callmon.speech.recognition.transcribe import Transcriber, Transcript
from callmon.speech.roles.announcements import set_announcements_apart
from callmon.speech.roles.parlance import Direction
from callmon.speech.roles.roles import SURE_ENOUGH, assign_roles
from callmon.speech.transcripts.transcripts import check_fit
from callmon.speech.turns import build_turns
from callmon.speech.voices import give_words, match_voices
from callmon.tone.tone import VERSION as TONE
from callmon.tone.tone import measure_tones

DEMO_MODEL = "demo"
"""The bundled speech model, which knows the words of the sample calls only."""

FOREIGN_TO_DEMO_MODEL = Notice(
    kind="demo_model",
    message="The words are by the demo speech model, which knows nothing but the sample"
    " calls; on any other call they are mostly wrong, and so is what rests on them."
    " Fetch a real model with `callmon models pull`.",
)

CHANNELS = frozenset({"left", "right"})
"""The voices of a call whose parties have a channel each."""

Progress = Callable[[str, float], None]
"""Called with the name of a step and the share of it that is done, 0 to 1."""


def analyse(
    path: Path,
    *,
    rubric: Rubric,
    text_model: TextModel | None = None,
    diarizer: Diarizer,
    transcriber: Transcriber | None = None,
    transcript: Sequence[Segment] | None = None,
    agent: str | None = None,
    agent_channel: Literal["left", "right"] | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
    language: str | None = None,
    max_seconds: float = 14_400.0,
    progress: Progress = lambda _step, _share: None,
) -> Analysis:
    """Analyses one recorded call.

    Empathy is judged by the rubric and, where one is given, the text model. The words
    come from `transcript` where one is given, else from `transcriber`; the
    voices of a call with one channel from `diarizer`. `agent` names the voice of the
    agent (`left`, `speaker 2`, ...) when the user knows it; `agent_channel` is where this
    source of calls has its agents; else the words decide, and stay undecided below
    `role_confidence`. Raises BadRecording when the sound cannot be analysed and
    BadTranscript when the transcript does not fit it.
    """
    rules = load_rules(rubric.findings)
    with decode(
        path, max_seconds=max_seconds, progress=partial(progress, "decode")
    ) as audio:
        heard = remove_leakage(
            audio, find_activity(audio, progress=partial(progress, "activity"))
        )
        quality = check(audio, audio.facts, heard)
        redacted = find_redacted(audio, heard)
        apart = len(quality.channels) == 2
        progress("speakers", 0.0)
        if apart:
            voices = speech = heard
        else:
            speech = (heard[quality.channels[0]],)
            voices = diarizer.separate(
                audio, speech[0], progress=partial(progress, "speakers")
            )
        progress("words", 0.0)
        if transcript is not None:
            check_fit(transcript, audio.duration)
            spoken = Transcript(
                language=language, segments=match_voices(transcript, voices)
            )
        elif transcriber is not None:
            spoken = transcriber.transcribe(
                audio, speech, language=language, progress=partial(progress, "words")
            )
        else:
            raise ValueError("analyse needs a transcriber or a transcript")
        segments, suppressed = spoken.segments, spoken.suppressed
        if transcript is None and apart:
            segments, echoes = drop_echoes(segments, relative_loudness(audio, voices))
            suppressed = (*suppressed, *echoes)
        elif transcript is None:
            segments = give_words(segments, voices)
        progress("turns", 0.0)
        segments, voices = set_announcements_apart(segments, voices)
        if not apart:
            # Two channels that are one: `quality` has told so, and the words decide.
            agent = None if agent in CHANNELS and audio.channels == 2 else agent
            agent_channel = None
        roles = assign_roles(
            segments,
            agent=agent,
            agent_channel=agent_channel,
            direction=direction,
            language=spoken.language,
            sure_enough=role_confidence,
        )
        turns = build_turns(segments, roles, voices)
        dynamics = measure_dynamics(
            turns, voices, roles, duration=audio.duration, redacted=redacted
        )
        progress("tone", 0.0)
        tones = measure_tones(audio, turns, voices, progress=partial(progress, "tone"))
        recording = Recording(
            **_identity(path),
            duration=round(audio.duration, 3),
            channels=audio.channels,
            metadata=_metadata(spoken.language),
        )
    progress("judgement", 0.0)
    asr = transcriber.name if transcript is None and transcriber is not None else None
    doubts = _doubts(roles, transcript)
    if asr == DEMO_MODEL and not is_sample(recording.sha256):
        doubts = (*doubts, FOREIGN_TO_DEMO_MODEL)
    return _judged(
        recording,
        roles=roles,
        turns=turns,
        suppressed=suppressed,
        tones=tones,
        dynamics=dynamics,
        rubric=rubric,
        rules=rules,
        text_model=text_model,
        models={
            "asr": asr,
            "diarizer": "channels" if apart else diarizer.name,
            "tone": TONE,
        },
        notices=(*quality.notices, *doubts),
    )


def analyse_transcript(
    path: Path,
    transcript: Sequence[Segment],
    *,
    rubric: Rubric,
    text_model: TextModel | None = None,
    agent: str | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
    language: str | None = None,
) -> Analysis:
    """Analyses a chat or a transcript without its recording: no voice, no silence."""
    rules = load_rules(rubric.findings)
    segments, _ = set_announcements_apart(transcript)
    roles = assign_roles(
        segments,
        agent=agent,
        direction=direction,
        language=language,
        sure_enough=role_confidence,
    )
    return _judged(
        Recording(
            **_identity(path), duration=None, channels=None, metadata=_metadata(language)
        ),
        roles=roles,
        turns=build_turns(segments, roles, ()),
        suppressed=(),
        tones=(),
        dynamics=None,
        rubric=rubric,
        rules=rules,
        text_model=text_model,
        models={"asr": None, "diarizer": None, "tone": None},
        notices=_doubts(roles, None),
    )


def _judged(
    recording: Recording,
    *,
    roles: Mapping[str, Role],
    turns: tuple[Turn, ...],
    suppressed: tuple[Suppressed, ...],
    tones: tuple[Tone, ...],
    dynamics: Dynamics | None,
    rubric: Rubric,
    rules: Rules,
    text_model: TextModel | None,
    models: dict[str, str | None],
    notices: tuple[Notice, ...],
) -> Analysis:
    """The part that needs only words, times and tones."""
    language = recording.metadata.get("language", rubric.language)
    if language != rubric.language:
        notices = (*notices, _unknown_language(language, rubric))
    judged = turns if language == rubric.language else ()
    unscorable: Unscorable | None = None
    if language != rubric.language:
        unscorable = "language"
    elif not {"agent", "customer"} <= {turn.party for turn in turns}:
        unscorable = "roles"
    if text_model is not None and text_model.language != rubric.language:
        text_model = None
    reads = text_model.read(judged) if text_model is not None else ()
    opportunities = find_opportunities(judged, tones, rubric, reads)
    behaviours = find_behaviours(judged, rubric, reads)
    commitments = find_commitments(
        judged, behaviours, rubric, started=call_start(recording.metadata)
    )
    responses, outcomes = judge(
        opportunities,
        behaviours,
        judged,
        rules,
        duration=recording.duration,
        tones=tones,
        dynamics=dynamics,
        suppressed=suppressed,
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
            models={
                **models,
                "empathy": "patterns" if text_model is None else text_model.name,
            },
        ),
        speakers=roles,
        turns=turns,
        suppressed=suppressed,
        dynamics=dynamics,
        tones=tones,
        opportunities=opportunities,
        responses=responses,
        agent_behaviours=behaviours,
        outcomes=outcomes,
        commitments=commitments,
        findings=findings,
        commendations=commendations,
        score=score(outcomes, opportunities, responses),
        unscorable=unscorable,
        warnings=notices,
    )


def _metadata(language: str | None) -> dict[str, str]:
    return {"language": language} if language else {}


def _doubts(
    roles: Mapping[str, Role], transcript: Sequence[Segment] | None
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
                " --agent-speaker N for a call with one.",
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
