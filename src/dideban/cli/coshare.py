"""``dideban coshare``: the threshold rule alone, on a table of shares."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, gather, table_options

if TYPE_CHECKING:
    import polars as pl


SUFFIXES = (".csv", ".parquet", ".gexf")
PEER_MIN_WEIGHT = 1
"""The peers' libraries give every edge unless told otherwise."""


@click.command("coshare", cls=Command)
@click.argument("table", type=click.Path(path_type=Path))
@option("--window", type=float)
@option("--method", type=click.Choice(["threshold", "coortweet", "qut"]), default="threshold", show_default=True)
@option("--min-weight", type=int)
@option("--min-participation", type=int)
@option("--percentile", type=float)
@table_options
@option("--out", type=click.Path(path_type=Path), required=True)
@gather
def command(
    table: Path,
    out: Path,
    method: str,
    shared: SharedOptions,
) -> None:
    """Link accounts that share the same objects within a window."""
    from dideban.cli.console import tell, usage_error
    from dideban.messages import Message

    if out.suffix.lower() not in SUFFIXES:
        raise usage_error("cli.usage.suffix", name=out.name, allowed=list(SUFFIXES))
    start = time.monotonic()
    threading.Thread(target=_load_kernels).start()
    peers = {} if method == "threshold" else {"coshare.min_weight": PEER_MIN_WEIGHT}
    config = shared.config(defaults=peers)
    from dideban.pipelines.coshare import commonest, coshare, write_edges

    named = shared.key_file or (Path(name) if (name := os.environ.get("DIDEBAN_KEY_FILE")) else None)
    run = coshare(
        table, method=method, config=config, key_file=named, mapping=shared.columns(),
        progress=shared.progress(),
    )  # fmt: skip
    if run.rejects.height and not shared.quiet:
        tell(Message("summary.set-aside-rows", n=run.rejects.height, reasons=commonest(run.rejects)))
    write_edges(run.edges, out, directed=method == "qut")
    if not shared.quiet:
        n_rejects = run.rejects.height
        _summarise(run.edges, out, n_shares=run.n_shares, n_rejects=n_rejects, seconds=time.monotonic() - start)


def _load_kernels() -> None:
    """Load compiled code while the file is read: a good part of a second that would come afterwards."""
    import numpy as np

    from dideban.arrays import read_only
    from dideban.kernels.shares import code_hashes

    code_hashes(read_only(np.zeros(1, np.uint64)))


def _summarise(edges: pl.DataFrame, out: Path, *, n_shares: int, n_rejects: int, seconds: float) -> None:
    import polars as pl

    from dideban.cli.console import tell
    from dideban.messages import Message

    n_accounts = pl.concat([edges["account_a"], edges["account_b"]]).n_unique()
    counts = {"edges": edges.height, "accounts": n_accounts, "shares": n_shares, "rejects": n_rejects}
    tell(Message("summary.coshare", **counts, seconds=f"{seconds:.1f}", path=out))
    tell(Message("summary.coshare-caution"))
