# Babbitt. `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GATEWAY_PORT ?= 8080
RECORDINGS ?=
SERVICE ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=

UV_VERSION := 0.13.8
UV := .tools/uv-$(UV_VERSION)/bin/uv
PYTHON ?= $(firstword $(shell command -v python3.12 python3.13 python3.14 2>/dev/null))
override PYTHON := $(or $(PYTHON),python3)
NEEDS_PYTHON = "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || \
    { echo "Python 3.12 or newer is needed, and $(PYTHON) is none: make PYTHON=/where/it/is …" >&2; exit 1; }
RUN := .venv/bin/python
OWN := libs/contracts libs/chassis libs/recordings libs/client \
       services/signals services/training services/registry services/inference services/gateway deploy/native
SETUP := .venv/.babbitt-setup
NATIVE := $(RUN) -m babbitt.native

export ORT_DISABLE_TELEMETRY = 1
# Eight processes start again and again: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up started down status logs clean test test-fast coverage lint format contracts lock bench bench-predictions bench-generation bench-accuracy bench-gates bench-loading

help: ## What there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@$(NEEDS_PYTHON)
	@"$(PYTHON)" -m venv .tools/uv-$(UV_VERSION)
	@.tools/uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(SETUP): $(UV) requirements/dev.lock $(addsuffix /pyproject.toml,$(OWN))
	@$(NEEDS_PYTHON)
	@echo "Setting up .venv (the first time takes a minute or two: PyTorch is large)"
	@$(UV) venv --quiet --allow-existing --no-python-downloads --python "$(PYTHON)" .venv
	@$(UV) pip install --quiet --python .venv --require-hashes --requirement requirements/dev.lock
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation $(addprefix --editable ,$(OWN))
	@touch $@

setup: $(SETUP) ## Install everything into .venv, pinned by hash

demo: setup ## The whole way, once, on free ports: RECORDINGS=FOLDER takes real CWRU recordings
	@$(NATIVE) demo $(if $(RECORDINGS),--recordings "$(RECORDINGS)")

up: setup ## Start everything and leave it running (GATEWAY_PORT=8080)
	@$(NATIVE) up --gateway-port $(GATEWAY_PORT)

# To stop, look or clean nothing is installed: where there is no .venv, nothing was ever started.
started:
	@test -x $(RUN) || { echo "nothing was ever started here: make up" >&2; exit 1; }

down: ## Stop it; what was stored stays
	@test ! -x $(RUN) || $(NATIVE) down

status: started ## What runs, and whether it is ready
	@$(NATIVE) status

logs: started ## Logs of all services, or of SERVICE=name
	@$(NATIVE) logs $(SERVICE)

clean: ## Stop it and remove all that it stored
	@test ! -x $(RUN) || $(NATIVE) clean

TWICE := --numprocesses 2 --dist loadfile --no-loadscope-reorder
QUICK := -m "not integration and not e2e and not thorough" $(TWICE)

test: setup ## All tests: in two processes, each with a broker and a database of its own, then e2e and chaos
ifdef PYTEST_ARGS
	@$(RUN) -m pytest $(PYTEST_ARGS)
else
	@$(RUN) -m pytest -m "not integration and not e2e" $(TWICE)
	@$(RUN) -m pytest -m "integration and not e2e" $(TWICE)
	@$(RUN) -m pytest -m e2e
endif

test-fast: setup ## Tests that need no broker and no database, and train no whole model
	@$(RUN) -m pytest $(QUICK) $(PYTEST_ARGS)

coverage: setup ## Tests that need no broker, and that they reach no fewer lines than before
	@COVERAGE_CORE=sysmon $(RUN) -m pytest -m "not integration and not e2e" $(TWICE) --quiet --cov --cov-report=

lint: setup ## ruff, pyright (strict; tests: basic), import-linter, contracts, documents
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check
	@$(RUN) -m pyright
	@$(RUN) -m pyright --project tests
	@.venv/bin/lint-imports
	@$(RUN) -m babbitt.contracts check

format: setup ## Format the code
	@$(RUN) -m ruff check --fix --quiet || true
	@$(RUN) -m ruff format

contracts: setup ## Write JSON Schemas, AsyncAPI document and catalogue from the code
	@$(RUN) -m babbitt.contracts write

lock: $(UV) ## Pin all dependencies anew
	@UV=$(UV) requirements/lock.sh

bench: bench-predictions bench-generation ## All benchmarks

bench-predictions: setup ## The whole path beside the same model in a bare FastAPI
	@$(RUN) bench/predictions.py

bench-generation: setup ## How fast the benchmark dataset is made, beside an ordinary generator
	@$(RUN) bench/generation.py

bench-gates: setup ## How often a challenger passes the gate no_worse, by how good it is and how much it was tested on
	@OMP_NUM_THREADS=1 $(RUN) bench/gates.py

bench-loading: setup ## How much of a training's step waits for its data, with batches made in line and one ahead
	@OMP_NUM_THREADS=1 $(RUN) bench/loading.py $(BENCH_ARGS)

bench-accuracy: setup ## How right the models are that come out: RECORDINGS=FOLDER for CWRU, BENCH_ARGS=--quick to try
	@OMP_NUM_THREADS=1 $(RUN) bench/accuracy.py $(if $(RECORDINGS),--recordings "$(RECORDINGS)") $(BENCH_ARGS)
