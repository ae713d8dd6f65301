"""Downloads from the model hub, going on where an earlier try stopped."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

from callmon.errors import MissingModel
from callmon.weights.manifest import Model

# The hub's client tries six times over 23 s when there is no network; one short
# question before it tells that in half a second.
KNOCK_SECONDS = 5.0
PARTIAL = ".part"
REFUSALS = (401, 403)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def from_hub(model: Model, folder: Path, *, token: str | None = None) -> None:
    """Puts a model's files into a folder, where some, or parts of one, may lie already.

    `token` is the user's own, for a model with a licence to accept; without it the one
    that `hub_token` finds. A proxy is taken from HTTPS_PROXY, another hub from
    HF_ENDPOINT. Raises MissingModel when the hub cannot be reached or refuses, and
    OSError when nothing can be written.
    """
    _quiet()
    from huggingface_hub import HfApi

    # HTTPError is that of requests, httpx or httpx2, by the version of the library.
    from huggingface_hub.errors import (  # type: ignore[attr-defined]
        HfHubHTTPError,
        HTTPError,
        OfflineModeIsEnabled,
    )

    assert model.repository is not None, "bundled models are never downloaded"
    # Who takes a model that is free for all is nobody's business, and a token that has
    # run out would be refused there too.
    access = (token or hub_token()) if model.gated else False
    if access is None:
        raise MissingModel(f"The model {model.name} needs a token. {how_to_unlock(model)}")
    try:
        HfApi(token=access).model_info(
            model.repository, revision=model.revision, timeout=KNOCK_SECONDS
        )
        for name in model.gaps(folder):
            _download(model, name, folder, token=access)
    except (HTTPError, OSError, RuntimeError, ValueError) as error:
        answered = error.response if isinstance(error, HfHubHTTPError) else None
        if model.gated and answered is not None and answered.status_code in REFUSALS:
            raise MissingModel(
                f"The hub does not give the model {model.name} to this token."
                f" {how_to_unlock(model)}"
            ) from error
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        offline = isinstance(error, OfflineModeIsEnabled)
        reason = "HF_HUB_OFFLINE is set" if offline else type(error).__name__
        raise MissingModel(
            f"The model {model.name} is not here and could not be downloaded"
            f" ({reason}). Run `callmon models pull {model.name}` where there is a"
            f" network: it goes on where it stopped. Or {by_folder(model)}."
        ) from error


def hub_token() -> str | None:
    """The hub's own token of this user: in HF_TOKEN, or saved by `hf auth login`."""
    _quiet()
    from huggingface_hub import get_token

    return get_token()


def how_to_unlock(model: Model) -> str:
    """What has to be done once before the hub gives a gated model."""
    _quiet()
    from huggingface_hub.constants import ENDPOINT

    return (
        f"It is free (licence {model.licence}), but its makers want to know who takes"
        " it. Once:\n"
        f"  1. Make an account at {ENDPOINT}/join\n"
        f"  2. Accept the conditions at {ENDPOINT}/{model.repository}\n"
        f"  3. Make a token that can read at {ENDPOINT}/settings/tokens\n"
        "  4. Set CALLMON_HUB_TOKEN to it, and run"
        f" `callmon models pull {model.name}` again\n"
        f"Or {by_folder(model)}."
    )


def by_folder(model: Model) -> str:
    """The way that needs no network."""
    way = (
        "carry it over from a machine that has it:"
        f" `callmon models pull {model.name} --from FOLDER`"
    )
    if model.purpose == "asr":
        way += ", or set CALLMON_ASR to the path of a folder of your own"
    return way


def _download(model: Model, name: str, folder: Path, *, token: str | bool) -> None:
    """One file, by plain HTTP with a range where a part of it is here.

    The library's own download begins anew after a killed process: its partial files
    have names that no second process knows (huggingface_hub 2.4).
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    assert model.repository is not None
    size = model.files[name].size
    whole = folder / name
    part = folder / f"{name}{PARTIAL}"
    part.parent.mkdir(parents=True, exist_ok=True)
    if part.exists() and part.stat().st_size > size:
        part.unlink()
    with part.open("ab") as file:
        http_get(
            hf_hub_url(model.repository, name, revision=model.revision),
            file,
            resume_size=file.tell(),
            headers=build_hf_headers(token=token),
            expected_size=size,
        )
    part.replace(whole)


def _quiet() -> None:
    """No telemetry, whatever the environment says, and no bars of the library's own."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub import constants

    # The environment was read when another library imported this one.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    # Its warnings repeat what the errors say, over many lines.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
