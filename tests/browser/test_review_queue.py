"""A reviewer's day in a real browser: the queue by keyboard alone, saved views, rounds, and
what supervisors and agents make of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from callmon.call import Commendation
from callmon.review.site import Site
from callmon.store.access import saved_views, users
from callmon.store.reviews import assignments, rounds
from tests.browser.looking import SERVED, Audience, given, shown
from tests.integration.review.conftest import AddRecording, Clock
from tests.integration.review.made import make_analysis, make_finding

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = SERVED

WELL = Commendation(
    opportunity="o1",
    turn=2,
    start=7.0,
    end=18.0,
    summary="“The third time” was answered with “three times is too often”.",
    evidence=(),
)


def next_after(page: Page, finding: str) -> str:
    page.wait_for_selector(f"#stage .card:not([data-id='{finding}'])")
    return shown(page)


def test_three_are_reviewed_one_corrected_and_one_taken_back_by_keyboard_alone(
    page: Page,
    site: Site,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    for number, confidence in enumerate((0.5, 0.6, 0.7)):
        call = recording(
            content=call_sound + bytes(number),
            analysis=make_analysis(findings=(make_finding(confidence=confidence),)),
        )
        heard(call)
    enter()
    first = shown(page)
    keys = page.keyboard
    keys.press("Space")
    page.wait_for_selector(".clip.playing")
    keys.press("l")
    page.wait_for_selector(".clip.playing")
    assert "before=20.0" in str(page.locator(".clip").get_attribute("data-clip"))
    keys.press("a")
    second = next_after(page, first)
    keys.press("n")
    keys.type("She named the cause.")
    keys.press("Escape")
    keys.press("d")
    keys.press("3")
    keys.press("Enter")
    third = next_after(page, second)
    keys.press("u")
    page.get_by_text("This was the last one here.").wait_for()
    page.get_by_text("2 decided").wait_for()
    page.locator("#counts a", has_text="Decided 2").wait_for()

    assert [verdict for verdict, _, _ in given(site, first)] == ["agree"]
    assert given(site, second) == [
        ("disagree", "sympathy_without_empathy", "She named the cause.")
    ]
    assert given(site, third) == [("unsure", None, None)]
    # Going back outlives the page: what was decided is in the list no more.
    page.goto("/review?severity=low")
    page.locator(".empty").wait_for()
    page.goto("/review")
    assert shown(page) == third
    keys.press("z")
    keys.press("z")
    page.wait_for_selector(f"#stage .card[data-id='{second}']")
    keys.press("a")
    page.get_by_text("Agreed. Z goes back to it.").wait_for()
    assert [verdict for verdict, _, _ in given(site, second)] == ["disagree", "agree"]


def test_the_sound_begins_by_itself_for_who_wants_it(
    page: Page,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    findings = tuple(make_finding(n, confidence=0.5 + n / 10) for n in (1, 2))
    heard(recording(content=call_sound, analysis=make_analysis(findings=findings)))
    enter()
    shown(page)
    page.get_by_label("Play at once").check()
    page.get_by_label("Play at once").blur()
    page.keyboard.press("j")
    page.wait_for_selector(".clip.playing")
    page.keyboard.press("Space")
    page.reload()

    assert page.get_by_label("Play at once").is_checked()


def test_a_finding_is_taken_given_back_and_given_to_somebody(
    page: Page, site: Site, recording: AddRecording, enter: Callable[..., None]
) -> None:
    recording()
    enter("reviewer")
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    enter("supervisor")
    finding = shown(page)

    def assignee() -> str | None:
        with site.database.reading() as connection:
            return assignments.assignees(connection, [finding]).get(finding)

    with site.database.reading() as connection:
        people = {each.login: f"user:{each.id}" for each in users.every(connection)}
    page.keyboard.press("t")
    page.get_by_text("It is yours now.").wait_for()
    assert assignee() == people["supervisor"]
    page.keyboard.press("t")
    page.get_by_text("Given back to everybody.").wait_for()
    assert assignee() is None
    page.locator(".acts summary").click()
    page.get_by_label("Give it to").select_option("The reviewer")
    page.get_by_role("button", name="Give", exact=True).click()
    page.get_by_text("Given.", exact=True).wait_for()
    assert assignee() == people["reviewer"]
    page.get_by_label("Given to").select_option("The reviewer")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**assigned=user*")
    assert page.locator("#queue .item").count() == 1


def test_a_view_is_kept_found_again_renamed_and_deleted_by_keyboard(
    page: Page, site: Site, recording: AddRecording, enter: Callable[..., None]
) -> None:
    recording()
    enter()
    page.goto("/review?severity=medium")
    shown(page)
    keys = page.keyboard
    keys.press("v")
    keys.type("Middling <b>")
    keys.press("Enter")
    page.get_by_text("Kept.").wait_for()
    assert not page.locator("#views").is_visible()
    # Another day, another machine.
    page.goto("/review")
    page.get_by_role("link", name="Middling <b>").focus()
    keys.press("Enter")
    page.wait_for_url("**/review?severity=medium")
    assert page.locator("#view-chips a[aria-current]").count() == 1
    shown(page)
    keys.press("v")
    page.get_by_role("button", name="Rename Middling").focus()
    keys.press("Enter")
    page.get_by_label("New name").fill("Medium")
    keys.press("Enter")
    page.get_by_text("Renamed.").wait_for()
    assert page.locator("#view-chips a").inner_text() == "Medium"
    keys.press("Tab")
    keys.press("Enter")
    page.get_by_text("Deleted.").wait_for()
    keys.press("Escape")

    assert page.locator("#view-chips a").count() == 0
    with site.database.reading() as connection:
        assert saved_views.seen(connection, owner="nobody", teams=None) == []


def test_a_name_that_is_taken_is_told_in_the_dialog(
    page: Page, enter: Callable[..., None], complaints: list[str]
) -> None:
    enter("admin")
    page.goto("/calls?sort=held_at")
    for _ in range(2):
        page.keyboard.press("v")
        page.get_by_label("Keep the present filters as").fill("Oldest")
        page.keyboard.press("Enter")
        page.locator("#view-chips a", has_text="Oldest").wait_for()
    page.get_by_text("You have a view 'Oldest' already.").wait_for()

    # The browser itself writes a line for the answer 409.
    assert all("409" in each for each in complaints)
    complaints.clear()


def test_a_round_is_begun_judged_blind_and_closed(
    page: Page, site: Site, recording: AddRecording, enter: Callable[..., None]
) -> None:
    recording()
    enter("reviewer")
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    enter("admin")
    page.goto("/calibration")
    page.get_by_role("link", name="Begin a round").click()
    page.get_by_label("Name").fill("November")
    page.get_by_label("The admin").check()
    page.get_by_role("button", name="Begin the round").click()
    page.wait_for_url("**/calibration/rounds/1")
    assert "shown when the round is closed" in page.locator("main").inner_text()
    page.get_by_role("link", name="Judge them").click()
    finding = shown(page)
    assert "The feeling was not met" not in page.locator("#card-title").inner_text()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.get_by_text("This is what the machine said.").wait_for()
    page.goto("/review?round=1")
    page.get_by_text("You have judged all of this round").wait_for()
    page.goto("/calibration/rounds/1")
    page.get_by_role("button", name="Close the round").click()
    page.get_by_role("heading", name="How far they agree").wait_for()

    with site.database.reading() as connection:
        assert rounds.get(connection, 1).closed_at is not None
    assert not finding.endswith("-f1")


def test_an_agents_page_hears_what_goes_well_and_what_to_coach(
    page: Page,
    site: Site,
    clock: Clock,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> None:
    many(recording, clock, 45, call_sound, heard)
    enter("supervisor")
    page.goto("/trends?by=agent")
    page.get_by_role("link", name="Ann", exact=True).click()
    page.wait_for_url("**/trends/agent?name=Ann*")
    page.get_by_role("heading", name="What goes well").wait_for()
    # The value of each point is told to who points at it, and to the keyboard.
    mark = page.locator(".chart-mark").first
    mark.focus()
    assert mark.locator(".chart-told").is_visible()
    assert "%" in str(mark.get_attribute("aria-label"))
    page.locator(".chart-table summary").click()
    assert (
        page.locator(".chart-table tbody tr").count() == page.locator(".chart-mark").count()
    )
    player = page.locator(".player-play").first
    player.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".player.playing")
    page.keyboard.press("Enter")
    page.wait_for_selector(".player:not(.playing)")
    page.goto("/trends/agent?name=Nobody")
    page.get_by_text("No calls in this time").wait_for()


def test_of_few_moments_no_share_is_told(
    page: Page, clock: Clock, recording: AddRecording, enter: Callable[..., None]
) -> None:
    many(recording, clock, 3)
    enter("supervisor")
    page.goto("/trends/agent?name=Ann")
    told = page.locator("main").inner_text()

    assert "3 moments" in told
    assert "from 20 on" in told
    assert page.locator(".huge, .chart").count() == 0


def test_an_agent_reads_what_went_well_first_and_answers(
    page: Page,
    site: Site,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    recording(agent="Ann", analysis=make_analysis(commendations=(WELL,)))
    enter("reviewer")
    shown(page)
    page.locator(".acts summary").click()
    page.get_by_label("Note to Ann").fill("What did you do well here?")
    page.get_by_role("button", name="Send").click()
    page.locator(".history q").get_by_text("What did you do well here?").wait_for()
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    enter("agent")
    headings = page.locator("h2.second").all_inner_texts()
    assert headings == ["What you did well", "What was written to you", "Your shared calls"]
    page.get_by_text("Waits for your answer").wait_for()
    page.locator(".written-more summary").click()
    page.get_by_label("Answer to the coach").fill("I said it was too often.")
    page.get_by_role("button", name="Send").click()
    page.locator(".history q").get_by_text("I said it was too often.").wait_for()
    page.get_by_label("Why the finding is wrong").fill("I named it.")
    page.get_by_role("button", name="Dispute it").click()
    page.locator(".written-card .notice").get_by_text("I named it.").wait_for()
    page.reload()

    assert page.get_by_text("Waits for your answer").count() == 0
    assert page.get_by_text("Disputed, not decided yet").count() == 1


def test_what_is_written_to_an_agent_is_for_everybody(
    page: Page,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
    audience: Audience,
) -> None:
    recording_id = recording(
        agent="Ann", content=call_sound, analysis=make_analysis(commendations=(WELL,))
    )
    heard(recording_id)
    enter("reviewer")
    note = {"text": "What did you do well here?"}
    send(page, f"/v1/findings/{shown(page)}/coaching", note)
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in")
    enter("agent")
    page.get_by_text("Waits for your answer").wait_for()
    audience.look("own page")
    page.locator(".written-more summary").click()
    audience.look("answer")
    audience.visit({f"/calls/{recording_id}": ".turn", "/promises": "h1"})


@pytest.mark.parametrize("audience", [390, 900, 1440], indirect=True)
def test_these_pages_are_for_everybody(
    page: Page,
    clock: Clock,
    recording: AddRecording,
    enter: Callable[..., None],
    audience: Audience,
) -> None:
    many(recording, clock, 45)
    enter("admin")
    begin_round(page)
    keep = {
        "page": "review",
        "name": "Grave and of Ann, whoever has it",
        "query": "agent=Ann",
    }
    send(page, "/v1/views", keep)
    audience.visit(PAGES)
    page.goto("/review?agent=Ann")
    page.keyboard.press("v")
    audience.look("views")


PAGES = {
    "/review": "#stage .card",
    "/review?agent=Ann": "#stage .card",
    "/review?round=1": "#stage .card",
    "/trends?by=agent": ".chart",
    "/trends/agent?name=Ann": ".chart",
    "/trends/team?name=billing": ".chart",
    "/trends/team?name=nobody": ".empty",
    "/calibration": ".rounds-head",
    "/calibration/rounds/new": "#new-round",
    "/calibration/rounds/1": ".tiles",
    "/promises": "tbody tr",
}
"""With what tells that each is there."""


def many(
    recording: AddRecording,
    clock: Clock,
    number: int,
    sound: bytes | None = None,
    heard: Callable[[str], None] | None = None,
) -> None:
    """Calls of Ann over some weeks, every other one with something done well. The newest
    can be heard."""
    now = clock.now
    for n in range(number):
        clock.now = now - timedelta(days=number - n)
        last = sound is not None and n == number - 1
        analysis = make_analysis(
            outcome="missed" if n % 2 else "met",
            findings=None if n % 2 else (),
            commendations=() if n % 2 else (WELL,),
        )
        id_ = recording(
            agent="Ann",
            team="billing",
            analysis=analysis,
            **({"content": sound} if last else {}),
        )
        if last and heard is not None:
            heard(id_)
    clock.now = now


def begin_round(page: Page) -> None:
    """Of the first finding, by who is signed in and somebody else."""
    me = page.evaluate("fetch('/v1/me').then((answer) => answer.json())")["id"]
    other = send(
        page,
        "/v1/users",
        {
            "login": "bea",
            "name": "Bea",
            "role": "reviewer",
            "password": "correct horse battery",
        },
    )
    first = page.evaluate("fetch('/v1/findings?limit=1').then((answer) => answer.json())")
    send(
        page,
        "/v1/calibration/rounds",
        {
            "name": "November",
            "findings": [first["items"][0]["id"]],
            "reviewers": [me, f"user:{other['id']}"],
        },
    )


def send(page: Page, path: str, body: dict[str, Any]) -> Any:
    return page.evaluate(
        "([path, body]) => import('/static/app.js')"
        ".then((app) => app.send('POST', path, body))",
        [path, body],
    )
