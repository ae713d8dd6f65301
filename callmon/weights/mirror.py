"""Copies models from a folder that another machine has filled: a USB stick, a share."""

from __future__ import annotations

import shutil
from pathlib import Path

from callmon.errors import MissingModel
from callmon.weights.hub import PARTIAL
from callmon.weights.manifest import Model, load_manifest


def from_folder(model: Model, folder: Path, *, source: Path) -> None:
    """Puts a model's files into a folder, where some may lie already, from `source`.

    `source` is the models' folder of the other machine, its CALLMON_DATA, or the folder
    of this one model. Raises MissingModel when the model is not there whole.
    """
    place = _place(model, source)
    if place is None:
        raise MissingModel(
            f"The model {model.name} is not whole in {source}. Name a folder with"
            f" {model.name}/{next(iter(model.files))} and its other files, as"
            f" `callmon models pull {model.name}` leaves it in CALLMON_DATA/models."
        )
    for name in model.gaps(folder):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}{PARTIAL}"
        shutil.copyfile(place / name, part)
        part.replace(folder / name)


def models_in(source: Path) -> tuple[str, ...]:
    """The names of the models that lie whole in a folder, as far as sizes tell."""
    return tuple(
        model.name
        for model in load_manifest().models
        if not model.folder and _place(model, source)
    )


def _place(model: Model, source: Path) -> Path | None:
    places = (source / model.name, source / "models" / model.name, source)
    return next((place for place in places if not model.gaps(place)), None)
