"""Measures the whole line on the sample calls: `python scripts/evaluate.py samples`.

From their sound, against the dialogues they were made from: word error rate (lower case,
no punctuation), planned findings that were found, and findings that were not planned.
"""

from __future__ import annotations

import argparse
import re

import jiwer

from callmon.commands.engine import Engine, VoicesApart, load_text_model
from callmon.empathy.rubric_file import load_rubric
from callmon.pipeline import analyse
from callmon.samples import samples
from callmon.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--asr", default="demo", help="speech model (default: demo)")


def run(options: argparse.Namespace) -> None:
    settings = load_settings(asr=options.asr, language="en")
    engine, diarizer = Engine(settings), VoicesApart(settings)
    rubric, text_model = load_rubric(None), load_text_model()
    truth: list[str] = []
    heard: list[str] = []
    planned_count = found_count = surplus_count = 0
    print(f"{'call':24} words   WER  planned  found  not planned")
    for sample in samples():
        analysis = analyse(
            sample.recording,
            rubric=rubric,
            text_model=text_model,
            diarizer=diarizer,
            transcriber=engine,
            language="en",
        )
        written = [(turn["party"], turn["text"]) for turn in sample.dialogue["turns"]]
        spoken = [(turn.party, turn.text) for turn in analysis.turns]
        own_truth = [_said(written, party) for party in ("agent", "customer")]
        own_heard = [_said(spoken, party) for party in ("agent", "customer")]
        planned = {f["kind"] for f in sample.dialogue["expected"]["findings"]}
        found = {finding.kind for finding in analysis.findings}
        print(
            f"{sample.name:24} {sum(len(t.split()) for t in own_truth):5}"
            f" {jiwer.wer(own_truth, own_heard):5.1%} {len(planned):8}"
            f" {len(planned & found):6} {len(found - planned):12}"
        )
        truth += own_truth
        heard += own_heard
        planned_count += len(planned)
        found_count += len(planned & found)
        surplus_count += len(found - planned)
    print(
        f"{'in all':24} {sum(len(t.split()) for t in truth):5}"
        f" {jiwer.wer(truth, heard):5.1%} {planned_count:8} {found_count:6}"
        f" {surplus_count:12}"
    )


def _said(turns: list[tuple[str, str]], party: str) -> str:
    text = " ".join(words for who, words in turns if who == party)
    return " ".join(re.findall(r"[a-z']+", text.lower().replace("’", "'")))
