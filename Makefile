# Everything a fresh machine needs: Python 3.11 or newer. Each target makes .venv from requirements.lock first.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.ready

.PHONY: demo test check bench validate lock docs clean

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -c "open('$(STAMP)', 'w').close()"

demo: $(STAMP)       ## make a sample, scan it, print the findings, write the report
	$(BIN)/dideban demo --out demo-out

test: check          ## every test, after the checks
	$(BIN)/python -m pytest -n auto

check: $(STAMP)      ## style, types, floors, pages in step with the program
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/make_docs.py --check

bench: $(STAMP)      ## time and memory by data size
	$(BIN)/python benchmarks/run.py

validate: $(STAMP)   ## error and power curves, written to docs/methods/validation.md
	$(BIN)/python -m dideban.validate --out docs/methods

lock: pyproject.toml ## pin every dependency with its hash
	$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-annotate --group dev --extra sign pyproject.toml -o requirements.lock

docs: $(STAMP)       ## rewrite the generated pages and figures
	$(BIN)/python scripts/make_docs.py

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(p, True) for p in ('$(VENV)', 'demo-out', 'dist', 'build')]"
