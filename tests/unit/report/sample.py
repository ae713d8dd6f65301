"""A call of ninety seconds with everything a report can show, and hostile text in it."""

from __future__ import annotations

from callmon.call import (
    Analysis,
    Behaviour,
    BehaviourLevel,
    BehaviourName,
    Commendation,
    Commitment,
    Dynamics,
    Evidence,
    Finding,
    Interruption,
    Interval,
    Measure,
    Notice,
    Opinion,
    Opportunity,
    Outcome,
    Part,
    Parts,
    Party,
    Recording,
    Response,
    Score,
    Tone,
    ToneLabel,
    Turn,
    Versions,
    VoiceTrend,
)

HOSTILE_NAME = "<img src=x onerror=alert(1)>\x1b[31m\u202ecall [red]07[/red].wav"
HOSTILE_WORDS = "</script><script>alert(document.domain)</script>"

TALK: tuple[tuple[Party, float, float, str], ...] = (
    (
        "agent",
        1.0,
        5.2,
        "Thank you for calling Harbour Energy, this is Peter. How can I help?",
    ),
    (
        "customer",
        5.8,
        14.6,
        "Hi. I was charged twice for May, and this is the third time I've called about "
        "it. I can't pay my rent on Friday.",
    ),
    ("agent", 15.1, 18.4, "Okay. I'm sorry about that. What is your customer number?"),
    ("customer", 19.0, 22.1, "It's two seven five eight."),
    (
        "customer",
        23.0,
        29.5,
        "As I said, this is ridiculous, I have told this to two of your people, and",
    ),
    ("agent", 28.3, 32.0, "Sir, I need your date of birth before I can look at anything."),
    ("customer", 32.6, 34.9, f"Fine. {HOSTILE_WORDS}"),
    (
        "agent",
        47.5,
        59.8,
        "Thank you for waiting. You were charged twice for May, and I can hear how "
        "worrying that is with the rent on Friday. I've just refunded the ninety dollars.",
    ),
    ("customer", 60.4, 64.2, "Oh, thank goodness. You just saved my weekend!"),
    ("agent", 64.9, 67.0, "That's wonderful, I'm glad."),
    ("customer", 67.6, 71.0, "And it is sure that it won't happen again in June?"),
    (
        "agent",
        71.6,
        78.2,
        "We'll look into it. I will also send you an email about the refund today.",
    ),
    ("customer", 78.9, 80.1, "Okay, thank you."),
    ("other", 80.6, 82.0, "Please stay on the line for a survey."),
    ("agent", 83.0, 85.5, "Is there anything else I can help you with?"),
    ("customer", 86.0, 87.0, "No, that's all."),
    ("agent", 87.4, 89.0, "Goodbye."),
)


