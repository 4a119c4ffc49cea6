# What people run, and what CI runs. Needs make, git and Python 3.11 or newer; the rest goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOCKED := $(VENV)/.locked
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench bench-fleet soak lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(INSTALLED) ## the whole story on the built-in sandbox, in under a minute; no account, no network
	@$(BIN)/reconciler demo

test: lint ## everything that must hold before a change goes in
	$(BIN)/pytest -q -n auto --maxprocesses 8 --dist worksteal

lint: $(INSTALLED) ## style, types and the rule of who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# BEFORE=TREE measures another version's source beside this one, ONLY="plan limit" a part, QUICK=1 small worlds.
bench: $(INSTALLED) ## how fast, and how much memory; takes minutes
	@$(BIN)/python -m tests.bench.run \
		$(if $(BEFORE),--before $(BEFORE)) $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench-fleet: $(INSTALLED) ## four daemons, 200 tenants, two daemons lost: takes minutes, and root
	@$(BIN)/python -m tests.bench.fleet

soak: $(INSTALLED) ## the laws, with very many examples; takes as long as it takes
	$(BIN)/pytest -q -n auto -o faulthandler_timeout=0 --hypothesis-profile=soak tests/laws

# Pins stay as they are unless the requirements ask otherwise; UPGRADE=1 moves them all.
COMPILE = "$$tools/bin/uv" pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	--python-version 3.11 pyproject.toml --all-extras $(if $(UPGRADE),--upgrade)

lock: ## pin the requirements again (UPGRADE=1: at their newest)
	@set -eu; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	python=$$(.ci/find-python); "$$python" -m venv "$$tools"; \
	"$$tools/bin/python" -m pip --quiet --disable-pip-version-check install uv; \
	$(COMPILE) --output-file requirements.lock; \
	$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## what the targets above have made, .venv too; never a state or a configuration
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew when the lock changes, so that nothing stays behind that the lock no longer has.
$(LOCKED): requirements-dev.lock
	@python=$$(.ci/find-python) && echo "setting up $(VENV) with $$python" >&2 && "$$python" -m venv --clear $(VENV)
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
