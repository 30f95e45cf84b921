#!/usr/bin/env bash
# Bring an Apache Spark to this machine for the tests that want one, and print where it lies: SPARK_HOME=$(bash scripts/spark_here.sh FOLDER).
# Java comes from Debian, Spark from its Python package, outside the project's own environment. Fails where either cannot be had.
set -euo pipefail
folder=${1:?folder}
cd "$(dirname "$0")/.."
python=.venv/bin/python
version=$("$python" -c "from importlib.metadata import version; print(version('pyspark-client'))")
if ! command -v java >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
fi
[ -x "$folder/pyspark/bin/spark-submit" ] ||
  timeout 300 "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" "pyspark==$version" >&2
printf '%s\n' "$folder/pyspark"
