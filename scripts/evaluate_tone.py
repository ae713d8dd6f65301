"""Measures tone on acted emotion: `python scripts/evaluate.py tone`.

Everything in one run: pitch beside Praat, syllables beside the words, the measures beside
openSMILE's, and the product's own labels in calls made of each speaker's sentences.
Another corpus in any language is measured with `--table`, see `tone_speech`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tone_calls
import tone_classes
import tone_pitch
from evaluate_data import add_data_argument, data_folder
from tone_calls import Heard
from tone_speech import RATE, Sentence, Sound, by_speaker, gains, read_corpus, telephone

from callmon.audio.activity import find_activity
from callmon.intervals import union
from callmon.tone.arousal import WEIGHTS, arousal_of
from callmon.tone.baseline import distances, ordinary_voice
from callmon.tone.pitch import Candidates
from callmon.tone.prosody import Frames, Prosody, frames, join, measure
from callmon.tone.speech import Speech, cut
from callmon.tone.tone import LEAST_SPEECH, tones_of_voice

TURN_GAP = 1.0
"""Seconds of silence that part two turns of a real call, where nothing is transcribed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser, holds="emotion/emodb.csv and calls/*.stereo.flac")
    parser.add_argument(
        "--table",
        type=Path,
        help="CSV (file, speaker, emotion; sex, syllables) beside a folder of its name;"
        " emotion/emodb.csv in the data if not given",
    )


def run(options: argparse.Namespace) -> None:
    data = data_folder(options.data)
    sentences = read_corpus(options.table or data / "emotion" / "emodb.csv")
    speakers = by_speaker(sentences)
    print(f"{len(sentences)} sentences of {len(speakers)} speakers")
    report_pitch(speakers)
    heard = list(tone_calls.over_lines(sentences))
    report_syllables(heard)
    report_classes(heard)
    tone_calls.report(heard)
    report_halves(heard)
    report_real_calls(data / "calls")


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


def report_syllables(heard: Sequence[Heard]) -> None:
    known = [one for one in heard if one.sentence.syllables is not None]
    if not known:
        print("\nSyllables are not compared: the table does not tell them.")
        return
    written = np.array([one.sentence.syllables for one in known], dtype=float)
    prosody = [measure(one.lines["plain"]) for one in known]
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


def report_halves(heard: Sequence[Heard]) -> None:
    """Whether the two halves of a sentence give the same arousal."""
    pairs: list[tuple[float, float]] = []
    for spoken in by_speaker([one.sentence for one in heard]).values():
        names = {one.name for one in spoken}
        pairs += _halves(
            [one.lines["plain"] for one in heard if one.sentence.name in names]
        )
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
            parts = cut(own, ends=())
            heard.append(
                (
                    Speech(turn=index, speaker="right", channel=0, parts=parts),
                    [
                        frames([call.read(0, i.start, i.end) for i in p], sample_rate=RATE)
                        for p in parts
                    ],
                )
            )
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
        parts = [part for tone in tones for part in tone.parts]
        print(
            f"  parts of the {sum(bool(tone.parts) for tone in tones)} long turns"
            f" scorable {sum(part.label is not None for part in parts)} of {len(parts)}"
        )
        whole = [join(parts) for _, parts in heard]
        _print_halves(f"{path.name}, two halves of a turn", _halves(whole))


def _measures(heard: Sequence[Heard], line: str) -> tone_classes.Table:
    """The measures that have a weight, (n, k), each speaker's own range known."""
    rows: dict[str, list[float]] = {}
    for spoken in by_speaker([one.sentence for one in heard]).values():
        names = {one.name for one in spoken}
        own = [one for one in heard if one.sentence.name in names]
        first = [measure(one.lines[line]) for one in own]
        usual = float(np.nanmedian([prosody.pitch for prosody in first]))
        for one in own:
            prosody = measure(one.lines[line], usual_pitch=usual)
            rows[one.sentence.name] = [getattr(prosody, name) for name in WEIGHTS]
    return np.array([rows[one.sentence.name] for one in heard])
