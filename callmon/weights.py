"""Finds, downloads and checks model weights by `models/manifest.toml`.

A model lies in one of three places: a folder that the user names, a folder that ships
with callmon, or `<cache>/<name>`, where downloads go. A download is made under a hidden
name beside that, checked by SHA-256, and only then moved into place: a folder under its
own name is whole, and a download that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from callmon.call import Value
from callmon.errors import BadSettings, MissingModel

Progress = Callable[[float], None]

# Without tokenizer.json faster-whisper would ask the hub for another model's.
ASR_FILES = ("model.bin", "config.json", "tokenizer.json")
# The hub's client tries six times over 23 s when there is no network; one short
# question before it tells that in half a second.
KNOCK_SECONDS = 5.0
WATCH_SECONDS = 0.5


class ModelFile(Value):
    """One file of a model."""

    size: int = Field(ge=0)
    """Bytes."""
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """Null where it is not known; then only the size is checked."""


class Model(Value):
    """One model of the manifest."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    purpose: Literal["asr", "diarizer", "empathy", "tone"]
    folder: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Beside the manifest, for a model that ships with callmon."""
    repository: str | None = Field(None, pattern=r"^[\w.-]+/[\w.-]+$")
    """On the model hub."""
    revision: str | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    """The commit in the repository."""
    licence: str
    languages: tuple[str, ...]
    """ISO 639 codes; `mul` for a model of about a hundred languages."""
    about: str
    """When to take it, in one sentence."""
    files: Mapping[str, ModelFile] = Field(min_length=1)
    """By path inside the model's folder."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Model:
        if (self.folder is None) == (self.repository is None):
            raise ValueError("give either `folder` or `repository`")
        if (self.repository is None) != (self.revision is None):
            raise ValueError("give `repository` and `revision` together")
        return self

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def place(self, cache: Path) -> Path:
        """The folder where this model lies once it is there."""
        return models_folder() / self.folder if self.folder else cache / self.name


Fetch = Callable[[Model, Path], None]


class Manifest(Value):
    """The models that callmon knows by name."""

    models: tuple[Model, ...]

    def get(self, name: str) -> Model | None:
        return next((model for model in self.models if model.name == name), None)


