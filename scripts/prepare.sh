# Shared by ./run, ./test and Benchmarks/run: looks for what is missing on this machine and installs it. Sourced, with the root of the
# checkout as the working folder.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Free space at the checkout, in MiB.
free_space() { df -Pm . | awk 'NR == 2 { print $4 }'; }

# Refuses a machine on which a build can't succeed. $1: a file that is there when something has been built before.
check_machine() {
    local built=$1 version free
    if ! has swift; then
        fail "Swift was not found. Install Swift 6.2 or newer (https://www.swift.org/install/linux), put its" \
            "usr/bin folder into PATH and start this again."
    fi
    if ! [ -w . ]; then
        fail "the folder $PWD can't be written to (a read-only disk, or another user's folder). Clone Sluice to a" \
            "folder of your own and start this there."
    fi
    if [ -e "$built" ]; then return; fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case $version in
    [0-5].* | 6.[01])
        fail "Swift $version is too old. Install Swift 6.2 or newer (https://www.swift.org/install/linux)."
        ;;
    esac
    free=$(free_space)
    if ((free < 2048)); then
        fail "the disk that holds $PWD has only $free MiB free; a first build needs 2 GiB. Free some space and start" \
            "this again."
    fi
}

has_postgres() {
    local folder
    if has postgres && has initdb && has createdb && has dropdb; then return; fi
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then return; fi
    done
    return 1
}

# Prints the Debian packages that Sluice needs and this machine lacks.
missing_packages() {
    has git || say git
    has setpriv || say util-linux
    has_postgres || say postgresql
    if has pkg-config; then
        pkg-config --exists libpq || say libpq-dev
        pkg-config --exists libcurl || say libcurl4-openssl-dev
        # Its .pc file wants libevent's, which the package does not bring.
        [ -e /usr/include/unbound.h ] || say libunbound-dev
        pkg-config --exists libcrypto || say libssl-dev
    else
        say pkg-config libpq-dev libcurl4-openssl-dev libunbound-dev libssl-dev
    fi
}

# The same of what only tests need.
missing_test_packages() {
    has chromium || say chromium
    if ! has prometheus || ! has promtool; then say prometheus; fi
}

# Prints the Debian packages that deploy/test needs and this machine lacks.
missing_deploy_packages() {
    has systemd-analyze || say systemd
    has systemd-nspawn || say systemd-container
    has debootstrap || say debootstrap
    has lintian || say lintian
    has shellcheck || say shellcheck
    has dpkg-shlibdeps || say dpkg-dev
    has strip || say binutils
}

# Installs the packages named, with sudo when the caller isn't root. No system-wide PostgreSQL server is left behind.
install_packages() {
    local command="apt-get install --no-install-recommends $*" log status=0
    local -a as_root=()
    if ! has apt-get; then
        fail "these packages are missing (Debian's names): $*. Install them and start this again."
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! has sudo; then
            fail "these packages are missing: $*. Run this as root and start again: $command"
        fi
        as_root=(sudo)
        if ! [ -t 0 ]; then as_root=(sudo -n); fi
        if ! "${as_root[@]}" true; then
            fail "these packages are missing: $*. Run this and start again: sudo $command"
        fi
    fi
    say "Installing $* ..."
    log=$(mktemp)
    "${as_root[@]}" bash -s -- "$@" >"$log" 2>&1 <<'ROOT' || status=$?
set -eu
export DEBIAN_FRONTEND=noninteractive
# Sluice starts a private server; Debian would make one for the whole machine and start it.
policy=/etc/postgresql-common/createcluster.d/sluice-setup.conf
mkdir -p "${policy%/*}"
echo 'create_main_cluster = false' >"$policy"
trap 'rm -f "$policy"' EXIT
install() { apt-get install -y -q --no-install-recommends "$@" </dev/null; }
# Prometheus's package starts a server, which nobody asked for.
stop_prometheus() { systemctl disable --now prometheus >/dev/null 2>&1 || true; }
# A fresh machine has no package lists, an old one has stale lists.
install "$@" || { apt-get update -q && install "$@"; }
case " $* " in *" prometheus "*) stop_prometheus ;; esac
ROOT
    if ((status != 0)); then
        tail -n 15 "$log" >&2
        rm -f "$log"
        fail "installing $* failed (see above). Run this by hand and start again: $command"
    fi
    rm -f "$log"
}

# Installs what is missing; silent when nothing is.
prepare_packages() {
    local packages
    packages=$(missing_packages)
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$packages" ]; then install_packages $packages; fi
}

# The same of what only tests need.
prepare_test_packages() {
    local packages
    packages=$(missing_test_packages)
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$packages" ]; then install_packages $packages; fi
}

# Makes a virtual environment with the Python packages of a list, anew when the list changes. $1: the list; $2: its folder.
python_packages() {
    local list=$1 folder=$2 stamp
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then install_packages python3-venv; fi
    stamp="$(sha256sum <"$list") $(python3 --version)"
    if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
    rm -rf "$folder"
    python3 -m venv "$folder" &&
        "$folder/bin/pip" install --quiet --disable-pip-version-check --no-input --requirement "$list" || return 1
    printf '%s\n' "$stamp" >"$folder/stamp"
}

# Explains a failed build. $1: the build's exit status.
fail_build() {
    local free
    free=$(free_space)
    if ((free < 100)); then
        fail "the build failed because the disk that holds $PWD is full ($free MiB free). Free some space and start" \
            "this again."
    fi
    exit "$1"
}
