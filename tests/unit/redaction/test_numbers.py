"""Numbers by checksum, form and context. All are published test or example numbers."""

from __future__ import annotations

import pytest

from callmon.redaction.private import find_private, redact


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555 5555 5555 4444",
        "2223 0031 2200 3222",
        "3782 822463 10005",
        "3056 9309 0259 04",
        "6011 1111 1111 1117",
        "3566 0020 2036 0505",
        "four one one one, one one one one, one one one one, one one one one",
        "forty one eleven eleven eleven eleven eleven eleven eleven",
        "4 1 1 1 1 1 1 1, um, 1 1 1 1 1 1 1 1",
        "four triple one 1111 1111 1111",
    ],
)
def test_a_card_number_is_found_wherever_it_stands(number: str) -> None:
    assert redact(f"well {number} was it") == "well [card number] was it"


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1112",  # the check digit is wrong
        "4111 1111 1111",  # too short
        "490154203237518",  # the serial number of a telephone
        "1234 5678 9012 3452",  # the check digit is right, no issuer begins with 1
        "9400 1000 0000 0000 0000 00",  # a parcel
    ],
)
def test_a_number_that_is_nearly_a_card_stays(number: str) -> None:
    assert find_private(f"the parcel has {number} on it") == ()


def test_expiry_and_code_go_with_the_card_they_follow() -> None:
    assert redact("4111 1111 1111 1111, 12/27, 123 okay") == "[card number] okay"


def test_a_card_number_that_was_misheard_is_one_by_what_it_is_called() -> None:
    assert (
        redact("my card number is 4111 1111 1111 1112") == "my card number is [card number]"
    )


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("security code 123", "security code [security code]"),
        ("the CVV is one two three", "the CVV is [security code]"),
        ("three digits on the back, 123", "three digits on the back, [security code]"),
        ("expiry date 12 27", "expiry date [card expiry]"),
        ("account number 12345678", "account number [bank account]"),
        ("sort code 20-00-00", "sort code [bank account]"),
        ("routing number 021000021", "routing number [bank account]"),
        ("my pin is 4 9 1 2", "my pin is [password]"),
        ("the one time code 553 201", "the one time code [password]"),
        ("NHS number 943 476 5919", "NHS number [health number]"),
        ("passport number 533380006", "passport number [identity document]"),
        ("zip code 90210", "zip code [postcode]"),
        (
            "last four of your social 4399",
            "last four of your social [social security number]",
        ),
        ("call me on 555 0134", "call me on [phone number]"),
    ],
)
def test_a_number_is_private_by_the_words_before_it(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "order number 4155552671",
        "your reference is oh two oh seven nine four six oh nine five eight",
        "case 020 7946 0958",
        "it cost $1,200.50 and then £45.00, so 1245.50 in all",
        "two thousand four hundred dollars on 12 May 2024",
        "I called 3 times, on the 4th, 5th and 6th of 2024",
        "it is 10 to 15 business days, Monday 9 to 5",
        "the meter says 0 4 5 1 2 9",
        "your account was charged 200000 points",
        "the card ending in 4242",
        "the last four digits are 4 2 4 2",
        "my account number ends in 42",
        "on hold for 45 minutes and 20 seconds, twice, 3 people, 2 departments",
        "room 1204, flight BA 2490, model X 1 0 0",
        "a laptop, the M1 8GB, version 11.2.3.4",
        "error code 0 0 0 7 4 4 1",
        "the total is one hundred and twenty five pounds",
        "we have 12345678901234567890 of them",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == text


def test_an_amount_after_the_words_for_an_account_stays() -> None:
    text = "from that bank account 250000 dollars went, to account number or five hundred"
    assert redact(text) == text


@pytest.mark.parametrize(
    "number",
    [
        "GB82 WEST 1234 5698 7654 32",
        "GB82WEST12345698765432",
        "g b eight two w e s t one two three four five six nine eight seven six five four"
        " three two",
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_an_iban_is_found_by_its_checksum(number: str) -> None:
    assert redact(f"so {number}, thanks") == "so [IBAN], thanks"


def test_an_iban_with_a_wrong_digit_is_none() -> None:
    assert "IBAN" not in redact("GB83 WEST 1234 5698 7654 32")


@pytest.mark.parametrize(
    "number",
    [
        "07700 900123",
        "oh seven seven double oh nine hundred one two three",
        "020 7946 0958",
        "+44 20 7946 0958",
        "+49 30 901820",
        "(415) 555-2671",
        "four one five, five five five, two six seven one",
    ],
)
def test_a_telephone_number_is_found_by_the_numbering_plan(number: str) -> None:
    assert "[phone number]" in redact(f"so {number} please")


def test_ten_figures_in_one_piece_are_no_telephone_number() -> None:
    assert find_private("it says 4155552671 here") == ()


def test_a_social_security_number_is_found_by_its_form() -> None:
    assert redact("it's 536-90-4399") == "it's [social security number]"
    assert find_private("part 000-12-3456") == ()


@pytest.mark.parametrize("number", ["AB 12 34 56 C", "ab123456c", "a b one two 34 56 c"])
def test_a_national_insurance_number_is_found_by_its_form(number: str) -> None:
    assert redact(f"so {number}") == "so [national insurance number]"


@pytest.mark.parametrize("code", ["SW1A 1AA", "M1 1AE", "s w one a one a a", "EH6 4DP"])
def test_a_postcode_is_found_by_its_form(code: str) -> None:
    assert redact(f"it's {code}.") == "it's [postcode]."
