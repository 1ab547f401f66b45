#!/usr/bin/env bash
# Builds dist/parlance_VERSION_ARCH.deb and .rpm, and parlance-hardened beside them, from one staging tree.
# Usage: installers/dist.sh            build the programs, then the packages
#        installers/dist.sh --no-build pack the programs that lie in target/$PROFILE
#        installers/dist.sh --twice    the same, twice: both must be equal to the byte
# Environment: PROFILE=dist (default) or release (faster to build, slower to run), MAINTAINER="Name <address>",
#              SOURCE_DATE_EPOCH (default: the time of the last commit).
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

profile=${PROFILE:-dist}
programs=(parlance parlance-signer parlance-approve parlance-wallet parlance-llm parlance-desktop)
maintainer=${MAINTAINER:-Parlance contributors <parlance@localhost.localdomain>}
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
arch=$(dpkg --print-architecture)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# How hard the packages are pressed: a quick build is for trying.
case $profile in release) level=1 ;; *) level=6 ;; esac
linux=installers/linux
stage=$PWD/target/packages/stage
out=$PWD/dist

say() { printf '== %s\n' "$*"; }

build() {
    installers/prerequisites.sh dist
    export PATH="$HOME/.cargo/bin:$PWD/target/node/node_modules/.bin:$PATH"
    (cd ui && npm run build --silent)
    if [ "$profile" = release ]; then
        # Without SOURCE_DATE_EPOCH: the C code would be compiled anew for each commit.
        say "Building the programs (profile release, as make build does)"
        cargo build --release --locked --workspace
        return
    fi
    say "Building the programs (profile $profile: about an hour the first time on 2 cores)"
    # No path of this machine in what others get.
    local map="$PWD=/parlance"
    export PARLANCE_PACKAGED=1 SOURCE_DATE_EPOCH=$epoch
    export RUSTFLAGS="--remap-path-prefix=$map --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/crates"
    export CFLAGS="-ffile-prefix-map=$map -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}/registry/src=/crates" CXXFLAGS
    CXXFLAGS=$CFLAGS
    cargo build --profile "$profile" --locked "${programs[@]/#/--package=}"
}

# Lines of $1 with this release's values.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@ARCH@|$arch|g" -e "s|@MAINTAINER@|$maintainer|g" -e "s|@DATE@|$(date -u -d "@$epoch" +%F)|g" \
        -e "s|@LINKED@|${linked:-}|g" -e "s|@SIZE@|${size:-}|g" -e "s|@STAGE@|$stage|g" "$1"
}

