# `make help` lists the targets. Everything runs in .venv, made from your own python3.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PYTHON

# most of a test's time is waiting for processes and servers: more workers than cores
SIDE_BY_SIDE := -n 4 --dist loadscope --no-loadscope-reorder

.PHONY: help run up test test-share test-all lint audit docs sample pictures bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .stamps/run ## set up if needed, then two days of the sample sites through the real DAGs, and a summary
	@$(BIN)/python -m marsad.operate demo

up: .stamps/run ## set up if needed, then Airflow with its UI on 127.0.0.1, logged in; Ctrl-C stops all of it
	@$(BIN)/python -m marsad.operate up

test: .stamps/dev ## set up if needed, then the tests but those that take minutes each; of these SHARE=0 to 2, if given
	@code=0; $(BIN)/python -m pytest -m "timed and not slow" || code=$$?; \
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(if $(SHARE),-m "not timed" --share $(SHARE),-m "not timed and not slow") \
	&& exit $$code

test-share: .stamps/dev ## of the tests that take minutes each a share alone: SHARE=0 to 2, or a commit's number (tests/shares.py)
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m slow --share $(or $(SHARE),0)

test-all: .stamps/dev ## all tests: also the cluster of docker-compose.yaml run for real, kills at random, a store that fails
	@code=0; $(BIN)/python -m pytest -m timed || code=$$?; \
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not timed" && exit $$code

lint: .stamps/dev ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit: ## look up known vulnerabilities of what is pinned; says so where it could not (needs uv and PyPI's or OSV's API)
	@$(PYTHON) scripts/audit.py --tool scripts/pip-audit.sh

docs: .stamps/dev ## write docs/reference anew from the code
	@$(BIN)/python scripts/write_reference.py

sample: .stamps/dev ## write docs/sample and the dictionary's examples anew from the sample sites, then docs/reference
	@$(BIN)/python scripts/write_sample.py
	@$(BIN)/python scripts/write_reference.py

pictures: .stamps/dev ## take the README's pictures of the console anew, into docs/images (needs chromium)
	@$(BIN)/python -m pytest -rs tests/console/test_pictures.py --pictures docs/images

bench: .stamps/dev ## measure gates, clean, extract and scrape; CORPUS=pages with gold, TEXTS=texts with gold: these too; README's tables
	@$(BIN)/python benchmarks/gates/cost.py
	@$(BIN)/python benchmarks/gates/day.py --readme README.md
	@benchmarks/clean/install_peers.sh || echo "marsad: the peers are not installed (is the package registry reachable?); Marsad is measured alone"
	@test -n "$(CORPUS)" || echo "marsad: no CORPUS given: only the split benchmark runs; make bench CORPUS=FOLDER (benchmarks/README.md)"
	@$(BIN)/python -m benchmarks.clean $(foreach folder,$(CORPUS),--corpus "$(folder)") --readme README.md
	@$(BIN)/python benchmarks/extract/dates.py
	@$(BIN)/python -m benchmarks.extract --set own $(foreach path,$(TEXTS),--set "$(path)") --speed --readme README.md
	@benchmarks/scrape/install_peers.sh || echo "marsad: Scrapy is not installed (is the package registry reachable?); Marsad is measured alone"
	@$(BIN)/python -m benchmarks.scrape --readme README.md
	@$(BIN)/python -m benchmarks.replay --readme README.md
	@benchmarks/curate/install_peers.sh || echo "marsad: datasketch and rensa are not installed (is the package registry reachable?); Marsad is measured alone"
	@$(BIN)/python -m benchmarks.curate --readme README.md
	@$(BIN)/python -m benchmarks.stories --readme README.md
	@$(BIN)/python -m benchmarks.load --readme README.md
	@$(BIN)/python -m benchmarks.load.month --readme README.md
	@$(BIN)/python -m benchmarks.lake
	@$(BIN)/python -m benchmarks.day --sources 5 --sources 20 --readme README.md

lock: ## resolve the lock files anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml --group build \
		--extra iceberg --extra clickhouse --output-file requirements.txt --custom-compile-command "make lock"
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml \
		--group build --group test --group lint --constraint requirements.txt \
		--extra iceberg --extra clickhouse --extra bigquery --extra snowflake --extra ray \
		--output-file requirements-dev.txt --custom-compile-command "make lock"

clean: ## remove what runs made: the lake, the local Airflow, caches (not .venv)
	rm -rf .lake .airflow .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# the stamps: a lock file that changed is installed again
.stamps/run: requirements.txt pyproject.toml scripts/bootstrap.sh
	@test -e .stamps/dev -a .stamps/dev -nt requirements.txt -a .stamps/dev -nt pyproject.toml || scripts/bootstrap.sh requirements.txt
	@mkdir -p .stamps && touch $@

.stamps/dev: requirements-dev.txt requirements.txt pyproject.toml scripts/bootstrap.sh
	@scripts/bootstrap.sh requirements-dev.txt
	@mkdir -p .stamps && touch $@
