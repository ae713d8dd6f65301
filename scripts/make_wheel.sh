#!/bin/sh
# Makes the wheel: the program with its pages and their libraries, the rubric, the sample
# calls and the small models.
#
#   scripts/make_wheel.sh [PYTHON [FOLDER]]
set -eu
cd "$(dirname "$0")/.."
python=${1:-python3}
folder=${2:-dist}

"$python" scripts/fetch_frontend.py
mkdir -p "$folder"
rm -f "$folder"/callmon-*.whl
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$folder" .
ls "$folder"/callmon-*.whl
