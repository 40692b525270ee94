# Two commands matter: `make run` and `make test`. Each makes the virtual environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: run test lint bench bench-asterisk bench-console pictures clean

run: $(VENV)/.run
	$(BIN)/vagtcentral demo

# What needs root, an Asterisk, telephones or a browser is skipped with the reason where that is missing. Of these
# tests those that fail are run once more, one at a time: they run in real time, three at once, and a machine on which
# other things run may have been too slow. What is wrong fails again.
FAILED_AGAIN := --last-failed --last-failed-no-failures none
test: $(VENV)/.dev
	$(BIN)/pytest -n auto --ignore tests/asterisk --ignore tests/browser
	$(BIN)/pytest -n 3 tests/asterisk tests/browser || $(BIN)/pytest $(FAILED_AGAIN) tests/asterisk tests/browser

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Needs what tests/asterisk needs (root, `scripts/asterisk install`, SIPp), and a machine that does nothing else; ten
# minutes at most.
bench-asterisk: $(VENV)/.dev
	$(BIN)/python -m benchmarks.asterisk

# Needs Chromium and a machine that does nothing else; two minutes. Fails where something was not shown, or too late.
bench-console: $(VENV)/.dev
	$(BIN)/python -m benchmarks.console

# The pictures of the documentation, made anew by the test of how pages look; needs Chromium, some five minutes.
pictures: $(VENV)/.dev
	VAGTCENTRAL_PICTURES=docs/pictures $(BIN)/pytest -n 2 tests/browser/test_looks.py

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
