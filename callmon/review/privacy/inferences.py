"""`GET /privacy/inferences`: what is inferred about whom, by what, and kept how long.

The list is held against the analysis document by a test: a part of the document that stands
neither here nor among `NOT_INFERRED` fails it.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from fastapi import APIRouter, Depends

from callmon.call import (
    BehaviourName,
    Emotion,
    FindingKind,
    OutcomeName,
    Party,
    Rung,
    ToneLabel,
    Value,
    Versions,
)
from callmon.review.access.roles import allow
from callmon.review.privacy.rules import Kept, kept
from callmon.review.site import SiteDep
from callmon.store.access.standing import ROLES
from callmon.store.calls import analyses
from callmon.store.keeping.retention import Kind
from callmon.store.reports.call_figures import Band

router = APIRouter(tags=["privacy"])

Whom = Literal["agent", "customer", "everybody heard"]
Source = Literal["words", "voice", "times of speech"]


class Inference(Value):
    """One thing that is concluded about people in a call."""

    name: str
    what: str
    about: tuple[Whom, ...]
    source: tuple[Source, ...]
    by: tuple[str, ...]
    """Parts of callmon: `asr`, `diarizer`, `tone`, `empathy` are models, `rubric` is the
    rules, `opinion` is the language model that the settings name."""
    values: tuple[str, ...]
    """What it can be; empty for numbers and words."""
    fields: tuple[str, ...]
    """Where it stands in the analysis document; empty for what is kept beside it."""
    kind: Kind
    """The rule of retention that deletes it first."""


class InferenceView(Inference):
    """With how long it is kept now."""

    kept: Kept


class InferencesView(Value):
    """Everything that is inferred, and what never is."""

    items: tuple[InferenceView, ...]
    never: tuple[str, ...]
    made_by: Versions | None
    """Null before the first analysis."""


PRESENT: Final = ("yes", "no")

INFERENCES: Final = (
    Inference(
        name="words",
        what="What was said, and when.",
        about=("everybody heard",),
        source=("voice",),
        by=("asr",),
        values=(),
        fields=("turns", "suppressed"),
        kind="transcript",
    ),
    Inference(
        name="role",
        what="Which voice is the agent's and which the customer's, within this call alone;"
        " voices are not compared between calls, and no voiceprint is kept.",
        about=("everybody heard",),
        source=("words", "voice"),
        by=("diarizer", "rubric"),
        values=get_args(Party),
        fields=("speakers",),
        kind="analysis",
    ),
    Inference(
        name="course of the talk",
        what="Who speaks how long, silences, holds, interruptions, time to answer, the"
        " agent's words per minute.",
        about=("agent", "customer"),
        source=("times of speech",),
        by=("asr", "diarizer"),
        values=(),
        fields=("dynamics",),
        kind="analysis",
    ),
    Inference(
        name="tone",
        what="How the customer's voice differs from the same voice's ordinary one in this"
        " call, turn by turn and over the call.",
        about=("customer",),
        source=("voice",),
        by=("tone",),
        values=get_args(ToneLabel),
        fields=("tones", "voice"),
        kind="analysis",
    ),
    Inference(
        name="feeling",
        what="Moments in which the customer tells of a feeling, which one, how strong.",
        about=("customer",),
        source=("words", "voice"),
        by=("empathy", "rubric", "tone"),
        values=get_args(Emotion),
        fields=("opportunities",),
        kind="analysis",
    ),
    Inference(
        name="behaviour",
        what="What the agent does with words in answer to that.",
        about=("agent",),
        source=("words",),
        by=("empathy", "rubric"),
        values=get_args(BehaviourName),
        fields=("responses", "agent_behaviours"),
        kind="analysis",
    ),
    Inference(
        name="outcome",
        what="How each moment was answered, the step that the answer reached, and whether"
        " the customer's voice settled after it.",
        about=("agent", "customer"),
        source=("words", "voice"),
        by=("empathy", "rubric", "tone"),
        values=(*get_args(OutcomeName), *get_args(Rung)),
        fields=("outcomes",),
        kind="analysis",
    ),
    Inference(
        name="promise",
        what="What the agent or the company undertakes, until when; whether it was kept is"
        " said by people.",
        about=("agent",),
        source=("words",),
        by=("rubric",),
        values=(),
        fields=("commitments",),
        kind="transcript",
    ),
    Inference(
        name="finding",
        what="What a coach should look at, and what was done well; a language model's"
        " opinion beside it where the settings name one.",
        about=("agent",),
        source=("words", "voice", "times of speech"),
        by=("rubric", "opinion"),
        values=get_args(FindingKind),
        fields=("findings", "commendations"),
        kind="analysis",
    ),
    Inference(
        name="score",
        what="The share of a call's moments that were met. Reports add it up for agents,"
        " teams and queues, never for fewer than twenty moments.",
        about=("agent",),
        source=("words", "voice"),
        by=("rubric",),
        values=(),
        fields=("score",),
        kind="analysis",
    ),
    Inference(
        name="pitch band",
        what="Whether the customer's voice is low, middle or high, which often goes with"
        " sex. Only the fairness report uses it, to see whether such groups are judged"
        " alike.",
        about=("customer",),
        source=("voice",),
        by=("tone",),
        values=get_args(Band),
        fields=(),
        kind="analysis",
    ),
    Inference(
        name="return of a customer",
        what="Which later calls come from the same customer, by `metadata.customer` as the"
        " phone system gave it, never by voice; and whether something is said to be done"
        " in them.",
        about=("customer",),
        source=("words",),
        by=("rubric",),
        values=PRESENT,
        fields=(),
        kind="analysis",
    ),
)

NOT_INFERRED: Final = {
    "schema_version": "the form of the document",
    "recording": "what was sent with the recording",
    "versions": "by what it was made",
    "unscorable": "why nothing is judged",
    "warnings": "what a reader has to know before trusting it",
}
"""Parts of the document that conclude nothing about people."""

NEVER: Final = (
    "emotion or tone from an agent's voice",
    "who somebody is, by voice",
    "age, sex, origin, health, religion or opinions of anybody",
    "whether somebody tells the truth",
    "anything about people over several calls, but for an agent's sums in reports",
)


@router.get("/privacy/inferences", dependencies=[Depends(allow(*ROLES))])
def list_inferences(site: SiteDep) -> InferencesView:
    """What is inferred about whom, from what, by what, and how long it is kept. It is for
    everybody who works here, agents included."""
    with site.database.reading() as connection:
        rule = kept(connection, site)
        made_by = analyses.newest_versions(connection)
    return InferencesView(
        items=tuple(
            InferenceView(**dict(each), kept=rule[each.kind]) for each in INFERENCES
        ),
        never=NEVER,
        made_by=made_by,
    )
