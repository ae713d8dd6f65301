"""The JSON Schema of the analysis document, made from the types in `callmon.call`.

It is kept in the package (`analysis.schema.json`) so that other programs can read it
without running callmon; `python -m callmon.schema` writes it again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from callmon.call import SCHEMA, Analysis

PATH = Path(__file__).with_name("analysis.schema.json")


def build() -> dict[str, Any]:
    """The schema (draft 2020-12) of what `callmon analyze --json` prints."""
    schema = Analysis.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        **schema,
        "title": SCHEMA,
    }


def text() -> str:
    """The schema as it stands in the package."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
