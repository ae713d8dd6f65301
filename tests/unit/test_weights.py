from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from callmon.errors import BadSettings, MissingModel
from callmon.weights import (
    Model,
    find,
    from_folder,
    from_hub,
    how_to_unlock,
    load_manifest,
    manifest,
    models_in,
    present,
    pull,
    recommended,
    verify,
)

FILES = {
    "config.json": b"{}",
    "model.bin": b"weights" * 100,
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
}


def table(files: dict[str, bytes]) -> str:
    lines = []
    for name, data in files.items():
        digest = hashlib.sha256(data).hexdigest()
        lines.append(f'"{name}" = {{ size = {len(data)}, sha256 = "{digest}" }}\n')
    return "".join(lines)


def entry(name: str, source: str, files: dict[str, bytes] = FILES) -> str:
    return (
        f'[[models]]\nname = "{name}"\npurpose = "asr"\n{source}\nlicence = "MIT"\n'
        f'languages = ["en"]\nabout = "For tests."\n[models.files]\n{table(files)}\n'
    )


HUB = f'repository = "maker/thing"\nrevision = "{"0" * 40}"'


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manifest with a model in a folder and one on a hub, of some hundred bytes."""
    folder = write(tmp_path / "models" / "own-asr", FILES).parent
    known = entry("own", 'folder = "own-asr"') + entry("thing", HUB)
    (folder / "manifest.toml").write_text(known)
    monkeypatch.setattr(manifest, "models_folder", lambda: folder)
    return folder


def hub(
    files: dict[str, bytes] = FILES, *, broken_after: int | None = None
) -> Callable[[Model, Path], None]:
    """A model hub in memory; it breaks off after so many files, like a network."""

    def fetch(model: Model, folder: Path) -> None:
        for number, (name, data) in enumerate(files.items()):
            if number == broken_after:
                raise MissingModel("the line broke")
            (folder / name).write_bytes(data)

    return fetch


# --- the manifest ---------------------------------------------------------------------


def test_the_manifest_of_callmon_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    models = load_manifest().models
    names = [model.name for model in models]
    assert len(set(names)) == len(names)
    assert {"demo", "small.en", "large-v3-turbo", "community-1"} <= set(names)
    assert all(file.sha256 for model in models for file in model.files.values())


@pytest.mark.parametrize(
    ("gpu", "language", "name"),
    [
        (True, "en", "large-v3-turbo"),
        (True, "de", "large-v3-turbo"),
        (False, None, "small.en"),
        (False, "en", "small.en"),
        (False, "de", "small"),
    ],
)
def test_the_recommended_model_suits_machine_and_language(
    monkeypatch: pytest.MonkeyPatch, gpu: bool, language: str | None, name: str
) -> None:
    monkeypatch.undo()
    assert recommended(gpu=gpu, language=language) == name
    assert load_manifest().get(name) is not None


def test_the_bundled_models_are_the_ones_in_the_manifest(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.undo()
    for model in load_manifest().models:
        if model.folder:
            assert verify(model.name, cache=cache) == (), "run scripts/hash_models.py"


def test_a_manifest_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(entry("x", f'{HUB}\ncolour = "red"'))
    with pytest.raises(BadSettings, match="colour"):
        load_manifest(path)


@pytest.mark.parametrize(
    "source", ["", f'{HUB}\nfolder = "x"', 'repository = "maker/thing"', 'folder = "../x"']
)
def test_a_model_has_one_safe_source(tmp_path: Path, source: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(entry("x", source))
    with pytest.raises(BadSettings):
        load_manifest(path)


# --- finding --------------------------------------------------------------------------


def test_a_bundled_model_is_found(cache: Path, models: Path) -> None:
    assert find("own", cache=cache) == models / "own-asr"


def test_a_downloaded_model_is_found(cache: Path) -> None:
    folder = write(cache / "thing", FILES)
    assert find("thing", cache=cache, offline=True) == folder
    assert present("thing", cache)


def test_a_folder_of_the_users_own_is_found(cache: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", FILES)
    assert find(str(folder), cache=cache) == folder


def test_a_folder_in_the_cache_is_found_by_its_name(cache: Path) -> None:
    folder = write(cache / "mine", FILES)
    assert find("mine", cache=cache) == folder


def test_a_folder_without_a_tokenizer_is_no_model(cache: Path, tmp_path: Path) -> None:
    files = {name: data for name, data in FILES.items() if name != "tokenizer.json"}
    with pytest.raises(MissingModel, match=r"tokenizer\.json is missing"):
        find(str(write(tmp_path / "mine", files)), cache=cache)


def test_a_name_too_long_for_a_folder_is_no_model(cache: Path) -> None:
    with pytest.raises(MissingModel, match="neither a model"):
        find("a" * 300, cache=cache)


def test_a_model_that_is_not_here_says_the_ways_to_get_it(cache: Path) -> None:
    with pytest.raises(MissingModel) as caught:
        find("thing", cache=cache, offline=True)
    message = str(caught.value)
    assert "The model thing is not here" in message
    assert "`callmon models pull thing`" in message
    assert "CALLMON_ASR" in message
    assert "\n" not in message


def test_a_partial_model_is_not_present(cache: Path) -> None:
    write(cache / "thing", {**FILES, "model.bin": b"weig"})
    assert not present("thing", cache)
    with pytest.raises(MissingModel, match=r"model\.bin has 4 bytes instead of 700"):
        find("thing", cache=cache, offline=True)


@pytest.mark.parametrize(
    "name", ["nothing", "", "..", "a\0b", "~no-such-user/x", "../cache"]
)
def test_a_name_that_nobody_knows_lists_those_that_work(cache: Path, name: str) -> None:
    with pytest.raises(MissingModel, match=r"own, thing|holds no whole speech model"):
        find(name, cache=cache)


def test_a_model_that_is_not_here_is_downloaded(cache: Path) -> None:
    assert find("thing", cache=cache, fetch=hub()) == cache / "thing"


# --- downloading ----------------------------------------------------------------------


def test_a_download_lies_whole_under_its_name(cache: Path) -> None:
    folder = pull("thing", cache=cache, fetch=hub())
    assert folder == cache / "thing"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert [path.name for path in cache.iterdir() if path.is_dir()] == ["thing"]


def test_what_is_there_is_not_downloaded_again(cache: Path) -> None:
    write(cache / "thing", FILES)
    assert pull("thing", cache=cache, fetch=hub({}, broken_after=0)) == cache / "thing"


def test_a_download_that_breaks_off_is_not_present_and_goes_on_later(cache: Path) -> None:
    with pytest.raises(MissingModel, match="the line broke"):
        pull("thing", cache=cache, fetch=hub(broken_after=2))
    assert not present("thing", cache)
    rest = {name: FILES[name] for name in list(FILES)[2:]}
    assert pull("thing", cache=cache, fetch=hub(rest)) == cache / "thing"


def test_a_file_with_other_bytes_is_thrown_away_and_the_rest_is_kept(cache: Path) -> None:
    other = {**FILES, "model.bin": b"Weights" * 100}
    with pytest.raises(MissingModel, match=r"model\.bin has another SHA-256"):
        pull("thing", cache=cache, fetch=hub(other))
    assert not present("thing", cache)
    rest = {"model.bin": FILES["model.bin"]}
    assert pull("thing", cache=cache, fetch=hub(rest)) == cache / "thing"


def test_a_second_pull_waits_for_the_first_and_takes_what_it_brought(cache: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    fetched: list[str] = []

    def slow(model: Model, folder: Path) -> None:
        fetched.append(model.name)
        begun.set()
        assert go_on.wait(10)
        write(folder, FILES)

    pulls = [
        threading.Thread(
            target=pull, args=("thing",), kwargs={"cache": cache, "fetch": slow}
        )
        for _ in range(2)
    ]
    for one in pulls:
        one.start()
    assert begun.wait(10)
    go_on.set()
    for one in pulls:
        one.join(10)
    assert fetched == ["thing"]
    assert verify("thing", cache=cache) == ()


def test_a_damaged_model_is_replaced(cache: Path) -> None:
    write(cache / "thing", {**FILES, "model.bin": b"Weights" * 100})
    pull("thing", cache=cache, fetch=hub())
    assert verify("thing", cache=cache) == ()


def test_progress_ends_with_all(cache: Path) -> None:
    shares: list[float] = []
    pull("thing", cache=cache, fetch=hub(), progress=shares.append)
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_a_bundled_model_is_not_downloaded(cache: Path, models: Path) -> None:
    (models / "own-asr" / "model.bin").unlink()
    with pytest.raises(MissingModel, match="ships with callmon"):
        pull("own", cache=cache, fetch=hub())


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MissingModel, match=r"cannot be stored in .*CALLMON_DATA"):
        pull("thing", cache=tmp_path / "file", fetch=hub())


def test_too_little_room_is_told_before_the_download(cache: Path, models: Path) -> None:
    path = models / "manifest.toml"
    path.write_text(path.read_text().replace("size = 700", f"size = {10**18}"))
    with pytest.raises(MissingModel, match="needs 1000000000000 MB"):
        pull("thing", cache=cache, fetch=hub())


def test_without_a_network_the_hub_is_one_sentence(cache: Path) -> None:
    """HF_HUB_OFFLINE is set for all tests, so this asks nobody."""
    with pytest.raises(MissingModel) as caught:
        find("thing", cache=cache)
    message = str(caught.value)
    assert "could not be downloaded (HF_HUB_OFFLINE is set)" in message
    assert "--from FOLDER" in message
    assert "CALLMON_ASR" in message
    assert "\n" not in message


def test_the_hub_is_asked_for_the_pinned_commit_and_sees_no_telemetry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import constants, file_download

    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    asked: list[str] = []

    def get(url: str, file: BinaryIO, **_facts: object) -> None:
        asked.append(url)
        file.write(FILES[url.rpartition("/")[2]])

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: None)
    monkeypatch.setattr(file_download, "http_get", get)
    thing = load_manifest().get("thing")
    assert thing is not None
    from_hub(thing, tmp_path)
    assert {url.rpartition("/")[2] for url in asked} == set(FILES)
    assert all(f"/maker/thing/resolve/{'0' * 40}/" in url for url in asked)
    assert thing.gaps(tmp_path) == {}
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert constants.HF_HUB_DISABLE_TELEMETRY


def test_a_model_behind_a_licence_says_step_by_step_how_to_get_it(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    (models / "manifest.toml").write_text(entry("thing", f"{HUB}\ngated = true"))
    thing = load_manifest().get("thing")
    assert thing is not None
    with pytest.raises(MissingModel, match="The model thing needs a token") as caught:
        from_hub(thing, tmp_path)
    assert how_to_unlock(thing) in str(caught.value)
    for step in ("1. Make an account", "2. Accept", "/maker/thing", "CALLMON_HUB_TOKEN"):
        assert step in how_to_unlock(thing)


# --- from a folder of another machine -------------------------------------------------


@pytest.mark.parametrize("place", ["thing", "models/thing", "."])
def test_a_model_is_copied_from_a_folder(cache: Path, tmp_path: Path, place: str) -> None:
    stick = tmp_path / "stick"
    write(stick / place, FILES)
    assert models_in(stick) == ("thing",)
    folder = pull("thing", cache=cache, fetch=partial(from_folder, source=stick))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def test_a_folder_without_the_model_says_what_is_wanted(
    cache: Path, tmp_path: Path
) -> None:
    write(tmp_path / "stick" / "thing", {"config.json": b"{}"})
    assert models_in(tmp_path / "stick") == ()
    with pytest.raises(MissingModel, match=r"not whole in .*stick.*thing/config\.json"):
        pull("thing", cache=cache, fetch=partial(from_folder, source=tmp_path / "stick"))


def test_a_damaged_copy_is_refused(cache: Path, tmp_path: Path) -> None:
    write(tmp_path / "thing", {**FILES, "model.bin": b"Weights" * 100})
    with pytest.raises(MissingModel, match=r"model\.bin has another SHA-256"):
        pull("thing", cache=cache, fetch=partial(from_folder, source=tmp_path))
    assert not present("thing", cache)


# --- verifying ------------------------------------------------------------------------


def test_a_whole_model_has_no_problems(cache: Path) -> None:
    shares: list[float] = []
    assert verify("own", cache=cache, progress=shares.append) == ()
    assert shares[-1] == 1.0


def test_changed_bytes_of_the_same_length_are_seen(cache: Path) -> None:
    write(cache / "thing", {**FILES, "vocabulary.txt": b"a\nc\n"})
    assert verify("thing", cache=cache) == (
        "vocabulary.txt has another SHA-256 than the manifest",
    )


def test_missing_files_are_seen(cache: Path) -> None:
    write(cache / "thing", {"config.json": b"{}"})
    assert "model.bin is missing" in verify("thing", cache=cache)


def test_nothing_to_verify_is_an_error(cache: Path) -> None:
    with pytest.raises(MissingModel, match="is not here"):
        verify("thing", cache=cache)
