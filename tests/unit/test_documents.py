"""What the README promises is there, and what is there the README names."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest

from callmon.call import FindingKind
from callmon.cli import build_parser
from scripts.write_settings import written

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = build_parser()
    [action] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(action.choices)


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_every_kind_of_finding_is_explained(kind: str) -> None:
    assert f"`{kind}`" in README


def test_the_table_of_settings_is_that_of_the_class() -> None:
    """`python scripts/write_settings.py` writes it again."""
    assert written(README) == README


@pytest.mark.parametrize("name", commands())
def test_every_command_is_named(name: str) -> None:
    assert f"callmon {name}" in README


def test_every_option_of_analyze_is_explained() -> None:
    options = {
        option
        for action in commands()["analyze"]._actions
        for option in action.option_strings
        if option.startswith("--")
    }
    assert {o for o in options - {"--help"} if f"`{o}" not in README} == set()


def test_every_command_line_in_the_readme_is_understood() -> None:
    lines = re.findall(r"^\.venv/bin/callmon (.+)$", README, re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        build_parser().parse_args(line.split())


def test_every_file_that_the_readme_links_is_there() -> None:
    for target in re.findall(r"\]\(([^):]+)\)", README):
        assert (Path(__file__).resolve().parents[2] / target).exists(), target
