"""The pitch tracker beside Praat on real speech, and what the figures of tone rest on."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def speech(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("tone_speech")


@pytest.fixture
def pitch(speech: ModuleType) -> ModuleType:
    assert speech
    return importlib.import_module("tone_pitch")


@pytest.fixture
def classes(speech: ModuleType) -> ModuleType:
    assert speech
    return importlib.import_module("tone_classes")


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("Der Lappen liegt auf dem Eisschrank.", 8),
        ("Heute abend könnte ich es ihm sagen.", 11),
        ("In sieben Stunden wird es soweit sein.", 10),
        ("bequem", 2),
        ("", 0),
    ],
)
def test_german_syllables_are_groups_of_vowels(
    speech: ModuleType, text: str, syllables: int
) -> None:
    assert speech.german_syllables(text) == syllables


def test_telephone_has_the_gain_of_the_line_and_the_same_length(speech: ModuleType) -> None:
    sound = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16000).astype(np.float32) * 0.1
    plain, loud = speech.telephone(sound), speech.telephone(sound, gain_db=6.0)
    assert len(plain) == len(sound)
    assert 20 * np.log10(loud.std() / plain.std()) == pytest.approx(6.0, abs=0.2)


def test_table_that_is_not_there_is_named(speech: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no\.csv is not there"):
        speech.read_corpus(tmp_path / "no.csv")


def test_any_table_with_sounds_is_a_corpus(speech: ModuleType, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    (tmp_path / "other").mkdir()
    soundfile.write(tmp_path / "other" / "a.wav", np.zeros(8000), 8000)
    table = tmp_path / "other.csv"
    table.write_text(
        "file,speaker,emotion,sex,syllables\na.wav,x,angry,female,7\na.wav,x,bored,,\n",
        encoding="utf-8",
    )
    [sentence] = speech.read_corpus(table)
    assert (sentence.raised, sentence.sex, sentence.syllables) == (True, "female", 7)
    assert len(sentence.sound) == 16000


def test_each_speaker_is_judged_by_the_others_and_by_the_own_baseline(
    classes: ModuleType, speech: ModuleType
) -> None:
    sentences, rows = [], []
    for speaker, usual in (("a", 10.0), ("b", 20.0), ("c", 90.0)):
        for emotion, far in (
            ("neutral", 0.0),
            ("angry", 5.0),
            ("sad", -1.0),
            ("happy", 4.0),
        ):
            sentences.append(
                speech.Sentence("", np.zeros(1), speaker, "female", emotion, None)
            )
            rows.append([usual + far])
    table = np.array(rows)
    found = classes.leave_one_speaker_out(table, table, sentences, neutral_baseline=True)
    assert classes.figures(found, sentences).uar == 1.0


@pytest.mark.parametrize("line", ["16 kHz", "8 kHz"])
def test_pitch_agrees_with_praat_on_real_speech(
    shared: Path, speech: ModuleType, pitch: ModuleType, line: str
) -> None:
    pytest.importorskip("parselmouth")
    corpus = shared / "emotion" / "emodb.csv"
    if not corpus.is_file():
        pytest.skip("no emotional speech in the development data")
    speakers = speech.by_speaker(speech.read_corpus(corpus))
    hear = pitch.lines()[line]
    found = pitch.pooled(
        pitch.agreement([s.sound for s in speakers[speaker][::4]], hear)
        for speaker in ("09", "10", "14", "16")  # nothing was chosen on these
    )
    assert found.gross <= 0.05
    assert found.voicing <= 0.10
