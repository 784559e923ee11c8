# make demo   a walking robot in demo.mp4        make test   everything that must hold
# The first that is there. For later ones than 3.11 PyBullet has no wheel, and pip builds it.
PYTHON ?= $(firstword $(foreach each,python3.11 python3.12 python3.13,$(shell command -v $(each))) python3.11)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo smoke test check packages docs plugin-example test-latest test-slow train benchmark time-to-walk trunks clean
.DELETE_ON_ERROR:

demo: $(VENV)/base.stamp
	$(BIN)/simon says "walk forward two metres, then turn left and wave" --out demo.mp4

# What action.yml does in other people's repositories. A film is for people to look at; smoke.xml is for machines.
OUT ?= build/smoke
export SENTENCE ?= wave
export ENGINE ?= bullet

smoke: $(VENV)/base.stamp
	mkdir -p "$(OUT)"
	$(BIN)/simon smoke --engine "$$ENGINE" --junit "$(OUT)/smoke.xml"
	$(BIN)/simon says "$$SENTENCE" --engine "$$ENGINE" --size 320x180 --fps 10 --out "$(OUT)/demo.gif"

test: check packages
	$(BIN)/pytest -n 2

# A browser and Mesa, from the system's packages; does nothing where they are.
packages:
	.ci/packages

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p simonsays

# The site of docs/, in site/: open site/index.html, or `python -m http.server -d site` to search it, too.
docs: $(VENV)/dev.stamp
	$(BIN)/python tests/docs_tables.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# examples/plugin as somebody else's package: installed, and tested from its own folder.
plugin-example: $(VENV)/dev.stamp
	rm -rf build/plugin-example
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--target build/plugin-example ./examples/plugin
	cd examples/plugin && PYTHONPATH=$(CURDIR)/build/plugin-example $(CURDIR)/$(BIN)/python -m pytest -q

# Ray holds Gymnasium at 1.2; here what faces Gymnasium runs on its newest release, without Ray.
LATEST := .venv-latest
FACING_GYMNASIUM := $(addprefix tests/envs/test_,env.py goals.py instruction_env.py) \
	$(addprefix tests/agents/test_,agents.py trainers.py vec.py)

test-latest: $(LATEST)/stamp
	$(LATEST)/bin/pytest -n 2 $(FACING_GYMNASIUM)

test-slow: $(VENV)/dev.stamp
	$(BIN)/pytest -n 1 -m slow

train: $(VENV)/dev.stamp
	$(BIN)/simon train locomotion

benchmark: $(VENV)/dev.stamp
	$(BIN)/simon benchmark --suite all --out runs/benchmark

time-to-walk: $(VENV)/dev.stamp
	$(BIN)/simon time-to-walk

trunks: $(VENV)/dev.stamp
	$(BIN)/simon experiment trunks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	@$@ -c 'import sys; sys.version_info < (3, 12) or print("PyBullet has no wheel for this Python: pip builds it now, in 5 minutes or so.")'

$(VENV)/base.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@ $(VENV)/base.stamp

$(LATEST)/stamp: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(LATEST)
	$(LATEST)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]" "gymnasium>=1.4"
	touch $@

clean:
	rm -rf build $(VENV) $(LATEST) demo.mp4
