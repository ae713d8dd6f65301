#!/bin/sh
# Makes a folder from which callmon is installed on a machine without a network: the wheels
# of callmon and of all it stands on, the models that are named, install.sh, and what
# docker/README.md takes from docker/ to run it as a service.
#
#   scripts/make_offline.sh FOLDER [MODEL...]
#
# The other machine needs the same system and the same Python version as this one.
set -eu
cd "$(dirname "$0")/.."
to=${1:?the folder to make}
shift
python=${PYTHON:-.venv/bin/python}

scripts/make_wheel.sh "$python"
mkdir -p "$to/wheels" "$to/models"
# Wheels, not source: the other machine needs no compiler.
"$python" -m pip wheel --quiet --disable-pip-version-check --constraint constraints.txt \
    --wheel-dir "$to/wheels" "$(ls dist/callmon-*.whl)[s3]"
for model in "$@"; do
    CALLMON_DATA="$to" "$python" -m callmon models pull "$model"
done
cp scripts/install_offline.sh "$to/install.sh"
mkdir -p "$to/docker"
cp -r docker/README.md docker/CAPACITY.md docker/Caddyfile docker/monitoring docker/systemd "$to/docker"
du -sh "$to"
