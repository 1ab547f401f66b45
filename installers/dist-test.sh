#!/usr/bin/env bash
# Tests the packages in dist/: installs the .deb into a clean Debian 12, starts the app from there, installs the hardened
# signer, and takes everything away again. Needs root (debootstrap, mounts of its own). Pictures go to dist/.
# Usage: installers/dist-test.sh        the clean system is kept in target/packages for the next time; rm -r it to renew it
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
if [ "${DIST_TEST_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" = 0 ] || { echo "Run it as root: a clean system is made and mounted."; exit 1; }
    installers/prerequisites.sh dist
    # Mounts and processes of its own: they end with it, however it ends.
    exec env DIST_TEST_INSIDE=1 unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi

dist=$PWD/dist
root=$PWD/target/packages/root
base=$PWD/target/packages/bookworm.tar
person=ann
main=$(ls "$dist"/parlance_*.deb)
hardened=$(ls "$dist"/parlance-hardened_*.deb)
passed=0

say() { printf '== %s\n' "$*"; }
ok() { passed=$((passed + 1)); printf 'ok %d: %s\n' "$passed" "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*"
    [ -z "${DISPLAY:-}" ] || import -window root "$dist/failed.png" 2>/dev/null || true
    tail -n 30 "$root/tmp/app.log" 2>/dev/null || true
    exit 1
}
# Run something in the clean system: as root, as the person.
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive /usr/sbin/chroot "$root" "$@"; }
as_person() {
    env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME=/home/$person USER=$person XDG_RUNTIME_DIR=/run/user/1000 DISPLAY="${DISPLAY:-}" \
        /usr/sbin/chroot --userspec=1000:1000 "$root" "$@"
}
# Wait until a command succeeds: patience SECONDS WHAT COMMAND...
patience() {
    local seconds=$1 what=$2 end=$((SECONDS + $1))
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "waited $seconds s for $what"
        sleep 0.2
    done
}
# Process ids of a program of the package.
running() { pgrep -f "^/usr/lib/parlance/$1( |\$)"; }
gone() { ! pgrep -f '^(/usr/lib/parlance/|parlance$)' >/dev/null; }

clean_system() {
    if [ ! -f "$base" ]; then
        local mirror
        mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" && $2 == "bookworm" { print $3; exit }')
        [ -n "$mirror" ] || { echo "apt knows no mirror of Debian 12 (bookworm); add one to its sources."; exit 1; }
        say "Making a clean Debian 12 (a minute or two)"
        rm -rf "$root"
        mkdir -p "$root"
        debootstrap --variant=minbase bookworm "$root" "$mirror" >"$dist/debootstrap.log" 2>&1 || { tail "$dist/debootstrap.log"; exit 1; }
        rm "$dist/debootstrap.log"
        tar -C "$root" -cf "$base.new" .
        mv "$base.new" "$base"
    fi
    rm -rf "$root"
    mkdir -p "$root"
    tar -C "$root" -xf "$base"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    # How this machine reaches its mirror.
    apt-config dump | grep -E '^Acquire::(http|https|Check|Retries)' >"$root/etc/apt/apt.conf.d/90this-machine" || true
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount --rbind /dev "$root/dev"
    mount -t sysfs -o ro sysfs "$root/sys"
    mkdir -p "$root/run/user/1000" "$root/tmp/.X11-unix" /tmp/.X11-unix
    mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
    # No service may start in there.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    inside useradd --create-home --uid 1000 --user-group --shell /bin/bash $person
    chown 1000:1000 "$root/run/user/1000"
    chmod 700 "$root/run/user/1000"
}

install_package() {
    say "Installing $(basename "$1") with what it depends on"
    cp "$1" "$root/tmp/"
    inside apt-get update -qq
    inside apt-get install -y -qq --no-install-recommends "/tmp/$(basename "$1")" >"$root/tmp/apt.log" 2>&1 || { tail -n 20 "$root/tmp/apt.log"; fail "apt could not install $1"; }
}

display() {
    Xvfb -displayfd 5 -screen 0 1280x900x24 -nolisten tcp -ac 5>"$dist/display" 2>/dev/null &
    patience 20 "a display" test -s "$dist/display"
    DISPLAY=:$(cat "$dist/display")
    export DISPLAY
    rm "$dist/display"
    command -v openbox >/dev/null && { openbox >/dev/null 2>&1 & }
    return 0
}

# Start the app as the desktop entry does, in a session with a bus.
start_app() {
    as_person dbus-run-session -- parlance >"$root/tmp/app.log" 2>&1 &
    patience 60 "the window" xdotool search --onlyvisible --name '^Parlance$'
}

