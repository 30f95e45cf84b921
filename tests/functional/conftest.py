"""What several functional tests need."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from dideban.cli import cli
from dideban.cli.console import run_guarded


class Done(NamedTuple):
    """What a command ended with and wrote."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in this process, as ``main`` does."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["dideban", *map(str, arguments)])
        code = run_guarded(cli)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of an engine that speaks Spark Connect, one for all tests of a process."""
    for name in ("pysail", "pyspark", "grpc", "pandas", "pyarrow"):
        pytest.importorskip(name, reason="the extra dideban[cluster] is not installed")
    from dideban.cluster.engine import quieten, started

    quieten(threads=0)
    with started() as address:
        yield address
