# A fresh machine needs two commands: `make run` and `make test`. Both set up .venv first.
# On Windows, see "Without make" in CONTRIBUTING.md.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run serve test check format demo sample setup

run: setup
	$(PY) app.py

# For other machines too: `make serve HOST=0.0.0.0 PORT=8000`. See docs/deploy.md.
HOST ?= 127.0.0.1
PORT ?= 7860
serve: setup
	$(PY) -m pipeline serve --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-tests
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.installed-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/.installed-tests
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

demo: setup
	@mkdir -p out
	$(PY) -m pipeline render assets/portraits/hopper.jpg --text-file assets/demo.txt \
		--captions srt --overwrite -o out/demo.mp4

# The moving picture at the top of the README.
sample: setup
	$(PY) -m benchmarks picture

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-tests: tests/requirements.txt $(VENV)/.installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@
