"""Whether the system tells of changes in a folder, or it has to be looked through.

On a network share other machines write, and no system tells of that (inotify(7), "inotify
and network filesystems").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mounts")

SILENT: Final = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|ceph|glusterfs|lustre|beegfs\w*|gpfs|ocfs2|gfs2|9p|"
    r"davfs|vboxsf|prl_fs|vmhgfs|virtiofs|drvfs|fuse(\..*)?|fuseblk|autofs|coda"
)
"""Kinds of file systems that others write to, or that are known to tell nothing."""


def is_silent(folder: Path, *, mounts: Path = MOUNTS) -> bool:
    """Whether changes in the folder have to be looked for."""
    kind = _kind(folder.resolve(), mounts)
    return kind is not None and SILENT.fullmatch(kind) is not None


def _kind(folder: Path, mounts: Path) -> str | None:
    """The kind of the file system that the folder is on; None where none tells."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # not Linux
        return None
    found: tuple[int, str] | None = None
    for line in lines:
        columns = line.split(" ")
        if len(columns) < 3:
            continue
        place = Path(_unescaped(columns[1]))
        # The deepest one, and of several at one place the last, which hides the others.
        if folder.is_relative_to(place) and (not found or len(place.parts) >= found[0]):
            found = (len(place.parts), columns[2])
    return found[1] if found else None


def _unescaped(text: str) -> str:
    """Spaces, tabs, line breaks and backslashes stand there in octal: `\\040`."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text)
