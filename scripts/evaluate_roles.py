"""Measures who is taken for the agent: `python scripts/evaluate.py roles`.

The parties of labelled dialogues are hidden, their voices are named in either order, and
each call is judged whole, cut, misheard, and with sentences given to the wrong voice.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from evaluate_data import add_data_argument, data_folder
from role_calls import Call, Line, forms, read_dialogues, words_of

from callmon.call import Segment
from callmon.speech.roles.announcements import ANNOUNCEMENT, set_announcements_apart
from callmon.speech.roles.roles import SURE_ENOUGH, assign_roles

BINS = (0.5, 0.75, 0.9, 0.97, 0.985, 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser, holds="dialogues/calls/*.json")


def run(options: argparse.Namespace) -> None:
    folder = data_folder(options.data) / "dialogues" / "calls"
    calls = read_dialogues(folder)
    if not calls:
        sys.exit(f"No calls in {folder}. Give --data a folder with dialogues/calls.")
    words = [word for call in calls for _, text in call.lines for word in words_of(text)]
    scores: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        for form, lines in forms(call, words).items():
            scores[form].append(judged(call, lines))
    for form, found in scores.items():
        print_row(form, found)
    print_calibration([score for found in scores.values() for score in found])
    _report_announcements(calls)


def judged(call: Call, lines: Sequence[Line]) -> float:
    """Log odds that the product gives to the right pair of roles.

    What nobody in the conversation says is left out here.
    """
    voices = names_of(call)
    segments = [_segment(voices[p], text) for p, text in lines if p in voices]
    role = assign_roles(segments, sure_enough=0.5).get(voices["agent"])
    if role is None or role.party == "unknown":
        return 0.0
    odds = math.log(role.confidence / (1 - role.confidence))
    return odds if role.party == "agent" else -odds


def names_of(call: Call) -> dict[str, str]:
    """The names of the parties' voices, in either order."""
    names = ["speaker 1", "speaker 2"]
    random.Random(call.name).shuffle(names)
    return dict(zip(("agent", "customer"), names, strict=True))


def print_row(form: str, scores: Sequence[float]) -> None:
    """Share of calls that are answered, and of right ones among those."""
    sure = math.log(SURE_ENOUGH / (1 - SURE_ENOUGH))
    answered = [score for score in scores if abs(score) >= sure]
    right = sum(score > 0 for score in answered)
    print(
        f"{form:14} {len(scores):5} calls  answered {len(answered) / len(scores):6.1%}"
        f"  right {right / max(1, len(answered)):6.1%}  wrong {len(answered) - right}"
    )


def print_calibration(scores: Sequence[float]) -> None:
    """How often a confidence is right."""
    for low, high in pairwise(BINS):
        inside = [
            (confidence, score > 0)
            for score in scores
            if low <= (confidence := 1 / (1 + math.exp(-abs(score)))) < high
            or confidence == high == 1
        ]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            share = sum(right for _, right in inside) / len(inside)
            print(
                f"confidence {low:.3f} to {high:.3f}: {len(inside):5} calls,"
                f" mean {mean:.3f}, right {share:.3f}"
            )


def _report_announcements(calls: Sequence[Call]) -> None:
    """What machines say, heard in the agent's voice."""
    found = missed = wrong = 0
    for call in calls:
        lines = [("agent" if p == "other" else p, text) for p, text in call.lines]
        segments, _ = set_announcements_apart([_segment(p, t) for p, t in lines])
        for (party, _), segment in zip(call.lines, segments, strict=True):
            apart = segment.speaker.endswith(ANNOUNCEMENT)
            found += apart and party == "other"
            missed += party == "other" and not apart
            wrong += apart and party != "other"
    print(
        f"announcements: {found} set apart, {missed} missed, {wrong} turns of people taken"
    )


def _segment(speaker: str, text: str) -> Segment:
    return Segment(speaker=speaker, start=None, end=None, text=text)
