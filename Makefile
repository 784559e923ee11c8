# make demo   a walking robot in demo.mp4        make test   everything that must hold
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
FOLDERS := sim envs agents assets experiments

.PHONY: demo test check types test-slow train benchmark clean
.DELETE_ON_ERROR:

demo: $(VENV)/base.stamp
	$(BIN)/simon says "walk forward two metres, then turn left and wave" --out demo.mp4

test: check
	$(BIN)/pytest -n 2

check: $(VENV)/dev.stamp types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p simonsays

test-slow: $(VENV)/dev.stamp
	$(BIN)/pytest -m slow

train: $(VENV)/dev.stamp
	$(BIN)/simon train locomotion

benchmark: $(VENV)/dev.stamp
	$(BIN)/simon benchmark --suite all --out runs/benchmark

# The folders stand at the top level and are installed as simonsays.*; mypy sees them so through these links.
types: | $(addprefix build/typing/simonsays/,$(FOLDERS))

build/typing/simonsays/%:
	mkdir -p $(@D)
	ln -sfn ../../../$* $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/base.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train,dev]"
	touch $@ $(VENV)/base.stamp

clean:
	rm -rf build $(VENV) demo.mp4
