"""What commands need of the flow and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from dideban.config import Config
from dideban.findings import Affiliations, load_affiliations
from dideban.ingest import pseudonym


def affiliations_of(path: Path | None, *, config: Config) -> Callable[[bytes], Affiliations] | None:
    """Return how to read a list of declared owners once the key of the pseudonyms is known."""
    if path is None:
        return None

    def read(key: bytes) -> Affiliations:
        def name(account: str) -> str:
            return account if config.ingest.keep_ids else str(pseudonym(pl.Series([account]), key=key)[0])

        return load_affiliations(path, pseudonym=name)

    return read
