# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test demo setup

run: setup
	$(PY) app.py

test: $(VENV)/.installed-tests
	$(PY) -m pytest

demo: setup
	@mkdir -p out
	$(PY) -m pipeline render assets/portraits/hopper.jpg --text-file assets/demo.txt \
		--captions srt --overwrite -o out/demo.mp4

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-tests: tests/requirements.txt $(VENV)/.installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@
