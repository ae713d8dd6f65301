"""Measures tone on acted emotion: `python scripts/evaluate.py tone --data FOLDER`.

Everything in one run: pitch beside Praat, syllables beside the words, the measures beside
openSMILE's, and the product's own labels in calls made of each speaker's sentences.
Another corpus in any language is measured with `--table`, see `tone_speech`.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import tone_classes
import tone_pitch
from tone_speech import RATE, Sentence, Sound, by_speaker, gains, read_corpus, telephone

from callmon.audio.activity import find_activity
from callmon.call import Interval, Tone
from callmon.intervals import union
from callmon.tone.arousal import WEIGHTS, arousal_of
from callmon.tone.baseline import distances, ordinary_voice
from callmon.tone.pitch import Candidates
from callmon.tone.prosody import Frames, Prosody, frames, measure
from callmon.tone.tone import LEAST_SPEECH, Speech, tones_of_voice

DRAWS = 5
"""Made-up calls per speaker, where only some of the sentences are in a call."""
TURN_GAP = 1.0
"""Seconds of silence that part two turns of a real call, where nothing is transcribed."""


@dataclass(frozen=True)
class Heard:
    """A sentence over each line, in frames."""

    sentence: Sentence
    plain: Frames = field(repr=False)
    gain: Frames = field(repr=False)
    noise: Frames = field(repr=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="development data")
    parser.add_argument(
        "--table",
        type=Path,
        help="CSV (file, speaker, emotion; sex, syllables) beside a folder of its name;"
        " emotion/emodb.csv in the data if not given",
    )


def run(options: argparse.Namespace) -> None:
    sentences = read_corpus(options.table or options.data / "emotion" / "emodb.csv")
    speakers = by_speaker(sentences)
    print(f"{len(sentences)} sentences of {len(speakers)} speakers")
    report_pitch(speakers)
    heard = list(over_lines(sentences))
    report_syllables(heard)
    report_classes(heard)
    report_calls(heard)
    report_halves(heard)
    report_real_calls(options.data / "calls")


def report_pitch(speakers: dict[str, list[Sentence]]) -> None:
    try:
        import parselmouth  # noqa: F401
    except ImportError:
        print("\nPitch is not compared: praat-parselmouth is not installed.")
        return
    print("\nPitch beside Praat's autocorrelation: gross errors, voicing errors")
    for name, line in tone_pitch.lines().items():
        parts = [
            tone_pitch.agreement([s.sound for s in spoken], line)
            for spoken in speakers.values()
        ]
        all_of_them = tone_pitch.pooled(parts)
        worst = max(part.gross for part in parts)
        print(
            f"  {name:<10} {all_of_them.gross:6.1%} {all_of_them.voicing:6.1%}"
            f"   worst speaker {worst:.1%} gross"
        )


def over_lines(sentences: Sequence[Sentence]) -> Iterator[Heard]:
    hiss = np.random.default_rng(0)
    for sentence, gain in zip(sentences, gains(len(sentences), seed=1), strict=True):
        plain = telephone(sentence.sound)
        loud_or_soft = telephone(sentence.sound, gain_db=gain)
        noisy = telephone(sentence.sound, noise=hiss)
        yield Heard(
            sentence,
            *(frames([x], sample_rate=RATE) for x in (plain, loud_or_soft, noisy)),
        )


def report_syllables(heard: Sequence[Heard]) -> None:
    known = [one for one in heard if one.sentence.syllables is not None]
    if not known:
        print("\nSyllables are not compared: the table does not tell them.")
        return
    written = np.array([one.sentence.syllables for one in known], dtype=float)
    prosody = [measure(one.plain) for one in known]
    seconds = np.array([one.seconds for one in prosody])
    counted = np.array([one.rate for one in prosody]) * seconds
    correlation = np.corrcoef(counted / seconds, written / seconds)[0, 1]
    print("\nSyllables beside those of the words")
    print(f"  counted of written      {counted.sum() / written.sum():.2f}")
    print(f"  correlation of the rate {correlation:.2f}")


def report_classes(heard: Sequence[Heard]) -> None:
    sentences = [one.sentence for one in heard]
    print("\nRaised against not raised, telephone, leave one speaker out")
    print("                               UAR    AUC  anger/neutral")
    lines = gains(len(sentences), seed=1)
    tables = {
        "callmon": (_measures(heard, "plain"), _measures(heard, "gain")),
        "eGeMAPS": (
            tone_classes.egemaps([telephone(s.sound) for s in sentences], rate=RATE),
            tone_classes.egemaps(
                [
                    telephone(s.sound, gain_db=gain)
                    for s, gain in zip(sentences, lines, strict=True)
                ],
                rate=RATE,
            ),
        ),
    }
    for name, (plain, gain) in tables.items():
        if plain is None or gain is None:
            print("  openSMILE is not compared: pip install opensmile (research licence).")
            continue
        for baseline in ("neutral", "mixed"):
            for line, judged in (("", plain), ("±12 dB", gain)):
                probability = tone_classes.leave_one_speaker_out(
                    plain, judged, sentences, neutral_baseline=baseline == "neutral"
                )
                found = tone_classes.figures(probability, sentences)
                print(
                    f"  {name:<8} {baseline:<8} {line:<8} {found.uar:6.3f} {found.auc:6.3f}"
                    f" {found.anger_auc:6.3f}"
                )


def report_calls(heard: Sequence[Heard]) -> None:
    """The product's labels in calls of each speaker's sentences, no weight learned."""
    print("\nLabels in calls made of each speaker's sentences")
    print("  call                line      scorable   UAR    AUC   said raised of")
    print(f"  {'':<46}  angry happy neutral  sad")
    for title, share in (
        ("all sentences", None),
        ("a third is raised", 1 / 3),
        ("one in seven", 1 / 7),
        ("neutral only", 0.0),
    ):
        for line in ("plain", "gain", "noise"):
            found = list(_calls(heard, raised_share=share, line=line))
            _print_labels(f"{title:<19} {line:<6}", found)
            if line == "plain":
                _print_groups(found)


def _calls(
    heard: Sequence[Heard], *, raised_share: float | None, line: str
) -> Iterator[tuple[Sentence, Tone]]:
    groups = by_speaker([one.sentence for one in heard])
    of_name = {one.sentence.name: one for one in heard}
    draws = DRAWS if raised_share else 1
    for speaker, spoken in groups.items():
        for draw in range(draws):
            chance = random.Random(f"{speaker} {draw}")
            chosen = _with_raised_share(spoken, raised_share, chance)
            stretches = [
                (_speech(index), getattr(of_name[one.name], line))
                for index, one in enumerate(chosen)
            ]
            yield from zip(chosen, tones_of_voice(stretches), strict=True)


def _with_raised_share(
    spoken: Sequence[Sentence], share: float | None, chance: random.Random
) -> list[Sentence]:
    raised = [one for one in spoken if one.raised]
    calm = [one for one in spoken if not one.raised]
    if share is None:
        return raised + calm
    if share == 0:
        return [one for one in calm if one.emotion == "neutral"]
    wanted = round(len(calm) * share / (1 - share))
    return chance.sample(raised, min(len(raised), wanted)) + calm


def _speech(index: int) -> Speech:
    whole = Interval(start=0.0, end=1.0)
    return Speech(turn=index, speaker="right", channel=0, intervals=(whole,))


def _print_labels(title: str, found: Sequence[tuple[Sentence, Tone]]) -> None:
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    scored = [(sentence, tone) for sentence, tone in found if tone.label is not None]
    truth = [sentence.raised for sentence, _ in scored]
    said = [_says_raised(tone) for _, tone in scored]
    both = any(truth)
    uar = f"{balanced_accuracy_score(truth, said):.3f}" if both else "    -"
    auc = f"{roc_auc_score(truth, [t.arousal for _, t in scored]):.3f}" if both else "    -"
    shares = " ".join(
        f"{_share_raised(scored, lambda s, e=emotion: s.emotion == e):>6}"
        for emotion in ("angry", "happy", "neutral", "sad")
    )
    print(f"  {title} {len(scored) / len(found):>8.0%}  {uar}  {auc} {shares}")


def _print_groups(found: Sequence[tuple[Sentence, Tone]]) -> None:
    print("      neutral said raised / raised said raised, by sex and speaker:")
    for key in ("sex", "speaker"):
        groups = sorted({getattr(sentence, key) for sentence, _ in found})
        parts = []
        for group in groups:
            own = [(s, t) for s, t in found if getattr(s, key) == group and t.label]
            false = _share_raised(own, lambda s: s.emotion == "neutral")
            right = _share_raised(own, lambda s: s.raised)
            parts.append(f"{group} {false}/{right}")
        print("      " + "  ".join(parts))


def _share_raised(
    scored: Sequence[tuple[Sentence, Tone]], wanted: Callable[[Sentence], bool]
) -> str:
    said = [_says_raised(tone) for sentence, tone in scored if wanted(sentence)]
    return f"{np.mean(said):.0%}" if said else "-"


def _says_raised(tone: Tone) -> bool:
    return tone.label in ("raised", "strongly_raised")


def report_halves(heard: Sequence[Heard]) -> None:
    """Whether the two halves of a sentence give the same arousal."""
    pairs: list[tuple[float, float]] = []
    for spoken in by_speaker([one.sentence for one in heard]).values():
        names = {one.name for one in spoken}
        pairs += _halves([one.plain for one in heard if one.sentence.name in names])
    _print_halves("Two halves of a sentence", pairs)


def _halves(stretches: Sequence[Frames]) -> list[tuple[float, float]]:
    """Arousal of the first and the second half of each stretch of one voice."""
    whole = [measure(stretch) for stretch in stretches]
    usual = float(np.nanmedian([prosody.pitch for prosody in whole]))
    whole = [measure(stretch, usual_pitch=usual) for stretch in stretches]
    ordinary = ordinary_voice([one for one in whole if _scorable(one, LEAST_SPEECH)])
    pairs = []
    for stretch in stretches:
        middle = len(stretch.level) // 2
        two = [
            measure(_cut(stretch, part), usual_pitch=usual)
            for part in (slice(None, middle), slice(middle, None))
        ]
        if all(_scorable(half, LEAST_SPEECH) for half in two):
            first, second = (arousal_of(distances(half, ordinary)) for half in two)
            pairs.append((first, second))
    return pairs


def _scorable(prosody: Prosody, least: float) -> bool:
    return prosody.seconds >= least and not np.isnan(prosody.pitch)


def _cut(stretch: Frames, part: slice) -> Frames:
    return replace(
        stretch,
        level=stretch.level[part],
        sonority=stretch.sonority[part],
        balance=stretch.balance[part],
        pitches=Candidates(
            pitches=stretch.pitches.pitches[part],
            periodicity=stretch.pitches.periodicity[part],
        ),
    )


def _print_halves(title: str, pairs: Sequence[tuple[float, float]]) -> None:
    if len(pairs) < 3:
        print(f"\n{title}: too few are long enough.")
        return
    first, second = np.array(pairs).T
    correlation = np.corrcoef(first, second)[0, 1]
    print(
        f"\n{title} ({LEAST_SPEECH} s or more each, n {len(pairs)}): correlation of"
        f" arousal {correlation:.2f}, difference {np.median(np.abs(first - second)):.2f}"
        " spreads in the median"
    )


def report_real_calls(folder: Path) -> None:
    """Coverage on calls with the customer in the right channel; nobody knows the tone."""
    import librosa
    import soundfile

    for path in sorted(folder.glob("*.stereo.flac")):
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        right = librosa.resample(sound[:, -1], orig_sr=rate, target_sr=RATE)
        call = Sound(right)
        [activity] = find_activity(call)
        turns = union(activity.intervals, gap=TURN_GAP)
        heard = []
        for index, turn in enumerate(turns):
            own = [i for i in activity.intervals if turn.start <= i.start < turn.end]
            pieces = [call.read(0, interval.start, interval.end) for interval in own]
            speech = replace(_speech(index), intervals=tuple(own))
            heard.append((speech, frames(pieces, sample_rate=RATE)))
        tones = tones_of_voice(heard)
        scored = [tone for tone in tones if tone.label is not None]
        seconds = np.array([turn.duration for turn in turns])
        covered = seconds[[tone.label is not None for tone in tones]].sum() / seconds.sum()
        long = [tone for tone, s in zip(tones, seconds, strict=True) if s >= LEAST_SPEECH]
        print(
            f"\n{path.name}: {len(scored)} of {len(tones)} turns scorable"
            f" ({sum(t.label is not None for t in long)} of the {len(long)} of"
            f" {LEAST_SPEECH} s or more; {covered:.0%} of the time)"
        )
        for label in ("lowered", "ordinary", "raised", "strongly_raised"):
            print(f"  {label:<16} {sum(tone.label == label for tone in scored)}")
        _print_halves(f"{path.name}, two halves of a turn", _halves([f for _, f in heard]))


def _measures(heard: Sequence[Heard], line: str) -> tone_classes.Table:
    """The measures that have a weight, (n, k), each speaker's own range known."""
    rows: dict[str, list[float]] = {}
    for spoken in by_speaker([one.sentence for one in heard]).values():
        names = {one.name for one in spoken}
        own = [one for one in heard if one.sentence.name in names]
        first = [measure(getattr(one, line)) for one in own]
        usual = float(np.nanmedian([prosody.pitch for prosody in first]))
        for one in own:
            prosody = measure(getattr(one, line), usual_pitch=usual)
            rows[one.sentence.name] = [getattr(prosody, name) for name in WEIGHTS]
    return np.array([rows[one.sentence.name] for one in heard])
