"""The review page in a real browser, on a store with analyses made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from callmon.call import Role as CallRole
from callmon.review.site import Site
from callmon.store.calls import recordings
from callmon.store.reviews import moments
from tests.browser.conftest import PASSWORD
from tests.browser.looking import SERVED, Audience, given, shown
from tests.integration.review.conftest import AddRecording, Clock
from tests.integration.review.made import make_analysis, make_finding
from tests.unit.report import sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = SERVED


def test_a_wrong_password_is_told_plainly(page: Page, complaints: list[str]) -> None:
    page.goto("/sign-in?then=/calls")
    page.get_by_label("Login").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.locator("#error").wait_for()

    assert "is not known" in page.locator("#error").inner_text()
    # The browser itself writes a line for the answer 401.
    assert all("401" in each for each in complaints)
    complaints.clear()


def test_ones_own_password_is_changed(
    page: Page, enter: Callable[..., None], complaints: list[str], audience: Audience
) -> None:
    enter()
    page.get_by_role("link", name="Your password").click()
    present, new = page.get_by_label("Current password"), page.get_by_label("New password")
    error = page.locator("#error")
    present.wait_for()
    audience.look("password")
    present.fill(PASSWORD)
    new.fill("too short")
    page.keyboard.press("Enter")
    error.get_by_text("at least 12 characters").wait_for()
    present.fill("not the one that holds")
    new.fill("wrong horse battery")
    page.keyboard.press("Enter")
    error.get_by_text("not the password that you have now").wait_for()
    assert page.evaluate("document.activeElement.name") == "present"
    audience.look("refused")
    present.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your password is changed.").wait_for()
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    page.get_by_label("Login").fill("reviewer")
    page.get_by_label("Password").fill("wrong horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")

    # The browser itself writes a line for the answer 422.
    assert all("422" in each for each in complaints)
    complaints.clear()


def test_three_findings_are_reviewed_by_keyboard_and_one_is_corrected(
    page: Page,
    site: Site,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    for confidence in (0.5, 0.6, 0.7):
        recording(analysis=make_analysis(findings=(make_finding(confidence=confidence),)))
    enter()
    first = shown(page)
    page.keyboard.press("a")
    page.wait_for_selector(f"#stage .card:not([data-id='{first}'])")
    second = shown(page)
    page.keyboard.press("n")
    page.keyboard.type("The cause was named.")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#stage .card:not([data-id='{second}'])")
    third = shown(page)
    page.keyboard.press("u")
    page.get_by_text("This was the last one here.").wait_for()

    assert [verdict for verdict, _, _ in given(site, first)] == ["agree"]
    assert given(site, second) == [
        ("disagree", "dismissive_response", "The cause was named.")
    ]
    assert given(site, third) == [("unsure", None, None)]
    page.get_by_text("2 decided").wait_for()
    # Undo is to decide again.
    page.keyboard.press("z")
    assert shown(page) == third
    page.keyboard.press("z")
    page.wait_for_selector(f"#stage .card[data-id='{second}']")
    page.keyboard.press("a")
    page.wait_for_selector(f"#stage .card:not([data-id='{second}'])")
    assert [verdict for verdict, _, _ in given(site, second)] == ["disagree", "agree"]


def test_j_and_k_go_through_the_queue_and_space_plays_the_moment(
    page: Page,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    heard(recording(content=call_sound, analysis=sample.analysis()))
    enter()
    first = shown(page)
    page.keyboard.press("j")
    page.wait_for_selector(f"#stage .card:not([data-id='{first}'])")
    assert page.locator(".item[aria-current]").count() == 1
    page.keyboard.press("k")
    page.wait_for_selector(f"#stage .card[data-id='{first}']")
    page.keyboard.press("Space")
    page.wait_for_selector(".clip.playing")
    page.wait_for_selector(".clip-bar:not([value='0'])")
    page.keyboard.press("Space")
    page.wait_for_selector(".clip:not(.playing)")


def test_a_long_queue_grows_while_one_goes_through_it(
    page: Page,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    for _ in range(33):
        recording()
    enter()
    shown(page)
    assert page.locator("#queue .item").count() == 30
    page.locator("#more").scroll_into_view_if_needed()
    page.locator("#queue .item").nth(32).wait_for()
    page.get_by_role("link", name="High 0").wait_for()

    assert page.locator("#more").count() == 0


def test_a_call_is_heard_and_read_and_its_hostile_words_do_nothing(
    page: Page,
    site: Site,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    recording_id = recording(content=call_sound, analysis=sample.analysis())
    heard(recording_id)
    enter()
    page.goto(f"/calls/{recording_id}")
    page.wait_for_selector("#wave-note", state="hidden")

    assert sample.HOSTILE_WORDS in page.locator("#turn-6 .turn-text").inner_text()
    assert page.evaluate("document.querySelector('#wave div').shadowRoot !== null")
    # A click on the time of a turn plays from there, and the talk follows.
    page.locator("#turn-4 .turn-time").click()
    page.wait_for_selector("#play.playing")
    page.wait_for_selector("#turn-4.lit")
    page.keyboard.press("Space")
    page.wait_for_selector("#play:not(.playing)")
    # The talk is searched.
    page.locator("#find-text").fill("ridiculous")
    assert page.locator(".turn.hit").count() == 1
    page.keyboard.press("Escape")
    # A finding is opened and judged.
    page.keyboard.press("j")
    page.wait_for_selector(".finding-body .card")
    finding = str(page.locator(".finding-body .card").get_attribute("data-id"))
    page.keyboard.press("a")
    page.get_by_text("Saved.").wait_for()
    assert [verdict for verdict, _, _ in given(site, finding)] == ["agree"]
    page.locator(".history summary").click()
    page.get_by_text("agreed", exact=False).first.wait_for()


def test_a_missed_moment_is_added_where_the_customer_spoke(
    page: Page,
    site: Site,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    recording_id = recording(content=call_sound)
    heard(recording_id)
    enter()
    page.goto(f"/calls/{recording_id}")
    page.locator("#turn-3 .turn-time").click()
    page.wait_for_selector("#turn-3.lit")
    page.keyboard.press("m")
    assert "really fed up" in page.locator("#moment-text").inner_text()
    page.locator("#moment-form select").select_option("no_mirroring")
    page.locator("#moment-form textarea").fill("Fed up, and nobody asked why.")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Added by people").wait_for()

    with site.database.reading() as connection:
        (added,) = moments.of_recording(connection, recording_id)
    assert (added.turn, added.kind) == (3, "no_mirroring")


def test_whose_call_it_is_and_who_is_who_are_put_right(
    page: Page,
    site: Site,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    speakers = {
        "left": CallRole(party="agent", confidence=0.9),
        "right": CallRole(party="customer", confidence=0.9),
    }
    analysis = make_analysis(speakers=speakers)
    recording_id = recording(content=call_sound, agent="Ann", analysis=analysis)
    heard(recording_id)
    enter()
    page.goto(f"/calls/{recording_id}")
    page.get_by_role("button", name="Put right").click()
    page.get_by_label("Agent", exact=True).fill("Ben")
    page.get_by_label("The agent’s voice").select_option("right")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This call is being analysed again.").wait_for()

    with site.database.reading() as connection:
        known = recordings.get(connection, recording_id).metadata
    assert (known.agent, known.agent_channel) == ("Ben", "right")


def test_a_coach_writes_and_the_agent_answers_and_disputes(
    page: Page,
    site: Site,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    recording_id = recording(content=call_sound, agent="Ann")
    heard(recording_id)
    enter("reviewer")
    shown(page)
    page.locator(".acts summary").click()
    page.get_by_label("Note to Ann").fill("What could you have said here?")
    page.get_by_role("button", name="Send").click()
    page.locator(".history q").get_by_text("What could you have said here?").wait_for()
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    enter("agent")
    page.goto(f"/calls/{recording_id}")
    page.locator(".finding-item").click()
    page.get_by_label("Answer to the coach").fill("That I understand.")
    page.get_by_role("button", name="Send").click()
    page.locator(".history q").get_by_text("That I understand.").wait_for()
    page.get_by_label("Why the finding is wrong").fill("I named it before.")
    page.get_by_role("button", name="Dispute it").click()
    page.locator(".finding-body .notice").get_by_text("I named it before.").wait_for()

    assert page.locator("#verdict").count() == 0


def test_days_are_those_of_the_viewer(
    page: Page, recording: AddRecording, enter: Callable[..., None]
) -> None:
    # In Tokyo the second of October, and the third.
    recording(agent="Ann", started="2026-10-01T16:00:00Z")
    recording(agent="Bea", started="2026-10-02T16:00:00Z")
    enter()
    for path in ("/calls", "/review"):
        page.goto(path)
        page.get_by_label("From").fill("2026-10-02")
        page.get_by_label("To", exact=True).fill("2026-10-02")
        page.locator(".filter-form button[type=submit]").click()
        page.wait_for_url("**since=2026-10-01T15**until=2026-10-02T15**")
        assert "Ann" in page.locator("main").inner_text()
        assert "Bea" not in page.locator("main").inner_text()
        assert page.get_by_label("From").input_value() == "2026-10-02"
        assert page.get_by_label("To", exact=True).input_value() == "2026-10-02"


def test_a_promise_is_settled(
    page: Page,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    recording()
    enter()
    page.goto("/promises")
    page.get_by_role("button", name="Kept").click()
    page.locator("tbody .state").get_by_text("Kept").wait_for()
    page.goto("/promises?state=kept")

    assert page.locator("tbody tr").count() == 1


def test_a_promise_is_settled_and_taken_back_by_keyboard(
    page: Page,
    clock: Clock,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    recording()
    clock.forward(days=30)
    enter()
    page.goto("/promises")
    assert page.locator("tbody .state").inner_text() == "Overdue"
    page.get_by_role("button", name="Kept").focus()
    page.keyboard.press("Enter")
    page.locator("tbody .state").get_by_text("Kept").wait_for()
    # The focus is on what can be done next in this row.
    page.keyboard.press("Enter")
    page.get_by_text("Taken back: overdue.").wait_for()

    assert page.locator("tbody .state").inner_text() == "Overdue"
    assert page.evaluate("document.activeElement.dataset.mark") == "kept"


def test_signing_out_asks_the_service_once(page: Page, enter: Callable[..., None]) -> None:
    asked: list[str] = []
    enter()
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")

    assert sum(each.startswith("DELETE ") for each in asked) == 1
    page.goto("/review")
    assert "/sign-in" in page.url


def test_times_are_in_the_zone_of_the_viewer(
    page: Page,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    recording()
    enter()
    page.goto("/calls")

    # Received at 09:00 UTC; Tokyo is nine hours ahead.
    assert "18:00" in page.locator("tbody time:visible").first.inner_text()


def test_files_are_uploaded_each_with_its_end(
    page: Page, tmp_path: Path, call_sound: bytes, enter: Callable[..., None]
) -> None:
    good, empty = tmp_path / "good.wav", tmp_path / "empty.wav"
    good.write_bytes(call_sound)
    empty.write_bytes(b"")
    enter("supervisor")
    page.goto("/upload")
    page.get_by_label("Agent", exact=True).fill("Ann")
    page.locator("#files").set_input_files([good, empty])
    page.get_by_text("It is empty.").wait_for()
    page.get_by_role("button", name="Send 1 recording").click()
    page.get_by_role("link", name="Open").click()
    page.wait_for_url("**/calls/*")

    assert page.locator("h1").inner_text() == "good.wav"
    assert "Waiting" in page.locator("#waiting-text").inner_text()


def test_every_page_is_for_everybody(
    page: Page,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
    audience: Audience,
) -> None:
    recording_id = recording(content=call_sound, analysis=sample.analysis())
    heard(recording_id)
    audience.visit({"/sign-in": "[name=login]"})
    enter("admin")
    audience.visit({path.format(recording_id): ready for path, ready in PAGES.items()})


PAGES = {
    "/review": "#stage .card",
    "/calls": "tbody tr",
    "/calls/{}": "#play",
    "/upload": "#drop",
    "/promises": "tbody tr",
    "/calibration": ".empty",
    "/trends": ".empty",
    "/calls?text=nowhere": ".empty",
}
"""With what tells that each is there."""
