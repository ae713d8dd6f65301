import os
from pathlib import Path

import pytest

from callmon.intake import filing
from callmon.intake.folder import Changed, Seen, look


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    return folder


def put(root: Path, name: str, data: bytes = b"sound") -> Seen:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return next(seen for seen in look(root) if seen.path == path)


def tree(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if not p.is_dir())


def test_a_file_goes_to_the_same_place_below_done_with_its_sidecar(root: Path) -> None:
    put(root, "north/call.wav")
    (root / "north/call.json").write_text("{}")
    (seen,) = look(root)
    filing.move_done(seen)
    assert tree(root) == ["done/north/call.json", "done/north/call.wav"]


def test_nothing_is_written_over(root: Path) -> None:
    for data in (b"one", b"two", b"three"):
        filing.move_done(put(root, "call.tar.wav", data))
    done = {p.name: p.read_bytes() for p in (root / "done").iterdir()}
    assert done == {
        "call.tar.wav": b"one",
        "call (2).tar.wav": b"two",
        "call (3).tar.wav": b"three",
    }


def test_a_file_that_comes_while_another_is_moved_is_not_written_over(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = put(root, "call.wav")
    touch = Path.touch

    def raced(path: Path, **options: bool) -> None:
        if path.name == "call.wav":
            path.write_bytes(b"of another program")
        touch(path, **options)

    monkeypatch.setattr(Path, "touch", raced)
    filing.move_done(seen)
    done = {p.name: p.read_bytes() for p in (root / "done").iterdir()}
    assert done == {"call.wav": b"of another program", "call (2).wav": b"sound"}


def test_what_cannot_be_moved_leaves_no_empty_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise PermissionError

    seen = put(root, "call.wav")
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        filing.move_done(seen)
    assert tree(root) == ["call.wav"]


def test_what_failed_has_its_reason_beside_it(root: Path) -> None:
    filing.move_failed(put(root, "call.wav"), "It looks like text.")
    assert tree(root) == ["failed/call.wav", "failed/call.wav.reason.txt"]
    assert (root / "failed/call.wav.reason.txt").read_text() == "It looks like text.\n"


@pytest.mark.parametrize("name", [b"n" * 255, b"n" * 251 + b".wav", b"\xff" * 255])
def test_the_longest_names_find_a_place(root: Path, name: bytes) -> None:
    seen = put(root, os.fsdecode(name))
    filing.move_failed(seen, "why")
    again = put(root, os.fsdecode(name), b"other")
    filing.move_failed(again, "why")
    assert len(list((root / "failed").iterdir())) == 4
    assert list(look(root)) == []


def test_deleting_takes_the_sidecar_too(root: Path) -> None:
    put(root, "call.wav")
    (root / "call.json").write_text("{}")
    (seen,) = look(root)
    filing.delete(seen)
    assert tree(root) == []


@pytest.mark.parametrize("act", [filing.delete, filing.move_done])
def test_a_file_that_came_meanwhile_is_left_alone(root: Path, act) -> None:  # type: ignore[no-untyped-def]
    seen = put(root, "call.wav")
    (root / "call.wav").rename(root / "old.wav")
    put(root, "call.wav", b"another call")
    with pytest.raises(Changed):
        act(seen)
    assert (root / "call.wav").read_bytes() == b"another call"


def test_a_file_that_has_gone_is_no_error_of_the_disk(root: Path) -> None:
    seen = put(root, "call.wav")
    seen.path.unlink()
    with pytest.raises(Changed):
        filing.delete(seen)


@pytest.mark.parametrize("name", ["done", "done/north"])
def test_nothing_is_moved_through_a_link(root: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(outside)
    seen = put(root, "north/call.wav")
    with pytest.raises(OSError, match="leads out of the watched folder"):
        filing.move_done(seen)
    assert list(outside.rglob("*.wav")) == []
    assert seen.path.exists()
