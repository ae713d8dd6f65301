"""Figures by turn, and how thresholds are chosen from them."""

from __future__ import annotations

import pytest

from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from scripts.train_empathy.corpus import Line, Scene
from scripts.train_empathy.examples import told
from scripts.train_empathy.judge import Call, Figures, as_table, figures, judge, known
from scripts.train_empathy.thresholds import GRID, choose, middle, with_thresholds


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric()


def call(*lines: tuple[str, str, tuple[str, ...]]) -> Call:
    """As the rubric's patterns alone find it."""
    scene = Scene(
        file="goods.jsonl",
        scenario="a lamp",
        trade="shop",
        who="caller",
        lines=tuple(Line(party, text, labels) for party, text, labels in lines),
    )
    return Call("a lamp", told(scene), ())


ANGRY = ("customer", "I am absolutely furious with you.", ("explicit:anger:3",))
SORRY = ("agent", "I am so sorry about that.", ("apology",))


def test_what_is_found_rightly_is_a_hit(rubric: Rubric) -> None:
    hits, differences = judge(call(ANGRY, SORRY), rubric)
    assert sorted(hits) == ["apology", "opportunity"]
    assert differences == []


def test_what_is_not_found_is_missed_and_what_is_not_there_is_false(rubric: Rubric) -> None:
    lamp = ("customer", "The lamp is green.", ("implicit:sadness:1",))
    plain = ("agent", "I am so sorry about that.", ("ownership",))
    hits, differences = judge(call(lamp, plain), rubric)
    assert hits == []
    assert {(d.kind, d.label, d.text) for d in differences} == {
        ("missed", "opportunity", "The lamp is green."),
        ("missed", "ownership", "I am so sorry about that."),
        ("false", "apology", "I am so sorry about that."),
    }


def test_a_moment_where_none_is_labelled_is_one_false_moment(rubric: Rubric) -> None:
    hits, differences = judge(call((ANGRY[0], ANGRY[1], ())), rubric)
    assert hits == []
    assert [(d.kind, d.label) for d in differences] == [("false", "opportunity")]


def test_a_long_sentence_that_was_learnt_is_counted_and_a_short_one_is_not() -> None:
    long = "Somebody came on Tuesday and left the gate open."
    said = [("customer", text, ()) for text in (long, "Nobody told me.", f"So {long}")]
    judged, learnt = (
        Scene("goods.jsonl", "gate", "shop", "caller", tuple(Line(*line) for line in lines))
        for lines in (said, said[:2])
    )
    assert known([judged], [learnt]) == (1, 2)


def test_levels_of_a_label_are_one_label(rubric: Rubric) -> None:
    promise = (
        "agent",
        "I will refund the lamp by Friday.",
        ("commitment:timed", "commitment:concrete"),
    )
    assert judge(call(ANGRY, promise), rubric)[0].count("commitment") == 1


def test_figures_count_turns_over_all_calls(rubric: Rubric) -> None:
    found = figures([call(ANGRY, SORRY), call((ANGRY[0], ANGRY[1], ()))], rubric)
    assert found["opportunity"] == Figures(hit=1, false=1, missed=0)
    assert found["apology"] == Figures(hit=1)


def test_precision_counts_for_more_below_one() -> None:
    careful = Figures(hit=6, false=1, missed=4)
    eager = Figures(hit=9, false=4, missed=1)
    assert eager.f() > careful.f()
    assert careful.f(0.5) > eager.f(0.5)


def test_f_is_the_harmonic_mean_of_precision_and_recall() -> None:
    some = Figures(hit=3, false=2, missed=1)
    assert some.f() == pytest.approx(
        2 * some.precision * some.recall / (some.precision + some.recall)
    )
    assert Figures().f() == 0.0


def test_of_thresholds_as_good_as_the_best_the_middle_one_is_taken() -> None:
    scores = {0.3: 0.70, 0.4: 0.80, 0.5: 0.805, 0.6: 0.80, 0.7: 0.796, 0.8: 0.5}
    assert middle(scores) == 0.5
    assert middle({0.4: 0.9, 0.8: 0.2}) == 0.4


def test_where_the_threshold_does_not_matter_the_middle_of_all_is_chosen(
    rubric: Rubric,
) -> None:
    page, chosen = choose([call(ANGRY, SORRY)], rubric)
    assert set(chosen) == {"opportunity", "veto", *rubric.model.behaviours}
    assert chosen["opportunity"] == chosen["apology"] == middle(dict.fromkeys(GRID, 1.0))
    assert "apology          0.5                  F1 1.000" in page


def test_a_trial_changes_the_thresholds_and_nothing_else(rubric: Rubric) -> None:
    trial = with_thresholds(rubric, opportunity=0.9, veto=0.1, behaviour=0.6)
    assert (trial.model.opportunity, trial.model.veto) == (0.9, 0.1)
    assert set(trial.model.behaviours.values()) == {0.6}
    assert trial.cues == rubric.cues
    kept = with_thresholds(rubric, opportunity=0.9, veto=0.1)
    assert kept.model.behaviours == rubric.model.behaviours


def test_the_table_shows_both_texts_and_the_cases() -> None:
    table = as_table(
        {"apology": Figures(hit=3, false=1, missed=1)},
        {"apology": Figures(hit=4)},
        ("apology",),
    )
    assert "| apology | .75 / 1.00 | .75 / 1.00 | .75 / 1.00 | 4 |" in table
