"""What operators copy from `docker/` says nothing that callmon does not know."""

from __future__ import annotations

import os
import re
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


def test_another_address_is_taken_up_and_a_database_of_ones_own_is_not_lost(
    tmp_path: Path,
) -> None:
    shutil.copy(DOCKER / "make_secrets", tmp_path)
    program, named = tmp_path / "make_secrets", tmp_path / "secrets" / "callmon_database"

    def make(*address: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *address], capture_output=True, text=True, check=False
        )

    make()
    one = named.read_text()
    assert one.strip().endswith("@postgres/callmon")
    assert "names 10.0.0.1 from now on" in make("10.0.0.1").stdout
    assert named.read_text() == one.replace("@postgres/", "@10.0.0.1/")
    assert "from now on" not in make("10.0.0.1").stdout

    own = "postgresql://me:secret@db.example.com/calls\n"
    named.write_text(own)
    refused = make("10.0.0.1")
    assert refused.returncode == 1
    assert "a database of your own" in refused.stderr
    assert "secret@" not in refused.stderr
    assert make().returncode == 0
    assert named.read_text() == own


def test_prometheus_asks_the_service_of_the_web_in_a_network_that_both_are_in() -> None:
    added = compose("compose.monitoring.yml")
    (job,) = compose("monitoring/prometheus.yml")["scrape_configs"]
    ((service,), port) = (job["dns_sd_configs"][0][key] for key in ("names", "port"))
    both = set(added["services"][service]["networks"])
    assert (
        both == set(added["services"]["prometheus"]["networks"]) == set(added["networks"])
    )
    command = compose("compose.yml")["services"][service]["command"]
    assert (command[0], port) == ("serve", 8000)
    (secret,) = added["services"]["prometheus"]["secrets"]
    assert job["authorization"]["credentials_file"] == f"/run/secrets/{secret}"
    # Whoever is in `front` is believed to be the proxy.
    assert "front" not in both


def lines_of(unit: str) -> dict[str, list[str]]:
    """What a unit's file sets, by name."""
    found: dict[str, list[str]] = {}
    for line in (DOCKER / "systemd" / unit).read_text().splitlines():
        name, is_there, value = line.partition("=")
        if is_there and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_command_by_systemd_has_what_the_units_have(tmp_path: Path) -> None:
    asked = tmp_path / "systemd-run"
    asked.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    asked.chmod(0o755)
    done = subprocess.run(
        ["sh", DOCKER / "systemd" / "callmon", "users", "add", "Ann B"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    given = done.stdout.splitlines()
    assert given[-4:] == ["/opt/callmon/bin/callmon", "users", "add", "Ann B"]
    assert {"--wait", "--pipe"} <= set(given)
    set_ = [each.removeprefix("--property=").partition("=") for each in given[:-4]]
    of_units = lines_of("callmon-.service.d/all.conf")
    for name in (
        "User",
        "WorkingDirectory",
        "StateDirectory",
        "StateDirectoryMode",
        "CacheDirectory",
        "EnvironmentFile",
        "LoadCredential",
        "UMask",
    ):
        assert [value for key, _, value in set_ if key == name] == of_units[name], name
    variables = " ".join(of_units["Environment"])
    for sign, folder in (("%S", "/var/lib"), ("%C", "/var/cache")):
        variables = variables.replace(sign, folder)
    environment = [value for key, _, value in set_ if key == "--setenv"]
    assert sorted(environment) == sorted(variables.split())
    # It would take the units' own lines too, and begin again when it has ended.
    assert not [each for each in given if each.startswith("--unit")]


def test_caddy_is_told_what_its_file_asks_for() -> None:
    told = {line.partition("=")[0] for line in lines_of("caddy.conf")["Environment"]}
    asked = re.findall(r"\{\$(\w+)", (DOCKER / "Caddyfile").read_text())
    assert told <= set(asked)
    assert told >= {"CALLMON_SITE", "CALLMON_WEB"}


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
