"""The models on this machine: finds them, fetches what is missing, checks their files.

A model lies in one of three places: a folder that the user names, a folder that ships
with callmon, or `<cache>/<name>`, where downloads go. A download is made under a hidden
name beside that, checked by SHA-256, and only then moved into place: a folder under its
own name is whole, and a download that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from callmon.errors import MissingModel
from callmon.weights.hub import by_folder, from_hub
from callmon.weights.manifest import Model, load_manifest

Progress = Callable[[float], None]
Fetch = Callable[[Model, Path], None]
"""Puts a model's files into a folder, where some may lie already; or MissingModel."""

# Without tokenizer.json faster-whisper would ask the hub for another model's.
ASR_FILES = ("model.bin", "config.json", "tokenizer.json")
WATCH_SECONDS = 0.5


def find(
    name_or_path: str,
    *,
    cache: Path,
    offline: bool = False,
    progress: Progress | None = None,
    fetch: Fetch = from_hub,
) -> Path:
    """The folder of a model: a name of the manifest, or a folder of the user's own.

    A model of the manifest that is not in `cache` is fetched, unless `offline`. Sizes
    are checked here, sums only by `verify`. Raises MissingModel, with the ways to get
    the model, when it is not there whole.
    """
    model = load_manifest().get(name_or_path)
    if model is None:
        return _own_folder(name_or_path, cache)
    folder = model.place(cache)
    if not model.gaps(folder):
        return folder
    if model.folder or offline:
        raise MissingModel(_lack(model, cache))
    return pull(model.name, cache=cache, progress=progress, fetch=fetch)


def present(name_or_path: str, cache: Path) -> bool:
    """Whether `find` would answer without a download."""
    try:
        find(name_or_path, cache=cache, offline=True)
    except MissingModel:
        return False
    return True


def verify(
    name_or_path: str, *, cache: Path, progress: Progress | None = None
) -> tuple[str, ...]:
    """What is wrong with a model's files, by size and SHA-256; empty when all is well.

    Of a folder of the user's own only the presence of its files is checked. Raises
    MissingModel when there is nothing to check.
    """
    model = load_manifest().get(name_or_path)
    if model is None:
        _own_folder(name_or_path, cache)
        return ()
    folder = model.place(cache)
    if not folder.is_dir():
        raise MissingModel(_lack(model, cache))
    return tuple((model.gaps(folder) or _differences(model, folder, progress)).values())


def pull(
    name: str,
    *,
    cache: Path,
    progress: Progress | None = None,
    fetch: Fetch = from_hub,
) -> Path:
    """Fetches a model of the manifest into `<cache>/<name>` and gives that folder.

    What is there and whole is not fetched again. A second process that wants the same
    model waits for the first. Raises MissingModel when the model cannot be had; what has
    arrived is kept for the next call, unless its sum is wrong.
    """
    from filelock import FileLock

    model = load_manifest().get(name)
    if model is None:
        raise MissingModel(_unknown(name))
    folder = model.place(cache)
    if _is_whole(model, folder):
        return folder
    if model.folder:
        raise MissingModel(_lack(model, cache))
    partial = cache / f".{model.name}.partial"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (
            _watched(partial, total=model.size, progress=progress),
            FileLock(cache / f".{model.name}.lock"),
        ):
            if not _is_whole(model, folder):
                _fill(model, partial, fetch)
                shutil.rmtree(folder, ignore_errors=True)
                partial.replace(folder)
    except (OSError, NotImplementedError) as error:  # The latter: no locks on this disk.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise MissingModel(
            f"The model {name} cannot be stored in {cache}: {reason}. Name a folder that"
            " can be written in CALLMON_DATA."
        ) from None
    return folder


def _fill(model: Model, partial: Path, fetch: Fetch) -> None:
    """Makes `partial` a whole and checked copy of the model."""
    partial.mkdir(exist_ok=True)
    free = shutil.disk_usage(partial).free
    needed = model.size - _bytes_in(partial)
    if free < needed:
        raise MissingModel(
            f"The model {model.name} needs {_megabytes(needed)} in {partial.parent}, where"
            f" {_megabytes(free)} are free. Make room, or name another folder in"
            " CALLMON_DATA."
        )
    fetch(model, partial)
    problems = model.gaps(partial) or _differences(model, partial, None)
    for name in problems:
        (partial / name).unlink(missing_ok=True)
    if problems:
        raise MissingModel(
            f"What arrived of the model {model.name} is not what was expected:"
            f" {next(iter(problems.values()))}. That file was thrown away; try again"
            f" later, or {by_folder(model)}."
        )


def _is_whole(model: Model, folder: Path) -> bool:
    return not (model.gaps(folder) or _differences(model, folder, None))


def _differences(model: Model, folder: Path, progress: Progress | None) -> dict[str, str]:
    """By file: that its SHA-256 is not the manifest's."""
    wrong: dict[str, str] = {}
    done = 0
    for name, expected in model.files.items():
        if expected.sha256 and _sha256(folder / name) != expected.sha256:
            wrong[name] = f"{name} has another SHA-256 than the manifest"
        done += expected.size
        if progress:
            progress(done / model.size if model.size else 1.0)
    return wrong


def _sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own_folder(name_or_path: str, cache: Path) -> Path:
    """A speech model that is no part of the manifest, in any folder or in the cache."""
    candidates = [Path(name_or_path)]
    with suppress(RuntimeError):  # No such user, or no home.
        candidates.append(candidates[0].expanduser())
    if Path(name_or_path).name == name_or_path:
        candidates.append(cache / name_or_path)
    # Other than Path.is_dir: a name too long, or no right to look, is no folder either.
    folder = next((path for path in candidates if os.path.isdir(path)), None)  # noqa: PTH112
    if folder is None or not name_or_path:
        raise MissingModel(_unknown(name_or_path))
    lacking = [name for name in ASR_FILES if not (folder / name).is_file()]
    if not any(folder.glob("vocabulary.*")):
        lacking.append("vocabulary.json (or .txt)")
    if lacking:
        raise MissingModel(
            f"The folder {folder} holds no whole speech model: {', '.join(lacking)}"
            " is missing. A model in CTranslate2 form, as faster-whisper reads it, would"
            " work."
        )
    return folder


def _lack(model: Model, cache: Path) -> str:
    """The sentence for a model that is not there, or not whole."""
    folder = model.place(cache)
    gaps = tuple(model.gaps(folder).values())
    if model.folder:
        return (
            f"The model {model.name}, which ships with callmon, is not whole in {folder}:"
            f" {gaps[0] if gaps else 'a file was changed'}. Install callmon again, or run"
            " scripts/hash_models.py if you made the model again."
        )
    state = f"is not whole in {folder} ({gaps[0]})" if folder.is_dir() else "is not here"
    return (
        f"The model {model.name} {state}. Run `callmon models pull {model.name}`"
        f" ({_megabytes(model.size)}), or {by_folder(model)}."
    )


def _unknown(name: str) -> str:
    known = ", ".join(model.name for model in load_manifest().models)
    return (
        f"{name!r} is neither a model that callmon knows ({known}) nor a folder. One of"
        " these names in CALLMON_ASR, or the path of a model's folder, would work."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


@contextmanager
def _watched(folder: Path, *, total: int, progress: Progress | None) -> Iterator[None]:
    """Tells how much of `total` bytes lies in a folder while its files arrive.

    The hub's own progress bars differ from version to version; the files do not.
    """
    if progress is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            progress(min(1.0, _bytes_in(folder) / max(1, total)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    progress(1.0)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # Partial files are renamed while we look.
            continue
    return total
