"""`callmon models list|pull|verify|path`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from callmon.commands.output import console, say
from callmon.doctor.installed import ModelState, model_states
from callmon.errors import BadSettings, MissingModel
from callmon.settings import Settings, load_settings
from callmon.weights import (
    COMMUNITY,
    Model,
    find,
    from_folder,
    from_hub,
    how_to_unlock,
    hub_token,
    load_manifest,
    models_in,
    present,
    pull,
    recommended,
    verify,
)

Fetch = Callable[[Model, Path], None]


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    cache = settings.model_cache
    if arguments.verb == "list":
        return _list(cache, as_json=arguments.json)
    if arguments.verb == "pull":
        return _pull(settings, arguments.name, arguments.source)
    if arguments.verb == "verify":
        problems = verify(arguments.name, cache=cache)
        for problem in problems:
            say(f"{arguments.name}: {problem}")
        if not problems:
            say(f"{arguments.name}: every file is as it should be")
        return 1 if problems else 0
    sys.stdout.write(f"{find(arguments.name, cache=cache, offline=True)}\n")
    return 0


def _pull(settings: Settings, name: str | None, source: Path | None) -> int:
    """Fetches one model; or all that a folder holds; or what suits this machine."""
    cache = settings.model_cache
    if source is not None:
        names = (name,) if name else _all_in(source)
        return _fetch(names, cache, partial(from_folder, source=source))
    if settings.offline:
        raise BadSettings(
            "The setting offline is true, so nothing is downloaded. Set CALLMON_OFFLINE to"
            " false for this, or fetch from a folder with --from."
        )
    token = settings.hub_token.get_secret_value() if settings.hub_token else hub_token()
    download = partial(from_hub, token=token)
    if name:
        return _fetch((name,), cache, download)
    return _pull_recommended(settings, download, has_token=bool(token))


def _pull_recommended(settings: Settings, download: Fetch, *, has_token: bool) -> int:
    """The speech model, and the diarizer where its licence can have been accepted."""
    cache = settings.model_cache
    speech, diarizer = _speech_model(settings), _diarizer(settings)
    locked = None
    if diarizer and diarizer.gated and not (has_token or present(diarizer.name, cache)):
        locked, diarizer = diarizer, None
    names = [model.name for model in (speech, diarizer) if model]
    if not names:
        say("Nothing has to be fetched for these settings.")
    code = _fetch(names, cache, download)
    if speech and speech.name != settings.asr:
        say(f"To use {speech.name}, set CALLMON_ASR to it; now it is {settings.asr}.")
    if locked:
        _say_lines(
            f"\n{locked.name} ({_megabytes(locked.size)}) is left out: it needs a token,"
            " and until then voices in one channel are told apart by callmon's own"
            f" clustering. {how_to_unlock(locked)}"
        )
    return code


def _all_in(source: Path) -> tuple[str, ...]:
    names = models_in(source)
    if not names:
        raise MissingModel(
            f"No model of `callmon models list` is whole in {source}. Name a folder such as"
            " CALLMON_DATA/models of a machine that has pulled some."
        )
    return names


def _speech_model(settings: Settings) -> Model | None:
    """The one that the user has set, else the one that suits machine and language.

    None where the user has set a folder of their own.
    """
    if "asr" in settings.model_fields_set:
        return load_manifest().get(settings.asr)
    name = recommended(gpu=_has_gpu(settings), language=settings.language)
    return load_manifest().get(name)


def _diarizer(settings: Settings) -> Model | None:
    """The one that the user has set, by either name; None where another way is set."""
    wanted = COMMUNITY if settings.diarizer == "auto" else settings.diarizer
    models = load_manifest().models
    return next(
        (model for model in models if wanted in (model.name, model.repository)), None
    )


def _has_gpu(settings: Settings) -> bool:
    if settings.device == "cpu":
        return False
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count())


def _fetch(names: Sequence[str], cache: Path, fetch: Fetch) -> int:
    """Fetches one model after the other; one that fails does not stop the others."""
    _tell_what_comes(names, cache)
    failed = False
    for name in names:
        try:
            with _fetching(name) as progress:
                folder = pull(name, cache=cache, progress=progress, fetch=fetch)
        except MissingModel as error:
            _say_lines(f"callmon: {error}")
            failed = True
        else:
            say(f"{name} is in {folder}")
    return 1 if failed else 0


def _tell_what_comes(names: Sequence[str], cache: Path) -> None:
    """Size and licence of each model, before anything is fetched."""
    manifest = load_manifest()
    known = [model for name in names if (model := manifest.get(name))]
    missing = [model for model in known if not present(model.name, cache)]
    for model in known:
        here = "" if model in missing else ", here already"
        say(f"{model.name}: {_megabytes(model.size)}, licence {model.licence}{here}")
    if len(missing) > 1:
        say(f"to fetch: {_megabytes(sum(model.size for model in missing))}")


def _list(cache: Path, *, as_json: bool) -> int:
    models = model_states(cache)
    if as_json:
        document = TypeAdapter(tuple[ModelState, ...]).dump_json(models, indent=1)
        sys.stdout.write(document.decode() + "\n")
        return 0

    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "here", "size", "licence", "when to take it"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    for model in models:
        table.add_row(
            model.name,
            "yes" if model.path else "-",
            _megabytes(model.size),
            model.licence,
            model.about,
        )
    console(sys.stdout).print(table)
    say(f"Downloaded models are kept in {cache}.")
    return 0


@contextmanager
def _fetching(name: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on a terminal, one line elsewhere."""
    if not sys.stderr.isatty():
        say(f"fetching {name}")
        yield None
        return

    from rich.progress import Progress

    with Progress(console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(f"fetching {name}", total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _say_lines(text: str) -> None:
    for line in text.split("\n"):
        say(line)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
