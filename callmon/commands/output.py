"""Writing for people and to files, at the edge."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from callmon.errors import BadSettings
from callmon.report.wording import harmless

if TYPE_CHECKING:
    from rich.console import Console


def console(stream: TextIO) -> Console:
    """For people: in colour on a terminal, plain text in a pipe."""
    from rich.console import Console

    return Console(file=stream, highlight=False)


def say(message: str) -> None:
    """One message on standard error, harmless whatever names it holds."""
    print(harmless(message), file=sys.stderr, flush=True)  # noqa: T201


def write_text(path: Path, text: str) -> None:
    """Writes a whole file or nothing: a reader never sees half a document.

    A device or a pipe (`/dev/null`) is written to and never replaced. Raises BadSettings
    when the place cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that you"
            " may write to."
        ) from error


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".callmon-", delete=False
    ) as file:
        written = Path(file.name)
        try:
            file.write(text)
            file.flush()
            # Made for their owner alone; this one is meant to be shared.
            written.chmod(0o666 & ~_umask())
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
