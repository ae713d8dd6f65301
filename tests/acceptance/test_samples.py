"""The sample calls from their sound, judged against the dialogues they were made from."""

from __future__ import annotations

import json
import re
from typing import Any

import jiwer
import jsonschema
import pytest

from callmon.samples import Sample, samples
from callmon.schema import build

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

Documents = dict[str, dict[str, Any]]
SAMPLES = samples()
NAMES = [sample.name for sample in SAMPLES]


def normal(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower().replace("’", "'")))


def said(turns: list[dict[str, Any]], party: str) -> str:
    return normal(" ".join(turn["text"] for turn in turns if turn["party"] == party))


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    return min(a[1], b[1]) - max(a[0], b[0])


def spoken_at(sample: Sample, turn: int) -> tuple[float, float]:
    segment = sample.transcript()[turn]
    assert segment.start is not None
    assert segment.end is not None
    return segment.start, segment.end


def test_the_words_are_recognised(sample_documents: Documents) -> None:
    truth, heard = [], []
    for sample in SAMPLES:
        for party in ("agent", "customer"):
            truth.append(said(sample.dialogue["turns"], party))
            heard.append(said(sample_documents[sample.name]["turns"], party))
    assert jiwer.wer(truth, heard) < 0.15


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_every_party_is_right(sample: Sample, sample_documents: Documents) -> None:
    written = [
        (turn["party"], spoken_at(sample, index))
        for index, turn in enumerate(sample.dialogue["turns"])
    ]
    turns = sample_documents[sample.name]["turns"]
    for turn in turns:
        when = (turn["start"], turn["end"])
        party, _ = max(written, key=lambda said: overlap(said[1], when))
        assert turn["party"] == party, turn["text"]
    for party, when in written:
        if when[1] - when[0] >= 1.0:  # a shorter "Right." may pass unheard
            heard = [t for t in turns if overlap((t["start"], t["end"]), when) > 0.5]
            assert party in {t["party"] for t in heard}, (party, when)


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_each_planned_finding_is_there(sample: Sample, sample_documents: Documents) -> None:
    document = sample_documents[sample.name]
    turns = document["turns"]
    for planned in sample.dialogue["expected"]["findings"]:
        when = spoken_at(sample, planned["turn"])
        places = [
            (turns[found["turn"]]["start"], turns[found["turn"]]["end"])
            for found in document["findings"]
            if found["kind"] == planned["kind"]
        ]
        assert any(overlap(place, when) > 0 for place in places), (planned, places)


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_nothing_is_flagged_that_is_not_planned(
    sample: Sample, sample_documents: Documents
) -> None:
    planned = {finding["kind"] for finding in sample.dialogue["expected"]["findings"]}
    found = {finding["kind"] for finding in sample_documents[sample.name]["findings"]}
    assert found <= planned


def test_the_clean_call_has_no_opportunity_and_no_score(
    sample_documents: Documents,
) -> None:
    clean = [s.name for s in SAMPLES if s.dialogue["expected"].get("clean")]
    assert clean
    for name in clean:
        document = sample_documents[name]
        assert document["opportunities"] == []
        assert document["findings"] == []
        assert document["score"]["value"] is None


@pytest.mark.parametrize("name", NAMES)
def test_the_document_follows_its_schema(name: str, sample_documents: Documents) -> None:
    jsonschema.validate(sample_documents[name], build())


@pytest.mark.parametrize("name", NAMES)
def test_no_tone_is_stored_for_an_agent(name: str, sample_documents: Documents) -> None:
    document = sample_documents[name]
    party = {turn["index"]: turn["party"] for turn in document["turns"]}
    assert document["tones"]
    assert {party[tone["turn"]] for tone in document["tones"]} == {"customer"}


def test_upset_turns_are_raised_more_often_than_ordinary_ones(
    sample_documents: Documents,
) -> None:
    raised: dict[bool, list[bool]] = {True: [], False: []}
    for sample in SAMPLES:
        document = sample_documents[sample.name]
        tones = {tone["turn"]: tone for tone in document["tones"]}
        for index, written in enumerate(sample.dialogue["turns"]):
            if written["party"] != "customer":
                continue
            when = spoken_at(sample, index)
            heard = max(
                document["turns"], key=lambda t: overlap((t["start"], t["end"]), when)
            )
            tone = tones.get(heard["index"])
            if tone is None or tone["label"] is None:
                continue
            upset = written.get("style", "ordinary") in {"upset", "very_upset"}
            raised[upset].append(tone["label"] in {"raised", "strongly_raised"})
    share = {upset: sum(marks) / len(marks) for upset, marks in raised.items()}
    assert share[True] > 2 * share[False], share


def test_the_same_recording_gives_the_same_document(
    sample_documents: Documents, callmon: Any
) -> None:
    sample = SAMPLES[0]
    again = callmon("analyze", sample.recording, "--json", "-")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == sample_documents[sample.name]
