"""Names for the choices in the OpenAPI document.

A set of words stands in it once, by name, and is referred to from wherever it may be given
or comes back: a client that is made from the document has one type for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from callmon import call
from callmon.review.privacy import inferences
from callmon.review.recordings import reading
from callmon.store.access import saved_views, standing
from callmon.store.calls import channel_maps, questions, recording_list, recordings
from callmon.store.keeping import retention
from callmon.store.reports import promises
from callmon.store.reviews import coaching, verdicts
from callmon.store.webhooks import events, targets

NAMED: Final[Mapping[str, Any]] = {
    "BehaviourLevel": call.BehaviourLevel,
    "BehaviourName": call.BehaviourName,
    "Channel": channel_maps.Channel,
    "CommitmentLevel": call.CommitmentLevel,
    "Cue": call.Cue,
    "DeliveryState": targets.DeliveryState,
    "Direction": Literal["inbound", "outbound"],
    "Emotion": call.Emotion,
    "EventName": events.Event,
    "FindingKind": call.FindingKind,
    "FindingState": questions.FindingState,
    "InferenceSource": inferences.Source,
    "InferredOf": inferences.Whom,
    "NoteSide": coaching.Side,
    "VerdictOpinion": verdicts.Opinion,
    "OutcomeName": call.OutcomeName,
    "Party": call.Party,
    "PromiseState": promises.PromiseState,
    "Promiser": call.Promiser,
    "RecordingSort": recording_list.Sort,
    "RecordingState": recordings.RecordingState,
    "RetentionKind": retention.Kind,
    "RoleName": standing.Role,
    "Rung": call.Rung,
    "Severity": call.Severity,
    "SuppressedReason": call.SuppressedReason,
    "ToneLabel": call.ToneLabel,
    "TranscriptForm": reading.Form,
    "Unscorable": call.Unscorable,
    "Valence": call.Valence,
    "ViewPage": saved_views.ViewPage,
}

_NAME_OF: Final = {frozenset(get_args(words)): name for name, words in NAMED.items()}


def name_enumerations(document: dict[str, Any]) -> None:
    """Puts references in place of the choices that have a name, which are put among the
    schemas. RuntimeError: a model has the name already."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    used: set[str] = set()
    _refer(document, used)
    taken = used & set(schemas)
    if taken:
        raise RuntimeError(f"{sorted(taken)} name models and choices")
    for name in sorted(used):
        words = list(get_args(NAMED[name]))
        schemas[name] = {"type": "string", "enum": words, "title": name}


def _refer(part: Any, used: set[str]) -> None:
    if isinstance(part, list):
        for each in part:
            _refer(each, used)
    elif isinstance(part, dict):
        words = part.get("enum")
        if part.get("type") == "string" and isinstance(words, list):
            name = _NAME_OF.get(frozenset(words))
            if name is not None:
                used.add(name)
                del part["enum"], part["type"]
                # A title names a field where it stands, not the type.
                part.pop("title", None)
                part["$ref"] = f"#/components/schemas/{name}"
        for each in part.values():
            _refer(each, used)
