"""The product's own labels, in calls made of each speaker's sentences; nothing is learned.

By what share of a call is raised, by line, by sex and speaker, and in turns of several
sentences whether each sentence is told from the others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from tone_lines import lines
from tone_speech import RATE, Sentence, by_speaker

from callmon.call import Interval, Voice
from callmon.tone.prosody import Frames, frames, join
from callmon.tone.speech import Speech, cut
from callmon.tone.tone import tones_of_voice


@dataclass(frozen=True)
class Mixture:
    """Which of a speaker's sentences are in a call."""

    raised: float | None
    """Share of raised sentences; null for all there are."""
    sad: bool = True


CALLS = {
    "all sentences": Mixture(None),
    "a third is raised": Mixture(1 / 3),
    "one in seven": Mixture(1 / 7),
    "a third is raised, none sad": Mixture(1 / 3, sad=False),
    "neutral only": Mixture(0.0, sad=False),
}
DRAWS = 5
"""Made-up calls per speaker, where only some of the sentences are in a call."""
IN_A_TURN = 3
PAUSE = 0.5
"""Seconds between the sentences of a turn."""


@dataclass(frozen=True)
class Heard:
    """A sentence over each line, in frames."""

    sentence: Sentence
    lines: dict[str, Frames] = field(repr=False)


@dataclass(frozen=True)
class Judged:
    sentence: Sentence
    voice: Voice


def over_lines(sentences: Sequence[Sentence]) -> Iterator[Heard]:
    every = lines(len(sentences))
    for number, sentence in enumerate(sentences):
        yield Heard(
            sentence,
            {
                name: frames([line(sentence.sound, number)], sample_rate=RATE)
                for name, line in every.items()
            },
        )


def report(heard: Sequence[Heard]) -> None:
    print("\nLabels in calls made of each speaker's sentences")
    print("                                scorable   UAR    AUC   said raised of")
    print(f"  {'':<43}  angry happy neutral  sad")
    for title, mixture in CALLS.items():
        found = list(_calls(heard, mixture))
        _print_labels(title, found)
        _print_groups(found)
    print("  a third is raised, over each line")
    for line in heard[0].lines:
        _print_labels(f"    {line}", list(_calls(heard, Mixture(1 / 3), line=line)))
    print(f"  turns of {IN_A_TURN} sentences, a third is raised; labels of")
    parts, turns = _in_long_turns(heard)
    _print_labels("    the sentence's own part", parts)
    _print_labels("    the whole turn", turns)


def _calls(
    heard: Sequence[Heard], mixture: Mixture, *, line: str = "plain"
) -> Iterator[Judged]:
    of_name = {one.sentence.name: one.lines[line] for one in heard}
    for chosen in _drawn(heard, mixture):
        turns = [
            (_speech(index, [Interval(start=0.0, end=1.0)]), [of_name[one.name]])
            for index, one in enumerate(chosen)
        ]
        yield from map(Judged, chosen, tones_of_voice(turns))


def _in_long_turns(heard: Sequence[Heard]) -> tuple[list[Judged], list[Judged]]:
    """Each sentence with the voice of its part of the turn, and with the turn's."""
    of_name = {one.sentence.name: one.lines["plain"] for one in heard}
    by_part: list[Judged] = []
    by_turn: list[Judged] = []
    for chosen in _drawn(heard, Mixture(1 / 3)):
        random.Random(chosen[0].name).shuffle(chosen)
        turns, spoken = [], []
        for first in range(0, len(chosen), IN_A_TURN):
            said = chosen[first : first + IN_A_TURN]
            times = _one_after_the_other(said)
            speech = _speech(len(turns), times)
            stretches = [
                join(
                    [
                        of_name[one.name]
                        for one, time in zip(said, times, strict=True)
                        if part[0].start <= time.start < part[-1].end
                    ]
                )
                for part in speech.parts
            ]
            turns.append((speech, stretches))
            spoken.append(list(zip(said, times, strict=True)))
        for tone, sentences in zip(tones_of_voice(turns), spoken, strict=True):
            for one, time in sentences:
                by_part.append(Judged(one, tone.within(time.start, time.end)))
                by_turn.append(Judged(one, tone))
    return by_part, by_turn


