"""Opens a recording that anybody may have sent, and only that file.

FFmpeg reads playlists and scripts that name other files and addresses (CVE-2016-1897 was
such an upload). Three locks keep it to the one file: it is given an open file and never
a path, so no name is taken for an address; only formats that hold their sound themselves
are allowed; and when one of those asks for another file all the same, as QuickTime may,
it is refused. The second is the strongest: a concat script gets past the other two.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from callmon.errors import BadRecording

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import InputContainer

WHAT_WORKS = (
    "Recordings as WAV, FLAC, MP3, M4A, Ogg, WebM, AMR or GSM work, and videos with sound."
)

FORMATS = (
    "aac,aiff,amr,amrnb,amrwb,asf,au,avi,caf,flac,gsm,matroska,mov,mp3,mpegts,ogg,w64,wav"
)
"""FFmpeg's names of the formats that may be opened; none of them is a playlist."""

# Formats without a signature are found by the file's name; that of GSM is all it has.
UNSIGNED = {".gsm": "gsm"}

# Formats whose header says how long the sound is. Elsewhere FFmpeg estimates from the
# size of the file, which says nothing about what is missing.
MEASURED = {"aiff", "au", "avi", "caf", "flac", "matroska", "mov", "w64", "wav"}

# Formats that store time stamps. Elsewhere FFmpeg counts packets at the first rate that
# it sees, which goes wrong when the rate changes.
STAMPED = {"asf", "flac", "matroska", "mov", "mpegts", "ogg"}

# Recorders that write to a pipe cannot know the size: 0, 2³¹-1 or 2³²-1 less a header.
STREAMED_SIZE = 0x7FFF_0000


@contextmanager
def open_recording(path: Path) -> Iterator[tuple[InputContainer, AudioStream, IO[bytes]]]:
    """Opens a recording for decoding: the container, its sound, the file below.

    Raises:
        BadRecording: There is no such file, it may not be read, or it holds no sound.
    """
    import av

    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "not an ordinary file"
            raise BadRecording(f"{path.name!r} is {kind}. Give a sound file.")
        file = path.open("rb")
    except FileNotFoundError:
        raise BadRecording(f"There is no file at {str(path)!r}. Check the path.") from None
    except PermissionError:
        raise BadRecording(
            f"{path.name!r} may not be read by this user. Allow reading it and try again."
        ) from None
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        reason = getattr(error, "strerror", None) or error
        raise BadRecording(
            f"{path.name[:80]!r} cannot be opened: {reason}. Check the path."
        ) from None

    with file:
        if os.fstat(file.fileno()).st_size == 0:
            raise BadRecording(
                f"{path.name!r} is empty (0 bytes). Copy or export the recording again."
            )
        try:
            container = av.open(
                file,
                mode="r",
                format=UNSIGNED.get(path.suffix.lower()),
                container_options={"format_whitelist": FORMATS},
                metadata_errors="replace",
                io_open=_refuse,
            )
        except (av.FFmpegError, PermissionError, ValueError):
            raise BadRecording(_why_unreadable(file, name=path.name)) from None
        with container:
            stream = container.streams.best("audio")
            if not isinstance(stream, av.AudioStream):
                raise BadRecording(f"{path.name!r} holds no sound track. {WHAT_WORKS}")
            yield container, stream, file


def declared_seconds(container: InputContainer, file: IO[bytes]) -> float | None:
    """How long the header says the sound is; None where it does not say."""
    names = set(container.format.name.split(","))
    if names & MEASURED or ("mp3" in names and _has_mp3_count(file)):
        return container.duration / 1_000_000 if container.duration else None
    return None


def has_time_stamps(container: InputContainer) -> bool:
    """Whether the times of the frames are the recording's own."""
    return bool(set(container.format.name.split(",")) & STAMPED)


def ends_early(container: InputContainer, file: IO[bytes]) -> bool:
    """Whether the container itself shows that its end is missing.

    A WAV file is shorter than its RIFF header says; the last page of an Ogg file is not
    marked as the end of the stream (RFC 3533, section 6; RFC 7845, section 4).
    """
    size = os.fstat(file.fileno()).st_size
    if container.format.name == "wav":
        head = os.pread(file.fileno(), 8, 0)
        (said,) = struct.unpack("<I", head[4:8])
        return bool(head[:4] == b"RIFF" and size < said + 8 and said < STREAMED_SIZE)
    if container.format.name == "ogg":
        # A page is at most 65,307 bytes long, so the last one begins in here.
        tail = os.pread(file.fileno(), 65_536, max(0, size - 65_536))
        page = tail.rfind(b"OggS\0")
        end_of_stream = 0x04
        return page < 0 or len(tail) < page + 6 or not tail[page + 5] & end_of_stream
    return False


def _refuse(_url: str, _flags: int, _options: object) -> NoReturn:
    raise PermissionError("a recording may not open other files")


def _has_mp3_count(file: IO[bytes]) -> bool:
    # The first frame may hold the number of frames, after a tag with a picture.
    head = os.pread(file.fileno(), 1 << 20, 0)
    return b"Xing" in head or b"Info" in head or b"VBRI" in head


def _why_unreadable(file: IO[bytes], *, name: str) -> str:
    if os.pread(file.fileno(), 8, 0)[4:] == b"ftyp":
        return (
            f"{name!r} is an M4A or MP4 file whose index is missing or broken, as when the"
            " recording or the copy was cut off. Export or copy it again."
        )
    return f"{name!r} is not a sound file that can be read. {WHAT_WORKS}"
