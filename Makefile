# Every target sets up what it needs: `make bench` or `make test` is enough on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The stamp's name holds what was installed, so that a second `make setup` does nothing at all.
SET_UP := set-up-$(shell cat pyproject.toml constraints.txt | cksum | tr ' ' '-')
STAMP := $(VENV)/$(SET_UP)
# Torch has an environment of its own, so that everything else is shown to need none.
LEARN := .venv-learn
LEARN_STAMP := $(LEARN)/$(SET_UP)

.PHONY: setup bench bank sanity bg stats dashboard doctor gates test test-learn extension e2e lint constraints clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Unsorry needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,dashboard,model,sketch]'
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
bg stats dashboard doctor gates: setup
	$(BIN)/unsorry $@ $(ARGS)

test: setup
	$(BIN)/python -m pytest $(ARGS)

# What trains and converts models, with torch and transformers: a download of 1 GB the first time.
test-learn: $(LEARN_STAMP)
	$(LEARN)/bin/python -m pytest tests/learn $(ARGS)

$(LEARN_STAMP): pyproject.toml constraints.txt
	test -x $(LEARN)/bin/python || $(PYTHON) -m venv $(LEARN)
	$(LEARN)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,learn]'
	@rm -f $(LEARN)/set-up-*
	@touch $@

# Types, linter and unit tests of the extension, with the Node that `make e2e` uses.
extension: setup
	tests/e2e/setup.sh
	cd vscode-extension && PATH="$(CURDIR)/.e2e/bin:$$PATH" npm run -s check

# The extension in a real VS Code, and the documented configuration in a real Neovim. The first run
# installs them into .e2e (some minutes). ARGS="--screenshots" renews the pictures in docs/images.
e2e: setup
	tests/e2e/run.sh $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Take over the versions that are installed now.
constraints: setup
	@{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.tmp
	@mv constraints.tmp constraints.txt

clean:
	rm -rf $(VENV) $(LEARN) .e2e vscode-extension/node_modules vscode-extension/dist vscode-extension/wheel bench/results .mypy_cache .ruff_cache .pytest_cache .hypothesis
