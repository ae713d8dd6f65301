"""What operators copy from `docker/` says nothing that callmon does not know."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from callmon.settings import PREFIX, Settings

DOCKER = Path(__file__).resolve().parents[2] / "docker"
UNITS = ("callmon-web.service", "callmon-watch.service", "callmon-worker@1.service")
EXPOSURE = 20
"""Of 100, by `systemd-analyze security`; a unit without any of our lines has 96."""


def compose(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text())
    return document


def settings_of(service: dict[str, Any]) -> set[str]:
    named = {name for name in service.get("environment", {}) if name.startswith(PREFIX)}
    return {name.removeprefix(PREFIX).lower() for name in named}


@pytest.mark.parametrize("name", ["compose.yml", "compose.scale.yml"])
def test_services_set_what_is_a_setting(name: str) -> None:
    document = compose(name)
    for role, service in document["services"].items():
        if role != "proxy":
            assert settings_of(service) <= set(Settings.model_fields), role
    secrets = {name for name in document["secrets"] if name.startswith("callmon_")}
    assert {name.removeprefix("callmon_") for name in secrets} <= set(Settings.model_fields)


def test_each_secret_of_the_services_is_made(tmp_path: Path) -> None:
    shutil.copy(DOCKER / "make_secrets", tmp_path)
    subprocess.run([tmp_path / "make_secrets", "10.0.0.1"], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    asked = compose("compose.yml")["secrets"] | compose("compose.scale.yml")["secrets"]
    assert {Path(secret["file"]).name for secret in asked.values()} == set(made)
    assert len(made["callmon_admin_key"]) == 48
    assert made["callmon_database"].strip().endswith("@10.0.0.1/callmon")

    subprocess.run([tmp_path / "make_secrets"], check=True)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert again == made


def test_the_units_of_systemd_are_sound_and_shut_in(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    shutil.copytree(DOCKER / "systemd", tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.glob("*.service"):
        # The program has to be there, and is not in this place.
        unit.write_text(unit.read_text().replace("/opt/callmon/bin/callmon", "/bin/true"))
    environment = {"PATH": os.environ["PATH"], "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    for unit in UNITS:
        for verb in (["verify", "--man=no"], ["security", "--offline=true"]):
            more = [f"--threshold={EXPOSURE}"] if verb[0] == "security" else []
            done = subprocess.run(
                [analyze, *verb, *more, f"./{unit}"],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
