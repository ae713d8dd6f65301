"""Takes the pictures of the README from `callmon serve --demo`, in a real browser.

    python scripts/make_pictures.py [--only NAME] [--dark] [--to FOLDER]

Needs what `make demo` makes, and Chromium (Debian: `apt install chromium`; elsewhere name
it in CALLMON_CHROMIUM).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "scripts" / "pictures"
WIDTH, HEIGHT = 1440, 900
REPORT = "internet-down.html"
COMMAND = (sys.executable, "-m", "callmon", "serve", "--port", "0", "--no-worker")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument("--only", choices=("report", *PAGES), help="one picture")
    parser.add_argument("--dark", action="store_true", help="in the dark colours")
    parser.add_argument("--to", type=Path, default=PICTURES)
    options = parser.parse_args()
    chromium = os.environ.get("CALLMON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        parser.error("no chromium on the path; name one in CALLMON_CHROMIUM")
    options.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        if options.only in (None, "report"):
            page = browser.new_page(viewport={"width": 1180, "height": 1130})
            page.goto((options.results / REPORT).resolve().as_uri())
            _take(page, options.to / "report.png")
        if options.only != "report":
            with serving(options.results) as link:
                page = _signed_in(browser, link, dark=options.dark)
                for name, go in PAGES.items():
                    if options.only in (None, name):
                        go(page)
                        _take(page, options.to / f"{name}.png")
        browser.close()


@contextmanager
def serving(results: Path) -> Iterator[str]:
    """The link that opens the demonstration."""
    process = subprocess.Popen(
        [*COMMAND, "--demo", str(results)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.match(r"Open (\S+)", line):
                yield found[1]
                return
        raise SystemExit("`callmon serve --demo` does not start.")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def _signed_in(browser: Browser, link: str, *, dark: bool) -> Page:
    address = re.sub(r"/enter/.*", "", link)
    page = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
    ).new_page()
    page.goto(link)
    return page


def _review(page: Page) -> None:
    """With the first finding open whose label is shown."""
    page.goto("/review")
    page.locator("#queue .item", has_text="%").first.click()
    page.wait_for_selector("#stage .card:not([data-blind=yes])")


def _call(page: Page) -> None:
    """The call about the internet, with its first finding open, some way into its sound."""
    page.goto("/calls?text=internet")
    page.locator(".calls tbody a").first.click()
    page.wait_for_selector(".finding-item")
    page.locator(".finding-item").first.click()
    page.wait_for_selector(".finding-body .card")
    page.evaluate("scrollTo(0, 0)")


def _agent(page: Page) -> None:
    page.goto("/trends/agent?name=Ann+Berger&days=90")


def _calibration(page: Page) -> None:
    page.goto("/calibration")


PAGES: dict[str, Callable[[Page], None]] = {
    "review": _review,
    "call": _call,
    "agent": _agent,
    "calibration": _calibration,
}


def _take(page: Page, to: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=to)
    print(to)


if __name__ == "__main__":
    main()
