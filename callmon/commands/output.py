"""Writing for people and to files, at the edge."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

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
    """Writes a whole file or nothing, as `writing` does."""
    with writing(path) as file:
        file.write(text)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A file to write to, which is there when the block has ended well and not before.

    So a reader never sees half a document. A device or a pipe (`/dev/null`) is written to
    and never replaced. Raises BadSettings when the place cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
        else:
            with _replacing(path.resolve()) as file:
                yield file
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that you"
            " may write to."
        ) from error


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w",
        encoding="utf-8",
        newline="",
        dir=path.parent,
        prefix=".callmon-",
        delete=False,
    ) as file:
        written = Path(file.name)
        try:
            yield cast(TextIO, file)
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
