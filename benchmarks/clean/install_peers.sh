#!/usr/bin/env sh
# Make .venv-bench with the readers that Marsad is measured against; the project's .venv stays free of them.
# BENCH_PYTHON names another interpreter (magic-html needs 3.12).
set -eu
cd "$(dirname "$0")/../.."
python=${BENCH_PYTHON:-${PYTHON:-python3}}
lock=benchmarks/clean/requirements.txt
stamp=.venv-bench/installed.txt
cmp -s "$lock" "$stamp" && exit 0
export UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME 2>/dev/null || true
uv=$(command -v uv || echo .stamps/uv/bin/uv)
"$uv" venv --quiet --clear --no-python-downloads --python "$(command -v "$python")" .venv-bench
printf 'marsad: installing the peers into .venv-bench\n'
"$uv" pip install --quiet --python .venv-bench/bin/python --requirement "$lock"
cp "$lock" "$stamp"
