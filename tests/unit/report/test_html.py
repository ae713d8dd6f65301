"""The page of a call and the list of calls."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser

import pytest

from callmon.report import html
from tests.unit.report import sample


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text outside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._raw = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):  # type: ignore[no-untyped-def]
        self.elements.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")

    def handle_endtag(self, tag):  # type: ignore[no-untyped-def]
        self._raw = False

    def handle_data(self, data):  # type: ignore[no-untyped-def]
        if not self._raw:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return html.render(sample.analysis())


def test_a_hostile_name_and_hostile_words_are_only_text(page: str) -> None:
    seen = Elements(page)

    assert sample.HOSTILE_WORDS in seen.text
    assert "<img src=x onerror=alert(1)>" in seen.text
    assert not seen.named("img")
    assert len(seen.named("script")) == 1
    assert not [a for _, attributes in seen.elements for a in attributes if a[:2] == "on"]


def test_control_and_direction_characters_do_not_reach_the_page(page: str) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_lone_surrogates_do_not_hinder_writing_the_page_as_utf_8() -> None:
    assert html.render(sample.analysis(name="call \ud800.wav")).encode("utf-8")


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(
    page: str,
) -> None:
    policy = next(
        meta["content"] or ""
        for meta in Elements(page).named("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag in ("style", "script"):
        content = page.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_names_no_address_outside_itself(page: str) -> None:
    addresses = [
        value
        for _, attributes in Elements(page).elements
        for name, value in attributes.items()
        if name in ("href", "src", "xlink:href", "action", "srcset", "poster")
    ]

    assert addresses
    assert all((value or "").startswith(("#", "data:,")) for value in addresses)
    assert "url(h" not in page
    assert "@import" not in page


def test_every_link_inside_the_page_has_its_target(page: str) -> None:
    seen = Elements(page)
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    links = {a["href"] for _, a in seen.elements if (a.get("href") or "").startswith("#")}

    assert len(ids) == len(set(ids))
    assert {(link or "")[1:] for link in links} <= set(ids)


def test_findings_are_numbered_in_the_order_of_time_with_their_words(page: str) -> None:
    titles = re.findall(r"Finding (\d): </span>([^<]+)</h3>", page)

    assert titles == [
        ("1", "Sorry, but no word for the feeling"),
        ("2", "The feeling was not met"),
        ("3", "The customer was interrupted"),
        ("4", "Silence without a word of why"),
        ("5", "Only a vague promise"),
    ]
    assert "Naming the repeated calls and the rent on Friday" in page
    assert "found by the rule “en.apology.2”" in page


def test_a_second_opinion_stands_beside_its_finding() -> None:
    text = " ".join(Elements(html.render(sample.with_opinion())).text.split())

    assert "told disagrees: <b>The agent asked why.</b>" in text


def test_a_page_says_that_nothing_was_sent_only_where_nothing_was(page: str) -> None:
    asked = html.render(sample.with_opinion())
    index = html.render_index([(sample.analysis(), "a"), (sample.with_opinion(), "b")])

    assert "nothing was sent anywhere" in Elements(page).text
    for told in (asked, index):
        assert "nothing was sent anywhere" not in Elements(told).text
        assert "were sent to the language model" in Elements(told).text


def test_the_score_is_told_with_its_interval(page: str) -> None:
    text = " ".join(Elements(page).text.split())

    assert "1 of 4 moments met" in text
    assert "Score 38 %, between 8 % and 79 %" in text
    assert "1 could not be judged, not counted" in text


def test_the_parts_of_the_answers_stand_beside_the_score(page: str) -> None:
    text = " ".join(Elements(page).text.split())

    assert "Understood 1 of 3 Acknowledged 1 of 3 Acted on 2 of 3" in text


def test_a_promise_is_shown_with_its_day_and_whether_it_is_open(page: str) -> None:
    text = " ".join(Elements(page).text.split())

    assert "today 20 November 2026" in text
    assert "to be kept by the company" in text
    assert "kept in the call" in text


def test_a_call_without_an_opportunity_has_no_number_for_a_score() -> None:
    text = Elements(html.render(sample.calm())).text

    assert "No moment called for empathy" in text
    assert "Nothing to look at" in text
    assert not re.search(r"Score\s+\d|\b100 %|\b0 %", text)


def test_words_that_carry_a_judgement_are_marked_in_the_transcript(page: str) -> None:
    assert (
        '<mark class="mark-customer" title="moment A">I can&#39;t pay my rent on Friday'
        "</mark>" in page
    )
    assert '<mark class="mark-agent" title="mirroring">You were charged twice' in page


def test_with_sound_the_recording_is_inside_and_times_play() -> None:
    page = html.render(sample.analysis(), audio=b"OggS sound")
    seen = Elements(page)

    assert seen.named("audio")[0]["src"] == "data:audio/ogg;base64,T2dnUyBzb3VuZA=="
    assert 'aria-label="Play from 0:05"' in page


def test_without_sound_there_is_no_player_and_times_lead_to_the_turn(page: str) -> None:
    assert not Elements(page).named("audio")
    assert 'id="player"' not in page
    assert 'aria-label="Go to 0:05"' in page


def test_an_audio_type_that_could_leave_its_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="audio/ogg"):
        html.render(sample.analysis(), audio=b"", audio_type='audio/ogg"><script>')


def test_a_chat_without_times_names_turns_and_draws_no_picture() -> None:
    page = html.render(sample.chat())

    assert 'id="picture"' not in page
    assert ">turn 3</a>" in page
    assert "Transcript only" in page
    assert "None" not in Elements(page).text


def test_a_call_in_which_no_word_was_heard_says_so() -> None:
    silent = sample.calm().model_copy(update={"turns": (), "tones": (), "commitments": ()})

    assert "No words were recognised in this call." in html.render(silent)


def test_nothing_of_the_agents_voice_is_shown_even_if_a_document_has_it() -> None:
    call = sample.analysis()
    forged = call.model_copy(
        update={"tones": (sample.tone(2, 3.1, "strongly_raised"),), "findings": ()}
    )

    assert "voice strongly raised" not in html.render(forged)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("On hold", "13 s"),
        ("Cut out", "4.0 s not counted"),
        ("Two voices at once", "1.2 s 1 interruption (agent 1)"),
        ("Agent answers", "after 0.9 s median"),
        ("Customer answers", "0.4 s early median"),
        ("Customer’s voice", "calmer at the end from +1.4 to −0.2 over 6 turns"),
    ],
)
def test_how_the_call_went_is_among_the_facts(name: str, value: str) -> None:
    page = html.render(sample.with_hold())
    (shown,) = re.findall(rf"<dt>{name}</dt><dd>(.*?)</dd>", page)

    assert " ".join(Elements(shown).text.split()) == value


def test_hold_and_what_was_cut_out_are_in_the_picture() -> None:
    seen = Elements(html.render(sample.with_hold()))

    assert {"hold", "redacted"} <= {rect.get("class") for rect in seen.named("rect")}


def test_the_list_keeps_its_order_and_counts_all_moments() -> None:
    page = html.render_index(
        [(sample.calm(), "calm.html"), (sample.analysis(), "reports/call 07.html")]
    )
    links = [a["href"] for a in Elements(page).named("a") if a["href"] != "#main"]

    assert links == ["./calm.html", "./reports/call%2007.html"]
    assert "1 of 4 moments that called for empathy were met, 1 partly." in page
    assert "No moment called for empathy" in page


@pytest.mark.parametrize("path", ["javascript:alert(1)", "//example.org/x", "data:,x"])
def test_a_path_in_the_list_cannot_leave_the_folder_of_the_list(path: str) -> None:
    links = [
        a["href"] for a in Elements(html.render_index([(sample.calm(), path)])).named("a")
    ]

    assert all(link == "#main" or (link or "").startswith("./") for link in links)
    assert not any(":" in (link or "") for link in links)


def test_an_empty_list_says_how_to_fill_it() -> None:
    assert "callmon analyze FILE" in html.render_index([])


def test_the_same_analysis_gives_the_same_page(page: str) -> None:
    assert html.render(sample.analysis()) == page
