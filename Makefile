# The commands of the project. `make demo` and `make test` set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LIBRARIES := callmon/review/static/vendor/fetched.json

.PHONY: setup demo test check format wheel offline lint-docker check-image sbom audit clean

setup: $(READY) $(LIBRARIES)

# The environment is made again only when the dependencies change.
$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): some minutes the first time, and 2.5 GB, or several more where"
	@echo "pip finds no CPU build of torch"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

# The program writes this file when all are there. Without them everything else works, so
# that a failure is told and no more; each `make setup` tries again.
$(LIBRARIES): scripts/fetch_frontend.py | $(READY)
	-$(BIN)/python scripts/fetch_frontend.py

# Its last line is the command that opens the review pages with these calls.
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

# The program as one file in dist/, for `pip install` elsewhere.
wheel: setup
	scripts/make_wheel.sh $(BIN)/python

# A folder to install from without a network: make offline MODELS="small.en"
offline: setup
	scripts/make_offline.sh out/offline $(MODELS)

lint-docker: setup
	$(BIN)/hadolint docker/Dockerfile docker/Dockerfile.gpu
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yml docker/compose.scale.yml docker/compose.monitoring.yml

# Builds the image and runs it, without Docker; as root on a Debian (docker/README.md).
check-image:
	scripts/check_image.sh

# What callmon is made of, in out/sbom.json. The tools have an environment of their own, so
# that what they need is not in it.
TOOLS := out/tools
$(TOOLS)/.ready:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

sbom: setup $(TOOLS)/.ready
	$(BIN)/python -m scripts.make_sbom --cyclonedx $(TOOLS)/bin/cyclonedx-py --output out/sbom.json

# Known vulnerabilities in it; needs the network (SECURITY.md).
audit: sbom
	$(BIN)/python scripts/audit_packages.py out/sbom.json --pip-audit $(TOOLS)/bin/pip-audit $(AUDIT)

clean:
	rm -rf $(VENV) out dist build
