"""Looks for known vulnerabilities in the packages of the bill of materials, by pip-audit.

pip-audit asks the package index, or OSV, over the network. An index that is a plain mirror
answers for no package at all, and pip-audit then finds nothing: that is no clean result,
and is told apart here. Exit code 0 nothing was found, 1 something was, 2 nobody could be
asked (0 with --unless-offline, which CI without a network uses).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")
SECONDS = 900


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bill", type=Path, help="what scripts/make_sbom.py wrote")
    parser.add_argument("--pip-audit", default="pip-audit", help="the program")
    parser.add_argument("--unless-offline", action="store_true")
    given = parser.parse_args()
    packages = requirements(json.loads(given.bill.read_text()))
    for service in SERVICES:
        answered, found = verdict(ask(given.pip_audit, packages, service=service))
        if answered:
            break
    for line in found:
        print(line)
    if not answered:
        print("No source of vulnerabilities could be asked: nothing is known.")
        return 0 if given.unless_offline else 2
    unknown = len(packages) - answered
    print(f"{answered} packages looked up, {unknown} unknown there, {len(found)} findings")
    return 1 if found else 0


def requirements(bill: dict[str, Any]) -> list[str]:
    """`name==version` of each Python package, without a build's own mark such as `+cpu`."""
    return [
        f"{each['name']}=={each['version'].partition('+')[0]}"
        for each in bill["components"]
        if each.get("purl", "").startswith("pkg:pypi/")
    ]


def ask(program: str, packages: list[str], *, service: str) -> str:
    """What pip-audit writes; nothing where it ended without an answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(packages))
        file.flush()
        done = subprocess.run(
            [
                *(program, "--no-deps", "--disable-pip", "--progress-spinner", "off"),
                *("--format", "json", "--vulnerability-service", service),
                *("--requirement", file.name),
            ],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    return done.stdout


def verdict(answer: str) -> tuple[int, list[str]]:
    """For how many packages there was an answer, and a line for each vulnerability."""
    if not answer.strip():
        return 0, []
    packages = json.loads(answer)["dependencies"]
    known = [each for each in packages if "vulns" in each]
    lines = [
        f"{each['name']} {each['version']}: {vulnerability['id']},"
        f" repaired in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for each in known
        for vulnerability in each["vulns"]
    ]
    return len(known), lines


if __name__ == "__main__":
    sys.exit(main())
