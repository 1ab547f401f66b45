#!/usr/bin/env bash
# Runs every fuzz target of every fuzz folder for so many seconds each.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
for folder in $(git ls-files '*fuzz/Cargo.toml' | xargs -n1 dirname); do
    crate=$(dirname "$folder")
    for target in $(cd "$crate" && cargo +nightly fuzz list); do
        echo "== $crate: $target for $seconds s"
        # What is found goes to the first folder; committed inputs to begin with are in the second.
        inputs=(fuzz/corpus/"$target")
        [ -d "$crate/fuzz/seeds/$target" ] && inputs+=(fuzz/seeds/"$target")
        mkdir -p "$crate/${inputs[0]}"
        (cd "$crate" && cargo +nightly fuzz run "$target" "${inputs[@]}" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048)
    done
done
