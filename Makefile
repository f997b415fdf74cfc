# Every target sets up what it needs: `make bench` or `make test` is enough on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The stamp's name holds what was installed, so that a second `make setup` does nothing at all.
STAMP := $(VENV)/set-up-$(shell cat pyproject.toml constraints.txt | cksum | tr ' ' '-')

.PHONY: setup bench bank sanity bg stats dashboard test lint constraints clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Unsorry needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@rm -f $(VENV)/set-up-*
	@touch $@

# The main job: prove the bank with real Lean, and say what was solved.
bench: setup
	$(BIN)/unsorry bench $(ARGS)

bank: bench

# A hundred lemmas, and one line with how many were solved.
sanity: setup
	@mkdir -p bench/results
	@$(BIN)/unsorry bench --limit 100 --fresh --out bench/results/sanity $(ARGS) > bench/results/sanity.txt
	@sed -n 1p bench/results/sanity.txt

# Aliases of commands; what they take goes into ARGS.
bg stats dashboard: setup
	$(BIN)/unsorry $@ $(ARGS)

test: setup
	$(BIN)/python -m pytest $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Take over the versions that are installed now.
constraints: setup
	@{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.tmp
	@mv constraints.tmp constraints.txt

clean:
	rm -rf $(VENV) bench/results .mypy_cache .ruff_cache .pytest_cache .hypothesis
