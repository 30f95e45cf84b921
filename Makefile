# Everything a fresh machine needs: Python 3.11 or newer. Each target makes .venv from requirements.lock first.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.ready
DEV := $(VENV)/.ready-to-work
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Least share of lines and branches that measured cases reach (tests/conftest.py says which), percent.
FLOOR := 89
KERNEL_FLOOR := 20
KERNEL_TESTS := tests/unit/kernels
QUICK := tests/unit tests/spec tests/architecture
# Seconds each, and of parts that others touch too: left out of test-quick.
LONG := tests/unit/store/test_forgeries.py tests/unit/store/test_verify.py tests/unit/store/test_bounds.py tests/unit/test_writers.py \
  tests/unit/findings/test_follower.py tests/unit/findings/test_narratives.py tests/unit/findings/test_narrative_runs.py \
  tests/unit/findings/test_narrative_state.py tests/unit/ingest/test_documents.py tests/unit/ingest/test_formats.py \
  tests/unit/kernels/test_kernel_cache.py tests/unit/joint tests/unit/validation tests/unit/exercises/test_leaks.py \
  tests/unit/pipelines/test_pictures.py tests/unit/pipelines/test_picture_words.py tests/unit/federation/test_children.py \
  tests/unit/federation/test_page.py tests/unit/report/test_page.py tests/unit/ingest/test_subprocess_reader.py \
  tests/unit/ingest/test_posts_bad.py tests/unit/ingest/test_packed_and_nested.py tests/unit/ingest/test_posts.py \
  tests/unit/exchange/test_exchange.py tests/unit/proof/test_data_of_any_length.py tests/unit/simulate/test_adversary.py \
  tests/unit/simulate/test_sample.py tests/unit/simulate/test_framing.py tests/unit/simulate/test_crowds.py \
  tests/unit/effect/test_estimate.py tests/unit/ingest/test_odd_tables.py tests/unit/ingest/test_odd_columns.py \
  tests/unit/ingest/test_pictures.py tests/unit/ingest/test_hostile_files.py tests/unit/text/test_vectors.py \
  tests/unit/store/test_read.py tests/unit/cluster tests/unit/site/test_claims.py tests/unit/pipelines/test_videos.py \
  tests/unit/findings/test_copying.py
# Tests of one file stay together, so that what a file makes for its tests is made once.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
# Hardly any of these wait: a process for each processor, none more (tests/conftest.py).
PYTEST_QUICK := $(BIN)/python -m pytest -n logical --dist worksteal

.PHONY: demo test test-quick test-slow kernels mutants fuzz check types style bench validate lock docs site clean

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/python -c "open('$(STAMP)', 'w').close()"

$(DEV): $(STAMP) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	$(BIN)/dideban prepare
	$(BIN)/python -c "open('$(DEV)', 'w').close()"

demo: $(STAMP)       ## make a sample, scan it, print the findings, write the report
	$(BIN)/dideban demo --out demo-out

# Programs that tests start find their modules compiled.
test test-slow test-quick: export PYTHONDONTWRITEBYTECODE =
test: $(DEV)       ## the checks, then every test but the slow ones, with the branches they reach
	$(MAKE) -j2 types style kernels
	$(PYTEST) -m "not slow" --cov --cov-branch --cov-fail-under=$(FLOOR)

test-slow: $(DEV)  ## the slow tests, some of them minutes each
	$(PYTEST) -m slow

test-quick: $(DEV) ## two minutes: functions, rules and floors
	$(PYTEST_QUICK) -m "not slow and not browser" $(QUICK) $(addprefix --ignore=,$(LONG))

kernels: export NUMBA_DISABLE_JIT = 1
kernels: export COVERAGE_FILE = .coverage.kernels
kernels: $(DEV)    ## the kernels as plain Python, so that their branches can be measured
	$(BIN)/python -m pytest -q $(KERNEL_TESTS) -m "not slow" --cov --cov-config=scripts/kernels.coveragerc --cov-fail-under=$(KERNEL_FLOOR)

mutants: $(DEV)    ## change one line at a time in proof, access, intake and erasure: a test must fail
	$(BIN)/python scripts/mutants.py

check: $(DEV)      ## style, types, floors, pages in step with the program
	$(MAKE) -j2 types style

types: $(DEV)
	$(BIN)/mypy

style: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/typos
	$(BIN)/python scripts/make_docs.py --check

FUZZ_S := 60
fuzz: export DIDEBAN_FUZZ_S = $(FUZZ_S)
fuzz: export DIDEBAN_FUZZ_OUT = fuzz.ndjson
fuzz: $(DEV)       ## send made-up input to every way in for FUZZ_S seconds each; one line of figures for each in fuzz.ndjson
	$(BIN)/python -m pytest -q -n 0 tests/room/test_fuzz.py

bench: $(DEV)      ## time and memory by data size, ours and peers; rewrites docs/benchmarks.md
	$(BIN)/python benchmarks/run.py --page

validate: $(DEV)   ## error and power curves, written to docs/methods/validation.md
	$(BIN)/python -m dideban.validate --out docs/methods

COMPILE := $(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate
lock: pyproject.toml ## pin every dependency with its hash: what the program needs, and what working on it needs besides
	$(COMPILE) --group dev --extra sign --extra joint --extra room --extra postgres --extra meaning --extra media --extra cluster --extra mcp pyproject.toml -o requirements-dev.lock
	$(COMPILE) --group run --extra sign --extra joint --constraint requirements-dev.lock pyproject.toml -o requirements.lock

docs: $(DEV)       ## rewrite the generated pages and figures
	$(BIN)/python scripts/make_docs.py

site: export NO_MKDOCS_2_WARNING = 1
site: $(DEV)       ## the documentation as a site: open site/index.html, no server and no network needed
	$(BIN)/python -m mkdocs build --strict --quiet

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(p, True) for p in ('$(VENV)', 'demo-out', 'dist', 'build', 'site')]"
