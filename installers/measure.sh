#!/usr/bin/env bash
# Measures the app: installed size, cold start to the first usable chat, idle memory of all processes.
# Usage: installers/measure.sh [PROGRAM] [RUNS]
#   PROGRAM  /usr/bin/parlance of an installed package, or the built one (default: target/release/parlance)
#   RUNS     how many starts; medians are printed (default: 5)
# A start is cold in that nothing of Parlance runs and its data folder is new; files may still be in the system's cache
# (as root they are dropped from it first). "Usable" is when the window is on the screen, the model has been loaded, and
# signer and approver wait; that is looked at from outside every 10 ms or so, so it is a little late. There is no keyring.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
program=$(realpath "${1:-target/release/parlance}")
runs=${2:-5}
idle=20
work=$(mktemp -d)
# A new session of processes with a display and a bus of its own: it is ended as a whole.
cleanup() { [ -z "${xvfb:-}" ] || kill "$xvfb" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

now() { date +%s%N; }
ms_since() { echo $((($(now) - $1) / 1000000)); }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : int((v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }

# Every process below $1, itself among them.
family() {
    local id
    echo "$1"
    for id in $(pgrep -P "$1" || true); do family "$id"; done
}
# A process that ended meanwhile has no name.
name_of() { { tr '\0' '\n' <"/proc/$1/cmdline" | head -n 1 | sed 's|.*/||'; } 2>/dev/null || true; }
# Id of a program below $1; its arguments' first word ends with $2.
member() {
    local id
    for id in $(family "$1"); do
        [ "$(name_of "$id")" = "$2" ] && { echo "$id"; return 0; }
    done
    return 1
}
# A process that waits for what comes next, and has used what it needed to get there.
settled() { grep -q '^State:.S' "/proc/$1/status" 2>/dev/null; }

Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
xvfb=$!
until [ -s "$work/display" ]; do sleep 0.05; done
DISPLAY=:$(cat "$work/display")
export DISPLAY
unset WAYLAND_DISPLAY

# A bus that starts nothing: a keyring without a login would only ask to be unlocked.
cat >"$work/bus.conf" <<'BUS'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
BUS

start() {
    local data=$work/data$1 began session window
    mkdir -p "$work/run$1"
    chmod 700 "$work/run$1"
    if [ "$(id -u)" = 0 ]; then sync; echo 3 >/proc/sys/vm/drop_caches 2>/dev/null || true; fi
    env HOME="$work" XDG_DATA_HOME="$work/share$1" XDG_CONFIG_HOME="$work/config$1" XDG_CACHE_HOME="$work/cache$1" XDG_RUNTIME_DIR="$work/run$1" \
        NO_AT_BRIDGE=1 dbus-run-session --config-file="$work/bus.conf" -- sh -c 'date +%s%N >"$0.began"; exec "$1" --data "$0"' "$data" "$program" >"$work/log" 2>&1 &
    session=$!
    until [ -s "$data.began" ]; do sleep 0.01; done
    began=$(cat "$data.began")
    window='' ready=''
    until [ -n "$window" ] && [ -n "$ready" ]; do
        if [ -z "$window" ] && xdotool search --onlyvisible --name '^Parlance$' >/dev/null 2>&1; then window=$(ms_since "$began"); fi
        # The wallet opens the model last; its worker is the last process to come.
        if [ -z "$ready" ] && worker=$(member "$session" parlance-llm) && member "$session" parlance-approve >/dev/null && settled "$worker"; then
            ready=$(ms_since "$began")
        fi
        kill -0 "$session" 2>/dev/null && [ "$(ms_since "$began")" -lt 60000 ] || { echo "The app did not start within a minute:"; tail "$work/log"; exit 1; }
        sleep 0.01
    done
    echo "$window" >>"$work/window"
    [ "$window" -gt "$ready" ] && echo "$window" >>"$work/usable" || echo "$ready" >>"$work/usable"
    if [ "$1" = "$runs" ]; then memory "$session"; fi
    kill "$(member "$session" parlance-desktop)"
    wait "$session" || true
}

# Proportional memory (shared pages divided among who shares them) of all processes, after a while of nothing.
memory() {
    local id name total=0 pss
    sleep "$idle"
    echo "Idle memory after $idle s (PSS: shared pages divided among their users)"
    for id in $(family "$1"); do
        name=$(name_of "$id")
        pss=$(awk '/^Pss:/ { print $2 }' "/proc/$id/smaps_rollup" 2>/dev/null || echo 0)
        case $name in dbus-run-session | dbus-daemon | sh | '') continue ;; esac
        total=$((total + ${pss:-0}))
        printf '  %-28s %7.1f MB\n' "$name" "$(echo "${pss:-0}" | awk '{ print $1 / 1000 * 1.024 }')"
    done
    printf '  %-28s %7.1f MB   aim: 250 MB\n' all "$(echo "$total" | awk '{ print $1 / 1000 * 1.024 }')"
}

folder=$(dirname "$program")
size=0
for name in parlance parlance-signer parlance-approve parlance-wallet parlance-llm parlance-desktop; do
    [ -f "$folder/$name" ] || { echo "$folder/$name is missing: make build"; exit 1; }
done
if dpkg-query -W parlance >/dev/null 2>&1 && [[ $folder == /usr/lib/parlance ]]; then
    size=$(dpkg-query -W -f '${Installed-Size}' parlance)
    echo "Installed size: $((size * 1024 / 1000000)) MB"
else
    for package in dist/parlance_*.deb; do
        [ -f "$package" ] || { echo "Installed size: no package in dist/ (make dist)"; break; }
        size=$(dpkg-deb -f "$package" Installed-Size)
        echo "Installed size: $((size * 1024 / 1000000)) MB, the package $(($(stat -c %s "$package") / 1000000)) MB ($(basename "$package"))"
    done
fi
for run in $(seq "$runs"); do start "$run"; done
echo "Cold start, median of $runs"
echo "  window on the screen         $(median <"$work/window") ms"
echo "  first usable chat            $(median <"$work/usable") ms   aim: 1000 ms"
