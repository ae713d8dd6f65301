#!/usr/bin/env bash
# Builds docker/Dockerfile and runs the image as compose.yml does, on a machine without
# Docker and without a registry of images: podman (Debian: podman runc debootstrap npm) does
# both, on a Debian that debootstrap makes. Needs root and 8 GB; all of it goes at the end.
#
#   scripts/check_image.sh [DOCKERFILE]
set -euo pipefail
cd "$(dirname "$0")/.."

dockerfile=${1:-docker/Dockerfile}
certificates=/etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
export CONTAINERS_CONF=$work/containers.conf

# A store of its own, so that nothing of this machine's images is touched. runc runs under
# both versions of cgroups, and a machine that is a container itself cannot raise limits.
cat >"$CONTAINERS_CONF" <<'EOF'
[engine]
runtime = "runc"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
EOF
podman() {
    command podman --root "$work/store" --runroot "$work/run" --storage-driver overlay "$@"
}
clean() {
    podman rm --all --force --volumes >"$work/log" 2>&1 || true
    umount "$work/store/overlay" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

say 'a Debian of the kind the image stands on'
root=$work/root
debootstrap --variant=minbase bookworm "$root" >"$work/log" 2>&1 || {
    tail -20 "$work/log"
    exit 1
}
# pip and npm inside look where those of this machine do.
mkdir -p "$root/root/.config/pip"
cp "$certificates" "$root/etc/machine.crt"
for file in /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.npmrc"; do
    [ ! -f "$file" ] || cp "$file" "$root${file/#$HOME//root}"
done
cat >"$work/Basefile" <<'EOF'
FROM scratch
COPY root /
ENV PIP_CERT=/etc/machine.crt NPM_CONFIG_CAFILE=/etc/machine.crt
EOF
podman build --quiet --tag debian-check --file "$work/Basefile" "$work" >/dev/null
rm -rf "$root"
shelves=()
for folder in $(python3 -m pip config list | grep -oE "/[^ ']+" | sort -u); do
    folder=${folder%/simple}
    [ ! -d "$folder" ] || shelves+=(--volume "$folder:$folder:ro")
done

say "$dockerfile, every step"
podman build --quiet --layers=false --isolation chroot --format docker \
    --build-arg BASE=localhost/debian-check "${shelves[@]}" \
    --ignorefile .dockerignore --file "$dockerfile" --tag callmon-check . \
    >"$work/log" 2>&1 || {
    tail -40 "$work/log"
    exit 1
}
say "an image of $(podman image inspect --format '{{.Size}}' callmon-check) bytes"

# As in compose.yml: another user, no rights, nothing to write to but /data and /tmp.
printf '%s' "$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')" >"$work/key"
chmod 0444 "$work/key"
options=(--read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges
    --tmpfs /tmp --volume check:/data --volume "$work/key:/run/secrets/callmon_admin_key:ro"
    --env CALLMON_ASR=demo --env CALLMON_OFFLINE=true)
run() { podman run --rm --network none "${options[@]}" "$@" 2>>"$work/log"; }

say 'callmon doctor'
run callmon-check doctor >"$work/doctor"
say 'callmon analyze, without a network'
run --volume "$PWD/callmon/samples:/recordings:ro" callmon-check \
    analyze /recordings/hotel-wrong-room.ogg --json - |
    python3 -c 'import json, sys; document = json.load(sys.stdin); assert document["findings"]'
if run --entrypoint sh callmon-check -c 'touch /opt/callmon/x || touch /etc/callmon/x'; then
    echo 'The root file system can be written to.'
    exit 1
fi
[ "$(run --entrypoint id callmon-check -u)" = 10001 ]

say 'callmon serve, until it is healthy and its worker is there'
podman run --detach --name check --network none "${options[@]}" callmon-check >>"$work/log" 2>&1
answers() {
    podman exec check python -c "from urllib.request import urlopen as ask
ask('http://127.0.0.1:8000/$1', timeout=5)" 2>/dev/null
}
for try in {1..60}; do
    if answers readyz; then break; fi
    if [ "$try" = 60 ]; then
        podman logs check
        exit 1
    fi
    sleep 1
done
podman healthcheck run check
podman stop --time 60 check >>"$work/log" 2>&1
[ "$(podman container inspect --format '{{.State.ExitCode}}' check)" = 0 ]
say 'ended by SIGTERM, with exit code 0'
