"""Takes the picture of the README from a report of `make demo`, in a real browser.

    python scripts/make_pictures.py [--report out/demo/internet-down.html]

Needs Chromium (Debian: `apt install chromium`; elsewhere name it in CALLMON_CHROMIUM).
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "scripts" / "pictures" / "report.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--report", type=Path, default=ROOT / "out" / "demo" / "internet-down.html"
    )
    parser.add_argument("--height", type=int, default=1130, help="pixels that are shown")
    options = parser.parse_args()
    chromium = os.environ.get("CALLMON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        parser.error("no chromium on the path; name one in CALLMON_CHROMIUM")
    PICTURE.parent.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1180, "height": options.height})
        page.goto(options.report.resolve().as_uri())
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE)


if __name__ == "__main__":
    main()
