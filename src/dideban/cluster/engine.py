"""The engine that runs the stages: a session of Spark Connect, where it keeps tables, and how it fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from dideban.cluster.frames import arrow_of, polars_of, schema_of
from dideban.errors import ConfigError, SourceError
from dideban.messages import Message

T = TypeVar("T")

LOCAL = "local-cluster"
"""Engine that is started on this machine and ends with the run."""
REMOTE = "sc://"
RETRIES = 4
"""Attempts to reach a cluster that does not answer: a few seconds, not the ten minutes of the client's own rule."""
DEFAULT_PARTITIONS = 16
GONE = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")
"""States of a call, as the protocol names them, after which no one is there any more."""


@dataclass(kw_only=True)
class Engine:
    """A session, and a folder that driver and workers reach, where the tables of the stages lie as Parquet.

    A table is written once and read from there by the later stages, so that nothing is computed twice and a worker that
    dies costs its own tasks only.
    """

    spark: Any
    address: str
    n_partitions: int
    scratch: str
    is_local: bool
    """The scratch folder is on a disk that this process sees."""
    _given: int = field(default=0)

    def describe(self) -> dict[str, Any]:
        """Return what a record of a run says of the engine."""
        return {"engine": self.address, "partitions": self.n_partitions}

    def keep(self, frame: Any, name: str, *, stage: str) -> Any:
        """Write a table to the scratch folder and return it as it is read from there."""
        place = f"{self.scratch}/{name}"
        self.run(lambda: frame.write.mode("overwrite").parquet(place), stage=stage)
        return self.read(place, schema=frame.schema)

    def read(self, place: str, *, schema: Any = None) -> Any:
        """Return a table of the scratch folder; a folder that no worker wrote a row to needs its schema told."""
        reader = self.spark.read if schema is None else self.spark.read.schema(schema)
        return reader.parquet(place)

    def give(self, table: pl.DataFrame, *, stage: str) -> Any:
        """Hand a table of the driver to the workers."""
        self._given += 1
        if self.is_local:
            path = Path(self.scratch) / f"given-{self._given}.parquet"
            table.write_parquet(path)
            return self.read(str(path), schema=schema_of(table.schema))
        return self.run(lambda: self.spark.createDataFrame(arrow_of(table), schema_of(table.schema)), stage=stage)

    def take(self, frame: Any, *, stage: str) -> pl.DataFrame:
        """Bring a table to the driver."""
        return polars_of(self.run(frame.toArrow, stage=stage))

    def run(self, work: Callable[[], T], *, stage: str) -> T:
        """Run a call to the cluster, as :meth:`telling`."""
        with self.telling(stage):
            return work()

    @contextlib.contextmanager
    def telling(self, stage: str) -> Iterator[None]:
        """Tell in plain words what goes wrong on the cluster.

        Raises
        ------
        SourceError
            The cluster is gone, or a stage failed on it.
        """
        import grpc
        from pyspark.errors import PySparkException

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the client warns of every attempt
            try:
                yield
            except (PySparkException, grpc.RpcError) as error:
                raise _told(error, stage=stage, address=self.address) from error


def _told(error: Exception, *, stage: str, address: str) -> SourceError:
    if _is_gone(error):
        return SourceError("cluster.gone", hint="cluster.hint-again", address=address, stage=_stage(stage))
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = next(
        (line for line in reversed(lines) if "Error" in line or "Exception" in line), lines[0] if lines else ""
    )
    return SourceError(
        "cluster.failed", hint="cluster.hint-log", address=address, stage=_stage(stage), reason=reason[:300]
    )


def _stage(name: str) -> Message:
    return Message(f"cluster.stage.{name}")


def _is_gone(error: BaseException) -> bool:
    """Look at the state of the call, which the protocol names; at that of what caused it where there is none."""
    import grpc

    seen: BaseException | None = error
    while seen is not None:
        code = getattr(seen, "code", None)
        if isinstance(seen, grpc.RpcError) and callable(code) and getattr(code(), "name", "") in GONE:
            return True
        status = getattr(seen, "getGrpcStatusCode", None)
        if callable(status) and getattr(status(), "name", "") in GONE:
            return True
        seen = seen.__cause__ or seen.__context__
    return False


