"""Tells what a file is by its first bytes, before anything is kept of it.

It keeps out what is no recording at all, with a sentence that helps. Whether the sound can
be read is the worker's to find out; this module loads no audio library.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import Final

from callmon.errors import BadRecording

HEAD_BYTES: Final = 4096
"""First bytes that are looked at."""

WHAT_WORKS: Final = (
    "Recordings as WAV, FLAC, MP3, M4A, Ogg, WebM, AMR or GSM work, and videos with sound."
)

SOUND: Final = (
    (rb"(RIFF|RF64|RIFX)....WAVE", "WAV"),
    (rb"riff\x2e\x91\xcf\x11", "Wave64"),
    (rb"RIFF....AVI ", "AVI"),
    (rb"fLaC", "FLAC"),
    (rb"ID3[\x02-\x04]", "MP3"),
    # Frame sync, and neither a reserved layer, a reserved rate nor a reserved sampling rate
    # (ISO/IEC 11172-3, 2.4.2.3).
    (rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x10-\xef]", "MP3"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "AAC"),
    (rb"[\x00-\x08]...(ftyp|moov|mdat|wide|free|skip)", "MP4"),
    (rb"OggS\x00", "Ogg"),
    (rb"\x1a\x45\xdf\xa3", "Matroska"),
    (rb"#!AMR(-WB)?\n", "AMR"),
    (rb"FORM....AIF[FC]", "AIFF"),
    (rb"\.snd", "AU"),
    (rb"caff\x00\x01", "CAF"),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF"),
    (rb"\x47.{187}\x47.{187}\x47", "MPEG-TS"),
)
"""Formats that hold sound, by how they begin."""

BY_NAME: Final = {".gsm": "GSM", ".mp3": "MP3", ".aac": "AAC", ".ts": "MPEG-TS"}
"""Formats that may begin with anything: GSM has no signature, the others are streams that
may be cut in at any byte."""

OTHER: Final = (
    (rb"%PDF-", "a PDF document"),
    (rb"PK(\x03\x04|\x05\x06)", "a ZIP archive or an Office document"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb"BZh[1-9]|\xfd7zXZ\x00|\x28\xb5\x2f\xfd", "a compressed archive"),
    (rb"\xd0\xcf\x11\xe0", "an old Office document"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|BM.{4}\x00{4}", "a picture"),
    (rb"MZ|\x7fELF|#!/", "a program"),
    (rb"SQLite format 3\x00", "a database"),
    (rb"-----BEGIN |Salted__", "an encrypted file"),
    (rb"MThd", "MIDI, which holds notes and no sound"),
    (rb"#EXTM3U|\[playlist\]", "a playlist, which names sound files and holds none"),
    (rb"(\xef\xbb\xbf)?\s*(?i:<!doctype html|<html|<head|<body)",
     "an HTML page, as when a login page was saved in place of the recording"),
    (rb"\xff\xfe[\x09-\x7e]\x00|\xfe\xff\x00[\x09-\x7e]", "text"),
    (rb"(\xef\xbb\xbf)?\s*<\?xml", "an XML document"),
    (rb"(\xef\xbb\xbf)?\s*[{\[]\s*[\"{\[]", "a JSON document"),
)  # fmt: skip
"""What is often sent by mistake."""

RAW: Final = frozenset(
    {".ul", ".ulaw", ".pcmu", ".al", ".alaw", ".pcma", ".sln", ".raw", ".pcm", ".g722",
     ".g729", ".vox"}
)  # fmt: skip
"""Endings of sound without a header, as Asterisk and voice boards write it."""


class Incomplete(BadRecording):
    """It looks as if it were still to be written, or its copy was cut off."""


def sniff(head: bytes, *, name: str) -> str:
    """The format of a recording by its first `HEAD_BYTES`, or all bytes of a shorter one.

    Raises BadRecording when it is none, saying what it looks like instead; Incomplete when
    there may be more of it later.
    """
    if not head:
        raise Incomplete(
            f"{name!r} is empty (0 bytes). Copy or export the recording again."
        )
    # First, since text in UTF-16 begins as a frame of MPEG sound does.
    for signature, words in OTHER:
        if re.match(signature, head, re.DOTALL):
            raise BadRecording(f"{name!r} looks like {words}. {WHAT_WORKS}")
    for signature, form in SOUND:
        if re.match(signature, head, re.DOTALL):
            return form
    ending = PurePath(name).suffix.lower()
    if not head.strip(b"\0"):
        raise Incomplete(
            f"{name!r} begins with {len(head)} zeros, as when a copy was cut off. Copy or"
            " export the recording again."
        )
    if _is_text(head):
        raise BadRecording(f"{name!r} looks like text. {WHAT_WORKS}")
    if ending in BY_NAME:
        return BY_NAME[ending]
    if ending in RAW:
        raise BadRecording(
            f"{name!r} is sound without a header, which does not say its rate or coding."
            " Export it as WAV."
        )
    raise BadRecording(
        f"{name!r} is not a sound file of a known kind; it begins with"
        f" {head[:8].hex(' ')}. {WHAT_WORKS}"
    )


def _is_text(head: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(head)  # whose last character may be cut
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)
