from pathlib import Path

import pytest

from callmon.call import Analysis
from callmon.cli import main
from callmon.commands import demo
from callmon.samples import samples
from tests.unit.report import sample


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The recordings that were analysed, by a hand-written stand-in for the pipeline."""
    seen: list[Path] = []

    def analyse(path: Path, **_: object) -> Analysis:
        seen.append(path)
        return sample.calm()

    monkeypatch.setattr(demo, "analyse", analyse)
    return seen


def test_a_second_run_keeps_what_the_first_made(
    analysed: list[Path], tmp_path: Path
) -> None:
    for _ in range(2):
        assert main(["demo", "--output", str(tmp_path), "--asr", "demo"]) == 0
    assert len(analysed) == len(samples())


def test_what_another_program_made_is_made_again(
    analysed: list[Path], tmp_path: Path
) -> None:
    main(["demo", "--output", str(tmp_path), "--asr", "demo"])
    (tmp_path / demo.STAMP).write_text("another")
    main(["demo", "--output", str(tmp_path), "--asr", "demo"])
    assert len(analysed) == 2 * len(samples())


def test_a_page_that_was_lost_is_made_again(analysed: list[Path], tmp_path: Path) -> None:
    main(["demo", "--output", str(tmp_path), "--asr", "demo"])
    (tmp_path / f"{samples()[0].name}.html").unlink()
    main(["demo", "--output", str(tmp_path), "--asr", "demo"])
    assert len(analysed) == 2 * len(samples())
