"""The models that callmon knows by name, and which of them suit a machine."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from callmon.call import Value
from callmon.errors import BadSettings

COMMUNITY = "community-1"
"""The recommended diarizer, a pipeline of pyannote.audio."""


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
    gated: bool = False
    """Whether its licence has to be accepted on the hub, and a token shown."""
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

    def gaps(self, folder: Path) -> dict[str, str]:
        """By file: what is missing in a folder, or has another size than it should."""
        gaps: dict[str, str] = {}
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file():
                gaps[name] = f"{name} is missing"
            elif (size := path.stat().st_size) != expected.size:
                gaps[name] = f"{name} has {size} bytes instead of {expected.size}"
        return gaps


class Manifest(Value):
    """The models that callmon knows by name."""

    models: tuple[Model, ...]

    def get(self, name: str) -> Model | None:
        return next((model for model in self.models if model.name == name), None)


def models_folder() -> Path:
    """Where the manifest and the bundled models lie, installed or in a checkout."""
    package = Path(__file__).resolve().parents[1]
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


def recommended(*, gpu: bool, language: str | None) -> str:
    """The name of the speech model for a machine, and for calls in a language.

    With a GPU the large one in its fast form. On a processor the small one, which keeps
    up with the call on a few cores; its English form where the calls are English or
    their language is not said, as the rubric that ships with callmon is English too.
    """
    if gpu:
        return "large-v3-turbo"
    return "small.en" if language in ("en", None) else "small"
