"""Reads the JSON file beside a recording: `call.json` beside `call.wav`.

Phone systems also write `call.wav.json` and `call_metadata.json`. What is written in it is
data only: no name in it is ever opened.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Final

from callmon.intake.fields import Told, read_fields

ENDING: Final = ".json"
LONGEST_BYTES: Final = 1 << 20


def sidecar_names(name: str) -> tuple[str, ...]:
    """The names of files that may tell of the recording of this name, the best first."""
    stem = Path(name).stem
    return (f"{stem}{ENDING}", f"{name}{ENDING}", f"{stem}_metadata{ENDING}")


def find_sidecar(recording: Path) -> Path | None:
    """The file beside the recording that tells of it; None where there is none."""
    for name in sidecar_names(recording.name):
        beside = recording.with_name(name)
        # No link: it could lead to any file of this machine.
        if beside != recording and _is_file(beside):
            return beside
    return None


def read_sidecar(path: Path) -> Told:
    """What the file tells. It never stops a recording: what is wrong becomes a warning."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _nothing("is no ordinary file")
            data = file.read(LONGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name"
        return _nothing(f"cannot be read ({reason})")
    if len(data) > LONGEST_BYTES:
        return _nothing(f"has more than {LONGEST_BYTES:,} bytes")
    try:
        fields = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _nothing("is not UTF-8 text")
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return _nothing(f"is not JSON{where}")
    if not isinstance(fields, dict):
        return _nothing('holds no object; {"agent": "…"} would work')
    return read_fields(fields, where="The file beside the recording")


def _nothing(why: str) -> Told:
    return Told(warnings=(f"The file beside the recording {why}; nothing is taken of it.",))


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # there is none, or its name would be too long
        return False
