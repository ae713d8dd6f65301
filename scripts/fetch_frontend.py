"""Fetches the libraries of the review page from npm into `callmon/review/static/vendor/`.

Each package is packed by npm itself, so that its registry, its proxy and its cache are
those of the machine, and is then checked against the SHA-512 written here: what is served
is what was read when the version was chosen, wherever it came from. Only the files that
the page loads are kept, with their licences. What is there already is left alone.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "callmon" / "review" / "static" / "vendor"
SECONDS = 120
"""For one package."""


@dataclass(frozen=True)
class Package:
    """A package of npm, and what of it is kept."""

    name: str
    version: str
    sha512: str
    """Base64, of the packed package, as npm lists it under `dist.integrity`."""
    files: dict[str, str]
    """From its path in the package to its name here."""


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4g"
        "JgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"dist/htmx.min.js": "htmx.js", "LICENSE": "htmx.LICENSE"},
    ),
    Package(
        "wavesurfer.js",
        "8.0.1",
        "h0OnRWSVTqIYLSw3/IVrBtsun/xw9L5u4FA3bjfSDTFM"
        "X/xswVWS1JwK4fFu3ulmxRUSHg8zQORl6zENG983eg==",
        {"dist/wavesurfer.min.js": "wavesurfer.js", "LICENSE": "wavesurfer.LICENSE"},
    ),
    Package(
        "axe-core",
        "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NP"
        "jCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        {"axe.min.js": "axe.js", "LICENSE": "axe.LICENSE"},
    ),
)
"""The last one checks the pages in the tests and is in no wheel."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder for them")
    to = parser.parse_args().to
    to.mkdir(parents=True, exist_ok=True)
    wanted = {package.name: package.sha512 for package in PACKAGES}
    record = to / "fetched.json"
    if record.exists() and json.loads(record.read_text()) == wanted and _all_there(to):
        record.touch()  # for make, which goes by times
        return 0
    try:
        if shutil.which("npm") is None:
            raise RuntimeError(
                "npm is missing: install Node.js (on Debian: apt install npm)."
            )
        record.unlink(missing_ok=True)
        for package in PACKAGES:
            fetch(package, to)
            print(f"{package.name} {package.version}")
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(
            f"{error}\nWithout the libraries of the review pages their waves are not drawn"
            " and their lists do not grow by themselves, their tests are left out, and no"
            " wheel can be made. `make setup` tries again.",
            file=sys.stderr,
        )
        return 1
    record.write_text(json.dumps(wanted, indent=2) + "\n")
    return 0


def fetch(package: Package, to: Path) -> None:
    """Packs, checks and unpacks one. RuntimeError: npm failed, or it is another content."""
    with tempfile.TemporaryDirectory() as folder:
        asked = f"{package.name}@{package.version}"
        done = subprocess.run(
            ["npm", "pack", asked, "--silent", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise RuntimeError(f"npm pack {asked} failed: {done.stderr.strip()[-500:]}")
        content = packed[0].read_bytes()
        found = base64.b64encode(hashlib.sha512(content).digest()).decode()
        if found != package.sha512:
            raise RuntimeError(
                f"{asked} is not what was chosen: its SHA-512 is {found}, not"
                f" {package.sha512}. Nothing of it was kept."
            )
        with tarfile.open(packed[0]) as archive:
            for path, name in package.files.items():
                member = archive.extractfile(f"package/{path}")
                if member is None:
                    raise RuntimeError(f"{asked} has no {path}")
                (to / name).write_bytes(member.read())


def _all_there(to: Path) -> bool:
    return all((to / name).exists() for p in PACKAGES for name in p.files.values())


if __name__ == "__main__":
    sys.exit(main())