# The files of both packages, as they will lie on the disk.
stage_files() {
    local programs_in=target/$profile main=$stage/parlance hard=$stage/parlance-hardened name size_of icon
    rm -rf "$stage"
    mkdir -p "$main" "$hard"
    for name in "${programs[@]}"; do
        [ -x "$programs_in/$name" ] || { say "$programs_in/$name is missing; run installers/dist.sh without --no-build"; exit 1; }
        install -D -m 755 "$programs_in/$name" "$main/usr/lib/parlance/$name"
        strip "$main/usr/lib/parlance/$name"
    done
    mkdir -p "$main/usr/bin"
    ln -s ../lib/parlance/parlance "$main/usr/bin/parlance"
    for name in parlance-small.gguf parlance-small.voice.gguf parlance-small.ngram parlance-small.words; do
        install -D -m 644 "local-llm/models/$name" "$main/usr/share/parlance/models/$name"
    done

    install -D -m 644 $linux/org.parlance.wallet.desktop "$main/usr/share/applications/org.parlance.wallet.desktop"
    mkdir -p "$main/usr/share/metainfo"
    fill $linux/org.parlance.wallet.metainfo.xml >"$main/usr/share/metainfo/org.parlance.wallet.metainfo.xml"
    for icon in 32x32:32x32 128x128:128x128 256x256:256x256 icon:512x512; do
        size_of=${icon#*:}
        install -D -m 644 "src-tauri/icons/${icon%:*}.png" "$main/usr/share/icons/hicolor/$size_of/apps/org.parlance.wallet.png"
    done
    install -D -m 644 src-tauri/icons/icon.svg "$main/usr/share/icons/hicolor/scalable/apps/org.parlance.wallet.svg"

    mkdir -p "$main"/usr/share/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d,man/man1,doc/parlance}
    "$programs_in/parlance" completions bash >"$main/usr/share/bash-completion/completions/parlance"
    "$programs_in/parlance" completions zsh >"$main/usr/share/zsh/vendor-completions/_parlance"
    "$programs_in/parlance" completions fish >"$main/usr/share/fish/vendor_completions.d/parlance.fish"
    fill $linux/parlance.1 | gzip -9n >"$main/usr/share/man/man1/parlance.1.gz"

    copyright >"$main/usr/share/doc/parlance/copyright"
    install -m 644 LICENSE-APACHE "$main/usr/share/doc/parlance/LICENSE-APACHE"
    node installers/notices.mjs "${programs[@]}" | gzip -9n >"$main/usr/share/doc/parlance/third-party-notices.gz"
    changelog parlance | gzip -9n >"$main/usr/share/doc/parlance/changelog.gz"

    install -D -m 644 $linux/hardened/parlance-signer.socket "$hard/usr/lib/systemd/system/parlance-signer.socket"
    install -D -m 644 "$linux/hardened/parlance-signer@.service" "$hard/usr/lib/systemd/system/parlance-signer@.service"
    install -D -m 644 $linux/hardened/parlance-signer.sysusers "$hard/usr/lib/sysusers.d/parlance-signer.conf"
    install -D -m 755 $linux/hardened/parlance-keys "$hard/usr/sbin/parlance-keys"
    mkdir -p "$hard"/usr/share/{man/man8,doc/parlance-hardened}
    fill $linux/hardened/parlance-keys.8 | gzip -9n >"$hard/usr/share/man/man8/parlance-keys.8.gz"
    copyright >"$hard/usr/share/doc/parlance-hardened/copyright"
    changelog parlance-hardened | gzip -9n >"$hard/usr/share/doc/parlance-hardened/changelog.gz"
    chmod -R u=rwX,go=rX "$stage"
    chmod 755 "$hard/usr/sbin/parlance-keys" "$main"/usr/lib/parlance/*
}

copyright() {
    local mit
    mit=$(sed -e 1,4d -e 's/^$/./' -e 's/^/ /' LICENSE-MIT)
    awk -v mit="$mit" '{ if ($0 == "@MIT@") print mit; else print }' $linux/copyright
}

changelog() {
    printf '%s (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n' "$1" "$version" "$version" "$maintainer" "$(date -u -R -d "@$epoch")"
}

# One time for everything.
same_time() { find "$1" -depth -print0 | xargs -0 touch -h -d "@$epoch"; }

# Debian's names of the libraries that the programs are linked to.
linked_packages() {
    local folder
    folder=$(mktemp -d)
    mkdir "$folder/debian"
    printf 'Source: parlance\n\nPackage: parlance\nArchitecture: any\n' >"$folder/debian/control"
    (cd "$folder" && dpkg-shlibdeps --warnings=1 -O "${programs[@]/#/-e$stage/parlance/usr/lib/parlance/}") | sed -n 's/^shlibs:Depends=//p'
    rm -r "$folder"
}

deb() {
    local name=$1 architecture=$2 tree=$stage/deb-$1 script
    cp -a "$stage/$name" "$tree"
    mkdir "$tree/DEBIAN"
    size=$(find "$tree/usr" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
    fill "$linux/deb/$name.control" >"$tree/DEBIAN/control"
    for script in postinst prerm postrm; do
        [ ! -f "$linux/deb/$name.$script" ] || install -m 755 "$linux/deb/$name.$script" "$tree/DEBIAN/$script"
    done
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    same_time "$tree"
    dpkg-deb --root-owner-group -Zxz "-z$level" --threads-max=1 --build "$tree" "$out/${name}_${version}_$architecture.deb" >/dev/null
    rm -r "$tree"
}

rpms() {
    local name top=$stage/rpm
    for name in parlance parlance-hardened; do
        {
            echo '%defattr(-,root,root,-)'
            # Folders that are nobody else's.
            (cd "$stage/$name" && find usr -type d \( -path '*/parlance' -o -path '*/parlance/*' -o -path '*/doc/*' \) -printf '%%dir "/%p"\n' | sort)
            (cd "$stage/$name" && find usr ! -type d -printf '"/%p"\n' | sort)
        } >"$stage/$name.files"
    done
    mkdir -p "$top"
    fill $linux/rpm/parlance.spec >"$top/parlance.spec"
    rpmbuild -bb --quiet --target "$(uname -m)" \
        --define "_topdir $top" --define "_rpmdir $out" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
        --define '_buildhost reproducible' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
        --define '_build_id_links none' --define 'debug_package %{nil}' --define '__os_install_post %{nil}' --define '_binary_payload w'"$((level * 3))"'.zstdio' \
        --define "_dbpath $top/db" "$top/parlance.spec"
    rm -r "$top"
}

# What must never leave this machine in a package.
check_programs() {
    local name help command missing=()
    if grep -aq PARLANCE_FAILPOINT "$stage/parlance/usr/lib/parlance/parlance-signer"; then
        say "parlance-signer was built for tests (failpoints); build it again: cargo build --profile $profile -p parlance-signer"
        exit 1
    fi
    if [ "$profile" != release ]; then
        for name in "${programs[@]}"; do
            ! grep -aqF "$PWD/" "$stage/parlance/usr/lib/parlance/$name" || { say "$name contains the path of this folder"; exit 1; }
        done
    fi
    help=$("target/$profile/parlance" --help | sed -n 's/^  parlance \([a-z]*\).*/\1/p' | sort -u)
    for command in $help; do
        grep -qw -- "$command" $linux/parlance.1 || missing+=("$command")
    done
    [ "${#missing[@]}" = 0 ] || { say "The manual page ($linux/parlance.1) lacks: ${missing[*]}"; exit 1; }
}

# Everything from the programs to the packages, into $out.
pack() {
    stage_files
    check_programs
    linked=$(linked_packages)
    same_time "$stage"
    mkdir -p "$out"
    rm -f "$out"/parlance*.deb "$out"/parlance*.rpm "$out"/SHA256SUMS
    deb parlance "$arch"
    deb parlance-hardened all
    if command -v rpmbuild >/dev/null; then rpms; else say "No rpm: rpmbuild is not installed (apt install rpm)"; fi
    (cd "$out" && find . -maxdepth 1 -name 'parlance*' -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
}

case ${1:-} in
"") build ;;
--no-build | --twice) ;;
*) sed -n '2,/^set/s/^# //p' "$0"; exit 2 ;;
esac
export SOURCE_DATE_EPOCH=$epoch
say "Packing version $version for $arch (profile $profile)"
pack
ls -l "$out"/parlance*
if [ "${1:-}" = --twice ]; then
    say "Packing once more, somewhere else and a moment later"
    out=$PWD/target/packages/again
    pack
    diff dist/SHA256SUMS "$out/SHA256SUMS" || { say "The two packings differ"; exit 1; }
    say "Both packings are equal to the byte"
fi