def analysis(*, name: str = HOSTILE_NAME) -> Analysis:
    """The sample call."""
    turns = tuple(
        Turn(
            index=index,
            party=party,
            party_confidence=0.97,
            start=start,
            end=end,
            text=text,
            speaker="left" if party == "agent" else "right",
            overlap=1.2 if index in (4, 5) else 0.0,
            confidence=0.9,
        )
        for index, (party, start, end, text) in enumerate(TALK)
    )
    return Analysis(
        recording=Recording(
            id="sample",
            sha256="0" * 64,
            name=name,
            duration=90.0,
            channels=2,
            metadata={"agent": "P. Marsh", "team": "Billing", "language": "en"},
        ),
        versions=Versions(
            callmon="0.1.0",
            rubric="en/1",
            models={
                "asr": "small.en",
                "diarizer": None,
                "empathy": "empathy-1",
                "tone": "tone-1",
            },
        ),
        turns=turns,
        dynamics=Dynamics(
            talk={"agent": 34.0, "customer": 31.5, "other": 1.4},
            silence=21.9,
            overlap=1.2,
            longest_silence=Interval(start=34.9, end=47.5),
            interruptions=(
                Interruption(by="agent", turn=5, interrupted=4, start=28.3, end=29.5),
            ),
            agent_words_per_minute=152.0,
            silences=(Interval(start=34.9, end=47.5),),
        ),
        tones=(
            tone(1, 1.7, "raised"),
            tone(3, 0.3, "ordinary"),
            tone(4, 2.8, "strongly_raised"),
            tone(6, None, None, reason="Too little speech: 0.8 s of voice."),
            tone(8, 1.2, "raised"),
            tone(10, 0.4, "ordinary"),
            tone(12, -0.6, "ordinary"),
            tone(15, -1.4, "lowered"),
        ),
        opportunities=(
            Opportunity(
                id="o1",
                turns=(1,),
                start=5.8,
                end=14.6,
                cue="implicit",
                emotion="anxiety",
                valence="negative",
                strength=3,
                confidence=0.91,
                evidence=(
                    quote(1, 8.8, 11.6, "this is the third time I've called about it"),
                    quote(
                        1,
                        11.7,
                        14.6,
                        "I can't pay my rent on Friday",
                        source="en.money.rent",
                    ),
                ),
            ),
            Opportunity(
                id="o2",
                turns=(4,),
                start=23.0,
                end=29.5,
                cue="explicit",
                emotion="frustration",
                valence="negative",
                strength=3,
                confidence=0.88,
                evidence=(
                    quote(4, 23.9, 25.6, "this is ridiculous"),
                    quote(4, 23.0, 29.5, "", source="voice"),
                ),
            ),
            Opportunity(
                id="o3",
                turns=(6,),
                start=32.6,
                end=34.9,
                cue="vocal",
                emotion="anger",
                valence="negative",
                strength=1,
                confidence=0.41,
                evidence=(quote(6, 32.6, 34.9, f"Fine. {HOSTILE_WORDS}", source="voice"),),
            ),
            Opportunity(
                id="o4",
                turns=(8,),
                start=60.4,
                end=64.2,
                cue="explicit",
                emotion="relief",
                valence="positive",
                strength=2,
                confidence=0.93,
                evidence=(
                    quote(8, 60.4, 64.2, "thank goodness. You just saved my weekend!"),
                ),
            ),
            Opportunity(
                id="o5",
                turns=(10,),
                start=67.6,
                end=71.0,
                cue="implicit",
                emotion="anxiety",
                valence="negative",
                strength=2,
                confidence=0.66,
                evidence=(quote(10, 67.6, 71.0, "it won't happen again in June"),),
            ),
        ),
        responses=(
            Response(
                opportunity="o1",
                turn=2,
                behaviours=(said(2, "apology", "I'm sorry about that"),),
            ),
            Response(
                opportunity="o2",
                turn=7,
                recovery=True,
                behaviours=(
                    said(7, "mirroring", "You were charged twice for May"),
                    said(
                        7,
                        "acknowledgement",
                        "I can hear how worrying that is with the rent on Friday",
                        "specific",
                    ),
                    said(7, "resolution_done", "I've just refunded the ninety dollars"),
                ),
            ),
            Response(
                opportunity="o4",
                turn=9,
                behaviours=(
                    said(9, "acknowledgement", "That's wonderful", "generic"),
                    said(9, "rapport", "I'm glad"),
                ),
            ),
            Response(
                opportunity="o5",
                turn=11,
                behaviours=(said(11, "commitment", "We'll look into it", "vague"),),
            ),
        ),
        agent_behaviours=(
            said(7, "patience_thanks", "Thank you for waiting"),
            said(
                11,
                "commitment",
                "I will also send you an email about the refund today",
                "timed",
            ),
        ),
        outcomes=(
            Outcome(
                opportunity="o1",
                outcome="missed",
                rung="sorry_only",
                delay=None,
                recovered=False,
                reason=None,
            ),
            Outcome(
                opportunity="o2",
                outcome="missed",
                rung="ignored",
                delay=18.0,
                recovered=True,
                reason=None,
                settling=-1.4,
            ),
            Outcome(
                opportunity="o3",
                outcome="unscorable",
                rung=None,
                delay=None,
                recovered=False,
                reason="Too little speech to be sure of the words.",
            ),
            Outcome(
                opportunity="o4",
                outcome="met",
                rung="acknowledged_specific",
                delay=0.7,
                recovered=False,
                reason=None,
            ),
            Outcome(
                opportunity="o5",
                outcome="partial",
                rung="acknowledged",
                delay=0.6,
                recovered=False,
                reason=None,
            ),
        ),
        commitments=(
            Commitment(
                turn=7,
                action="refund the ninety dollars",
                deadline=None,
                level="concrete",
                open=False,
                quote="I've just refunded the ninety dollars",
                start=56.0,
                end=59.8,
            ),
            Commitment(
                turn=11,
                action="look into it",
                deadline=None,
                level="vague",
                quote="We'll look into it",
                start=71.6,
                end=72.8,
            ),
            Commitment(
                turn=11,
                action="send an email about the refund",
                deadline="today",
                due="2026-11-20",
                level="timed",
                who="company",
                quote="I will also send you an email about the refund today",
                start=73.0,
                end=78.2,
            ),
        ),
        findings=(
            Finding(
                id="f1",
                kind="sympathy_without_empathy",
                opportunity="o1",
                turn=2,
                start=5.8,
                end=18.4,
                severity="high",
                confidence=0.84,
                summary="After “this is the third time I've called” the agent said "
                "sorry and asked for "
                "the customer number.",
                cleared_by="Naming the repeated calls and the rent on Friday, then the "
                "plan, would have met it.",
                evidence=(
                    quote(1, 8.8, 11.6, "this is the third time I've called about it"),
                    quote(2, 15.8, 16.9, "I'm sorry about that", source="en.apology.2"),
                ),
            ),
            Finding(
                id="f2",
                kind="missed_empathy",
                opportunity="o2",
                turn=5,
                start=23.0,
                end=32.0,
                severity="medium",
                confidence=0.8,
                summary="After “this is ridiculous” the agent asked for the date of "
                "birth. The feeling was "
                "met 18 seconds later.",
                cleared_by="A word for having told it twice before the next question "
                "would have met it.",
                evidence=(
                    quote(4, 23.9, 25.6, "this is ridiculous"),
                    quote(4, 23.0, 29.5, "", source="voice"),
                ),
            ),
            Finding(
                id="f3",
                kind="interrupted_customer",
                opportunity="o2",
                turn=5,
                start=28.3,
                end=29.5,
                severity="medium",
                confidence=0.95,
                summary="The agent began while the customer was telling the problem, "
                "and kept the floor.",
                cleared_by="Letting the sentence end before the next question would "
                "have cleared it.",
                evidence=(quote(5, 28.3, 29.5, "Sir, I need your date of birth"),),
            ),
            Finding(
                id="f4",
                kind="unexplained_silence",
                opportunity=None,
                turn=7,
                start=34.9,
                end=47.5,
                severity="low",
                confidence=1.0,
                summary="Nobody spoke for 12.6 seconds, and no hold was announced.",
                cleared_by="One sentence on what is being looked up would have cleared it.",
                evidence=(quote(7, 34.9, 47.5, "", source="voice"),),
            ),
            Finding(
                id="f5",
                kind="vague_commitment",
                opportunity="o5",
                turn=11,
                start=71.6,
                end=72.8,
                severity="low",
                confidence=0.72,
                summary="The worry about June was answered with “We'll look into it”.",
                cleared_by="Saying who checks the June bill, and by when, would have "
                "cleared it.",
                evidence=(
                    quote(
                        11, 71.6, 72.8, "We'll look into it", source="en.commitment.vague"
                    ),
                ),
            ),
        ),
        commendations=(
            Commendation(
                opportunity="o4",
                turn=9,
                start=60.4,
                end=67.0,
                summary="The agent shared the customer's relief before going on.",
                evidence=(quote(9, 64.9, 67.0, "That's wonderful, I'm glad"),),
            ),
        ),
        score=Score(
            value=0.375,
            met=1,
            partial=1,
            missed=2,
            impeded=0,
            unscorable=1,
            interval=(0.08, 0.79),
            parts=Parts(
                understood=Part(count=1, of=3, share=0.3333),
                acknowledged=Part(count=1, of=3, share=0.3333),
                acted=Part(count=2, of=3, share=0.6667),
            ),
        ),
        warnings=(
            Notice(
                kind="clipping",
                message="The customer's channel is clipped in 3 % of the speech; "
                "loudness there is not read.",
            ),
        ),
    )


