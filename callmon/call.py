"""The words of the domain: what a call is, what was said, what was judged.

Everything here is frozen and crosses the stages unchanged. Time is in seconds from
the start of the recording, as float, and intervals are half open. The names are those
of the coding scheme. `Analysis` is the analysis document: its JSON form is what
`callmon analyze --json` prints and what the JSON Schema describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA: Final = "callmon.analysis/1"

Party = Literal["agent", "customer", "other", "unknown"]
Cue = Literal["explicit", "implicit", "vocal"]
Emotion = Literal[
    "frustration",
    "anger",
    "disappointment",
    "anxiety",
    "sadness",
    "confusion",
    "distrust",
    "embarrassment",
    "relief",
    "joy",
]
Valence = Literal["negative", "positive"]
BehaviourName = Literal[
    "acknowledgement",
    "mirroring",
    "exploration",
    "commitment",
    "resolution_done",
    "ownership",
    "apology",
    "sympathy",
    "self_disclosure",
    "reassurance",
    "patience_thanks",
    "dismissal",
    "rapport",
]
BehaviourLevel = Literal["specific", "generic", "timed", "concrete", "vague"]
CommitmentLevel = Literal["timed", "concrete", "vague"]
Promiser = Literal["agent", "company"]
Rung = Literal[
    "dismissed",
    "ignored",
    "solved_only",
    "sorry_only",
    "acknowledged",
    "acknowledged_specific",
    "full",
]
OutcomeName = Literal["met", "partial", "missed", "impeded", "unscorable"]
FindingKind = Literal[
    "missed_empathy",
    "dismissive_response",
    "sympathy_without_empathy",
    "missed_joy",
    "no_mirroring",
    "no_commitment",
    "vague_commitment",
    "no_expectation_set",
    "interrupted_customer",
    "unexplained_silence",
    "repeated_telling",
    "scripted_empathy",
    "missing_closing_check",
]
Severity = Literal["low", "medium", "high"]
ToneLabel = Literal["lowered", "ordinary", "raised", "strongly_raised"]
SuppressedReason = Literal[
    "no_speech", "nobody_speaks", "loop", "stock_phrase", "echo", "unlikely"
]
Unscorable = Literal["language", "roles"]

NEARLY_ALL: Final = 0.8
"""Share of a quote that lies in one part of a turn; the times of words are loose."""


class Value(BaseModel):
    """Base of all values: frozen, closed, described by the text under each field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


class Interval(Value):
    """A half-open stretch of time, [start, end)."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


class Notice(Value):
    """Something the reader of the document must know before trusting it."""

    kind: str
    """Stable short name, for example `clipping`."""
    message: str
    """One sentence for people."""


class Recording(Value):
    """The recording that was analysed."""

    id: str
    """Stable: the same content has the same id."""
    sha256: str
    """Of the recording's bytes; of the transcript's when there is no recording."""
    name: str
    """File name without its folder."""
    duration: float | None
    """Seconds; null when only a transcript was given."""
    channels: int | None
    """As stored: 1 or 2; null when only a transcript was given."""
    metadata: Mapping[str, Any] = Field(default_factory=dict)
    """What is known besides the sound: agent, team, queue, started, language."""


class Versions(Value):
    """What made this document."""

    callmon: str
    rubric: str
    models: Mapping[str, str | None]
    """By part: asr, diarizer, empathy, tone; null where the part did not run. `opinion` is
    there only where words were sent to a language model."""


class Word(Value):
    """A word as recognised or imported."""

    text: str
    start: float
    end: float
    confidence: float
    """0 to 1."""


class Activity(Value):
    """When one voice is speaking, by voice activity, sorted and without overlap."""

    speaker: str
    """`left`, `right`, or `speaker 1`, `speaker 2` in order of first speech."""
    channel: int
    """The channel in which this voice is heard, from 0."""
    intervals: tuple[Interval, ...]


class Segment(Value):
    """A stretch of speech of one speaker, as transcribed. Text may be empty."""

    speaker: str
    start: float | None
    """Null in a transcript without times; then `end` is null too."""
    end: float | None
    text: str
    words: tuple[Word, ...] = ()
    """Empty when the source gives no times of words."""
    confidence: float = 1.0
    party: Party | None = None
    """Said by the transcript's own labels; null when it has to be found out."""


