"""The steps of a run: each turns what the steps before it found into one frozen value.

Each value can be kept as JSON, so that a run which was broken off goes on after its last
finished step. `pipeline.analyse` takes them one after the other in one go.

    listen      what is heard, and how well       from the sound
    tell_apart  whose voice speaks when           from the sound and what is heard
    recognise   the words                         from the sound and what is heard
    attribute   parties, turns, dynamics          from voices and words
    hear        the tone of the customer's turns  from the sound and the turns
    conclude    the judgement: the Analysis       from all of them but the sound
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from callmon import __version__
from callmon.audio.activity import find_activity
from callmon.audio.decode import Decoded
from callmon.audio.leakage import relative_loudness, remove_leakage
from callmon.audio.quality import Quality, check
from callmon.audio.redaction import find_redacted
from callmon.call import (
    Activity,
    Analysis,
    Audio,
    Dynamics,
    Interval,
    Notice,
    Recording,
    Role,
    Segment,
    Suppressed,
    Tone,
    Turn,
    Unscorable,
    Value,
    Versions,
)
from callmon.empathy.deadlines import call_start
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import TextModel
from callmon.findings.rules import load_rules
from callmon.findings.score import score
from callmon.judgement import judge_words
from callmon.samples import is_sample
from callmon.speech.diarization.diarizer import Diarizer
from callmon.speech.dynamics import measure_dynamics
from callmon.speech.echo import drop_echoes
from callmon.speech.recognition.transcribe import Transcriber
from callmon.speech.roles.announcements import set_announcements_apart
from callmon.speech.roles.parlance import Direction
from callmon.speech.roles.roles import SURE_ENOUGH, assign_roles
from callmon.speech.transcripts.transcripts import check_fit
from callmon.speech.turns import build_turns
from callmon.speech.voices import give_words, match_voices
from callmon.tone.tone import VERSION as TONE
from callmon.tone.tone import measure_tones
from callmon.tone.trend import voice_trend

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

Share = Callable[[float], None]
"""Called with the share of a step that is done, 0 to 1."""


class Heard(Value):
    """What the sound is like and where speech is in it."""

    duration: float
    """Seconds."""
    channels: int
    """As stored."""
    quality: Quality
    activity: tuple[Activity, ...]
    """Speech by channel, without what leaked in from the other one."""
    redacted: tuple[Interval, ...]

    @property
    def apart(self) -> bool:
        """Whether the parties have a channel each."""
        return len(self.quality.channels) == 2

    @property
    def speech(self) -> tuple[Activity, ...]:
        """The activity to be put into words: both channels, or the one that is used."""
        return tuple(self.activity[channel] for channel in self.quality.channels)


class Voices(Value):
    """Who speaks when."""

    diarizer: str
    """The engine that told the voices apart; `channels` where none was needed."""
    activities: tuple[Activity, ...]


class Spoken(Value):
    """The words, by channel as recognised, or by label as imported."""

    asr: str | None
    """The speech model; null where the words were given."""
    language: str | None
    """ISO 639-1 code."""
    segments: tuple[Segment, ...]
    suppressed: tuple[Suppressed, ...] = ()


class Told(Value):
    """Who said what."""

    roles: Mapping[str, Role]
    turns: tuple[Turn, ...]
    voices: tuple[Activity, ...] = ()
    """Without recorded announcements, which are nobody's."""
    dynamics: Dynamics | None = None
    """Null when only a transcript was given."""


def listen(audio: Decoded, *, progress: Share | None = None) -> Heard:
    """Finds the speech in the sound; raises BadRecording when it cannot be judged."""
    activity = remove_leakage(audio, find_activity(audio, progress=progress))
    return Heard(
        duration=audio.duration,
        channels=audio.channels,
        quality=check(audio, audio.facts, activity),
        activity=activity,
        redacted=find_redacted(audio, activity),
    )


def tell_apart(
    audio: Audio, heard: Heard, diarizer: Diarizer, *, progress: Share | None = None
) -> Voices:
    """The voices: the two channels, or what the diarizer hears in one."""
    if heard.apart:
        return Voices(diarizer="channels", activities=heard.activity)
    activities = diarizer.separate(audio, heard.speech[0], progress=progress)
    return Voices(diarizer=diarizer.name, activities=activities)


def recognise(
    audio: Audio,
    heard: Heard,
    transcriber: Transcriber,
    *,
    language: str | None = None,
    progress: Share | None = None,
) -> Spoken:
    """The words of each channel that is used."""
    found = transcriber.transcribe(
        audio, heard.speech, language=language, progress=progress
    )
    segments, suppressed = found.segments, found.suppressed
    if heard.apart:
        loudness = relative_loudness(audio, heard.activity)
        segments, echoes = drop_echoes(segments, loudness)
        suppressed = (*suppressed, *echoes)
    return Spoken(
        asr=transcriber.name,
        language=found.language,
        segments=segments,
        suppressed=suppressed,
    )


