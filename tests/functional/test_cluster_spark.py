"""The engine of others: Apache Spark, where Java and a distribution of Spark (``SPARK_HOME``) are there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dideban.config import Config, ProofConfig
from dideban.pipelines.cluster_scan import scan_on_cluster
from dideban.pipelines.scan import scan
from dideban.simulate import make_sample

pytestmark = pytest.mark.slow
KEY = b"k" * 32
QUICK = Config(proof=ProofConfig(n_shuffles=0))
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
EXECUTOR = b"CoarseGrainedExecutorBackend"
START_S = 180.0


def _spark_home() -> Path:
    for name in ("pyspark", "grpc", "pandas", "pyarrow"):
        pytest.importorskip(name, reason="the extra dideban[spark] is not installed")
    home = Path(os.environ.get("SPARK_HOME", ""))
    if not shutil.which("java") or not (home / "bin" / "spark-submit").is_file():
        pytest.skip("no Apache Spark here: needs Java, and SPARK_HOME at an unpacked distribution")
    return home


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an Apache Spark of this machine with two executors, each a process of its own."""
    home, work = _spark_home(), tmp_path_factory.mktemp("spark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.instances": 2,
        "spark.local.dir": work,
        "spark.ui.enabled": "false",
    }
    named = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    python = {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with (work / "log").open("wb") as log:
        server = subprocess.Popen(
            [home / "bin" / "spark-submit", "--master", "local-cluster[2,1,1024]", *named, "--class", SERVER],
            cwd=work, env={**os.environ, **python, "SPARK_HOME": str(home)}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(port, server, work / "log")
        yield f"sc://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    pytest.fail(f"Apache Spark did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "posts.parquet"
    make_sample(seed=1, n_posts=6_000).posts.write_parquet(path)
    return path


@pytest.fixture(scope="module")
def expected(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    out = tmp_path_factory.mktemp("here") / "out"
    assert scan(posts, out=out, config=QUICK, key=KEY).findings
    return _findings_of(out)


def _findings_of(out: Path) -> list[bytes]:
    return [json.dumps(one).encode() for one in json.loads((out / "findings.json").read_bytes())["findings"]]


def _executors() -> list[int]:
    return [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/cmdline") if _is_executor(one)]


def _is_executor(command: Path) -> bool:
    try:
        return EXECUTOR in command.read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "executors-killed"])
def test_findings_are_equal_to_the_byte_on_apache_spark(
    spark: str, posts: Path, expected: list[bytes], tmp_path: Path, killed: bool
) -> None:
    """An executor is killed every few seconds; each stage lies on the disk before the next, so that little is lost."""
    done, n_killed = threading.Event(), 0

    def kill() -> None:
        nonlocal n_killed
        while not done.wait(8.0):
            for pid in _executors()[:1]:
                os.kill(pid, signal.SIGKILL)
                n_killed += 1

    killer = threading.Thread(target=kill, daemon=True)
    if killed:
        killer.start()
    try:
        scan_on_cluster(
            [str(posts)], out=tmp_path / "out", engine=spark, partitions=4, scratch=str(tmp_path), config=QUICK, key=KEY
        )
    finally:
        done.set()
    assert _findings_of(tmp_path / "out") == expected
    assert n_killed or not killed
