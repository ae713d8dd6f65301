import json
import os
from pathlib import Path

import pytest

from callmon.intake.sidecar import LONGEST_BYTES, find_sidecar, read_sidecar
from callmon.metadata import Metadata


@pytest.mark.parametrize("name", ["call.json", "call.wav.json", "call_metadata.json"])
def test_the_file_beside_a_recording_is_found(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("{}")
    assert find_sidecar(tmp_path / "call.wav") == tmp_path / name


def test_other_files_are_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "call.json").mkdir()
    assert find_sidecar(tmp_path / "call.wav") is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"agent": "root"}')
    (tmp_path / "call.json").symlink_to(secret)
    assert find_sidecar(tmp_path / "call.wav") is None
    told = read_sidecar(tmp_path / "call.json")
    assert told.metadata == Metadata()
    assert "cannot be read" in told.warnings[0]


def test_its_fields_are_read(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"agent": "ann"}).encode())
    assert read_sidecar(path).metadata.agent == "ann"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not JSON"),
        (b'{"agent": "ann"', "is not JSON, line 1"),
        (b"[1]", "holds no object"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"n": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b" " * (LONGEST_BYTES + 1), "more than 1,048,576 bytes"),
    ],
)
def test_what_is_wrong_with_it_is_only_a_warning(
    data: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "call.json"
    path.write_bytes(data)
    told = read_sidecar(path)
    assert told.metadata == Metadata()
    assert why in told.warnings[0]


def test_a_pipe_in_its_place_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "call.json")
    assert find_sidecar(tmp_path / "call.wav") is None
    assert "no ordinary file" in read_sidecar(tmp_path / "call.json").warnings[0]


def test_a_name_as_long_as_names_can_be_has_no_sidecar(tmp_path: Path) -> None:
    assert find_sidecar(tmp_path / ("n" * 251 + ".wav")) is None


def test_a_path_in_it_is_only_a_label(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text('{"file": "../../etc/passwd", "include": "/etc/shadow"}')
    assert read_sidecar(path).metadata.labels == {
        "file": "../../etc/passwd",
        "include": "/etc/shadow",
    }
