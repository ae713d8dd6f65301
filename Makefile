# The commands of the project. `make demo` and `make test` set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test check format clean

setup: $(READY)

# The environment is made again only when the dependencies change.
$(READY): pyproject.toml constraints.txt scripts/fetch_frontend.py
	@echo "Setting up $(VENV) (some minutes and 2.5 GB the first time)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	-$(BIN)/python scripts/fetch_frontend.py
	@touch $(READY)

demo: setup
	$(BIN)/callmon demo --output out/demo

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) out dist build
