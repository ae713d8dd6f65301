from __future__ import annotations

import re
from typing import Any

import pytest

from callmon.errors import BadSettings
from callmon.findings.rules import Rules, load_rules
from callmon.plain import plain


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"window_turns": 0}, "findings.window_turns"),
        ({"kinds": ["rudeness"]}, "findings.kinds"),
        ({"wording": {"after": "x"}}, "nothing is given for after_voice, again"),
        ({"severity": {"missed_joy": "low"}}, "findings.severity: .* vague_commitment"),
        ({"feelings": {"joy": "the joy"}}, "findings.feelings: .* sadness"),
        ({"moves": [{"pattern": "x", "says": "asked for {what}"}]}, "holds {what}"),
        ({"loudness": 3}, "findings.loudness"),
    ],
)
def test_a_wrong_section_is_refused_by_field(
    rules: Rules, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadSettings, match=told):
        load_rules({**rules.model_dump(), **change})


def test_whether_a_pattern_is_valid_is_left_to_the_rubric(rules: Rules) -> None:
    moves = [{"pattern": "(", "says": "x"}, {"pattern": "x{99999999999}", "says": "x"}]
    assert len(load_rules({**rules.model_dump(), "moves": moves}).moves) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{quote", "open brace"),
        ("{party}", "holds {party}; what can stand there: {at} {did} {quote}"),
        ("{quote.__class__}", "what can stand there"),
        ("{quote!r}", "what can stand there"),
        ("{quote:>999999999}", "what can stand there"),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused(
    rules: Rules, text: str, told: str
) -> None:
    wording = {**rules.wording, "after": text}
    with pytest.raises(BadSettings, match=re.escape(told)):
        load_rules({**rules.model_dump(), "wording": wording})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_announced", "Please bear with me for a moment."),
        ("hold_announced", "Let me check that."),
        ("hold_announced", "Let me just check that for you."),
        ("hold_announced", "I'll just look that up for you now."),
        ("hold_announced", "One moment."),
        ("hold_announced", "Is it okay if I put you on a brief hold?"),
        ("hold_announced", "Hang on, where is my bill?"),
        ("hands_over", "I'll put you through to my manager."),
        ("hands_over", "Let me transfer you to a specialist."),
        ("sums_up", "Okay, so you'll send somebody on Monday."),
        ("offers_help", "Is there anything else I can do?"),
        ("confirms_settled", "Does that sound okay?"),
        ("troubleshooting", "Could you restart the router?"),
        ("told_again", "As I've already said, it is broken."),
        ("leaves_building", "We'll send you a letter."),
        ("works_now", "Oh, it works now."),
        ("works_now", "That fixed it."),
        ("asks_when", "And how long will that take?"),
        ("says_goodbye", "Lovely, thanks, bye."),
        ("line_lost", "Hello? Are you still there?"),
        ("gives_way", "Sorry, go ahead."),
    ],
)
def test_each_pattern_finds_what_it_is_for(rules: Rules, name: str, text: str) -> None:
    assert rules.holds(name, plain(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_announced", "Your household has two lines."),
        ("hold_announced", "I will find it for you today."),
        ("hold_announced", "I'll check with the warehouse and call you tomorrow."),
        ("hold_announced", "I'll hold the booking for you."),
        ("hold_announced", "I see a second charge from a minute ago."),
        ("hold_announced", "I've been on hold for an hour."),
        ("hands_over", "I'll send you a letter."),
        ("sums_up", "My kettle will not boil."),
        ("offers_help", "Goodbye."),
        ("told_again", "I called on Monday."),
        ("works_now", "It worked yesterday."),
        ("works_now", "My husband works for you."),
        ("says_goodbye", "I'll wait for the letter then."),
    ],
)
def test_no_pattern_finds_other_words(rules: Rules, name: str, text: str) -> None:
    assert not rules.holds(name, plain(text))
