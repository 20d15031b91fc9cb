# Each target sets up .venv itself, with only what it needs; a stamp says when that was done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: reports test lab lint docs bench clean help

reports: $(VENV)/.stamp-run  ## write reports/index.html and every report
	$(BIN)/laichau run

test: $(VENV)/.stamp-test  ## run the whole test suite
	$(BIN)/python -m pytest -n auto --dist loadgroup

lab: $(VENV)/.stamp-lab  ## open JupyterLab on the notebooks
	$(BIN)/laichau lab

lint: $(VENV)/.stamp-lint  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.stamp-docs  ## write build/docs/index.html, the pages of docs/
	$(BIN)/python -m sphinx -W --keep-going -n -q docs build/docs

bench: $(VENV)/.stamp-test  ## measure how fast reports are made: build/benchmarks
	$(BIN)/python -m benchmarks.speed

clean:  ## remove .venv, reports and caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name README.md -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

# A half-made .venv has no stamp: it is set up again over what is there.
$(VENV)/.python: $(SETUP)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "laichau-analysis needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 2; }
	@echo "setting up $(VENV)" >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.python
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.stamp-test $(VENV)/.stamp-lab $(VENV)/.stamp-lint $(VENV)/.stamp-docs: $(VENV)/.stamp-%: $(VENV)/.stamp-run
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$*]"
	@touch $@
