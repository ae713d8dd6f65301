"""A site that is served, and a browser that looks at it."""

from __future__ import annotations

import io
import math
import socket
import struct
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from callmon.audio.decode import decode
from callmon.jobs.products import make_products
from callmon.review.access.secrets import hash_password, new_id
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.access import users
from callmon.store.access.standing import Role, Standing
from callmon.store.calls import recordings
from tests.browser.looking import CHROMIUM, Audience, watch
from tests.integration.review.conftest import clock, empty_database, recording, site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["clock", "empty_database", "recording", "site"]

PASSWORD = "correct horse battery"
SECONDS = 90
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def call_sound() -> bytes:
    """Two channels that hum in turn, as a WAV."""
    to = io.BytesIO()
    with wave.open(to, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        for second in range(SECONDS):
            left = second // 6 % 2 == 0
            for n in range(8000):
                value = int(8000 * math.sin(n / 8))
                file.writeframesraw(
                    struct.pack("<hh", value if left else 0, 0 if left else value)
                )
    return to.getvalue()


@pytest.fixture
def options() -> Options:
    return Options(secure_cookies=False)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where the site is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(site), log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def heard(site: Site, tmp_path: Path, call_sound: bytes) -> Callable[[str], None]:
    """Makes what a player needs of a recording."""

    def make(recording_id: str) -> None:
        with site.database.reading() as connection:
            key = recordings.get(connection, recording_id).media
        path = tmp_path / "call.wav"
        path.write_bytes(call_sound)
        with decode(path) as audio:
            make_products(site.database, site.media, key, lambda: audio)

    return make


@pytest.fixture
def complaints() -> list[str]:
    """What pages complain of."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A page that fails the test on any complaint, dialog, or request of elsewhere."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
        timezone_id="Asia/Tokyo",
        locale="en-GB",
    )
    page = context.new_page()
    watch(page, complaints, own=address)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def enter(site: Site, page: Page) -> Callable[..., None]:
    """Signs a new user of a role in, through the form."""

    def sign_in(role: Role = "reviewer") -> None:
        with site.database.writing() as connection:
            users.add(
                connection,
                id=new_id(),
                login=role,
                name=f"The {role}",
                hash=hash_password(PASSWORD),
                standing=Standing(
                    role=role, teams=None, agent="Ann" if role == "agent" else None
                ),
                made_by="test",
                at=site.now(),
            )
        page.goto("/sign-in")
        page.get_by_label("Login").fill(role)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    return sign_in


@pytest.fixture(params=[390, 1440])
def audience(page: Page, complaints: list[str], request: pytest.FixtureRequest) -> Audience:
    """Looks at pages as everybody does, on a small screen and on a large one."""
    return Audience(page, complaints, width=request.param)
