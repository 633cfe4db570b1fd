# vcloud: two commands for a newcomer, `make run` and `make test`. Everything is made in .venv/ and build/, and the compiled
# modules beside their sources; `make clean` removes all of it. Nothing else on this machine is touched.

PYTHON ?= python3
RUN_SECONDS ?= 30
TEST_OPTIONS ?=
RESULTS := results
# of bench-quality: CPU seconds of a run, how many seeds, noise levels, problems or their families and sets, runs at a time
SECONDS ?= 30,120
SEEDS ?= 3
NOISE ?= 0,0.01,0.1
PROBLEMS ?= all
JOBS ?= 1
QUALITY_OPTIONS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# what a compiled module is made from
NATIVE := $(shell find vgp -name '*.pyx' -o -name '*.pxd' -o -name '*.cpp' -o -name '*.hpp' -o -name '*.def')

export PYTHON
export PYTHONUNBUFFERED := 1
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run build test test-long bench bench-quality cluster test-cluster bench-cluster deps lint docs screenshots wheel clean optional-packages

help:
	@echo "make run      install, compile, and find Kepler's third law in a table of planets, on all cores (RUN_SECONDS=$(RUN_SECONDS))"
	@echo "make test     install, compile, and run every test (TEST_OPTIONS=\"-k sandbox\" for some)"
	@echo "make test-long  the tests that take minutes each, of all parts but the cluster"
	@echo "make bench    measure speed against others; a table and a JSON file go to $(RESULTS)/"
	@echo "make bench-quality  who finds the law: vgp, pyoperon, gplearn (PROBLEMS=classics SECONDS=30 SEEDS=1 NOISE=0 JOBS=2 for some)"
	@echo "make cluster  install what the playbooks need; then: . .venv/bin/activate && ansible-playbook launch.yml -e provider=local -e nodes=2"
	@echo "make test-cluster   all tests of the cluster, on systemd hosts of this machine (root; about half an hour)"
	@echo "make bench-cluster  measure launching, provisioning and terminating (root)"
	@echo "make build    install and compile only"
	@echo "make deps     install the system packages that are missing (as root), or name them"
	@echo "make lint     ruff and mypy"
	@echo "make docs     the documentation as a site, into build/site"
	@echo "make screenshots  pictures of the web page, into docs/pictures (needs chromium)"
	@echo "make wheel    a wheel for this interpreter, and the source distribution, into dist/"
	@echo "make clean    remove all that was made, results excepted"

run: build
	$(BIN)/vmesh up examples/planets.csv --target orbital_period_days --seconds $(RUN_SECONDS)

build: build/compiled

test: optional-packages $(VENV)/with-test $(VENV)/with-cluster build/compiled
	$(BIN)/python -m pytest -n auto --dist loadfile $(TEST_OPTIONS)

test-long: optional-packages $(VENV)/with-test $(VENV)/with-cluster build/compiled
	$(BIN)/python -m pytest -m long --ignore tests/cluster --ignore tests/playbooks --ignore tests/roles --ignore tests/tools --ignore tests/vmesh/cloud $(TEST_OPTIONS)

bench: $(VENV)/with-bench build/compiled
	@mkdir -p $(RESULTS)
	$(BIN)/vgp bench --json $(RESULTS)/bench.json | tee $(RESULTS)/bench.txt
	$(BIN)/vmesh bench --json $(RESULTS)/bench-mesh.json | tee $(RESULTS)/bench-mesh.txt

bench-quality: $(VENV)/with-quality build/compiled
	@mkdir -p $(RESULTS)/quality
	$(BIN)/python -m vgp.benchmarks.quality --suite laws,tables --problems "$(PROBLEMS)" --seconds "$(SECONDS)" --seeds "$(SEEDS)" \
	  --noise "$(NOISE)" --jobs "$(JOBS)" --results $(RESULTS)/quality/runs.jsonl $(QUALITY_OPTIONS) | tee $(RESULTS)/quality/quality.txt

cluster: $(VENV)/with-cluster build/compiled
	@echo "ready: . $(BIN)/activate"

test-cluster: optional-packages $(VENV)/with-test $(VENV)/with-cluster build/compiled
	$(BIN)/python -m pytest -m "long or not long" tests/cluster tests/playbooks tests/roles tests/tools tests/vmesh/cloud $(TEST_OPTIONS)

bench-cluster: optional-packages $(VENV)/with-cluster build/compiled
	@mkdir -p $(RESULTS)
	$(BIN)/python -m tests.benchmarks.launching --json $(RESULTS)/bench-launching.json | tee $(RESULTS)/bench-launching.txt
	$(BIN)/python -m tests.benchmarks.provisioning --json $(RESULTS)/bench-provisioning.json | tee $(RESULTS)/bench-provisioning.txt

deps:
	@tools/packages install

lint: $(VENV)/with-test $(VENV)/with-cluster build/compiled
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/ansible-lint --profile production

docs: $(VENV)/with-docs build/compiled
	$(BIN)/python -m mkdocs build --strict
	@echo "build/site/index.html"

screenshots: $(VENV)/with-test build/compiled
	$(BIN)/python tools/screenshots

# without isolation, so that what was compiled serves; `python -m build` compiles everything anew
wheel: build/compiled
	rm -rf dist
	$(PIP) wheel -q . --no-build-isolation --no-deps --wheel-dir dist
	$(BIN)/python setup.py -q sdist --dist-dir dist
	@ls dist/*

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis vgp/sandbox/vgp-sandbox
	find vgp vmesh tests tools -name '*.so' -delete -o -name __pycache__ -prune -exec rm -rf {} +

# Root with apt-get gets what the tests can use; anyone else is told what will be skipped.
optional-packages:
	@if [ "$$(id -u)" = 0 ]; then tools/packages install; else tools/packages optional; fi

# A virtual environment knows its own path: one that was moved or copied here is made again.
ifneq ($(shell cat $(VENV)/made-in 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/made-in
endif

$(VENV)/made-in:
	@tools/packages required
	rm -rf $(VENV) build/compiled
	"$(PYTHON)" -m venv $(VENV)
	@printf '%s\n' "$(CURDIR)" > $@

# Without build isolation: pip then compiles with what is in .venv, and the objects serve later builds.
$(VENV)/installed: pyproject.toml tools/requirements.py $(VENV)/made-in
	$(BIN)/python tools/requirements.py build > $(VENV)/build-requirements.txt
	$(PIP) install -q -r $(VENV)/build-requirements.txt
	@tools/packages required
	@echo "compiling: one or two minutes the first time"
	$(PIP) install -q --no-build-isolation -e .
	@touch $@

build/compiled: $(NATIVE) setup.py $(VENV)/installed
	@mkdir -p build
	$(BIN)/python setup.py -q build_clib build_ext --inplace
	@touch $@

# the extras of pyproject.toml: with-test, with-bench, with-cluster
$(VENV)/with-%: pyproject.toml $(VENV)/installed
	$(BIN)/python tools/requirements.py $* > $@-requirements.txt
	$(PIP) install -q -r $@-requirements.txt
	@touch $@
