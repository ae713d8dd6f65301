"""What tests in a browser do again and again, and when they cannot run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from callmon.review.pages.rendering import STATIC, has_libraries
from callmon.review.site import Site
from callmon.store.reviews import verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Read here: the fixture for a clean environment takes every CALLMON_ name away.
CHROMIUM = os.environ.get("CALLMON_CHROMIUM") or shutil.which("chromium")
AXE = STATIC / "vendor" / "axe.js"

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM, reason="no chromium on the path; CALLMON_CHROMIUM may name one"
    ),
]
SERVED = [
    *IN_BROWSER,
    pytest.mark.skipif(
        not has_libraries() or not AXE.exists(),
        reason="the page's libraries are missing; make setup fetches them",
    ),
]
"""For tests of the review page."""


def watch(page: Page, complaints: list[str], *, own: str | tuple[str, ...]) -> None:
    """Notes every complaint and dialog, and each request but of what begins with `own`."""
    page.set_default_timeout(15_000)
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (complaints.append("dialog"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(own)
            else complaints.append(f"request: {request.url}")
        ),
    )


def shown(page: Page) -> str:
    """The id of the finding that is open."""
    page.wait_for_selector("#stage:not([aria-busy]) .card")
    return str(page.locator("#stage .card").get_attribute("data-id"))


def given(site: Site, subject: str) -> list[tuple[str, str | None, str | None]]:
    """Verdict, label and note of each verdict on it."""
    with site.database.reading() as connection:
        kept = verdicts.of_subjects(connection, [subject])
    return [(each.verdict, each.label, each.note) for each in kept]


class Audience:
    """Everybody: who sees little, who has a narrow screen, who likes it dark."""

    def __init__(self, page: Page, complaints: list[str], *, width: int) -> None:
        self._page = page
        self._complaints = complaints
        self._width = width
        page.set_viewport_size({"width": width, "height": 844})

    def visit(self, pages: Mapping[str, str]) -> None:
        """Opens each path, and looks when what its selector names is there."""
        for path, ready in pages.items():
            self._page.goto(path)
            self._page.wait_for_selector(ready)
            self.look(path)

    def look(self, name: str) -> None:
        """Fails where the page scrolls sideways, and for what axe-core finds serious or
        critical in it, in light and in dark."""
        assert self._page.evaluate("document.documentElement.scrollWidth") <= self._width, (
            name
        )
        self._page.evaluate(f"{AXE.read_text('utf-8')}; undefined")
        faults: list[Any] = []
        for scheme in ("light", "dark"):
            self._page.emulate_media(
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            faults += self._page.evaluate(
                "axe.run().then((found) => found.violations"
                ".filter((each) => ['serious', 'critical'].includes(each.impact))"
                ".map((each) => [each.id, each.nodes.map((node) =>"
                " node.target.join(' '))]))"
            )
        assert faults == [], name
        # axe puts a style of its own into the page, which the policy refuses.
        self._complaints[:] = [
            each for each in self._complaints if "inline style" not in each
        ]
