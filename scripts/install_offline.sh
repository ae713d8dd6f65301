#!/bin/sh
# Installs callmon from the folder in which this file lies, without a network, into a folder
# of its own, and its models into a folder of data: the second one that is named, else
# CALLMON_DATA, else that of whoever calls it. The units of docker/systemd have
# /var/lib/callmon.
#
#   ./install.sh [/opt/callmon [/var/lib/callmon]]
#
# Takes Python 3 (Debian: python3-venv); PYTHON names another one.
set -eu
from=$(cd "$(dirname "$0")" && pwd)
to=${1:-/opt/callmon}
data=${2:-${CALLMON_DATA:-}}
[ -z "$data" ] || export CALLMON_DATA="$data"

"${PYTHON:-python3}" -m venv "$to"
"$to/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \
    --find-links "$from/wheels" 'callmon[s3]'
if [ -n "$(ls "$from/models")" ]; then
    CALLMON_OFFLINE=true "$to/bin/callmon" models pull --from "$from/models"
    # They belong to the account whose data they are with.
    [ -z "${2:-}" ] || chown -R --reference="$data" "$data/models"
fi
"$to/bin/callmon" doctor || true
echo "callmon is in $to/bin. Keep CALLMON_OFFLINE=true among its settings."
