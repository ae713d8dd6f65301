"""Loads a pipeline of pyannote.audio: from a folder, or from the model hub."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from callmon.errors import BadSettings, MissingModel
from callmon.speech.diarization.privacy import switch_off_telemetry
from callmon.speech.diarization.torchaudio_standin import ensure_torchaudio

DEFAULT = "pyannote/speaker-diarization-community-1"
"""On the model hub; its licence has to be accepted on its page."""

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
CONFIG = "config.yaml"
KINDS = (
    "pyannote.audio.pipelines.SpeakerDiarization",
    "pyannote.audio.pipelines.speaker_diarization.SpeakerDiarization",
)
CLUSTERINGS = ("VBxClustering", "AgglomerativeClustering")
"""Those that find the number of speakers themselves; the first is the default."""

HARMLESS = (
    r"\s*torchcodec is not installed correctly",  # It would decode files; ours are decoded.
    r"std\(\): degrees of freedom is <= 0",  # A voice of one frame in a window.
    r"Mean of empty slice",
    r"invalid value encountered in (scalar )?divide",  # Of the same.
    r"TensorFloat-32 \(TF32\) has been disabled",
)


def load_pipeline(
    name_or_folder: str | Path,
    *,
    token: str | None = None,
    cache: Path | None = None,
    offline: bool = False,
) -> Any:
    """A `pyannote.audio.pipelines.SpeakerDiarization`, on the CPU.

    From the hub it is downloaded into `cache` (without it, into the hub's own), unless
    `offline`; for a folder the network is never used. `token` is that of a user who has
    accepted the licence. A pipeline is a program: name only folders and hub names that
    you trust.

    Raises MissingModel when it cannot be had or loaded, with the ways to have one, and
    BadSettings when it does something else, or would do it on another machine.
    """
    folder = local_folder(name_or_folder)
    name = str(name_or_folder)
    # Of a file with that name pyannote.audio would take the config, unchecked.
    if folder is None and (not HUB_NAME.fullmatch(name) or Path(name).is_file()):
        raise MissingModel(
            f"The diarizer {name!r} is neither a folder nor a name on the model hub such as"
            f" {DEFAULT}. {_ways(DEFAULT)}"
        )
    switch_off_telemetry()
    with quiet(), _network(allowed=not (folder or offline)):
        try:
            config = _config(folder or name, token=token, cache=cache)
            # Before the pipeline is made: one that is a service calls it at once.
            _check_kind(config["pipeline"], name)
            pipeline = _loaded(folder or name, token=token, cache=cache)
        except BadSettings:
            raise
        # What the libraries raise for a refused download or a broken file is not
        # declared: HTTP errors, OSError, KeyError, pickle's and YAML's own.
        except Exception as error:
            raise MissingModel(_failure(name, error, local=folder is not None)) from error
    # Older pipelines ask for an output without the turns that exclude each other.
    pipeline.legacy = False
    return pipeline


def local_folder(name_or_folder: str | Path) -> Path | None:
    """The folder of that name on this machine, if there is one."""
    # Other than Path's: no such user, or a name too long, is no folder either.
    path = os.path.expanduser(name_or_folder)  # noqa: PTH111
    return Path(path) if os.path.isdir(path) else None  # noqa: PTH112


def _config(source: str | Path, *, token: str | None, cache: Path | None) -> Any:
    import yaml
    from huggingface_hub import hf_hub_download

    if isinstance(source, str):
        source = Path(hf_hub_download(source, CONFIG, token=token, cache_dir=cache)).parent
    return yaml.safe_load((source / CONFIG).read_text(encoding="utf-8"))


def _check_kind(pipeline: Mapping[str, Any], name: str) -> None:
    """Refuses a pipeline that does other things, or does them elsewhere."""
    kind = pipeline["name"]
    if kind not in KINDS:
        raise BadSettings(
            f"{name} is a {kind}, no pipeline that tells speakers apart on this machine."
            f" {DEFAULT} would work."
        )
    clustering = pipeline["params"].get("clustering", CLUSTERINGS[0])
    if clustering not in CLUSTERINGS:
        raise BadSettings(
            f"The pipeline {name} uses {clustering}, which cannot find out how many people"
            f" speak. One with {' or '.join(CLUSTERINGS)} would work."
        )


def _loaded(source: str | Path, *, token: str | None, cache: Path | None) -> Any:
    ensure_torchaudio()
    from pyannote.audio import Pipeline

    # It prints its advice, where `--json -` writes the document.
    with redirect_stdout(io.StringIO()):
        return Pipeline.from_pretrained(source, token=token, cache_dir=cache)


def usable_device(device: str) -> str:
    """PyTorch's name of the device; raises BadSettings for one that is not there."""
    import torch

    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", device):
        raise BadSettings(
            f"The device {device!r} is unknown; use auto, cpu, cuda or, for the second of"
            " several GPUs, cuda:1."
        )
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.startswith("cuda:") and gpus and int(device[5:]) >= gpus:
        raise BadSettings(
            f"The device {device} is asked for, but the last GPU here is cuda:{gpus - 1}."
        )
    if device.startswith("cuda") and not gpus:
        build = f"its build is for CUDA {torch.version.cuda}"
        if torch.version.cuda is None:
            build = "its build is for the CPU only"
        raise BadSettings(
            f"The device {device} is asked for, but PyTorch, on which pyannote.audio runs,"
            f" can use no GPU here ({build}). Install a build of torch"
            f" {torch.__version__} for CUDA and the GPU's driver, or set the device to cpu"
            " or auto."
        )
    if device == "auto":
        return "cuda" if gpus else "cpu"
    return device


def send(pipeline: Any, device: str) -> None:
    """Moves a pipeline's models; raises BadSettings when the device cannot compute."""
    import torch

    try:
        pipeline.to(torch.device(device))
    except RuntimeError as error:
        raise BadSettings(
            f"A GPU is here, but PyTorch cannot compute on it ({_first_line(error)})."
            " Install a build of torch that knows it, or set the device to cpu."
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of the libraries that are no concern of the user's."""
    with warnings.catch_warnings():
        for message in HARMLESS:
            warnings.filterwarnings("ignore", message=message)
        yield


@contextmanager
def _network(*, allowed: bool) -> Iterator[None]:
    """Keeps the hub's client from the network, also where a pipeline names other models.

    The client reads the environment only once, when it is first imported.
    """
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or not allowed
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _failure(name: str, error: Exception, *, local: bool) -> str:
    if local:
        return (
            f"The folder {name!r} holds no pipeline of pyannote.audio that can be loaded"
            f" ({_first_line(error)}). It needs config.yaml and the models that this names;"
            f" a folder with all files of {DEFAULT} would work."
        )
    return (
        f"The pipeline {name} is not on this machine and could not be downloaded, or could"
        f" not be loaded ({type(error).__name__}). {_ways(name)}"
    )


def _ways(name: str) -> str:
    return (
        "There are two ways to have one. With the hub: accept the licence on the page of"
        f" {name} there, make a token that may read, and set it in CALLMON_HUB_TOKEN."
        " Without: put the pipeline's folder on this machine and set CALLMON_DIARIZER to"
        " its path."
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
