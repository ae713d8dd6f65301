"""The bill of materials, and what is made of pip-audit's answer."""

from __future__ import annotations

import json

import pytest

from scripts import audit_packages, make_sbom
from scripts.make_sbom import closure, libraries, models, with_ours


def test_what_is_needed_by_the_way_is_found_and_extras_only_where_named() -> None:
    assert {"fastapi", "starlette", "pydantic-core"} <= closure(["fastapi"])
    assert "pytest" not in closure(["fastapi"])
    assert closure(["moto"]) < closure(["moto[server]"])
    assert closure(["no-such-package-here; python_version < '3'"]) == set()


def test_what_only_develops_callmon_is_left_out() -> None:
    def component(name: str) -> dict[str, str]:
        return {"name": name, "bom-ref": name}

    bill = {
        "metadata": {"component": component("callmon")},
        "components": [component("SQLAlchemy"), component("pytest")],
        "dependencies": [{"ref": "callmon", "dependsOn": ["SQLAlchemy", "pytest"]}],
    }
    made = with_ours(bill)
    names = {each["name"] for each in made["components"]}
    assert {"SQLAlchemy", "htmx.org", "demo", "large-v3"} <= names
    assert not {"pytest", "axe-core"} & names
    assert made["dependencies"] == [{"ref": "callmon", "dependsOn": ["SQLAlchemy"]}]


def test_libraries_and_models_have_licences_and_sums() -> None:
    for each in [*libraries(), *models()]:
        assert each["licenses"][0]["license"]["id"]
    assert all(len(each["hashes"][0]["content"]) == 128 for each in libraries())
    assert any(each["components"] for each in models())


def test_a_build_s_own_mark_is_not_asked_for() -> None:
    bill = {
        "components": [
            {"name": "torch", "version": "2.13.0+cpu", "purl": "pkg:pypi/torch@2.13.0"},
            {"name": "htmx.org", "version": "2", "purl": "pkg:npm/htmx.org@2"},
            {"name": "demo", "version": "with callmon"},
        ]
    }
    assert audit_packages.requirements(bill) == ["torch==2.13.0"]


SAFE = {"name": "a", "version": "1", "vulns": []}
UNKNOWN = {"name": "b", "skip_reason": "not found"}
HOLE = {
    "name": "c",
    "version": "1",
    "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}],
}


@pytest.mark.parametrize(
    ("packages", "answered", "lines"),
    [
        ([SAFE, UNKNOWN], 1, []),
        ([UNKNOWN, UNKNOWN], 0, []),
        ([SAFE, HOLE], 2, ["c 1: CVE-1, repaired in 2"]),
    ],
)
def test_no_answer_is_told_from_no_finding(
    packages: list[dict[str, object]], answered: int, lines: list[str]
) -> None:
    answer = json.dumps({"dependencies": packages})
    assert audit_packages.verdict(answer) == (answered, lines)
    assert audit_packages.verdict("") == (0, [])


def test_licences_are_known_for_every_library() -> None:
    assert set(make_sbom.NPM_LICENCES) == {each["name"] for each in libraries()}
