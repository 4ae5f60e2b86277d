# make demo: install into .venv, make the example recording, sort it, open it.   make test: everything that must hold.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV ?= .venv
BIN = $(VENV)/bin
SOURCES_OF_INSTALL = pyproject.toml hatch_build.py package.json package-lock.json
JS_TESTS = $(wildcard tests/js/*.test.js)

.PHONY: demo test check install browser clean

demo: $(VENV)/installed
	$(BIN)/labbox-local demo

test: check
	$(BIN)/python -m pytest

# All that is quick; pytest stays last, so that its own closing line is the last one of `make test`.
check: $(VENV)/installed-test browser
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(if $(JS_TESTS),"$$($(BIN)/python tests/tools.py node)" --test $(JS_TESTS))

# The browser tests need a Chromium; this finds one or installs one.
browser: $(VENV)/installed-test
	@$(BIN)/python tests/tools.py chromium

install: $(VENV)/installed

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON to one." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python $(SOURCES_OF_INSTALL)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python $(SOURCES_OF_INSTALL)
	$(BIN)/python -m pip install --quiet --editable '.[test,sorters,nwb]'
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) static/vendor build dist .mypy_cache .ruff_cache .pytest_cache
