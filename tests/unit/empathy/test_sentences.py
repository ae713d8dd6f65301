from __future__ import annotations

import pytest

from callmon.empathy.sentences import LONGEST_PART, plain_words, sentences


@pytest.mark.parametrize(
    "text", ["I’m sorry", "I'm sorry", "im sorry", "I am sorry", "i am, SORRY!"]
)
def test_contracted_and_written_out_words_are_the_same(text: str) -> None:
    assert plain_words(text) == ("i", "am", "sorry")


def test_fillers_and_stutters_are_dropped() -> None:
    assert plain_words("I, uh, I I want, um, the the refund") == (
        "i",
        "want",
        "the",
        "refund",
    )


def test_a_title_does_not_end_a_sentence() -> None:
    assert [part.original for part in sentences("Hello Mr. Gray. How are you?")] == [
        "Hello Mr. Gray.",
        "How are you?",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I'll ring at 4 p.m. tomorrow. Bye.", 2),
        ("I'll ring at 4 p.m. Tomorrow or Friday?", 1),
        ("I'll ring at 4 P.M. Friday.", 1),
        ("I'll ring at 4 p. m. today.", 1),
        ("I'll ring at 8a.m. on Friday.", 1),
        ("I'll ring at 4 p.m. You will get a letter too.", 2),
        ("I'll ring at 4 p.m.? Fine.", 2),
        ("I'll take the map. so be it.", 2),
    ],
)
def test_the_points_of_a_time_end_a_sentence_only_where_another_begins(
    text: str, parts: int
) -> None:
    assert len(sentences(text)) == parts


def test_where_commas_stood_is_known_in_the_plain_form() -> None:
    (part,) = sentences("Now, I'll, um, send 1,000: okay")
    assert part.paused == "now,i will,send 1 000,okay"
    assert len(part.paused) == len(part.plain)


def test_a_question_is_known_by_its_mark() -> None:
    assert [part.question for part in sentences("It broke. Why?")] == [False, True]


def test_long_speech_without_punctuation_is_cut_before_clause_markers() -> None:
    text = " and i waited for the delivery at the front door of the house".join([""] * 8)
    parts = sentences(text)
    assert len(parts) > 1
    assert all(len(part.spans) <= LONGEST_PART + 2 for part in parts)
    assert all(part.plain.startswith("and i") for part in parts)


def test_a_match_leads_back_to_the_words_as_they_were_said() -> None:
    text = "Well... I'm REALLY, really upset!"
    part = sentences(text)[1]
    start = part.plain.index("really")
    first, last = part.place(start, len(part.plain))
    assert text[first:last] == "REALLY, really upset"


def test_a_short_sentence_is_quoted_whole_without_its_full_stop() -> None:
    text = "Hello. I am so upset. Bye."
    part = sentences(text)[1]
    first, last = part.quote(5, 7)
    assert text[first:last] == "I am so upset"


def test_of_a_sentence_with_commas_the_clause_is_quoted() -> None:
    text = "I work from home, I'm losing money every day, and the line is down."
    part = sentences(text)[0]
    at = part.plain.index("losing")
    first, last = part.quote(at, at + len("losing money"))
    assert text[first:last] == "I'm losing money every day"


@pytest.mark.parametrize("text", ["", "...", "\x00\x1b", "?!", "a" * 5000])
def test_text_without_words_has_no_sentences(text: str) -> None:
    assert sentences(text) == ()
