#!/usr/bin/env sh
# pip-audit, pinned, in an environment of its own: the project's .venv stays free of it.
set -eu
cd "$(dirname "$0")/.."
version=2.9.0
if [ ! -x .venv-audit/bin/pip-audit ]; then
    "${PYTHON:-python3}" -m venv .venv-audit >&2
    .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit==$version" >&2
fi
exec .venv-audit/bin/pip-audit "$@"
