#!/usr/bin/env sh
# Make .venv-bench-curate with datasketch and rensa, which finding copies is measured against; the project's .venv stays free of it.
set -eu
cd "$(dirname "$0")/../.."
lock=benchmarks/curate/requirements.txt
stamp=.venv-bench-curate/installed.txt
cmp -s "$lock" "$stamp" && exit 0
export UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME 2>/dev/null || true
uv=$(command -v uv || echo .stamps/uv/bin/uv)
"$uv" venv --quiet --clear --no-python-downloads --python "$(command -v "${PYTHON:-python3}")" .venv-bench-curate
printf 'marsad: installing datasketch and rensa into .venv-bench-curate\n'
"$uv" pip install --quiet --python .venv-bench-curate/bin/python --requirement "$lock"
cp "$lock" "$stamp"
