"""Writes the table of settings in the README, from the class of the settings.

    python scripts/write_settings.py [--check]

With --check nothing is written; the exit code is 1 when the table is not that of the class.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from callmon.settings import PREFIX, Settings

README = Path(__file__).resolve().parents[1] / "README.md"
FIRST = "<!-- settings, by scripts/write_settings.py -->\n"
LAST = "<!-- end of settings -->\n"

MADE = {"data": "`~/.local/share/callmon`", "worker_name": "the machine's name"}
"""Defaults that are made when the program starts."""


def table() -> str:
    """The rows, one for each setting, in the order of the class."""
    rows = ["| variable | meaning | default |", "| --- | --- | --- |"]
    for name, setting in Settings.model_fields.items():
        meaning = " ".join(str(setting.description).split()).rstrip(".").replace("|", "\\|")
        meaning = meaning[0].lower() + meaning[1:] if meaning[1:2].islower() else meaning
        rows.append(f"| `{PREFIX}{name.upper()}` | {meaning} | {_default(name, setting)} |")
    return "\n".join(rows) + "\n"


def written(text: str) -> str:
    """The README with the table as it is now."""
    before, rest = text.split(FIRST)
    _, after = rest.split(LAST)
    return before + FIRST + "\n" + table() + "\n" + LAST + after


def _default(name: str, setting: FieldInfo) -> str:
    if name in MADE:
        return MADE[name]
    value: Any = setting.default
    if value is PydanticUndefined or value is None or value in ({}, (), frozenset()):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else f"`{value}`"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    if arguments.check:
        return int(written(text) != text)
    README.write_text(written(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
