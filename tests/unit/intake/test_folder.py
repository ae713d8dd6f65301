import os
from pathlib import Path

import pytest

from callmon.intake.folder import Changed, Seen, Steady, is_wanted, look


def names(root: Path) -> list[str]:
    return sorted("/".join(seen.parts) for seen in look(root))


def only(root: Path) -> Seen:
    (seen,) = look(root)
    return seen


def test_files_at_any_depth_are_seen(tmp_path: Path) -> None:
    for name in ("a.wav", "x/b.wav", "x/y/c.wav"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")
    assert names(tmp_path) == ["a.wav", "x/b.wav", "x/y/c.wav"]


def test_a_thousand_folders_within_each_other_are_no_trouble(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("call.wav", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    assert len(only(tmp_path).parts) == 301


@pytest.mark.parametrize(
    "name",
    [
        ".call.wav", "call.wav.part", "call.wav~", "~call.wav", "call.TMP", "Call.Temp",
        "call.wav.crdownload", "call.wav.filepart", ".~lock.call.wav#", "call.swp",
        "Thumbs.db", "desktop.ini", "$RECYCLE.BIN", "@eaDir", "#recycle", "lost+found",
        "call.wav.partial", "call.wav.download", ".nfs0001", ".fuse_hidden01",
    ],
)  # fmt: skip
def test_hidden_and_partial_names_are_skipped(name: str) -> None:
    assert not is_wanted(name)


@pytest.mark.parametrize(
    "name", ["call.wav", "part.wav", "tmp.wav", "a~b.wav", "no-ending"]
)
def test_other_names_are_wanted(name: str) -> None:
    assert is_wanted(name)


def test_hidden_folders_are_skipped_with_all_in_them(tmp_path: Path) -> None:
    (tmp_path / ".stversions").mkdir()
    (tmp_path / ".stversions" / "call.wav").write_bytes(b"old")
    assert names(tmp_path) == []


def test_what_is_done_is_skipped_at_the_root_only(tmp_path: Path) -> None:
    for folder in ("done", "failed", "north/done"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "call.wav").write_bytes(b"sound")
    assert names(tmp_path) == ["north/done/call.wav"]


def test_links_and_pipes_are_skipped(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.wav").symlink_to(outside / "secret.wav")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.wav")
    (root / "link.json").symlink_to(outside / "secret.wav")
    assert names(root) == []


def test_a_sidecar_is_seen_by_itself_only_without_its_recording(tmp_path: Path) -> None:
    for name in ("call.wav", "call.json", "call_metadata.json", "alone.json"):
        (tmp_path / name).write_text("{}")
    assert [seen.path.name for seen in look(tmp_path) if seen.is_sidecar] == ["alone.json"]


def test_a_sidecar_is_seen_with_its_recording(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"sound")
    before = only(tmp_path)
    assert before.sidecar is None
    (tmp_path / "call.json").write_text("{}")
    after = only(tmp_path)
    assert after.sidecar == tmp_path / "call.json"
    assert after.state != before.state


def test_names_that_are_no_text_are_seen(tmp_path: Path) -> None:
    odd = [b"\xff\xfe.wav", b"a\nb.wav", b"<b>.wav", b"n" * 251 + b".wav"]
    for name in odd:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"sound")
    assert sorted(os.fsencode(seen.path.name) for seen in look(tmp_path)) == sorted(odd)


def test_a_root_that_has_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(look(tmp_path / "none"))


def read(seen: Seen) -> bytes:
    with Steady(seen) as file:
        data = b""
        while block := file.read(3):
            data += block
        return data


def test_a_steady_file_is_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"sound and more")
    assert read(only(tmp_path)) == b"sound and more"


def test_a_file_that_grows_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    with Steady(only(tmp_path)) as file:
        assert file.read(5) == b"sound"
        with path.open("ab") as writer:
            writer.write(b"!")
        assert file.read(5) == b"!"
        with pytest.raises(Changed):
            file.read(5)


def test_a_file_that_is_rewritten_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    seen = only(tmp_path)
    with Steady(seen) as file:
        file.read(2)
        path.write_bytes(b"other")
        os.utime(path, ns=(seen.mtime_ns + 1, seen.mtime_ns + 1))
        file.read(10)
        with pytest.raises(Changed):
            file.read(10)


def test_another_file_of_the_same_name_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    seen = only(tmp_path)
    path.rename(tmp_path / "old.wav")
    path.write_bytes(b"other")
    os.utime(path, ns=(seen.mtime_ns, seen.mtime_ns))
    with pytest.raises(Changed):
        Steady(seen)


def test_a_file_that_has_gone_or_become_a_link_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"sound")
    seen = only(tmp_path)
    path.unlink()
    with pytest.raises(Changed):
        Steady(seen)
    path.symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        Steady(seen)
