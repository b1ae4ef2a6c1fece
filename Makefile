# `make` alone explains itself. Everything lives in .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check format clean test-long bench

help:  ## Show this list.
	@echo "issgaze: a roof camera that brings home a picture of every visible pass of the space station."
	@echo
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

demo: $(VENV)/.run  ## Photograph a real pass under a simulated sky and serve the result.
	$(BIN)/issgaze run --demo

test: check  ## Run every check and every test (under 10 minutes).
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

check: $(VENV)/.test  ## Run the linters, the type checkers and the layer contracts.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(VENV)/.test  ## Put the code into its standard form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-long: $(VENV)/.test  ## Run the full counts of the sampled tests (long; see docs/verified.md).
	$(BIN)/python -m pytest -n $(WORKERS) -m long

clean:  ## Remove the environment and everything that was built.
	rm -rf $(VENV) build dist demo *.egg-info
