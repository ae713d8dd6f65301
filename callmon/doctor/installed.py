"""Tells what is installed, what can run here, and what is missing for what."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from callmon import __version__
from callmon.call import Value
from callmon.errors import MissingModel
from callmon.settings import Settings
from callmon.speech.recognition.device import threads_to_take, usable_cores
from callmon.weights import Model, find, load_manifest

PACKAGES = (
    "faster-whisper",
    "ctranslate2",
    "librosa",
    "av",
    "onnxruntime",
    "pyannote.audio",
    "torch",
)
# Codecs in which call recorders write, by FFmpeg's names. Uncompressed, mu-law, A-law
# and FLAC are in every build.
CODECS = {
    "AAC": "aac",
    "AMR narrow band": "amrnb",
    "AMR wide band": "amrwb",
    "G.722": "g722",
    "G.726": "g726",
    "G.729": "g729",
    "GSM": "gsm",
    "GSM in WAV": "gsm_ms",
    "MP3": "mp3",
    "Opus": "opus",
    "Vorbis": "vorbis",
}
# The database and the reports of a thousand calls, without their media.
LITTLE_SPACE = 1_000_000_000


class ModelState(Value):
    """One model of the manifest, and whether it is here."""

    name: str
    purpose: str
    size: int
    """Bytes."""
    licence: str
    languages: tuple[str, ...]
    about: str
    path: Path | None
    """Its folder; null when it is not here whole."""


class Report(Value):
    """What `callmon doctor` found."""

    versions: Mapping[str, str | None]
    """Of python, callmon and the packages it stands on; null where not installed."""
    gpus: int
    """Graphics processors on which speech recognition can run."""
    threads: int
    """Processor threads that the models take."""
    models: tuple[ModelState, ...]
    asr: Path | None
    """Folder of the speech model in the settings; null when it is not here."""
    codecs: Mapping[str, bool]
    """By name: whether recordings in it can be read."""
    data: Path
    """The folder for database, media and models."""
    free: int
    """Bytes free for it."""
    opinions: str | None
    """Where second opinions are asked, and of which model; null when they are off."""
    missing: tuple[str, ...]
    """What is missing, for what, and how to get it: sentences for people."""


def examine(settings: Settings) -> Report:
    """Looks at this machine; nothing is downloaded, changed or loaded into memory."""
    versions = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "callmon": __version__,
        **{package: _installed(package) for package in PACKAGES},
    }
    models = model_states(settings.model_cache)
    asr, asr_missing = _look(settings.asr, settings.model_cache)
    gpus = _gpus() if versions["ctranslate2"] else 0
    codecs = _codecs() if versions["av"] else dict.fromkeys(CODECS, False)
    free = shutil.disk_usage(_existing(settings.data)).free
    return Report(
        versions=versions,
        gpus=gpus,
        threads=threads_to_take(settings.threads, cores=usable_cores()),
        models=models,
        asr=asr,
        codecs=codecs,
        data=settings.data,
        free=free,
        opinions=_opinions(settings),
        missing=_missing(
            settings,
            versions=versions,
            gpus=gpus,
            asr_missing=asr_missing,
            codecs=codecs,
            free=free,
        ),
    )


def model_states(cache: Path) -> tuple[ModelState, ...]:
    """The models of the manifest, in its order."""

    def state(model: Model) -> ModelState:
        return ModelState(
            name=model.name,
            purpose=model.purpose,
            size=model.size,
            licence=model.licence,
            languages=model.languages,
            about=model.about,
            path=_look(model.name, cache)[0],
        )

    return tuple(state(model) for model in load_manifest().models)


def _missing(
    settings: Settings,
    *,
    versions: Mapping[str, str | None],
    gpus: int,
    asr_missing: str | None,
    codecs: Mapping[str, bool],
    free: int,
) -> tuple[str, ...]:
    sentences: list[str] = []
    for package in PACKAGES:
        if versions[package] is None:
            sentences.append(
                f"{package} is not installed, without which calls cannot be analysed:"
                " install callmon again."
            )
    if asr_missing:
        sentences.append(asr_missing)
    if settings.device.startswith("cuda") and not gpus:
        sentences.append(
            "The setting device is cuda, but no GPU can be used: check the driver and the"
            " CUDA libraries with `nvidia-smi`, or set CALLMON_DEVICE to auto."
        )
    unread = [name for name, readable in codecs.items() if not readable]
    if unread and versions["av"]:
        sentences.append(
            f"Recordings in {', '.join(unread)} cannot be read by the FFmpeg libraries in"
            " the package av: convert them to WAV or FLAC."
        )
    folder = _existing(settings.data)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        sentences.append(
            f"Nothing can be written to {settings.data}: give this user the right to, or"
            " name another folder in CALLMON_DATA."
        )
    if free < LITTLE_SPACE:
        sentences.append(
            f"Only {free / 1e6:.0f} MB are free for {settings.data}: make room, or name"
            " another folder in CALLMON_DATA."
        )
    return tuple(sentences)


def _opinions(settings: Settings) -> str | None:
    if settings.opinion_url is None:
        return None
    return (
        f"{settings.opinion_model} at {settings.opinion_url}, for findings less than"
        f" {settings.opinion_below:.0%} sure; the redacted turns around them go there"
    )


def _look(name_or_path: str, cache: Path) -> tuple[Path | None, str | None]:
    """A model's folder, or the sentence that says why there is none."""
    try:
        return find(name_or_path, cache=cache, offline=True), None
    except MissingModel as error:
        return None, str(error)


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _gpus() -> int:
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def _codecs() -> dict[str, bool]:
    import av

    return {name: codec in av.codecs_available for name, codec in CODECS.items()}


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())
