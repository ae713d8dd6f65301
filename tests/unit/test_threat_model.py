"""What the threat model names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docker" / "threat-model.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


def test_each_line_names_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(lines) > 10
    assert all("::test_" in line for line in lines)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_of_them_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_page_on_security_leads_there() -> None:
    assert "docker/threat-model.md" in (ROOT / "SECURITY.md").read_text()
