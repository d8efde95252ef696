#!/usr/bin/env sh
# Make .venv from the machine's own python3 and a hash-pinned lock file.
#   scripts/bootstrap.sh requirements.txt        what a run needs
#   scripts/bootstrap.sh requirements-dev.txt    and what tests and linters need
# Never downloads a Python. uv is used where it is found, else installed below .stamps/.
set -eu
lock=${1:?usage: scripts/bootstrap.sh LOCK_FILE}
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
tools=.stamps/uv

fail() { printf 'marsad: %s\n' "$*" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || fail "no '$python' here; install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=/path/to/python3.12 …"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "'$python' does not start"
case $version in
    3.11 | 3.12 | 3.13) ;;
    *) fail "'$python' is Python $version, but Marsad needs 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python3.12 …" ;;
esac

export UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME 2>/dev/null || true
if command -v uv >/dev/null 2>&1; then
    uv=uv
elif [ -x "$tools/bin/uv" ]; then
    uv=$tools/bin/uv
else
    printf 'marsad: installing uv below %s\n' "$tools"
    mkdir -p .stamps
    # Debian's python3 may lack venv (ensurepip): pip's --target needs no more than pip itself
    if "$python" -m venv "$tools" >/dev/null 2>&1; then
        "$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv || fail "uv could not be installed; is the package registry reachable?"
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --disable-pip-version-check --target "$tools" uv || fail "uv could not be installed; is the package registry reachable?"
    else
        fail "neither venv nor pip work with '$python'; install python3-venv, or uv"
    fi
    uv=$tools/bin/uv
fi

have=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
if [ "$have" != "$version" ]; then
    printf 'marsad: creating .venv with Python %s\n' "$version"
    "$uv" venv --quiet --clear --no-python-downloads --python "$(command -v "$python")" .venv
fi
printf 'marsad: installing %s (about 240 packages, hash-checked)\n' "$lock"
"$uv" pip install --quiet --python .venv/bin/python --require-hashes --requirement "$lock"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
# bytecode now, by both cores, rather than in the first processes to start
.venv/bin/python -m compileall -q -j 0 .venv/lib include >/dev/null 2>&1 || true
