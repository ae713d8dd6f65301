#!/bin/sh
# Installs callmon from the folder in which this file lies, without a network, into a folder
# of its own, and its models into CALLMON_DATA.
#
#   ./install.sh [/opt/callmon]
#
# Takes Python 3 (Debian: python3-venv); PYTHON names another one.
set -eu
from=$(cd "$(dirname "$0")" && pwd)
to=${1:-/opt/callmon}

"${PYTHON:-python3}" -m venv "$to"
"$to/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
    --find-links "$from/wheels" 'callmon[s3]'
if [ -n "$(ls "$from/models")" ]; then
    CALLMON_OFFLINE=true "$to/bin/callmon" models pull --from "$from/models"
fi
"$to/bin/callmon" doctor || true
echo "callmon is in $to/bin. Keep CALLMON_OFFLINE=true among its settings."
