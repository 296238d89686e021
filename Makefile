# The two that a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DATA   ?= $(if $(DEPEER_DATA),$(DEPEER_DATA),../shared/data)
PROCS  ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check fast format lint types imports bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP)  ## make .venv and install depeer with its tools (done by the others when needed)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "depeer needs Python 3.11 or newer; choose one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; about half a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)  ## the product in a minute, on mail that it makes itself
	@$(BIN)/depeer demo

test: $(STAMP)  ## the tests (under three minutes)
	@$(BIN)/python -m pytest -n $(PROCS)

test-slow: $(STAMP)  ## the long tests too: kills, fuzzing, large piles
	@$(BIN)/python -m pytest -n $(PROCS) -m 'slow or not slow' --timeout 3600

fast: format lint types imports  ## the quick part of check

format: $(STAMP)
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ." >&2; exit 1; }

lint: $(STAMP)
	@$(BIN)/ruff check --quiet .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports

check: fast test  ## format, lint, types, imports, tests: what CI runs

bench: $(STAMP)  ## peers side by side in one run (docs/benchmarks.md)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[bench]'
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench

clean:  ## remove what make made
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