def with_opinion() -> Analysis:
    """The call with a second opinion on its first finding."""
    whole = analysis()
    first, *others = whole.findings
    opinion = Opinion(
        verdict="disagree", reason="<b>The agent asked why.</b>", model="told"
    )
    findings = (first.model_copy(update={"opinion": opinion}), *others)
    models = {**whole.versions.models, "opinion": "told"}
    versions = whole.versions.model_copy(update={"models": models})
    return whole.model_copy(update={"findings": findings, "versions": versions})


def calm() -> Analysis:
    """A call in which nothing called for empathy."""
    return analysis(name="Plain question.wav").model_copy(
        update={
            "opportunities": (),
            "responses": (),
            "outcomes": (),
            "findings": (),
            "commendations": (),
            "warnings": (),
            "score": Score(
                value=None,
                met=0,
                partial=0,
                missed=0,
                impeded=0,
                unscorable=0,
                interval=None,
            ),
        }
    )


def with_hold() -> Analysis:
    """The sample call with a hold for its silence, four seconds cut out, and a trend."""
    call = analysis()
    assert call.dynamics is not None
    dynamics = call.dynamics.model_copy(
        update={
            "silence": 9.3,
            "longest_silence": Interval(start=64.2, end=64.9),
            "silences": (),
            "hold": (Interval(start=34.9, end=47.5),),
            "redacted": (Interval(start=80.0, end=84.0),),
            "response_latency": {"agent": 0.9, "customer": -0.4},
        }
    )
    trend = VoiceTrend(
        turns=6, per_minute=-0.8, interval=(-1.5, -0.2), first=1.4, last=-0.2
    )
    return call.model_copy(update={"dynamics": dynamics, "voice": trend})


