#!/usr/bin/env sh
# Make .venv-bench-scrape with Scrapy, which the crawl is measured against; the project's .venv stays free of it.
set -eu
cd "$(dirname "$0")/../.."
lock=benchmarks/scrape/requirements.txt
stamp=.venv-bench-scrape/installed.txt
cmp -s "$lock" "$stamp" && exit 0
export UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME 2>/dev/null || true
uv=$(command -v uv || echo .stamps/uv/bin/uv)
"$uv" venv --quiet --clear --no-python-downloads --python "$(command -v "${PYTHON:-python3}")" .venv-bench-scrape
printf 'marsad: installing Scrapy into .venv-bench-scrape\n'
"$uv" pip install --quiet --python .venv-bench-scrape/bin/python --requirement "$lock"
cp "$lock" "$stamp"
