"""Verdicts whose answer is late or lost, and keys that give none, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from callmon.review.site import Site
from callmon.store.reviews import moments
from tests.browser.looking import SERVED, given, shown
from tests.integration.review.conftest import AddRecording
from tests.integration.review.made import make_analysis, make_finding

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = SERVED

VERDICTS = "**/verdicts"


@pytest.fixture
def three(recording: AddRecording, heard: Callable[[str], None], call_sound: bytes) -> str:
    """Three findings; the id of their call."""
    findings = tuple(make_finding(n, confidence=0.5 + n / 10) for n in (1, 2, 3))
    id_ = recording(content=call_sound, analysis=make_analysis(findings=findings))
    heard(id_)
    return id_


def loses_the_first_answer(page: Page, path: str) -> None:
    """What is sent there arrives; the first answer does not come back."""
    lost: list[Route] = []

    def pass_on(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route)
            route.fetch()
            route.abort()

    page.route(path, pass_on)


def test_a_late_answer_is_written_onto_what_was_judged(
    page: Page, site: Site, three: str, enter: Callable[..., None]
) -> None:
    enter()
    first = shown(page)
    held: list[Route] = []
    page.route(VERDICTS, lambda route: held.append(route))
    with page.expect_request(VERDICTS):
        page.keyboard.press("a")
    # Pressed too early this would be for another one.
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert shown(page) == first
    third = page.locator("#queue .item").nth(2)
    third.click()
    page.wait_for_selector(f"#stage .card:not([data-id='{first}'])")
    held[0].continue_()
    page.get_by_text("Agreed. Z goes back to it.").wait_for()

    assert page.locator("#queue .item.done").evaluate_all(
        "(items) => items.map((item) => item.dataset.id)"
    ) == [first]
    assert third.get_attribute("aria-current") == "true"
    assert shown(page) == third.get_attribute("data-id")
    assert len(held) == 1
    assert len(given(site, first)) == 1


def test_a_verdict_whose_answer_was_lost_is_given_once(
    page: Page,
    site: Site,
    three: str,
    enter: Callable[..., None],
    complaints: list[str],
) -> None:
    enter()
    first = shown(page)
    loses_the_first_answer(page, VERDICTS)
    page.keyboard.press("a")
    page.locator("#verdict-error", has_text="cannot be reached").wait_for()
    page.keyboard.press("a")
    page.get_by_text("Agreed. Z goes back to it.").wait_for()

    assert len(given(site, first)) == 1
    assert all("ERR_FAILED" in each for each in complaints)
    complaints.clear()


def test_a_moment_whose_answer_was_lost_is_added_once(
    page: Page,
    site: Site,
    three: str,
    enter: Callable[..., None],
    complaints: list[str],
) -> None:
    enter()
    page.goto(f"/calls/{three}")
    page.locator("#turn-3 .turn-time").click()
    page.wait_for_selector("#turn-3.lit")
    page.keyboard.press("m")
    loses_the_first_answer(page, "**/moments")
    page.get_by_role("button", name="Add it").click()
    page.locator("#moment .error", has_text="cannot be reached").wait_for()
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Added by people").wait_for()

    with site.database.reading() as connection:
        assert len(moments.of_recording(connection, three)) == 1
    assert all("ERR_FAILED" in each for each in complaints)
    complaints.clear()


def test_a_filter_waits_for_its_button(
    page: Page, three: str, enter: Callable[..., None]
) -> None:
    enter()
    shown(page)
    page.get_by_label("Strength").focus()
    for key in ("ArrowDown", "ArrowDown", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.name") == "kind"
    assert "severity" not in page.url
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**severity=medium*")


def test_on_the_page_of_a_call_too_a_late_answer_stays_with_its_finding(
    page: Page, three: str, enter: Callable[..., None]
) -> None:
    enter()
    page.goto(f"/calls/{three}")
    items = page.locator(".finding-item")
    items.nth(0).click()
    page.wait_for_selector(".finding-body .card")
    held: list[Route] = []
    page.route(VERDICTS, lambda route: held.append(route))
    with page.expect_request(VERDICTS):
        page.keyboard.press("a")
    items.nth(2).click()
    page.wait_for_selector(".finding-item[aria-expanded=true] >> nth=0")
    held[0].continue_()
    page.get_by_text("Saved.", exact=True).wait_for()

    assert items.nth(0).locator(".item-state").inner_text() == "Agreed"
    assert items.nth(2).locator(".item-state").inner_text() == "Open"
    assert items.nth(2).get_attribute("aria-expanded") == "true"


def test_keys_of_one_character_are_turned_off_and_stay_off(
    page: Page, site: Site, three: str, enter: Callable[..., None]
) -> None:
    enter()
    first = shown(page)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single-character keys").uncheck()
    page.get_by_role("button", name="Close").click()
    for path, ready in (
        ("/review", "#stage .card"),
        (f"/calls/{three}#{first}", ".finding-body .card"),
    ):
        page.goto(path)
        page.wait_for_selector(ready)
        for key in ("a", "u", "v", "m", "?"):
            page.keyboard.press(key)
        assert page.locator("dialog[open]").count() == 0
    assert given(site, first) == []
    page.goto("/review")
    assert shown(page) == first
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(f"#stage .card:not([data-id='{first}'])")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single-character keys").check()
    page.get_by_role("button", name="Close").click()
    second = shown(page)
    page.keyboard.press("a")
    page.get_by_text("Agreed. Z goes back to it.").wait_for()

    assert len(given(site, second)) == 1