# A picture of the screen once the pages are drawn: an empty window has few colours.
picture() {
    patience 30 "the pages in the window" drawn
    import -window root "$dist/$1.png"
}
drawn() { [ "$(import -window root png:- | identify -format %k png:-)" -gt 600 ]; }

stop_app() {
    kill "$(running parlance-desktop)"
    patience 20 "the end of all processes" gone
}

check_files() {
    local odd program library known
    odd=$(inside dpkg -L "$1" | while read -r path; do [ "$path" = /. ] || find "$root$path" -maxdepth 0 ! -type l \( ! -uid 0 -o ! -gid 0 -o -perm /022 \) -print; done)
    [ -z "$odd" ] || fail "not root's alone: $odd"
    ok "every file of $1 is root's alone"
    [ "$1" = parlance ] || return 0
    for program in "$root"/usr/lib/parlance/*; do
        ! grep 'not found' <<<"$(inside ldd "${program#"$root"}")" || fail "$program lacks a library"
    done
    ok "every linked library is there"
    # What is loaded while it runs: what the programs themselves name.
    known=$(inside ldconfig -p)
    for library in libayatana-appindicator3.so.1 libEGL.so.1 libGL.so.1 libX11.so.6 libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libXrender.so.1 \
        libwayland-client.so.0 libwayland-egl.so.1 libxkbcommon.so.0 libxkbcommon-x11.so.0; do
        grep -qF "$library " <<<"$known" || fail "$library is not installed"
    done
    ok "every library that is loaded while it runs is there"
}

check_commands() {
    local text
    [ "$(as_person parlance --version)" = "parlance $(inside dpkg-query -W -f '${Version}' parlance)" ] || fail "parlance --version"
    ok "parlance --version says the package's version"
    grep -q '^Usage: parlance' <<<"$(as_person parlance --help)" || fail "parlance --help"
    ok "parlance --help"
    as_person parlance models check >"$root/tmp/out" 2>&1 || { cat "$root/tmp/out"; fail "parlance models check"; }
    ok "parlance models check: the shipped model loads and understands"
    cp policies/packs/cautious.cedar "$root/tmp/"
    as_person parlance rules check /tmp/cautious.cedar >/dev/null || fail "parlance rules check"
    ok "parlance rules check"
    echo 'this is no rule' >"$root/tmp/bad.cedar"
    ! as_person parlance rules check /tmp/bad.cedar >/dev/null 2>&1 || fail "rules check takes anything"
    ok "parlance rules check refuses what is no rule"
    text=$(as_person parlance dev up 2>&1) && fail "parlance dev up works without its program"
    grep -q 'left out of packages' <<<"$text" || fail "parlance dev up says: $text"
    ok "parlance dev says that packages leave it out"
    echo 'complete -p parlance' | as_person bash -c '. /usr/share/bash-completion/completions/parlance; complete -p parlance' >/dev/null || fail "the completion of bash"
    ok "bash completes parlance"
    chmod 777 "$root/usr/lib/parlance/parlance-wallet"
    text=$(as_person parlance models list 2>&1) && fail "a program that others may write is started"
    grep -q 'may be written by others' <<<"$text" || fail "a program that others may write: $text"
    chmod 755 "$root/usr/lib/parlance/parlance-wallet"
    ok "a program that others may write is not started"
}

# The processes of the open app, and whether signer and model worker are shut in. $1: user id of the signer.
check_processes() {
    local program id
    for program in parlance-signer parlance-approve parlance-desktop parlance-llm; do
        patience 30 "$program" running "$program"
    done
    ok "signer, approver, window and model worker run"
    for program in parlance-signer parlance-llm; do
        id=$(running "$program" | head -n 1)
        patience 10 "$program's seccomp filter" grep -q '^Seccomp:[[:space:]]*2' "/proc/$id/status"
        grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$id/status" || fail "$program may gain rights"
    done
    ok "signer and model worker are under seccomp, without new rights"
    id=$(running parlance-signer)
    [ "$(awk '/^Uid:/ { print $2 }' "/proc/$id/status")" = "$1" ] || fail "the signer runs as another user than $1"
    ok "the signer runs as user $1"
    ! as_person cat "/proc/$id/environ" >/dev/null 2>&1 || fail "the signer's environment can be read by the person's programs"
    ! as_person head -c 1 "/proc/$id/mem" >/dev/null 2>&1 || fail "the signer's memory can be opened by the person's programs"
    ok "the person's programs can open neither memory nor environment of the signer"
}

check_hardened() {
    local signer text
    install_package "$hardened"
    check_files parlance-hardened
    signer=$(inside id -u parlance-signer) || fail "the user parlance-signer was not made"
    [ "$(stat -c '%u %a' "$root/var/lib/parlance")" = "$signer 700" ] || fail "/var/lib/parlance is not the signer's alone"
    [ -L "$root/etc/systemd/system/sockets.target.wants/parlance-signer.socket" ] || fail "the socket is not switched on"
    ok "user, folder and socket are there"
    text=$(as_person parlance vault status 2>&1) && fail "without the service a fresh wallet is offered"
    grep -q "service can't be reached" <<<"$text" || fail "without the service: $text"
    ok "where the service does not answer, no other signer takes its place"

    say "No systemd runs here: systemd-socket-activate stands in for the socket unit, setpriv for the service's user"
    mkdir -p "$root/run/parlance"
    inside systemd-socket-activate --accept --listen=/run/parlance/signer.sock \
        setpriv --reuid=parlance-signer --regid=parlance-signer --clear-groups --no-new-privs --bounding-set=-all \
        /usr/lib/parlance/parlance-signer service --root /var/lib/parlance >"$root/tmp/service.log" 2>&1 &
    patience 10 "the service's socket" test -S "$root/run/parlance/signer.sock"
    chmod 666 "$root/run/parlance/signer.sock"

    text=$(as_person parlance vault status 2>&1) || fail "parlance vault status: $text"
    grep -q "user of its own.*holds" <<<"$text" || fail "vault status does not tell of the signer's own user: $text"
    ok "a terminal session is served by the signer's own user, and says so"
    patience 10 "the end of the signer" gone
    start_app
    check_processes "$signer"
    picture window-hardened
    text=$(as_person parlance chat </dev/null 2>&1) && fail "two sessions at once"
    ok "a second session is kept out"
    ! as_person ls /var/lib/parlance >/dev/null 2>&1 || fail "the signers' folder can be read"
    ! as_person ls /var/lib/parlance/1000 >/dev/null 2>&1 || fail "the signer's folder can be read"
    [ "$(stat -c '%u %a' "$root/var/lib/parlance/1000")" = "$signer 700" ] || fail "the signer's folder is not its own alone"
    ok "the signer's folder is closed to the person it belongs to"
    ! as_person kill -9 "$(running parlance-signer)" 2>/dev/null || fail "the signer can be killed by the person's programs"
    ok "the person's programs can't kill the signer"
    stop_app

    # Whoever connects and hands over nonsense is refused and hurts nobody; whoever is somebody else gets another folder.
    inside useradd --create-home --uid 1001 --user-group bob
    text=$(printf 'GET / HTTP/1.0\n\n' | env -i /usr/sbin/chroot --userspec=1001:1001 "$root" /usr/bin/perl -MSocket -e \
        'socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un("/run/parlance/signer.sock")) or die; syswrite S, <STDIN>; print <S>')
    grep -q 'is refused' <<<"$text" || fail "nonsense on the socket: $text"
    ok "nonsense on the socket is refused"
    [ ! -e "$root/var/lib/parlance/1001" ] || fail "nonsense made a folder"
    ok "and makes no folder"
    check_moving_keys "$signer"
}

# parlance-keys: there and back, and what a hostile folder could try.
check_moving_keys() {
    local signer=$1 own=/home/$person/.local/share/parlance/signer kept=/var/lib/parlance/1000 text
    as_person sh -c "mkdir -p $own/backups && echo sealed > $own/vault.parlance && echo saved > $own/backups/one.backup && ln -s /etc/shadow $own/link"
    text=$(inside parlance-keys adopt $person 2>&1) && fail "a folder with links is adopted"
    grep -q 'no plain file' <<<"$text" || fail "a folder with links: $text"
    ok "a folder with links in it is not adopted"
    as_person rm $own/link
    as_person ln $own/vault.parlance $own/twin
    text=$(inside parlance-keys adopt $person 2>&1) && fail "a folder with hard links is adopted"
    as_person rm $own/twin
    ok "a folder with hard links in it is not adopted"
    inside parlance-keys adopt $person >/dev/null || fail "parlance-keys adopt"
    [ "$(cat "$root$kept/vault.parlance")" = sealed ] && [ "$(stat -c '%u %a' "$root$kept/vault.parlance")" = "$signer 600" ] || fail "the keys did not arrive"
    [ ! -e "$root$own" ] || fail "the keys still lie in the person's folder"
    ok "parlance-keys adopt moves the keys"
    [ "$(inside parlance-keys list)" = "$person (1000)" ] || fail "parlance-keys list"
    ok "parlance-keys list"
    inside parlance-keys backups $person >/dev/null && [ "$(as_person cat /home/$person/parlance-backups/one.backup)" = saved ] || fail "parlance-keys backups"
    ok "parlance-keys backups brings them to the person"
    as_person sh -c 'echo other > ~/other.backup'
    inside parlance-keys put /home/$person/other.backup $person >/dev/null && [ "$(cat "$root$kept/backups/other.backup")" = other ] || fail "parlance-keys put"
    ! inside parlance-keys put /etc/shadow $person >/dev/null 2>&1 || fail "parlance-keys put reads what the person may not"
    ok "parlance-keys put brings a file that the person may read, and no other"
    inside parlance-keys give-back $person >/dev/null && [ "$(as_person cat $own/vault.parlance)" = sealed ] || fail "parlance-keys give-back"
    [ ! -e "$root$kept" ] || fail "the keys still lie with the signer"
    ok "parlance-keys give-back moves them back"
    inside parlance-keys adopt $person >/dev/null
}

check_purge() {
    local left
    inside dpkg -L parlance parlance-hardened | while read -r path; do [ -d "$root$path" ] || echo "$path"; done | sort -u >"$root/tmp/files"
    inside apt-get purge -y -qq parlance-hardened parlance >"$root/tmp/apt.log" 2>&1 || { tail -n 20 "$root/tmp/apt.log"; fail "apt could not purge"; }
    left=$(while read -r path; do [ ! -e "$root$path" ] || echo "$path"; done <"$root/tmp/files")
    [ -z "$left" ] || fail "left after purge: $left"
    left=$(find "$root/usr" "$root/etc" "$root/var" -xdev -name '*parlance*' ! -path "$root/var/lib/parlance" ! -path "$root/var/lib/parlance/*" ! -path "$root/var/log/*" -print)
    [ -z "$left" ] || fail "left after purge: $left"
    ok "purge leaves nothing of the packages"
    [ "$(cat "$root/var/lib/parlance/1000/vault.parlance")" = sealed ] || fail "purge took the keys"
    [ -d "$root/home/$person/.local/share/parlance/wallet" ] || fail "purge took the person's data"
    ok "purge leaves keys and the person's data"
}

check_rpm() {
    local file
    command -v rpm >/dev/null || { say "No rpm here: the .rpm files are not looked at"; return; }
    for file in "$dist"/parlance*.rpm; do
        grep -q 'Payload SHA256 digest: OK' <<<"$(rpm -Kv --define "_dbpath $root/tmp/rpmdb" "$file")" || fail "$file is damaged"
    done
    ok "digests of the .rpm files"
    diff <(rpm -qlp "$dist"/parlance-[0-9]*.rpm | while read -r path; do [ -d "$root$path" ] && [ ! -L "$root$path" ] || echo "$path"; done | sort) \
        <(inside dpkg -L parlance | while read -r path; do [ -d "$root$path" ] && [ ! -L "$root$path" ] || echo "$path"; done | sort) || fail ".rpm and .deb hold other files"
    ok ".rpm and .deb hold the same files"
    [ -z "$(rpm -qp --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' "$dist"/parlance*.rpm | grep -v '^root:root$')" ] || fail "files of the .rpm are not root's"
    for file in 'libwebkit2gtk-4.1.so.0()(64bit)' 'libayatana-appindicator3.so.1()(64bit)' 'libEGL.so.1()(64bit)'; do
        grep -qF "$file" <<<"$(rpm -qp --requires "$dist"/parlance-[0-9]*.rpm)" || fail "the .rpm does not require $file"
    done
    ok "the .rpm's owners and requirements"
}

check_lint() {
    # There is no address of a maintainer yet; MAINTAINER of dist.sh takes one.
    lintian --allow-root --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$dist"/*.deb || fail "lintian"
    ok "lintian finds no error"
    desktop-file-validate "$root/usr/share/applications/org.parlance.wallet.desktop" || fail "the desktop entry"
    appstreamcli validate --no-net "$root/usr/share/metainfo/org.parlance.wallet.metainfo.xml" >/dev/null || fail "the AppStream file"
    ok "desktop entry and AppStream file are valid"
}

clean_system
install_package "$main"
check_files parlance
check_rpm
check_lint
check_commands
display
say "Starting the app"
start_app
check_processes 1000
picture window
ok "the window is open and drawn: dist/window.png"
stop_app
ok "closing the window ends every process"
check_hardened
check_purge
say "$passed passed, 0 failed"