@contextlib.contextmanager
def open_engine(
    address: str, *, partitions: int = 0, scratch: str = "", home: Path | None = None, threads: int = 0
) -> Iterator[Engine]:
    """Open an engine and close it again, its scratch folder included.

    Parameters
    ----------
    address : "local-cluster" or "sc://HOST[:PORT]"
        Sail on this machine, started for the run, or a cluster that is there.
    partitions : count
        Into how many parts tables are cut; 0 = DEFAULT_PARTITIONS. Never changes a result.
    scratch : path or address
        Folder that driver and workers reach; empty = a temporary folder, for engines on this machine only.
    home : path
        Where that temporary folder is made.
    threads : count
        Threads of a local engine; 0 = all cores.

    Raises
    ------
    ConfigError
        The address is neither, the extra is missing, or a cluster elsewhere was given no scratch folder.
    SourceError
        The cluster does not answer.
    """
    check_address(address)
    if partitions < 0:
        raise ConfigError("config.negative", key="partitions", value=partitions)
    if not (scratch or address == LOCAL or _is_here(address)):
        raise ConfigError("cluster.needs-scratch", hint="cluster.hint-scratch", key="scratch", address=address)
    _check_extra(address)
    quieten(threads=threads)
    with contextlib.ExitStack() as stack:
        folder = _folder(scratch, home, stack)
        url = stack.enter_context(started()) if address == LOCAL else address
        engine = Engine(
            spark=_session(url, address), address=address, n_partitions=partitions or DEFAULT_PARTITIONS,
            scratch=folder, is_local="://" not in folder,
        )  # fmt: skip
        stack.callback(_leave, engine.spark)
        engine.run(lambda: _set_up(engine), stage="connect")
        yield engine


def check_address(address: str) -> None:
    """Refuse what is no engine.

    Raises
    ------
    ConfigError
        It is neither ``local-cluster`` nor ``sc://HOST``.
    """
    if address != LOCAL and (not address.startswith(REMOTE) or len(address) == len(REMOTE)):
        raise ConfigError("cluster.no-engine", hint="cluster.hint-engine", key="engine", value=address)


def _is_here(address: str) -> bool:
    host = address.removeprefix(REMOTE).split("/")[0].rsplit(":", 1)[0]
    return host in ("127.0.0.1", "localhost", "[::1]")


def _check_extra(address: str) -> None:
    from importlib.util import find_spec

    needed = ["pyspark", "grpc", "pandas", "pyarrow", *(["pysail"] if address == LOCAL else [])]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise ConfigError("cluster.no-extra", hint="cluster.hint-extra", key="engine", missing=missing)


def quieten(*, threads: int) -> None:
    """Workers use this very Python, and a local engine writes errors only; both are read when it starts."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("RUST_LOG", "off")
    if threads:
        os.environ.setdefault("SAIL_RUNTIME__CPU_THREADS", str(threads))


def _folder(scratch: str, home: Path | None, stack: contextlib.ExitStack) -> str:
    name = f"dideban-{uuid.uuid4().hex[:12]}"
    if scratch and "://" in scratch:
        return f"{scratch.rstrip('/')}/{name}"  # of a store that only the cluster reaches: the cluster's to clear
    if scratch:
        path = Path(scratch).absolute() / name
        path.mkdir(parents=True)
    else:
        path = Path(tempfile.mkdtemp(prefix="dideban-cluster-", dir=home)).absolute()
    stack.callback(shutil.rmtree, path, ignore_errors=True)
    return str(path)


@contextlib.contextmanager
def started() -> Iterator[str]:
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        yield f"{REMOTE}127.0.0.1:{server.listening_address[1]}"
    finally:
        server.stop()


@contextlib.contextmanager
def _as_a_program() -> Iterator[None]:
    """Let PySpark be imported where the main module has no file: ``python -c``, or a process that another one feeds.

    It takes that for its own doctests and would end the process.
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__") or main.__spec__ is not None:
        yield
        return
    main.__file__ = __file__
    try:
        yield
    finally:
        del main.__file__


def _session(url: str, address: str) -> Any:
    with _as_a_program():
        from pyspark.errors import PySparkException
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession

    try:
        session = SparkSession.builder.remote(url).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=2_000)])
    except PySparkException as error:
        raise _told(error, stage="connect", address=address) from error
    return session


def _set_up(engine: Engine) -> None:
    engine.spark.conf.set("spark.sql.session.timeZone", "UTC")
    engine.spark.conf.set("spark.sql.shuffle.partitions", str(engine.n_partitions))


def _leave(session: Any) -> None:
    """End the session; a cluster that is gone has ended it."""
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.stop()