def _drawn(heard: Sequence[Heard], mixture: Mixture) -> Iterator[list[Sentence]]:
    """The sentences of each call."""
    for speaker, spoken in by_speaker([one.sentence for one in heard]).items():
        for draw in range(DRAWS if mixture.raised else 1):
            yield _sentences(spoken, mixture, random.Random(f"{speaker} {draw}"))


def _sentences(
    spoken: Sequence[Sentence], mixture: Mixture, chance: random.Random
) -> list[Sentence]:
    raised = [one for one in spoken if one.raised]
    calm = [
        one
        for one in spoken
        if one.emotion == "neutral" or (mixture.sad and one.emotion == "sad")
    ]
    share = mixture.raised
    if share is None:
        return raised + calm
    wanted = round(len(calm) * share / (1 - share))
    return chance.sample(raised, min(len(raised), wanted)) + calm


def _one_after_the_other(said: Sequence[Sentence]) -> list[Interval]:
    times, at = [], 0.0
    for one in said:
        end = at + len(one.sound) / RATE
        times.append(Interval(start=at, end=end))
        at = end + PAUSE
    return times


def _speech(turn: int, times: Sequence[Interval]) -> Speech:
    return Speech(turn=turn, speaker="right", channel=0, parts=cut(times, ends=()))


def _print_labels(title: str, found: Sequence[Judged]) -> None:
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    scored = [one for one in found if one.voice.label is not None]
    truth = [one.sentence.raised for one in scored]
    said = [_says_raised(one.voice) for one in scored]
    uar = auc = "    -"
    if any(truth):
        uar = f"{balanced_accuracy_score(truth, said):.3f}"
        auc = f"{roc_auc_score(truth, [one.voice.arousal for one in scored]):.3f}"
    shares = " ".join(
        f"{_share_raised(scored, lambda s, e=emotion: s.emotion == e):>6}"
        for emotion in ("angry", "happy", "neutral", "sad")
    )
    print(f"  {title:<28} {len(scored) / len(found):>6.0%}  {uar}  {auc} {shares}")


def _print_groups(found: Sequence[Judged]) -> None:
    """Shares said raised; of neutral ones also counts, so that chance can be judged."""
    from scipy.stats import fisher_exact

    counts = {}
    for sex in sorted({one.sentence.sex for one in found}):
        own = [one for one in found if one.sentence.sex == sex and one.voice.label]
        wrong, every = counts[sex] = _neutral_counts(own)
        low, high = _wilson(wrong, every)
        print(
            f"      {sex:<8} neutral said raised {wrong} of {every}"
            f" (95 % interval {low:.0%} to {high:.0%}),"
            f" raised said raised {_share_raised(own, lambda s: s.raised)}"
        )
    if len(counts) == 2:
        table = [(wrong, every - wrong) for wrong, every in counts.values()]
        print(f"      difference by sex: p = {fisher_exact(table).pvalue:.2f} (Fisher)")
    speakers = []
    for speaker in sorted({one.sentence.speaker for one in found}):
        own = [one for one in found if one.sentence.speaker == speaker and one.voice.label]
        wrong, every = _neutral_counts(own)
        speakers.append(
            f"{speaker} {wrong}/{every} {_share_raised(own, lambda s: s.raised)}"
        )
    print("      " + "  ".join(speakers))


def _neutral_counts(found: Sequence[Judged]) -> tuple[int, int]:
    """Neutral sentences said raised in most of the calls they are in, and all of them."""
    said: dict[str, list[bool]] = {}
    for one in found:
        if one.sentence.emotion == "neutral":
            said.setdefault(one.sentence.name, []).append(_says_raised(one.voice))
    return sum(np.mean(calls) > 0.5 for calls in said.values()), len(said)


def _wilson(hits: int, every: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    if not every:
        return 0.0, 1.0
    interval = binomtest(hits, every).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _share_raised(scored: Sequence[Judged], wanted: Callable[[Sentence], bool]) -> str:
    said = [_says_raised(one.voice) for one in scored if wanted(one.sentence)]
    return f"{np.mean(said):.0%}" if said else "-"


def _says_raised(voice: Voice) -> bool:
    return voice.label in ("raised", "strongly_raised")
