# `make demo` and `make test` need only make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile
# Extra arguments for pytest: make unit ARGS="tests/test_space.py -x"
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test lint types unit slow format clean

help:
	@echo "make demo    fit a predator-prey model to data, and plot it"
	@echo "make test    everything below up to 'unit'; what CI runs"
	@echo "make lint    ruff: rules and format"
	@echo "make types   mypy, strict, on surrogo/"
	@echo "make unit    pytest with doctests and coverage"
	@echo "make slow    the tests that take longer"
	@echo "make format  let ruff rewrite the files"
	@echo "make clean   remove $(VENV) and all caches"

# ---- environment: a stamp is older than pyproject.toml only if that changed ----

$(VENV)/made:
	@echo "== environment: $(VENV)"
	@for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then $$python -m venv --clear $(VENV) && touch $@; exit; fi; \
	done; \
	echo "surrogo needs Python 3.11 or newer, and '$(PYTHON)' is not." >&2; \
	echo "Install one, or name it: make PYTHON=/path/to/python3.11 ..." >&2; \
	exit 1

$(VENV)/run: $(VENV)/made pyproject.toml
	@echo "== install: surrogo"
	@$(PIP) -e '.[plot]'
	@touch $@

$(VENV)/dev: $(VENV)/made pyproject.toml
	@echo "== install: surrogo and the tools of developers"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/run

# ---- what people call -----------------------------------------------------------

demo: $(VENV)/run
	@echo "== demo"
	@$(BIN)/python demo/hare_lynx.py

test: lint types unit

lint: $(VENV)/dev
	@echo "== lint"
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format -q --check

types: $(VENV)/dev
	@echo "== types"
	@$(BIN)/mypy

# One BLAS thread per process: two workers with two threads each would fight.
unit slow: export OPENBLAS_NUM_THREADS := 1
unit slow: export OMP_NUM_THREADS := 1

unit: $(VENV)/dev
	@echo "== tests"
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov $(ARGS)

slow: $(VENV)/dev
	@echo "== slow tests"
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m slow $(ARGS)

format: $(VENV)/dev
	@$(BIN)/ruff check -q --fix
	@$(BIN)/ruff format -q

clean:
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* \
	    .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find surrogo tests demo benchmarks -name __pycache__ -type d \
	    -exec rm -rf {} + 2>/dev/null || true
