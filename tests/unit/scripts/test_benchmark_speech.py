"""The comparison of ways to transcribe is fair and says what it compares."""

from __future__ import annotations

from types import SimpleNamespace

from faster_whisper.feature_extractor import FeatureExtractor

from callmon.samples import samples
from scripts.benchmark_speech import compare, heard_by, plain, said, table

SPENT = {"sequential": (30.0, 20.0), "callmon": (5.0, 8.0)}
TRUTH = ["my bill is wrong"]
HEARD = {"sequential": ["my bill"], "callmon": ["my bill is long"]}


def test_the_ratio_on_a_processor_is_of_its_seconds() -> None:
    ratios = [result.ratio for result in compare(SPENT, TRUTH, HEARD, on_gpu=False)]
    assert ratios == [1.0, 2.5]


def test_the_ratio_on_a_gpu_is_by_the_clock() -> None:
    ratios = [result.ratio for result in compare(SPENT, TRUTH, HEARD, on_gpu=True)]
    assert ratios == [1.0, 6.0]


def test_word_errors_are_counted_against_the_reference() -> None:
    errors = [result.word_errors for result in compare(SPENT, TRUTH, HEARD, on_gpu=False)]
    assert errors == [0.5, 0.25]


def test_without_a_reference_no_word_errors_are_claimed() -> None:
    results = compare(SPENT, [], {"sequential": [], "callmon": []}, on_gpu=False)
    assert [result.word_errors for result in results] == [None, None]
    assert table(results).endswith("| callmon | 5.0 | 8.0 | 2.5 |  |")


def test_text_is_compared_without_case_and_marks() -> None:
    assert plain("It’s WRONG -- twice!") == "it's wrong twice"


def test_a_samples_words_stand_on_the_side_of_their_party() -> None:
    sample = next(s for s in samples() if s.dialogue.get("agent_channel") == "right")
    turn = next(t for t in sample.dialogue["turns"] if t["party"] == "agent")
    assert plain(turn["text"]) in said(sample)["right"]


def test_the_models_own_window_comes_back() -> None:
    own = FeatureExtractor(chunk_length=6)
    model = SimpleNamespace(feature_extractor=own, feat_kwargs={"chunk_length": 6})
    with heard_by(model, 30):
        assert model.feature_extractor.nb_max_frames == 3000
    assert model.feature_extractor is own
