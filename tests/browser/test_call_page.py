"""The page of a call and the upload page in a real browser: hearing, marking, sending."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from callmon.call import Role as CallRole
from callmon.review.site import Site
from callmon.store.calls import recordings
from callmon.store.reviews import coaching, moments
from callmon.store.work import runs
from tests.browser.looking import SERVED, Audience
from tests.integration.review.conftest import AddRecording, Clock
from tests.integration.review.made import make_analysis
from tests.unit.report import sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = SERVED

SPEAKERS = {
    "left": CallRole(party="agent", confidence=0.9),
    "right": CallRole(party="customer", confidence=0.9),
}

Open = Callable[..., str]


@pytest.fixture
def opened(
    page: Page,
    recording: AddRecording,
    heard: Callable[[str], None],
    call_sound: bytes,
    enter: Callable[..., None],
) -> Open:
    """Opens the page of a new call with sound; its id."""

    def go(*, role: str = "reviewer", analysis: Any = None) -> str:
        recording_id = recording(
            content=call_sound,
            agent="Ann",
            analysis=analysis or make_analysis(speakers=SPEAKERS),
        )
        heard(recording_id)
        enter(role)
        page.goto(f"/calls/{recording_id}")
        page.wait_for_selector("#wave-note", state="hidden")
        return recording_id

    return go


def now(page: Page) -> float:
    """Where the sound is, in seconds."""
    return float(page.evaluate("document.getElementById('sound').currentTime"))


def drag(page: Page, start: float, end: float) -> None:
    """Over the wave, from one second of sixty to another."""
    box = page.locator("#waves").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start / 60 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + end / 60 * box["width"], box["y"] + 50, steps=6)
    page.mouse.up()


def test_each_party_is_made_quieter_and_the_browser_remembers(
    page: Page,
    opened: Open,
) -> None:
    opened()
    agent = page.get_by_label("Volume of the agent")
    agent.fill("40")
    page.keyboard.press("c")
    assert page.get_by_role("button", name="Mute the customer").get_attribute(
        "aria-pressed"
    ) == "true"  # fmt: skip
    page.locator("#play").click()
    page.wait_for_selector("#turn-0.lit")
    page.get_by_label("Speed").select_option("1.5")
    page.get_by_label("Skip silence").check()
    page.reload()
    page.wait_for_selector("#wave-note", state="hidden")

    assert agent.input_value() == "40"
    assert page.get_by_label("Speed").input_value() == "1.5"
    assert page.get_by_label("Skip silence").is_checked()
    assert page.evaluate("document.getElementById('sound').playbackRate") == 1.5
    # Muted is for this call alone.
    assert page.get_by_role("button", name="Mute the customer").get_attribute(
        "aria-pressed"
    ) == "false"  # fmt: skip


def test_what_is_heard_is_what_the_volumes_say(
    page: Page,
    opened: Open,
) -> None:
    """The agent hums on the left for six seconds, then the customer on the right."""
    page.add_init_script(
        "window.made = [];"
        "const make = AudioContext.prototype.createGain;"
        "AudioContext.prototype.createGain = function () {"
        " const gain = make.call(this); window.made.push(gain); return gain; };"
    )
    opened()
    page.get_by_label("Volume of the agent").fill("0")
    page.locator("#play").click()
    page.wait_for_selector("#play.playing")
    page.wait_for_timeout(400)

    assert now(page) > 0
    agent, customer = page.evaluate("window.made.map((each) => each.gain.value)")
    assert agent < 0.01
    assert customer == pytest.approx(1.0)


def test_silence_is_skipped(page: Page, opened: Open) -> None:
    analysis = sample.analysis()
    opened(analysis=analysis)
    assert analysis.dynamics is not None
    silence = max(analysis.dynamics.silences, key=lambda each: each.end - each.start)
    page.get_by_label("Skip silence").check()
    page.evaluate(f"document.getElementById('sound').currentTime = {silence.start + 0.35}")
    page.locator("#play").click()
    page.wait_for_timeout(500)

    assert now(page) >= silence.end - 0.4


def test_a_missed_moment_is_marked_by_dragging(
    page: Page,
    opened: Open,
    site: Site,
) -> None:
    recording_id = opened()
    drag(page, 18, 23)
    page.wait_for_selector("#moment[open]")

    assert "really fed up" in page.locator("#moment-text").inner_text()
    assert now(page) == 0  # the drag was no click
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Added by people").wait_for()
    with site.database.reading() as connection:
        (added,) = moments.of_recording(connection, recording_id)
    assert added.turn == 3
    assert added.start == pytest.approx(18, abs=0.5)
    assert added.end == pytest.approx(23, abs=0.5)


def test_a_missed_moment_is_marked_by_keys_and_put_right_in_the_form(
    page: Page,
    opened: Open,
    site: Site,
) -> None:
    recording_id = opened()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    page.keyboard.press("e")
    page.get_by_text("That is too short").wait_for()
    page.keyboard.press("s")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    page.wait_for_selector("#moment[open]")
    assert page.get_by_label("From").input_value() == "0:10.0"
    assert page.get_by_label("To", exact=True).input_value() == "0:15.0"
    page.get_by_label("From").fill("nine")
    page.get_by_text("Times are written as 1:23.4").first.wait_for()
    page.get_by_label("From").fill("0:08.5")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Added by people").wait_for()

    with site.database.reading() as connection:
        (added,) = moments.of_recording(connection, recording_id)
    assert (added.turn, added.start, added.end) == (1, 8.5, 15.0)
    # One is where one was.
    page.wait_for_selector("#wave-note", state="hidden")
    assert now(page) == pytest.approx(8.5, abs=0.2)


def test_words_are_heard_by_click_and_by_key(page: Page, opened: Open) -> None:
    opened()
    word = page.locator("#turn-3 .w").nth(2)
    word.click()
    page.wait_for_selector("#turn-3.lit .w.now")
    assert now(page) >= float(str(word.get_attribute("data-s")))
    page.keyboard.press("Space")
    page.keyboard.press("b")
    page.wait_for_selector("#turn-2.lit")
    page.keyboard.press("Space")
    before = now(page)
    page.keyboard.press(".")
    assert now(page) > before


def test_a_long_talk_is_searched_to_its_end(
    page: Page,
    opened: Open,
) -> None:
    talk = [("agent", "And then?"), ("customer", "And then this.")] * 400
    talk[790] = ("agent", "The pomegranate came.")
    talk[10] = ("agent", "No pomegranate here.")
    opened(analysis=make_analysis(turns=tuple(talk)))
    page.keyboard.press("/")
    page.keyboard.type("pomegranate")
    page.get_by_text("2 places", exact=True).wait_for()
    page.keyboard.press("Shift+Enter")
    page.get_by_text("2 of 2").wait_for()

    assert page.locator(".turn.hit-here").get_attribute("id") == "turn-790"
    assert page.locator("#turn-790").is_visible()


def test_the_parties_are_swapped_and_the_new_analysis_is_told(
    page: Page,
    opened: Open,
    site: Site,
) -> None:
    recording_id = opened()
    page.get_by_role("button", name="Put right").click()
    page.get_by_label("Queue").press("Enter")  # saves nothing, and swaps nothing
    page.wait_for_selector("#edit:not([open])", state="attached")
    page.get_by_role("button", name="Put right").click()
    page.get_by_role("button", name="Swap agent and customer").click()
    page.get_by_text("Waiting for its turn.").wait_for()
    with site.database.writing() as connection:
        stored = recordings.get(connection, recording_id)
        runs.begin(connection, recording_id, stored.run, worker="test", at=site.now())
        runs.finish(connection, recording_id, stored.run, at=site.now())
    page.get_by_role("button", name="Show the new analysis").wait_for()

    assert stored.metadata.agent_channel == "right"


def test_a_call_is_shared_with_its_agent(
    page: Page,
    opened: Open,
    site: Site,
) -> None:
    recording_id = opened()
    page.get_by_role("button", name="Share…").click()
    page.get_by_label("Your note").fill("Let us hear this one together.")
    page.get_by_role("button", name="Share the call").click()
    page.locator(".actions .state").get_by_text("Shared").wait_for()

    with site.database.reading() as connection:
        assert coaching.is_shared(connection, recording_id, "Ann")


def test_what_was_measured_is_told(page: Page, opened: Open) -> None:
    opened(analysis=sample.analysis())
    page.locator("button.tone-tag").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".tone-card:popover-open")

    assert "semitones" in page.locator(".tone-card:popover-open").inner_text()


def test_an_analysis_is_watched_and_its_page_opens_by_itself(
    page: Page,
    site: Site,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    recording_id = recording(analysed=False)
    enter("admin")
    page.goto(f"/calls/{recording_id}")
    page.get_by_text("Waiting for its turn").wait_for()
    with site.database.writing() as connection:
        runs.begin(connection, recording_id, 1, worker="test", at=site.now())
        runs.stage(
            connection, recording_id, 1, stage="transcript", progress=0.4, at=site.now()
        )
    page.get_by_text("40 % analysed").wait_for()
    assert (
        page.locator("#stages [aria-current]").inner_text() == "Writing down what is said"
    )
    page.goto("/calls")
    page.locator("tbody .state").get_by_text("40 % analysed").wait_for()
    page.go_back()
    with site.database.writing() as connection:
        runs.fail(
            connection,
            recording_id,
            1,
            error="It has no sound.",
            kind="permanent",
            at=site.now(),
        )
    page.get_by_text("It has no sound.").wait_for()


def test_of_more_calls_than_a_stream_takes_the_last_ones_move_too(
    page: Page,
    site: Site,
    clock: Clock,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    made = []
    for _ in range(55):
        clock.forward(seconds=1)
        made.append(recording(analysed=False))
    enter()
    page.goto("/calls")
    page.locator("tr.more").scroll_into_view_if_needed()
    followed = page.locator("[data-follow]")
    followed.nth(54).wait_for(state="attached")
    with site.database.writing() as connection:
        # The newest come first.
        for id_ in made[5:]:
            runs.cancel(connection, id_, at=site.now())
    followed.nth(5).wait_for(state="detached")
    with site.database.writing() as connection:
        runs.cancel(connection, made[0], at=site.now())
    followed.nth(4).wait_for(state="detached")

    assert page.locator("#rows tr").nth(54).locator(".state").inner_text() == "Cancelled"


def test_progress_is_asked_for_where_no_stream_is_to_be_had(
    page: Page,
    site: Site,
    recording: AddRecording,
    enter: Callable[..., None],
) -> None:
    page.add_init_script("delete window.EventSource")
    recording_id = recording(analysed=False)
    enter("admin")
    page.goto(f"/calls/{recording_id}")
    with site.database.writing() as connection:
        runs.begin(connection, recording_id, 1, worker="test", at=site.now())
        runs.stage(connection, recording_id, 1, stage="tones", progress=0.97, at=site.now())
    page.get_by_text("97 % analysed").wait_for()


# ── Upload ──────────────────────────────────────────────────────────────────────────────


def sound(*, left: float, right: float, seconds: int = 4, pitch: int = 8) -> bytes:
    """Two channels of a hum, as a WAV; the right one an octave higher."""
    to = io.BytesIO()
    with wave.open(to, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        for n in range(8000 * seconds):
            one = int(20_000 * left * math.sin(n / pitch))
            other = int(20_000 * right * math.sin(2 * n / pitch))
            file.writeframesraw(struct.pack("<hh", one, other))
    return to.getvalue()


def test_channels_are_seen_and_heard_before_anything_is_sent(
    page: Page,
    site: Site,
    tmp_path: Path,
    enter: Callable[..., None],
) -> None:
    two, half, strange = (tmp_path / name for name in ("two.wav", "half.wav", "odd.gsm"))
    two.write_bytes(sound(left=0.5, right=0.5))
    half.write_bytes(sound(left=0.5, right=0.0))
    strange.write_bytes(b"\xd1\xd2\xd3" * 3000)
    enter("supervisor")
    page.goto("/upload")
    page.locator("#files").set_input_files([two, half, strange])
    page.get_by_text("The right channel is silent").wait_for()
    page.get_by_text("This browser cannot show what is in it").wait_for()
    listen = page.get_by_role("button", name="Play the left channel of two.wav")
    listen.click()
    page.wait_for_selector(".channel button.playing")
    listen.click()
    page.wait_for_selector(".channel button:not(.playing)")
    with site.database.reading() as connection:
        assert recordings.media_is_known(connection, "anything") is False
    page.get_by_label("Right is the agent").first.check()
    page.get_by_label("Agent is heard on").select_option("left")
    page.get_by_role("button", name="Send 3 recordings").click()
    page.get_by_text("3 taken in").wait_for()
    told = {}
    for link in page.locator("#uploads a.open").all():
        with site.database.reading() as connection:
            stored = recordings.get(
                connection, str(link.get_attribute("href")).rsplit("/", 1)[1]
            )
        told[stored.name] = (stored.metadata.agent_channel, dict(stored.metadata.labels))

    assert told["two.wav"] == ("right", {})
    assert told["half.wav"] == ("left", {})


def test_a_file_that_is_no_recording_says_so_and_nothing_else_is_lost(
    page: Page,
    tmp_path: Path,
    complaints: list[str],
    enter: Callable[..., None],
) -> None:
    good, words = tmp_path / "good.wav", tmp_path / "words.wav"
    good.write_bytes(sound(left=0.5, right=0.4))
    words.write_bytes(b"This is no sound at all. " * 300)
    enter("supervisor")
    page.goto("/upload")
    page.locator("#files").set_input_files([words, good])
    page.get_by_role("button", name="Send 2 recordings").click()
    page.get_by_text("looks like text").wait_for()
    page.get_by_text("1 taken in, 1 not taken in").wait_for()

    assert page.get_by_role("link", name="Open").count() == 1
    # The browser itself writes a line for the answer 415.
    assert all("415" in each for each in complaints)
    complaints.clear()


def test_what_did_not_arrive_is_sent_again(
    page: Page,
    tmp_path: Path,
    complaints: list[str],
    enter: Callable[..., None],
) -> None:
    good = tmp_path / "good.wav"
    good.write_bytes(sound(left=0.5, right=0.4))
    enter("supervisor")
    page.goto("/upload")
    page.locator("#files").set_input_files([good])
    page.route("**/v1/recordings", lambda route: route.abort())
    page.get_by_role("button", name="Send 1 recording").click()
    page.get_by_text("Nothing is lost").wait_for()
    page.unroute("**/v1/recordings")
    page.get_by_role("button", name="Send again").click()
    page.get_by_text("1 taken in").wait_for()

    assert all("ERR_FAILED" in each for each in complaints)
    complaints.clear()


def test_files_are_dropped_anywhere_and_left_out_again(
    page: Page,
    enter: Callable[..., None],
) -> None:
    enter("supervisor")
    page.goto("/upload")
    content = json.dumps(list(sound(left=0.5, right=0.5, seconds=1)))
    held = page.evaluate_handle(
        f"() => {{ const held = new DataTransfer();"
        f" for (const name of ['one.wav', 'two.wav'])"
        f" held.items.add(new File([new Uint8Array({content})], name));"
        f" return held; }}"
    )
    page.dispatch_event("#main", "dragenter", {"dataTransfer": held})
    assert page.locator("#drop.over").count() == 1
    page.dispatch_event("#main", "drop", {"dataTransfer": held})
    page.get_by_role("button", name="Send 2 recordings").wait_for()
    page.get_by_role("button", name="Leave out one.wav").click()

    page.get_by_role("button", name="Send 1 recording").wait_for()
    # What waits to be sent is not lost by leaving the page without a question.
    page.get_by_role("button", name="Leave out two.wav").click()
    assert page.locator("#chosen").is_hidden()


def test_they_are_for_everybody(
    page: Page,
    opened: Open,
    recording: AddRecording,
    tmp_path: Path,
    audience: Audience,
) -> None:
    recording_id = opened(role="admin", analysis=sample.analysis())
    waiting = recording(analysed=False)
    audience.look("call")
    if page.locator("#add-moment").is_visible():
        page.locator("#add-moment").click()
    if page.locator("#moment[open]").count():
        audience.look("moment")
        page.keyboard.press("Escape")
    page.goto(f"/calls/{recording_id}")
    page.locator("#edit-call").click()
    audience.look("edit")
    page.goto(f"/calls/{waiting}")
    audience.look("waiting")
    page.goto("/upload")
    path = tmp_path / "two.wav"
    path.write_bytes(sound(left=0.5, right=0.5))
    page.locator("#files").set_input_files([path])
    page.get_by_label("Left is the agent").wait_for()
    audience.look("upload")
    page.get_by_role("button", name="Leave out").click()
