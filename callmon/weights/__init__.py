"""Finds, fetches and checks model weights by `models/manifest.toml`.

manifest   the models that callmon knows by name
hub        downloads from the model hub, going on where an earlier try stopped
mirror     copies from a folder that another machine has filled
cache      the folder of models on this machine: find, pull, verify
"""

from callmon.weights.cache import find, present, pull, verify
from callmon.weights.hub import from_hub, how_to_unlock, hub_token
from callmon.weights.manifest import (
    COMMUNITY,
    Manifest,
    Model,
    ModelFile,
    load_manifest,
    models_folder,
    recommended,
)
from callmon.weights.mirror import from_folder, models_in

__all__ = [
    "COMMUNITY",
    "Manifest",
    "Model",
    "ModelFile",
    "find",
    "from_folder",
    "from_hub",
    "how_to_unlock",
    "hub_token",
    "load_manifest",
    "models_folder",
    "models_in",
    "present",
    "pull",
    "recommended",
    "verify",
]