class Suppressed(Value):
    """Words that were recognised and then left out, because nobody said them there."""

    speaker: str
    start: float
    end: float
    text: str
    reason: SuppressedReason
    """`no_speech` (the model itself doubts that this is speech), `nobody_speaks` (outside
    the voice activity), `loop` (the same words over and over), `stock_phrase` (what the
    model says to silence), `echo` (the other channel's words, heard faintly in this one),
    `unlikely` (words that the model itself finds improbable, or more of them than
    anybody can say in that time)."""


class Role(Value):
    """Which party a speaker is, and how sure that is."""

    party: Party
    confidence: float
    reasons: tuple[str, ...] = ()


class Turn(Value):
    """Consecutive segments of one party; a backchannel never ends the other's turn."""

    index: int
    party: Party
    party_confidence: float
    start: float | None
    """Seconds; null in a transcript without times."""
    end: float | None
    text: str
    words: tuple[Word, ...] = ()
    """Empty when the source gives no times of words."""
    speaker: str
    """The voice: `left`, `right`, `speaker 1`, or the transcript's own label."""
    backchannel: bool = False
    """At most three words without content, said while the other party has the floor."""
    overlap: float = 0.0
    """Seconds of this turn in which another voice speaks too."""
    confidence: float = 1.0
    """Of the words, length-weighted, 0 to 1."""

    def locate(self, first: int, last: int) -> tuple[float | None, float | None]:
        """Seconds in which `text[first:last]` is spoken.

        From the words where their times are known, else the whole turn.
        """
        if not self.words:
            return self.start, self.end
        position = 0
        heard: list[Word] = []
        for word in self.words:
            at = self.text.find(word.text.strip(), position)
            if at < 0:
                continue
            position = at + len(word.text.strip())
            if at < last and position > first:
                heard.append(word)
        if not heard:
            return self.start, self.end
        return heard[0].start, heard[-1].end


class Interruption(Value):
    """One party starts while the other speaks, and takes the floor."""

    by: Party
    turn: int
    """Index of the turn that interrupts."""
    interrupted: int
    """Index of the turn that was cut into."""
    start: float
    end: float
    """Until one of the two voices falls silent."""


class Dynamics(Value):
    """Who speaks when, from voice activity, never from the words' times."""

    talk: Mapping[str, float]
    """Seconds of speech by party."""
    silence: float
    """Seconds in which nobody speaks."""
    overlap: float
    """Seconds in which two voices speak."""
    longest_silence: Interval | None
    interruptions: tuple[Interruption, ...]
    agent_words_per_minute: float | None
    """Words per minute of the agent's own speech; null without agent words."""
    silences: tuple[Interval, ...] = ()
    """Stretches of two seconds or more in which nobody speaks."""
    hold: tuple[Interval, ...] = ()
    """Stretches in which the customer waits on hold; none of them counts as silence."""
    redacted: tuple[Interval, ...] = ()
    """Stretches that were cut out of the sound (digital zero); masked, never counted."""
    response_latency: Mapping[str, float] = Field(default_factory=dict)
    """Median seconds from the end of the other's turn to the start of this party's, by
    party; below zero where it begins before the other has ended."""


class Measure(Value):
    """One prosodic measure of a turn, beside this caller's ordinary voice."""

    value: float
    unit: str
    """For example `semitones`, `dB`, `syllables/s`."""
    baseline: float
    """The caller's own ordinary value in this call."""
    distance: float
    """From the baseline, in the caller's own spread (robust standard deviations)."""
    ordinary: float | None = None
    """Of pitch: what `value` is counted from, in semitones over 100 Hz. Whether high and
    low voices are judged alike is seen by it; nothing is judged by it."""


