"""Turns cut where quotes begin and end."""

from __future__ import annotations

from callmon.report import moments, transcript
from callmon.report.transcript import Mark, Piece
from tests.unit.report import sample


def lines(call=None):  # type: ignore[no-untyped-def]
    call = call or sample.analysis()
    known = moments.moments(call)
    return transcript.lines(call, known, moments.findings(call, known))


def test_text_without_marks_is_one_piece() -> None:
    assert transcript.cut("Goodbye.", ()) == (Piece(text="Goodbye.", labels=()),)


def test_overlapping_marks_share_the_piece_they_have_in_common() -> None:
    pieces = transcript.cut(
        "abcdef", (Mark(first=0, last=4, label="x"), Mark(first=2, last=6, label="y"))
    )

    assert pieces == (
        Piece(text="ab", labels=("x",)),
        Piece(text="cd", labels=("x", "y")),
        Piece(text="ef", labels=("y",)),
    )


def test_the_pieces_of_a_turn_are_its_whole_text() -> None:
    call = sample.analysis()

    for line in lines(call):
        assert "".join(piece.text for piece in line.pieces) == line.turn.text


def test_a_quote_that_is_not_in_the_turn_marks_nothing() -> None:
    call = sample.analysis()
    other = call.turns[1].model_copy(update={"text": "Something else entirely."})
    changed = lines(call.model_copy(update={"turns": (other,)}))

    assert all(not piece.labels for piece in changed[0].pieces)


def test_a_quote_is_found_in_another_case() -> None:
    call = sample.analysis()
    loud = call.turns[4].model_copy(update={"text": "THIS IS RIDICULOUS, sir."})
    pieces = lines(call.model_copy(update={"turns": (loud,)}))[0].pieces

    assert pieces[0] == Piece(text="THIS IS RIDICULOUS", labels=("moment B",))


def test_behaviours_stand_in_the_order_of_the_words_each_once() -> None:
    assert lines()[7].behaviours == (
        "patience thanks",
        "mirroring",
        "specific acknowledgement",
        "resolution done",
    )


def test_findings_and_moments_stand_at_their_turn() -> None:
    told = lines()

    assert [m.letter for m in told[4].moments] == ["B"]
    assert [f.number for f in told[5].findings] == [2, 3]


def test_an_ordinary_voice_is_not_worth_a_remark() -> None:
    told = lines()

    assert told[3].tone is None
    assert told[1].tone is not None
