#!/usr/bin/env bash
# Do the tests pass with the lowest versions that pyproject.toml allows? Makes an environment of its own in a temporary folder.
# Needs `uv` (python -m pip install uv). Arguments go to pytest: scripts/lowest_versions.sh tests/unit/ingest
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
uv=(python3 -m uv)
command -v uv >/dev/null 2>&1 && uv=(uv)
"${uv[@]}" venv --quiet --python 3.11 "$folder/venv"
export VIRTUAL_ENV="$folder/venv"
"${uv[@]}" pip compile --quiet --python-version 3.11 --resolution lowest-direct --extra sign --extra room --extra meaning \
  pyproject.toml -o "$folder/lowest.txt"
"${uv[@]}" pip install --quiet -r "$folder/lowest.txt"
"${uv[@]}" pip install --quiet --constraint "$folder/lowest.txt" --group dev
"${uv[@]}" pip install --quiet --no-deps --editable .
grep -E "^[a-z]" "$folder/lowest.txt" | sed 's/ .*//' | sort | tr '\n' ' '
if [ $# -eq 0 ]; then set -- tests/unit tests/spec tests/architecture/test_wheel.py -m "not slow and not browser"; fi
"$VIRTUAL_ENV/bin/python" -m pytest -q -n auto -p no:cacheprovider "$@"