class Voice(Value):
    """The customer's voice in a stretch of speech, relative to this caller."""

    arousal: float | None
    """Distance from the caller's ordinary voice; 0 is ordinary; null if unscorable."""
    label: ToneLabel | None
    confidence: float
    """0 to 1."""
    measures: Mapping[str, Measure]
    unscorable: str | None
    """The reason why nothing is claimed, else null."""


class TonePart(Voice):
    """The customer's voice in one sentence, or more short ones, of a long turn."""

    start: float
    end: float


class Tone(Voice):
    """The customer's voice in one turn."""

    turn: int
    parts: tuple[TonePart, ...] = ()
    """Sentence by sentence, where the turn holds two or more that are long enough; where
    no words tell them, from pause to pause."""

    def within(self, start: float | None, end: float | None) -> Voice:
        """That of the part in which nearly all of [start, end) lies, else the turn's."""
        if start is None or end is None:
            return self
        for part in self.parts:
            shared = min(end, part.end) - max(start, part.start)
            if shared > NEARLY_ALL * (end - start):
                return part
        return self


class VoiceTrend(Value):
    """How the customer's voice went over the call."""

    turns: int
    """Scorable ones, at least three."""
    per_minute: float
    """Change of arousal for each minute of the call: the median slope between two turns."""
    interval: tuple[float, float] | None
    """95 % confidence interval of `per_minute`; null under five turns."""
    first: float
    """Median arousal of the first third of these turns."""
    last: float
    """Of the last third."""


class Evidence(Value):
    """The words or the sound that carry a judgement."""

    turn: int
    start: float | None
    end: float | None
    quote: str
    source: str
    """What found it, joined by ` + `: the text model with its share, such as `model 0.87`,
    and ids of rules; or `voice`, or the part the words play: `answer`, `told again`."""


class Opportunity(Value):
    """A customer's moment that a good agent should meet."""

    id: str
    turns: tuple[int, ...]
    start: float | None
    end: float | None
    cue: Cue
    emotion: Emotion
    valence: Valence
    strength: Literal[1, 2, 3]
    confidence: float
    evidence: tuple[Evidence, ...]


class Behaviour(Value):
    """Something an agent does with words, and the words that carry it."""

    turn: int
    behaviour: BehaviourName
    level: BehaviourLevel | None
    """For acknowledgement: specific, generic; for commitment: timed, concrete, vague."""
    confidence: float
    quote: str
    start: float | None
    end: float | None
    source: str
    """What found it, joined by ` + `: the text model with its share, such as `model 0.87`,
    ids of rules, `mirroring.shared_words`, `rapport.name`."""


class Response(Value):
    """What one agent turn in an opportunity's window holds."""

    opportunity: str
    turn: int
    behaviours: tuple[Behaviour, ...]
    recovery: bool = False
    """True when the turn comes after the window."""


class Outcome(Value):
    """How an opportunity was answered."""

    opportunity: str
    outcome: OutcomeName
    rung: Rung | None
    """The highest step of the response ladder; null when there was nothing to judge."""
    delay: float | None
    """Seconds from the end of the opportunity to the words that met it."""
    recovered: bool
    """True when it was met only after the window."""
    reason: str | None
    """Why it is impeded or unscorable, else null."""
    settling: float | None = None
    """By how much the customer's arousal changed from the moment to the next scorable
    turns after the answer, in robust deviations; below zero is calmer; null where one of
    the two was not measured."""


class Commitment(Value):
    """An action that the agent undertakes for this customer, once however often said."""

    turn: int
    action: str
    deadline: str | None
    """As said: "by Friday"."""
    due: str | None = None
    """The deadline as an ISO date, or date and time where hours were said, in the call's
    own time zone; the latest day of a range; null when the call's start is not known or
    the words name no day ("in a few days")."""
    level: CommitmentLevel
    who: Promiser = "agent"
    """`agent` where the speaker will do it ("I"), `company` where somebody else will ("we",
    "a technician")."""
    open: bool = True
    """Whether it is still to be kept when the call ends."""
    quote: str
    start: float | None = None
    end: float | None = None


