"""Fairness, settings and audit in a real browser, worked by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from callmon.review.site import Site
from callmon.store.access import keys, trail, users
from callmon.store.keeping import holds, retention
from callmon.store.webhooks import targets
from tests.browser.looking import SERVED, Audience
from tests.integration.review.conftest import NOW, AddRecording, Clock
from tests.integration.review.test_admin_pages import add_user
from tests.integration.review.test_fairness import make_call

pytestmark = SERVED

Enter = Callable[..., None]


def press(page: Page, *presses: str) -> None:
    for each in presses:
        page.keyboard.press(each)


def go_to(page: Page, name: str) -> None:
    """Tabs to the control of this name, as far as it takes."""
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(({ textContent, name }) => (textContent || name || '').trim()"
            ".replace(/\\s+/g, ' '))(document.activeElement)"
        )
        if here == name:
            return
    raise AssertionError(f"{name!r} cannot be reached by keyboard")


def forget_refusals(complaints: list[str], status: int) -> None:
    """The browser itself writes a line for an answer that is an error."""
    assert all(str(status) in each for each in complaints), complaints
    complaints.clear()


def test_a_key_is_made_shown_once_and_revoked_by_keyboard(
    page: Page,
    site: Site,
    enter: Enter,
) -> None:
    enter("admin")
    page.goto("/settings/keys")
    go_to(page, "New key")
    press(page, "Enter")
    page.keyboard.type("Telephone system")
    press(page, "Enter")
    page.locator("#secret[open]").wait_for()
    text = page.locator("#secret-text").input_value()
    # Escape does not lose what is shown this once, however often.
    for _ in range(3):
        press(page, "Escape")
        page.get_by_text("Keep the text first").wait_for()
    assert page.locator("#secret").is_visible()
    go_to(page, "I have kept it")
    press(page, "Enter")
    page.get_by_role("rowheader", name="Telephone system").wait_for()

    assert text.startswith("callmon_")
    assert text not in page.content()
    with site.database.reading() as connection:
        (made,) = keys.every(connection)
    assert (made.name, made.standing.role) == ("Telephone system", "uploader")
    assert made.expires_at is not None
    assert made.expires_at > NOW + timedelta(days=80)

    # The button is where one was; so is the focus.
    assert page.evaluate("document.activeElement.id") == "open-make-key"
    go_to(page, "Revoke Telephone system")
    press(page, "Enter")
    page.get_by_role("heading", name="Revoke Telephone system?").wait_for()
    press(page, "Escape")
    assert page.evaluate("document.activeElement.textContent") == "Revoke Telephone system"
    press(page, "Enter")
    go_to(page, "Revoke the key")
    press(page, "Enter")
    page.get_by_text("1 key that no longer works").wait_for()
    with site.database.reading() as connection:
        assert keys.get(connection, made.id).revoked_at == NOW
        actions = [line.action for line in trail.trail(connection)]
    assert actions[:2] == ["key.revoked", "key.made"]


def test_a_key_gets_a_new_text_that_can_be_copied(
    page: Page,
    enter: Enter,
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter("admin")
    page.goto("/settings/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What it is for").fill("Export")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Rotate Export").click()
    page.get_by_label("The old text works for").select_option("0")
    page.get_by_role("button", name="Rotate the key").click()
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").wait_for()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#secret-text").input_value()


def test_all_teams_these_teams_and_none_are_three_things(
    page: Page, site: Site, enter: Enter
) -> None:
    user_id = add_user(site, role="reviewer", teams=frozenset())
    enter("admin")
    page.goto(f"/settings/users/{user_id}")

    def saved() -> frozenset[str] | None:
        with page.expect_event("load"):
            page.get_by_role("button", name="Save").click()
        with site.database.reading() as connection:
            return users.get(connection, user_id).standing.teams

    page.locator("main [name=name]").fill("Bea")
    assert saved() == frozenset()
    page.locator("main [name=teams]").select_option("these")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Name a team, or choose all teams or none.").wait_for()
    page.locator("main [data-teams]").fill("North\n\nSouth")
    assert saved() == frozenset({"North", "South"})
    page.locator("main [name=teams]").select_option("all")
    assert saved() is None


def test_a_user_is_added_and_changed_by_keyboard(
    page: Page,
    site: Site,
    enter: Enter,
    complaints: list[str],
) -> None:
    enter("admin")
    page.goto("/settings/users")
    go_to(page, "Add a user")
    press(page, "Enter")
    page.keyboard.type("Ann Example")
    press(page, "Tab")
    page.keyboard.type("ADMIN")
    press(page, "Tab", "Tab", "ArrowDown", "Tab")
    page.keyboard.type("North")
    press(page, "Enter")
    page.keyboard.type("South")
    press(page, "Tab")
    page.keyboard.type("short")
    press(page, "Enter")
    error = page.locator("#add-user .error")
    assert "at least 12 characters; it has 5" in error.inner_text()
    assert page.evaluate("document.activeElement.name") == "password"
    go_to(page, "Suggest one")
    press(page, "Enter")
    assert len(page.locator("#add-user [name=password]").input_value()) == 20
    go_to(page, "Add the user")
    press(page, "Enter")
    # The login is taken; what was written stays.
    page.get_by_text("There is a user 'ADMIN' already.").wait_for()
    forget_refusals(complaints, 409)
    assert page.evaluate("document.activeElement.name") == "login"
    page.keyboard.press("Control+A")
    page.keyboard.type("ann")
    press(page, "Enter")
    page.get_by_text("Added. Give them the login and the password.").wait_for()

    with site.database.reading() as connection:
        found = users.by_login(connection, "ann")
    assert found is not None
    assert found[0].standing.teams == frozenset({"North", "South"})

    go_to(page, "Ann Example")
    press(page, "Enter")
    page.locator("main [name=role]").select_option("agent")
    page.get_by_label("Agent, as recordings name them").fill("Ann")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("button", name="Disable").click()
    page.locator("#disable").get_by_role("button", name="Disable").click()
    page.get_by_role("button", name="Let in again").wait_for()
    with site.database.reading() as connection:
        known = users.get(connection, found[0].id)
    assert (known.standing.role, known.standing.agent) == ("agent", "Ann")
    assert known.disabled_at is not None
    page.get_by_role("button", name="Let in again").click()
    page.get_by_text("They can sign in again.").wait_for()
    page.get_by_role("button", name="Set a password").click()
    page.get_by_label("New password").fill("correct horse battery")
    page.locator("#set-password").get_by_role("button", name="Set the password").click()
    page.get_by_text("their sessions have ended").wait_for()


def test_a_webhook_to_this_machine_is_refused_with_a_reason(
    page: Page,
    site: Site,
    enter: Enter,
    complaints: list[str],
) -> None:
    enter("admin")
    page.goto("/settings/webhooks")
    go_to(page, "Add a webhook")
    press(page, "Enter")
    page.keyboard.type("https://127.0.0.1/in")
    press(page, "Enter")
    error = page.locator("#make-webhook .error")
    error.get_by_text("inside a private network or on this machine").wait_for()
    forget_refusals(complaints, 422)
    assert page.evaluate("document.activeElement.name") == "url"
    # A public address needs no name to be looked up.
    page.keyboard.press("Control+A")
    page.keyboard.type("https://93.184.216.34/in")
    go_to(page, "events")
    press(page, "Space")
    press(page, "Enter")
    assert "Choose at least one." in error.inner_text()
    press(page, "Space", "Enter")
    page.locator("#secret[open]").wait_for()
    assert page.locator("#secret-text").input_value().startswith("whsec_")
    go_to(page, "I have kept it")
    press(page, "Enter")
    page.get_by_role("link", name="https://93.184.216.34/in").wait_for()

    with site.database.reading() as connection:
        (made,) = targets.every(connection)
    assert made.events == ("recording.analyzed",)


def test_a_webhook_is_tested_switched_off_and_deleted(
    page: Page,
    site: Site,
    enter: Enter,
) -> None:
    with site.database.writing() as connection:
        targets.add(
            connection,
            id="0" * 12,
            url="https://127.0.0.1/in",
            events=["recording.analyzed"],
            secret="whsec_c2VjcmV0",
            by="test",
            at=NOW,
        )
    enter("admin")
    page.goto(f"/settings/webhooks/{'0' * 12}")
    go_to(page, "Send a test")
    press(page, "Enter")
    page.get_by_text("It did not arrive. The target is inside a private network").wait_for()
    page.locator("#deliveries .state").get_by_text("Given up").wait_for()
    go_to(page, "Switch off")
    press(page, "Enter")
    page.get_by_role("button", name="Switch on").wait_for()
    with site.database.reading() as connection:
        assert targets.get(connection, "0" * 12).off_at == NOW
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the webhook").click()
    page.get_by_role("heading", name="Nobody is told yet").wait_for()


def test_retention_is_set_and_what_it_deletes_is_told_before(
    page: Page,
    site: Site,
    recording: AddRecording,
    clock: Clock,
    enter: Enter,
    complaints: list[str],
) -> None:
    call = recording()
    clock.forward(days=40)
    enter("admin")
    page.goto("/settings/retention")
    go_to(page, "audio")
    page.keyboard.type("90")
    press(page, "Enter")
    page.get_by_text("Nothing is deleted by that now.").wait_for()
    go_to(page, "transcript")
    page.keyboard.type("30")
    press(page, "Enter")
    page.locator("#confirm-rules[open]").wait_for()
    assert "the words of 1 call" in page.locator("#confirm-takes").inner_text()
    press(page, "Escape")
    with site.database.reading() as connection:
        assert set(retention.rules(connection)) == {"audio"}
    press(page, "Enter")
    go_to(page, "Save and delete")
    press(page, "Enter")
    page.get_by_text("1 call within the hour").wait_for()
    with site.database.reading() as connection:
        days = {kind: rule.days for kind, rule in retention.rules(connection).items()}
    assert days == {"audio": 90, "transcript": 30}
    # What is no number of days, and what does not fit together.
    page.locator("#rules [name=recording]").fill("0")
    press(page, "Enter")
    page.get_by_text("Give whole days, 1 to 36,500").wait_for()
    page.locator("#rules [name=recording]").fill("60")
    press(page, "Enter")
    page.get_by_role("button", name="Save and delete").click()
    page.locator("#confirm-rules .error").get_by_text("audio is to be kept 90").wait_for()
    forget_refusals(complaints, 422)
    press(page, "Escape")

    page.get_by_role("button", name="Put a call under hold").click()
    page.locator("#hold [name=recording]").fill(f"{page.url}/../calls/{call}?x#turn-1")
    page.get_by_label("Why").fill("Case 2026-114")
    press(page, "Enter")
    page.get_by_role("cell", name="Case 2026-114").wait_for()
    with site.database.reading() as connection:
        assert holds.of(connection, call) is not None
    page.get_by_role("button", name="Lift the hold on call-1.wav").click()
    page.locator("#lift").get_by_role("button", name="Lift the hold").click()
    page.get_by_text("No call is under hold.").wait_for()


def test_the_audit_log_is_searched_by_days_of_the_viewer(
    page: Page,
    recording: AddRecording,
    enter: Enter,
) -> None:
    for _ in range(61):
        recording()
    enter("admin")
    page.goto("/audit?action=recording.added")
    # 09:00 UTC is 18:00 in Tokyo.
    assert "18:00" in page.locator("tbody time").first.inner_text()
    assert page.locator("tbody tr").count() == 61
    page.get_by_text("Lines before these").click()
    expect(page.locator("tbody time")).to_have_count(61)
    page.get_by_role("textbox", name="From").fill("2026-11-22")
    page.get_by_role("textbox", name="To").fill("2026-11-22")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/audit?*since=*")
    assert "since=2026-11-21T15%3A00%3A00.000Z&until=2026-11-22T15%3A00" in page.url
    assert "who=" not in page.url
    assert page.get_by_role("textbox", name="To").input_value() == "2026-11-22"
    assert page.locator("tbody time").count() == 60
    page.get_by_role("textbox", name="From").fill("2026-11-23")
    page.get_by_role("textbox", name="To").fill("2026-11-23")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("heading", name="No such line").wait_for()


def test_every_page_of_admins_is_for_everybody(
    page: Page,
    site: Site,
    recording: AddRecording,
    enter: Enter,
    audience: Audience,
) -> None:
    enter("admin")
    audience.visit(EMPTY)
    for n in range(40):
        call = recording(analysis=make_call(flagged=n % 10 < 8, channels=1), team="north")
        recording(analysis=make_call(flagged=n % 10 < 2), team="south")
    with site.database.writing() as connection:
        holds.begin(connection, call, reason="Case 7", by="test", at=NOW)
        retention.set_rules(connection, {"audio": 30}, by="test", at=NOW)
        (admin,) = users.every(connection)
        hook = targets.add(
            connection,
            id="0" * 12,
            url="https://example.com/" + 40 * "long",
            events=["recording.analyzed"],
            secret="whsec_c2VjcmV0",
            by="test",
            at=NOW,
        )
        taken = targets.test(connection, hook.id, at=NOW)
        targets.failed(connection, taken, status=503, error="No.", seconds=0.5, at=NOW)
    full = FULL | {
        f"/settings/users/{admin.id}": "#open-set-password",
        f"/settings/webhooks/{hook.id}": "#deliveries tbody tr",
    }
    audience.visit(full)
    for path, button in DIALOGS.items():
        page.goto(path)
        page.get_by_role("button", name=button).click()
        page.locator("dialog[open]").wait_for()
        audience.look(button)


EMPTY = {
    "/fairness": ".empty",
    "/settings/keys": ".empty",
    "/settings/webhooks": ".empty",
    "/settings/rubric": "#numbers",
    "/audit?action=media.removed": ".empty",
}
"""With what tells that each is there."""

FULL = {
    "/fairness?days=30": ".differs",
    "/settings/users": "tbody tr",
    "/settings/webhooks?": "tbody tr",
    "/settings/retention": "tbody tr",
    "/audit": "tbody tr",
}

DIALOGS = {
    "/settings/keys": "New key",
    "/settings/users": "Add a user",
    "/settings/webhooks": "Add a webhook",
    "/settings/retention": "Put a call under hold",
}
"""With the button that opens one."""
