"""What several functional tests need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of an engine that speaks Spark Connect, one for all tests of a process."""
    for name in ("pysail", "pyspark", "grpc", "pandas", "pyarrow"):
        pytest.importorskip(name, reason="the extra dideban[cluster] is not installed")
    from dideban.cluster.engine import quieten, started

    quieten(threads=0)
    with started() as address:
        yield address