def chat() -> Analysis:
    """The sample call as a chat: no sound and no times."""
    call = analysis(name="chat-4711.txt")
    timeless = {"start": None, "end": None}

    def without_times(values):  # type: ignore[no-untyped-def]
        return tuple(
            value.model_copy(
                update=timeless
                | (
                    {"evidence": without_times(value.evidence)}
                    if hasattr(value, "evidence")
                    else {}
                )
            )
            for value in values
        )

    return call.model_copy(
        update={
            "recording": call.recording.model_copy(
                update={"duration": None, "channels": None}
            ),
            "dynamics": None,
            "tones": (),
            "turns": without_times(call.turns),
            "opportunities": without_times(call.opportunities),
            "findings": without_times(call.findings),
            "commendations": without_times(call.commendations),
            "commitments": without_times(call.commitments),
        }
    )


def tone(
    turn: int, arousal: float | None, label: ToneLabel | None, *, reason: str | None = None
) -> Tone:
    if arousal is None:
        return Tone(
            turn=turn,
            arousal=None,
            label=None,
            confidence=0.0,
            measures={},
            unscorable=reason,
        )
    return Tone(
        turn=turn,
        arousal=arousal,
        label=label,
        confidence=0.8,
        unscorable=None,
        measures={
            "pitch": Measure(
                value=14.2 + arousal, unit="semitones", baseline=14.2, distance=arousal
            ),
            "loudness": Measure(
                value=-21.0 + arousal, unit="dB", baseline=-21.0, distance=arousal
            ),
        },
    )


def quote(
    turn: int, start: float, end: float, words: str, *, source: str = "model 0.90"
) -> Evidence:
    return Evidence(turn=turn, start=start, end=end, quote=words, source=source)


def said(
    turn: int, behaviour: BehaviourName, words: str, level: BehaviourLevel | None = None
) -> Behaviour:
    return Behaviour(
        turn=turn,
        behaviour=behaviour,
        level=level,
        confidence=0.9,
        quote=words,
        start=TALK[turn][1],
        end=TALK[turn][2],
        source="model 0.90",
    )
