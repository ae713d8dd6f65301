"""Writes the software bill of materials of callmon, as CycloneDX 1.6 in JSON.

In it: the Python packages that `callmon[s3]` needs, as they are installed here, with their
licences; the libraries of the pages, from npm; the models, with their files' sums. What is
installed to develop callmon is left out.

`make sbom` calls it with cyclonedx-py from an environment of its own.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from callmon.weights import load_manifest
from scripts.fetch_frontend import PACKAGES

ROOT = Path(__file__).resolve().parents[1]
OF_TESTS = {"axe-core"}
NPM_LICENCES = {"htmx.org": "0BSD", "wavesurfer.js": "BSD-3-Clause"}
"""As in the licence files that come with them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cyclonedx", default="cyclonedx-py", help="the program")
    parser.add_argument("--output", type=Path, default=ROOT / "out" / "sbom.json")
    given = parser.parse_args()
    done = subprocess.run(
        [
            *(given.cyclonedx, "environment", "--output-reproducible"),
            *("--pyproject", str(ROOT / "pyproject.toml"), sys.executable),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    bill = with_ours(json.loads(done.stdout))
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(bill, indent=1) + "\n")
    print(f"{given.output}: {len(bill['components'])} components")
    return 0


def with_ours(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill of an environment without what callmon does not need, and with the rest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = closure([*project["dependencies"], *project["optional-dependencies"]["s3"]])
    packages = [each for each in bill["components"] if canonical(each["name"]) in needed]
    components = [*packages, *libraries(), *models()]
    known = {each["bom-ref"] for each in components}
    known.add(bill["metadata"]["component"]["bom-ref"])
    tree = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in known]}
        for each in bill.get("dependencies", ())
        if each["ref"] in known
    ]
    return {**bill, "components": components, "dependencies": tree}


def closure(requirements: Iterable[str]) -> set[str]:
    """The canonical names of what these need on this machine, directly or not."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(Requirement(each), frozenset({""})) for each in requirements]
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": e}) for e in extras):
            continue
        package = canonical(requirement.name), frozenset({"", *requirement.extras})
        if package in found:
            continue
        found.add(package)
        try:
            further = requires(requirement.name) or []
        except PackageNotFoundError:
            continue
        waiting += [(Requirement(each), package[1]) for each in further]
    return {name for name, _ in found}


def libraries() -> list[dict[str, Any]]:
    """Those of the pages."""
    return [
        {
            "type": "library",
            "bom-ref": f"npm:{each.name}@{each.version}",
            "name": each.name,
            "version": each.version,
            "purl": f"pkg:npm/{each.name}@{each.version}",
            "licenses": [{"license": {"id": NPM_LICENCES[each.name]}}],
            "hashes": [
                {"alg": "SHA-512", "content": base64.b64decode(each.sha512).hex()},
            ],
        }
        for each in PACKAGES
        if each.name not in OF_TESTS
    ]


def models() -> list[dict[str, Any]]:
    """Those of the manifest: that come with callmon, and that can be fetched."""
    return [
        {
            "type": "machine-learning-model",
            "bom-ref": f"model:{each.name}",
            "name": each.name,
            "version": each.revision or "with callmon",
            "description": each.about,
            "licenses": [{"license": {"id": each.licence}}],
            # Of a model that is fetched when somebody asks for it.
            "scope": "required" if each.folder else "optional",
            "components": [
                {
                    "type": "file",
                    "bom-ref": f"model:{each.name}/{path}",
                    "name": path,
                    "hashes": [{"alg": "SHA-256", "content": file.sha256}],
                }
                for path, file in each.files.items()
                if file.sha256 is not None
            ],
        }
        for each in load_manifest().models
    ]


def canonical(name: str) -> str:
    """As the package index compares names, PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
