"""The page of a call in a real browser."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callmon.report import html
from tests.browser.looking import IN_BROWSER, watch
from tests.unit.report import sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def sound() -> bytes:
    """Ninety seconds of silence as a small WAV."""
    to = io.BytesIO()
    with wave.open(to, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * 90)
    return to.getvalue()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any complaint, dialog or request of its own."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    page, complaints = context.new_page(), list[str]()
    watch(page, complaints, own=("file:", "data:"))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def call(page: Page, tmp_path: Path, sound: bytes) -> Page:
    """The sample call with its sound, open in the browser."""
    written = html.render(sample.analysis(), audio=sound, audio_type="audio/wav")
    return show(page, tmp_path, written)


def show(page: Page, folder: Path, written: str) -> Page:
    file = folder / "call.html"
    file.write_text(written, "utf-8")
    page.goto(file.as_uri())
    return page


def at(page: Page) -> float:
    return float(page.evaluate("document.getElementById('audio').currentTime"))


def test_hostile_words_are_shown_and_do_nothing(call: Page) -> None:
    assert call.locator("h1").inner_text().startswith("<img src=x onerror=alert(1)>")
    assert sample.HOSTILE_WORDS in call.locator("#turn-6 .turn-text").inner_text()
    assert call.locator("img").count() == 0
    assert call.locator("script").count() == 1


def test_a_click_on_a_time_plays_from_there(call: Page) -> None:
    call.locator("#finding-2 .card-head .time").click()
    call.wait_for_selector("#player.playing")

    assert 23.0 <= at(call) < 26.0
    assert call.locator("#play").get_attribute("aria-label") == "Pause"
    call.wait_for_selector("#turn-4.lit")
    assert "this is ridiculous" in call.locator("#said").inner_text()


def test_a_click_in_the_picture_plays_from_there(call: Page) -> None:
    call.locator("#picture a[href='#turn-7'] rect").first.click()
    call.wait_for_selector("#player.playing")

    assert 47.5 <= at(call) < 50.0


def test_space_plays_and_pauses(call: Page) -> None:
    call.keyboard.press("Space")
    call.wait_for_selector("#player.playing")
    call.keyboard.press("Space")
    call.wait_for_selector("#player:not(.playing)")


def test_j_and_k_go_from_finding_to_finding_and_set_the_place(call: Page) -> None:
    def focused() -> str:
        return str(call.evaluate("document.activeElement.id"))

    call.keyboard.press("j")
    assert focused() == "finding-1"
    call.keyboard.press("j")
    assert focused() == "finding-2"
    assert at(call) == pytest.approx(23.0, abs=0.1)
    call.keyboard.press("k")
    assert focused() == "finding-1"
    for _ in range(9):
        call.keyboard.press("j")
    assert focused() == "finding-5"


def test_the_numbers_of_the_voice_are_read_out_on_focus(call: Page) -> None:
    call.locator(".tone-point[tabindex='0']").focus()
    assert "+1.7 from this caller's ordinary" in call.locator("#readout").inner_text()
    call.keyboard.press("ArrowRight")
    call.keyboard.press("ArrowRight")
    assert "voice strongly raised" in call.locator("#readout").inner_text()


def test_without_sound_a_time_leads_to_its_turn(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, html.render(sample.analysis()))
    page.locator("#finding-5 .card-head .time").click()

    assert page.url.endswith("#turn-11")
    box = page.locator("#turn-11").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_never_scrolls_sideways(
    page: Page, tmp_path: Path, width: int, sound: bytes
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    long_name = "x" * 300
    for written in (
        html.render(sample.analysis(name=long_name), audio=sound, audio_type="audio/wav"),
        html.render(sample.chat()),
        html.render_index([(sample.analysis(name=long_name), "a.html")]),
        html.render_index([]),
    ):
        show(page, tmp_path, written)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_stands_out_from_its_ground_in_light_and_dark(call: Page) -> None:
    """WCAG 2.2 AA: a ratio of 4.5 between text and the first painted ground below it."""
    for scheme in ("light", "dark"):
        call.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        weak = call.evaluate(CONTRAST)
        assert weak == [], scheme


def test_in_print_there_is_no_player_and_the_ground_is_white(call: Page) -> None:
    call.emulate_media(media="print", color_scheme="dark")

    assert not call.locator("#player").is_visible()
    ground = call.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"


CONTRAST = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => {
      const s = v / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some(
      (n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const a = light(parse(getComputedStyle(element).color));
    const b = light(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = `${element.tagName}.${element.className}`;
    if (ratio < 4.5) weak.add(`${name} ${ratio.toFixed(2)}`);
  }
  return [...weak];
}"""
