"""Names of files that browsers are told to save."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

LONGEST: Final = 100


def attachment(name: str, ending: str) -> dict[str, str]:
    """The header for a file that is called like the recording (RFC 6266, RFC 8187).

    Whatever the recording is called, the header is plain ASCII on one line.

    >>> attachment('a"b\\r\\nc/é.wav', "vtt")["Content-Disposition"]
    'attachment; filename="_.vtt"; filename*=UTF-8\\'\\'%C3%A9.vtt'
    """
    stem = PurePath(re.split(r"[/\\]", name)[-1]).stem[:LONGEST].strip(". ")
    stem = "".join(c for c in stem if c.isprintable()) or "recording"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", stem)
    full = quote(f"{stem}.{ending}", safe="", errors="replace")
    value = f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{full}"
    return {"Content-Disposition": value}
