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
        load_rules({**rules.model_dump(), **change}, common=rules.common)


def test_whether_a_pattern_is_valid_is_left_to_the_rubric(rules: Rules) -> None:
    moves = [{"pattern": "(", "says": "x"}, {"pattern": "x{99999999999}", "says": "x"}]
    assert (
        len(load_rules({**rules.model_dump(), "moves": moves}, common=rules.common).moves)
        == 2
    )


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
        load_rules({**rules.model_dump(), "wording": wording}, common=rules.common)


@pytest.mark.parametrize(
    ("name", "text"),
    [
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
        ("told_again", "As I said, the boiler leaks."),
        ("told_again", "I already told you that."),
        ("told_again", "I just explained this to your colleague."),
        ("told_again", "How many more times do I have to explain this?"),
        ("told_again", "I've already been through all of this."),
        ("told_again", "I just went over that with the other lady."),
        ("told_again", "I already gave you that number."),
        ("told_again", "That's what I said."),
        ("told_again", "Let me repeat myself."),
        ("troubleshooting", "Let's check the settings."),
        ("troubleshooting", "lets check"),
        ("troubleshooting", "Can you check whether the light is on?"),
        ("troubleshooting", "Did you try another cable?"),
        ("troubleshooting", "I see that your account was charged twice."),
        ("troubleshooting", "I see your account was charged twice."),
        ("troubleshooting", "I can see two charges."),
        ("troubleshooting", "Could you send me a photo of the meter?"),
        ("troubleshooting", "Hold down the button: can you hold the power button?"),
        ("troubleshooting", "Let me look into that."),
        ("troubleshooting", "Let me check the charges on your account."),
        ("troubleshooting", "Please unplug it."),
        ("troubleshooting", "Could you check your email?"),
        ("hold_announced", "Hang on, let me find it."),
        ("hold_announced", "Bear with me."),
        ("hold_announced", "hold on a second"),
        ("hold_announced", "One moment, please."),
        ("hold_announced", "Let me grab my bill."),
        ("hold_announced", "I'm just looking for it."),
        ("hold_announced", "I'll just check that."),
        ("hold_announced", "give me a second"),
        ("hold_announced", "Wait a minute."),
        ("asks_when", "And when will that be?"),
        ("asks_when", "How long will that take?"),
        ("asks_when", "When?"),
        ("asks_when", "By when?"),
        ("asks_when", "which day"),
        ("asks_when", "How soon can you send it?"),
        ("asks_when", "when is it coming"),
        ("says_when", "Within three days."),
        ("says_when", "In two weeks."),
        ("says_when", "Three to five working days."),
        ("says_when", "It takes about a week."),
        ("says_when", "You should have it by Friday."),
        ("says_when", "Tomorrow."),
        ("says_when", "Probably on Monday."),
        ("says_when", "It will be with you on Tuesday."),
        ("says_when", "By the end of the week."),
        ("says_when", "You will get it in an hour."),
        ("says_when", "Next week."),
        ("says_when", "Later today."),
        ("says_when", "it'll be there by the 14th"),
        ("says_when", "On Friday, I think."),
        ("says_when", "A few days."),
        ("declines_help", "No, that's all."),
        ("declines_help", "that's it"),
        ("declines_help", "No, that's everything, thank you."),
        ("declines_help", "I think that's it for now."),
        ("declines_help", "Nothing else, thanks."),
        ("declines_help", "No, I'm good."),
        ("declines_help", "nope all set"),
        ("declines_help", "no thats all thanks"),
        ("declines_help", "That'll be all."),
        ("agrees", "I'll do that then."),
        ("agrees", "Okay, I'll wait for the letter."),
        ("agrees", "All right then."),
        ("agrees", "Okay, great."),
        ("agrees", "That's fine."),
        ("agrees", "sounds good"),
        ("agrees", "Right, I'll try that tonight."),
        ("agrees", "Will do."),
        ("names_nothing", "absolutely"),
        ("names_nothing", "yesterday"),
        ("names_nothing", "somebody"),
        ("names_nothing", "myself"),
        ("names_nothing", "without"),
        ("names_nothing", "completely"),
        ("works_now", "its working now"),
    ],
)
def test_each_pattern_finds_what_it_is_for(rules: Rules, name: str, text: str) -> None:
    assert rules.holds(name, plain(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hold_announced", "Your household has two lines."),
        ("hold_announced", "I will find it for you today."),
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
        ("told_again", "Thanks again, I'll wait for the replacement."),
        ("told_again", "How many times will the engineer come?"),
        ("told_again", "I just went to the shop."),
        ("told_again", "I've just been to the bank."),
        ("told_again", "I just gave the router a restart."),
        ("told_again", "I called again, my phone was flat."),
        ("told_again", "I just told my wife about it."),
        ("told_again", "Let me repeat that number back."),
        ("told_again", "once more I get the error"),
        ("troubleshooting", "Can you hold for a moment?"),
        ("troubleshooting", "Could you check your account number?"),
        ("troubleshooting", "Would you send me your name?"),
        ("troubleshooting", "I see your account."),
        ("troubleshooting", "I see the account here."),
        ("troubleshooting", "I can see your account."),
        ("troubleshooting", "Please check your account number."),
        ("troubleshooting", "Let me pull up your account."),
        ("troubleshooting", "Let's start with your name."),
        ("troubleshooting", "Can you open your account details?"),
        ("troubleshooting", "I see. It's four."),
        ("troubleshooting", "Did you check the reference number?"),
        ("troubleshooting", "Could you send me your address?"),
        ("hold_announced", "I'm getting really angry."),
        ("hold_announced", "I'm looking for a refund."),
        ("hold_announced", "You put a hold on it."),
        ("hold_announced", "It was a minute ago."),
        ("hold_announced", "I'll find another company."),
        ("hold_announced", "I'm looking forward to it."),
        ("hold_announced", "I'll hold you to that."),
        ("asks_when", "It broke when I plugged it in."),
        ("asks_when", "I don't care how long."),
        ("asks_when", "I waited so long."),
        ("says_when", "I don't know, I'm afraid."),
        ("says_when", "You called two weeks ago."),
        ("says_when", "I see you ordered on Monday."),
        ("says_when", "One minute, please."),
        ("says_when", "Is there anything else I can help you with today?"),
        ("says_when", "Will that be all for today?"),
        ("says_when", "How are you today?"),
        ("says_when", "I'll send it as soon as I can."),
        ("says_when", "You waited a week."),
        ("says_when", "That was three days ago."),
        ("says_when", "Will there be anything else today?"),
        ("declines_help", "I think it's the router."),
        ("declines_help", "No, it's all broken."),
        ("declines_help", "I think everything stopped."),
        ("declines_help", "No, nothing else works."),
        ("declines_help", "That's all wrong."),
        ("declines_help", "That is everything that I tried."),
        ("declines_help", "Not today's bill."),
        ("declines_help", "no it is not good"),
        ("agrees", "And then the water came"),
        ("agrees", "But it was not"),
        ("agrees", "I want to know why"),
        ("agrees", "so the thing is that when I"),
        ("agrees", "No, it isn't"),
        ("names_nothing", "family"),
        ("names_nothing", "monthly"),
        ("names_nothing", "router"),
        ("names_nothing", "boiler"),
        ("names_nothing", "supply"),
        ("names_nothing", "delivery"),
        ("names_nothing", "kitchen"),
    ],
)
def test_no_pattern_finds_other_words(rules: Rules, name: str, text: str) -> None:
    assert not rules.holds(name, plain(text))