def attribute(
    heard: Heard,
    voices: Voices,
    spoken: Spoken,
    *,
    agent: str | None = None,
    agent_channel: Literal["left", "right"] | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
) -> Told:
    """Gives the words to the voices and the voices to the parties.

    `agent` names the voice of the agent (`left`, `speaker 2`, ...) when the user knows it;
    `agent_channel` is where this source of calls has its agents; else the words decide,
    and stay undecided below `role_confidence`. Raises BadTranscript when the words were
    given and do not fit the sound.
    """
    segments = spoken.segments
    if spoken.asr is None:
        check_fit(segments, heard.duration)
        segments = match_voices(segments, voices.activities)
    elif not heard.apart:
        segments = give_words(segments, voices.activities)
    segments, activities = set_announcements_apart(segments, voices.activities)
    if not heard.apart:
        # Two channels that are one: `quality` has told so, and the words decide.
        agent = None if agent in CHANNELS and heard.channels == 2 else agent
        agent_channel = None
    roles = assign_roles(
        segments,
        agent=agent,
        agent_channel=agent_channel,
        direction=direction,
        language=spoken.language,
        sure_enough=role_confidence,
    )
    turns = build_turns(segments, roles, activities)
    return Told(
        roles=roles,
        turns=turns,
        voices=activities,
        dynamics=measure_dynamics(
            turns, activities, roles, duration=heard.duration, redacted=heard.redacted
        ),
    )


def read(
    transcript: Sequence[Segment],
    *,
    agent: str | None = None,
    direction: Direction | None = None,
    role_confidence: float = SURE_ENOUGH,
    language: str | None = None,
) -> Told:
    """Who said what by a transcript alone: no voice, no silence."""
    segments, _ = set_announcements_apart(transcript)
    roles = assign_roles(
        segments,
        agent=agent,
        direction=direction,
        language=language,
        sure_enough=role_confidence,
    )
    return Told(roles=roles, turns=build_turns(segments, roles, ()))


def hear(audio: Audio, told: Told, *, progress: Share | None = None) -> tuple[Tone, ...]:
    """The tone of the customer's turns, and of nobody else's."""
    return measure_tones(audio, told.turns, told.voices, progress=progress)


def conclude(
    recording: Recording,
    told: Told,
    *,
    heard: Heard | None = None,
    voices: Voices | None = None,
    spoken: Spoken,
    tones: tuple[Tone, ...] = (),
    rubric: Rubric,
    text_model: TextModel | None = None,
) -> Analysis:
    """Judges what was said and heard by the rubric and, where one is given, the model.

    `heard` and `voices` are None for a transcript without its recording.
    """
    rules = load_rules(rubric.findings, common=rubric.common)
    notices = _doubts(told, spoken, heard)
    if spoken.asr == DEMO_MODEL and not is_sample(recording.sha256):
        notices = (*notices, FOREIGN_TO_DEMO_MODEL)
    language = spoken.language or rubric.language
    if language != rubric.language:
        notices = (*notices, _unknown_language(language, rubric))
    turns = told.turns if language == rubric.language else ()
    unscorable: Unscorable | None = None
    if language != rubric.language:
        unscorable = "language"
    elif not {"agent", "customer"} <= {turn.party for turn in told.turns}:
        unscorable = "roles"
    if text_model is not None and text_model.language != rubric.language:
        text_model = None
    reads = text_model.read(turns) if text_model is not None else ()
    judged = judge_words(
        turns,
        rubric,
        rules,
        reads,
        started=call_start(recording.metadata),
        duration=recording.duration,
        tones=tones,
        dynamics=told.dynamics,
        suppressed=spoken.suppressed,
    )
    return Analysis(
        recording=recording,
        versions=Versions(
            callmon=__version__,
            rubric=rubric.version,
            models={
                "asr": spoken.asr,
                "diarizer": voices.diarizer if voices is not None else None,
                "tone": TONE if heard is not None else None,
                "empathy": "patterns" if text_model is None else text_model.name,
            },
        ),
        speakers=told.roles,
        turns=told.turns,
        suppressed=spoken.suppressed,
        dynamics=told.dynamics,
        tones=tones,
        voice=voice_trend(tones, told.turns),
        opportunities=judged.opportunities,
        responses=judged.responses,
        agent_behaviours=judged.behaviours,
        outcomes=judged.outcomes,
        commitments=judged.commitments,
        findings=judged.findings,
        commendations=judged.commendations,
        score=score(judged.outcomes, judged.opportunities, judged.responses),
        unscorable=unscorable,
        warnings=notices,
    )


def _doubts(told: Told, spoken: Spoken, heard: Heard | None) -> tuple[Notice, ...]:
    """What the reader must know about sound, parties and words before trusting it."""
    notices = list(heard.quality.notices) if heard is not None else []
    parties = {role.party for role in told.roles.values()}
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
    if heard is None or spoken.asr is not None:
        return tuple(notices)
    if any(segment.start is None for segment in spoken.segments):
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
