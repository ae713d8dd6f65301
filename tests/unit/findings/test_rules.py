from __future__ import annotations

from typing import Any

import pytest

from callmon.errors import BadSettings
from callmon.findings.rules import Rules, load_rules
from callmon.findings.words import plain


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"window_turns": 0}, "findings.window_turns"),
        ({"kinds": ["rudeness"]}, "findings.kinds"),
        ({"wording": {"after": "{quote"}}, "open brace"),
        ({"moves": [{"pattern": "(", "says": "x"}]}, "not valid"),
        ({"loudness": 3}, "findings.loudness"),
    ],
)
def test_a_wrong_section_is_refused_by_field(
    rules: Rules, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadSettings, match=told):
        load_rules({**rules.model_dump(), **change})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_announced", "Please bear with me for a moment."),
        ("hold_announced", "Let me check that."),
        ("offers_help", "Is there anything else I can do?"),
        ("confirms_settled", "Does that sound okay?"),
        ("troubleshooting", "Could you restart the router?"),
        ("told_again", "As I've already said, it is broken."),
        ("leaves_building", "We'll send you a letter."),
    ],
)
def test_each_pattern_finds_what_it_is_for(rules: Rules, name: str, text: str) -> None:
    assert rules.holds(name, plain(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_announced", "Your household has two lines."),
        ("offers_help", "Goodbye."),
        ("told_again", "I called on Monday."),
    ],
)
def test_no_pattern_finds_other_words(rules: Rules, name: str, text: str) -> None:
    assert not rules.holds(name, plain(text))
