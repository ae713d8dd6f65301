from pathlib import Path

import pytest

from callmon.errors import BadSettings
from callmon.intake.manifest import read_manifest


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "calls.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_tell_of_files_by_their_names(delimiter: str, tmp_path: Path) -> None:
    rows = "File,agent,campaign\r\na.wav,ann,x\r\nb.wav,bob,\r\n"
    manifest = read_manifest(written(tmp_path, rows.replace(",", delimiter)))
    told = manifest.of(tmp_path / "a.wav")
    assert told is not None
    assert told.metadata.agent == "ann"
    assert told.metadata.labels == {"campaign": "x"}
    assert manifest.of(tmp_path / "c.wav") is None
    assert manifest.unused() == ["b.wav"]


def test_a_row_with_folders_tells_of_the_file_in_those(tmp_path: Path) -> None:
    manifest = read_manifest(
        written(tmp_path, "file,agent\nmon\\a.wav,ann\ntue/a.wav,bob\na.wav,eve\n")
    )
    agents = {
        day: told.metadata.agent
        for day in ("mon", "tue", "wed")
        if (told := manifest.of(tmp_path / day / "a.wav"))
    }
    assert agents == {"mon": "ann", "tue": "bob", "wed": "eve"}


def test_a_row_that_climbs_out_tells_of_nothing(tmp_path: Path) -> None:
    manifest = read_manifest(written(tmp_path, "file,agent\n../../etc/passwd,ann\n"))
    assert manifest.of(tmp_path / "passwd") is None
    assert manifest.of(Path("/etc/passwd")) is None


def test_a_wrong_value_names_its_line(tmp_path: Path) -> None:
    manifest = read_manifest(written(tmp_path, "file,started\na.wav,\nb.wav,soon\n"))
    told = manifest.of(tmp_path / "b.wav")
    assert told is not None
    assert told.warnings[0].startswith("Line 3 of the list gives started as 'soon'")


def test_marks_and_quotes_of_spreadsheets_are_understood(tmp_path: Path) -> None:
    text = '\ufefffile,agent,note\n"a b.wav","Lee, Ann","two\nlines"\nshort.wav\n,x,y\n'
    manifest = read_manifest(written(tmp_path, text))
    told = manifest.of(tmp_path / "a b.wav")
    assert told is not None
    assert told.metadata.agent == "Lee, Ann"
    assert told.metadata.labels == {"note": "two lines"}
    assert manifest.of(tmp_path / "short.wav") is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its first line has nothing"),
        ("agent,team\nann,x\n", "its first line has agent, team"),
        (b"file\n\xff.wav\n", "is not UTF-8 text (byte 5)"),
        ('file\n"a.wav', "is not CSV"),
        ("file\n" + "x" * 200_000, "is not CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    text: str | bytes, why: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings) as caught:
        read_manifest(written(tmp_path, text))
    assert why in str(caught.value)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")