class Opinion(Value):
    """What the user's own language model says of a finding: beside it, never instead."""

    verdict: Literal["agree", "disagree", "unsure"] | None
    """Null when the answer was not of the form that was asked for."""
    reason: str
    """The model's own sentence, or why there is no verdict."""
    model: str


class Finding(Value):
    """One thing to look at, at one place in the recording."""

    id: str
    kind: FindingKind
    opportunity: str | None
    turn: int
    start: float | None
    end: float | None
    severity: Severity
    confidence: float
    summary: str
    cleared_by: str
    evidence: tuple[Evidence, ...]
    opinion: Opinion | None = None
    """Null where no second opinion was asked for; it changes nothing else."""


class Commendation(Value):
    """A moment that was done well."""

    opportunity: str
    turn: int
    start: float | None
    end: float | None
    summary: str
    evidence: tuple[Evidence, ...]


class Part(Value):
    """How many of the scorable negative opportunities an answer held something in."""

    count: int = 0
    of: int = 0
    share: float | None = None
    """`count / of`, 0 to 1; null when there are none."""


class Parts(Value):
    """What the answers within the response windows were made of."""

    understood: Part = Part()
    """Explored the matter or gave it back: `exploration`, `mirroring`."""
    acknowledged: Part = Part()
    """Had a word for the feeling: `acknowledgement`."""
    acted: Part = Part()
    """Held a concrete or timed `commitment`, or `resolution_done`."""


class Score(Value):
    """The share of scorable opportunities that were met, a partial one as half."""

    value: float | None
    """0 to 1; null without a scorable opportunity."""
    met: int
    partial: int
    missed: int
    impeded: int
    unscorable: int
    interval: tuple[float, float] | None
    """95 % Wilson interval of the value."""
    parts: Parts = Parts()
    """Beside the value, not in it."""


class Analysis(Value):
    """Everything of one run: the analysis document."""

    schema_version: Literal["callmon.analysis/1"] = Field(SCHEMA, alias="schema")
    recording: Recording
    versions: Versions
    speakers: Mapping[str, Role] = Field(default_factory=dict)
    """Which party each voice is, how sure that is, and why."""
    turns: tuple[Turn, ...]
    suppressed: tuple[Suppressed, ...] = ()
    """What was recognised where nobody said it; never part of a turn or a judgement."""
    dynamics: Dynamics | None
    """Null when only a transcript was given."""
    tones: tuple[Tone, ...]
    voice: VoiceTrend | None = None
    """Null where fewer than three turns of the customer's voice could be measured."""
    opportunities: tuple[Opportunity, ...]
    responses: tuple[Response, ...]
    agent_behaviours: tuple[Behaviour, ...]
    outcomes: tuple[Outcome, ...]
    commitments: tuple[Commitment, ...]
    findings: tuple[Finding, ...]
    commendations: tuple[Commendation, ...]
    score: Score
    unscorable: Unscorable | None = None
    """Why empathy is not judged in the whole call: there is no rubric for its language,
    or it is not clear who is the agent; else null."""
    warnings: tuple[Notice, ...]


class Redacted(Value):
    """An analysis as nearly everybody sees it: without what is private."""

    redactor: str
    """Which rules found what is private."""
    analysis: Analysis
    """With a name in brackets for each private part, such as `[card number]`."""
    silent: tuple[Interval, ...]
    """When something private is said, sorted and without overlap; not to be heard."""


class Audio(Protocol):
    """Decoded sound that is read in pieces; a call is never held in memory whole."""

    @property
    def sample_rate(self) -> int:
        """Hertz."""

    @property
    def channels(self) -> int: ...

    @property
    def duration(self) -> float:
        """Seconds."""

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        """Samples of one channel in [start, end), shape (n,), in -1 to 1."""