def models_folder() -> Path:
    """Where the manifest and the bundled models lie, installed or in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"


def load_manifest(path: Path | None = None) -> Manifest:
    """The manifest at `path`, or the one that ships with callmon.

    Raises BadSettings when it cannot be read.
    """
    path = path or models_folder() / "manifest.toml"
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadSettings(f"The list of models {path} cannot be read: {error}") from None


def find(
    name_or_path: str,
    *,
    cache: Path,
    offline: bool = False,
    progress: Progress | None = None,
) -> Path:
    """The folder of a model: a name of the manifest, or a folder of the user's own.

    A model of the manifest that is not in `cache` is downloaded, unless `offline`.
    Sizes are checked here, sums only by `verify`. Raises MissingModel, with the ways to
    get the model, when it is not there whole.
    """
    model = load_manifest().get(name_or_path)
    if model is None:
        return _own_folder(name_or_path, cache)
    folder = model.place(cache)
    if not _gaps(model, folder):
        return folder
    if model.folder or offline:
        raise MissingModel(_lack(model, cache))
    return pull(model.name, cache=cache, progress=progress)


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
    return _gaps(model, folder) or _differences(model, folder, progress)


def pull(
    name: str,
    *,
    cache: Path,
    progress: Progress | None = None,
    fetch: Fetch | None = None,
) -> Path:
    """Downloads a model of the manifest into `<cache>/<name>` and gives that folder.

    `fetch` puts the model's files into a folder, where some may lie already; by default
    it asks the model hub. What is there and whole is not downloaded again. Raises
    MissingModel when the model cannot be had; whole files that have arrived are kept
    for the next call.
    """
    model = load_manifest().get(name)
    if model is None:
        raise MissingModel(_unknown(name))
    folder = model.place(cache)
    if folder.is_dir() and not verify(name, cache=cache):
        return folder
    if model.folder:
        raise MissingModel(_lack(model, cache))
    partial = cache / f".{model.name}.partial"
    try:
        partial.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(partial).free
        needed = model.size - _bytes_in(partial)
        if free < needed:
            raise MissingModel(
                f"The model {name} needs {_megabytes(needed)} in {cache}, where"
                f" {_megabytes(free)} are free. Make room, or name another folder in"
                " CALLMON_DATA."
            )
        with _watched(partial, total=model.size, progress=progress):
            (fetch or from_hub)(model, partial)
        problems = _gaps(model, partial) or _differences(model, partial, None)
        if problems:
            shutil.rmtree(partial)
            raise MissingModel(
                f"The download of the model {name} is not what was expected:"
                f" {problems[0]}. It was thrown away; try again later, or"
                f" {_own_way(model)}."
            )
        shutil.rmtree(partial / ".cache", ignore_errors=True)
        if folder.is_dir():
            shutil.rmtree(folder)
        partial.replace(folder)
    except OSError as error:
        raise MissingModel(
            f"The model {name} cannot be stored in {cache}:"
            f" {error.strerror or type(error).__name__}. Name a folder that can be"
            " written in CALLMON_DATA."
        ) from None
    return folder


def from_hub(model: Model, folder: Path) -> None:
    """Puts a model's files into a folder, from the model hub.

    Raises MissingModel when the hub cannot be reached or refuses.
    """
    # Read when the library is first imported.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import huggingface_hub

    # HTTPError is that of requests, httpx or httpx2, by the version of the library.
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]

    assert model.repository is not None, "bundled models are never downloaded"
    # Its warnings repeat what the errors say, over many lines.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        huggingface_hub.HfApi().model_info(
            model.repository, revision=model.revision, timeout=KNOCK_SECONDS
        )
        huggingface_hub.snapshot_download(
            model.repository,
            revision=model.revision,
            local_dir=folder,
            allow_patterns=list(model.files),
        )
    except (HTTPError, OSError, RuntimeError, ValueError) as error:
        offline = isinstance(error, OfflineModeIsEnabled)
        reason = "HF_HUB_OFFLINE is set" if offline else type(error).__name__
        raise MissingModel(
            f"The model {model.name} is not here and could not be downloaded"
            f" ({reason}). Run `callmon models pull {model.name}` where there is a"
            f" network, or {_own_way(model)}."
        ) from error


def _sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _gaps(model: Model, folder: Path) -> tuple[str, ...]:
    """Files that are missing or have another size than the manifest says."""
    gaps = []
    for name, expected in model.files.items():
        path = folder / name
        if not path.is_file():
            gaps.append(f"{name} is missing")
        elif (size := path.stat().st_size) != expected.size:
            gaps.append(f"{name} has {size} bytes instead of {expected.size}")
    return tuple(gaps)


def _differences(model: Model, folder: Path, progress: Progress | None) -> tuple[str, ...]:
    """Files whose SHA-256 is not the manifest's."""
    wrong, done = [], 0
    for name, expected in model.files.items():
        if expected.sha256 and _sha256(folder / name) != expected.sha256:
            wrong.append(f"{name} has another SHA-256 than the manifest")
        done += expected.size
        if progress:
            progress(done / model.size if model.size else 1.0)
    return tuple(wrong)


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
    gaps = _gaps(model, folder)
    if model.folder:
        return (
            f"The model {model.name}, which ships with callmon, is not whole in {folder}:"
            f" {gaps[0] if gaps else 'a file was changed'}. Install callmon again, or run"
            " scripts/hash_models.py if you made the model again."
        )
    state = f"is not whole in {folder} ({gaps[0]})" if folder.is_dir() else "is not here"
    return (
        f"The model {model.name} {state}. Run `callmon models pull {model.name}`"
        f" ({_megabytes(model.size)}), or {_own_way(model)}."
    )


def _unknown(name: str) -> str:
    known = ", ".join(model.name for model in load_manifest().models)
    return (
        f"{name!r} is neither a model that callmon knows ({known}) nor a folder. One of"
        " these names in CALLMON_ASR, or the path of a model's folder, would work."
    )


def _own_way(model: Model) -> str:
    way = "put a folder of it on this machine"
    return f"{way} and set CALLMON_ASR to its path" if model.purpose == "asr" else way


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
