from __future__ import annotations

import pytest

from callmon.redaction.private import redact


@pytest.mark.parametrize(
    "address",
    [
        "jane.doe@example.com",
        "jane dot doe at example dot com",
        "jane underscore doe at example dot co dot uk",
        "j a n e at example dot org",
        "jane42 at mail dot example dot com",
        "jane at gmail dot com",
        "jane doe at example.com",
    ],
)
def test_an_email_address_is_found_written_and_spoken(address: str) -> None:
    assert redact(f"my email is {address} okay") == "my email is [email address] okay"


@pytest.mark.parametrize(
    "text",
    [
        "I ordered at amazon dot com and looked at example dot org",
        "meet me at nine at the shop",
        "please email us, we answer at once",
    ],
)
def test_a_shop_with_a_dot_is_no_email_address(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "date",
    [
        "3/5/1982",
        "03.05.82",
        "the third of May nineteen eighty two",
        "may 3rd 1982",
        "third of the fifth eighty two",
    ],
)
def test_a_date_of_birth_is_one_by_what_it_is_called(date: str) -> None:
    private = date.removeprefix("the ")
    text = f"My date of birth is {date}."
    assert redact(text) == text.replace(private, "[date of birth]")


@pytest.mark.parametrize(
    "text",
    ["It was due on the third of May 2024.", "Your date of birth, please?", "Oh, good."],
)
def test_other_dates_stay(text: str) -> None:
    assert redact(text) == text


def test_the_answer_to_a_question_for_the_date_of_birth_is_one() -> None:
    asked = "Can I take your date of birth?"
    assert redact("Sure, ninth of May 1953.", asked=asked) == "Sure, [date of birth]."


@pytest.mark.parametrize(
    "text",
    [
        "my password is not working",
        "the password is being rejected",
        "My PIN is wrong.",
        "my password was reset on Monday",
        "your password's been changed",
        "my password is expired",
        "the security answer is required",
        "I can't remember my password to save my life",
    ],
)
def test_talk_of_a_password_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my password is bluebird7", "my password is [password]"),
        ("Password: Tr0ub4dor&3", "Password: [password]"),
        ("the pin is 4 9 1 2 okay", "the pin is [password] okay"),
        ("mother's maiden name is Ashdown", "mother's maiden name is [password]"),
    ],
)
def test_a_password_that_is_said_goes(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_the_answer_to_a_question_for_a_password_goes() -> None:
    asked = "And what is your memorable word?"
    assert redact("It's primrose.", asked=asked) == "It's [password]."
    assert redact("I never set one.", asked=asked) == "I never set one."


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my name is jane doe and i want help", "my name is [name] and i want help"),
        ("My name's Jane Doe, hello.", "My name's [name], hello."),
        ("Hi, this is Jane from Leeds.", "Hi, this is [name] from Leeds."),
        ("Thank you, Mrs. O'Hara.", "Thank you, Mrs. [name]."),
        ("Am I speaking with Mr Ghosh?", "Am I speaking with [name]?"),
    ],
)
def test_a_name_goes_where_it_is_called_one(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "This is ridiculous, I am furious.",
        "My name is not on the list.",
        "my name is spelled wrong on the bill",
        "I'm Still waiting.",
        "You are speaking to the wrong person.",
    ],
)
def test_what_is_no_name_stays(text: str) -> None:
    assert redact(text) == text


def test_the_answer_to_a_question_for_a_name_is_one() -> None:
    assert redact("yes it's jane doe", asked="Can I take your name?") == "yes it's [name]"


def test_a_house_and_its_street_go_and_a_way_of_speaking_stays() -> None:
    assert redact("I live at 12 Elm Street now") == "I live at [address] now"
    assert (
        redact("it goes both ways, a one way street")
        == "it goes both ways, a one way street"
    )
