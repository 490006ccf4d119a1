# Shared by the scripts beside it; to be sourced. Sets `repo`, and an environment in which Swift and git work
# whoever runs them: a container's root without HOME, or a user who does not own the clone.
# shellcheck shell=bash

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Bold where a person looks on.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s\n' "$*"; }
heading() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
# fail CODE MESSAGE…: the reason on stderr, then the end.
fail() {
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$code"
}

# SwiftPM keeps caches under HOME and stops without one.
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    if [ -z "$HOME" ] || [ ! -w "$HOME" ]; then
        HOME=$repo/.build/home
        mkdir -p "$HOME"
    fi
    export HOME
fi

# git refuses a work tree of another owner ("dubious ownership"); for this process and this folder it need not.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$repo

# One locale and time zone everywhere, so that no output depends on the machine.
export LC_ALL=C.UTF-8 TZ=UTC

# Finds the toolchain: PATH first, then where it is customarily unpacked.
need_swift() {
    local place
    if ! command -v swift >/dev/null 2>&1; then
        for place in /opt/swift/usr/bin /usr/local/swift/usr/bin "$HOME/.local/share/swiftly/bin"; do
            if [ -x "$place/swift" ]; then
                export PATH="$place:$PATH"
                break
            fi
        done
    fi
    command -v swift >/dev/null 2>&1 ||
        fail 66 "no Swift toolchain found; unpack Swift 6.3 for Debian 12 (swift.org/install) to /opt/swift"
    swift --version >/dev/null 2>&1 ||
        fail 70 "$(command -v swift) does not run: $(swift --version 2>&1 | head -n 1)"
}
