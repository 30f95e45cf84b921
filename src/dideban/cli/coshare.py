"""``dideban coshare``: the threshold rule alone, on a table of shares."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.options import load, pairs_of, table_options

if TYPE_CHECKING:
    import polars as pl


SUFFIXES = (".csv", ".parquet", ".gexf")
PEER_MIN_WEIGHT = 1
"""The peers' libraries give every edge unless told otherwise."""


@click.command("coshare")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--window", type=float, help="Longest gap of two shares, seconds, inclusive.  [default: 60]")
@click.option(
    "--method",
    type=click.Choice(["threshold", "coortweet", "qut"]),
    default="threshold",
    show_default=True,
    help="The corrected rule, or a peer's rule as it is, defects included.",
)
@click.option("--min-weight", type=int, help="Smallest weight written.  [default: 2; peers' methods: 1]")
@click.option("--min-participation", type=int, help="Leave out accounts with fewer shared objects.  [default: 2]")
@click.option("--percentile", type=float, help="Mark edges above this quantile of weights, 0..1.  [coortweet: 0.5]")
@table_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write: .csv, .parquet or .gexf.")
def command(
    table: Path,
    out: Path,
    method: str,
    mapping: tuple[str, ...],
    key_file: Path | None,
    toml: Path | None,
    settings: tuple[str, ...],
    quiet: bool,
    **options: Any,
) -> None:
    """Link accounts that share the same objects within a window.

    TABLE is CSV or Parquet with account, object, post and time columns; the names of CooRTweet and of the QUT toolkit
    are recognised. The result has account_a, account_b, weight and what else the method counts. In CSV, an account id
    that a spreadsheet would run as a formula is written behind an apostrophe; Parquet holds it as it is. Beside a CSV
    stands NAME.gephi.csv with the columns of Gephi (Source, Target, Weight, Type).

    The rule finds agreement: accounts that share the same things at about the same time. Whether they act in concert
    is what 'dideban scan' tests.
    """
    from dideban.cli.console import progress, tell, usage_error
    from dideban.messages import Message

    if out.suffix.lower() not in SUFFIXES:
        raise usage_error("cli.usage.suffix", name=out.name, allowed=list(SUFFIXES))
    start = time.monotonic()
    threading.Thread(target=_load_kernels).start()
    peers = {} if method == "threshold" else {"coshare.min_weight": PEER_MIN_WEIGHT}
    config = load(toml, options, settings, defaults=peers)
    from dideban.pipelines.coshare import commonest, coshare, write_edges

    named = key_file or (Path(name) if (name := os.environ.get("DIDEBAN_KEY_FILE")) else None)
    run = coshare(
        table, method=method, config=config, key_file=named, mapping=pairs_of(mapping, "--map"),
        progress=progress(quiet=quiet),
    )  # fmt: skip
    if run.rejects.height and not quiet:
        tell(Message("summary.set-aside-rows", n=run.rejects.height, reasons=commonest(run.rejects)))
    write_edges(run.edges, out, directed=method == "qut")
    if not quiet:
        n_rejects = run.rejects.height
        _summarise(run.edges, out, n_shares=run.n_shares, n_rejects=n_rejects, seconds=time.monotonic() - start)


def _load_kernels() -> None:
    """Load compiled code while the file is read: a good part of a second that would come afterwards."""
    import numpy as np

    from dideban.kernels.shares import code_hashes

    code_hashes(np.zeros(1, np.uint64))


def _summarise(edges: pl.DataFrame, out: Path, *, n_shares: int, n_rejects: int, seconds: float) -> None:
    import polars as pl

    from dideban.cli.console import tell
    from dideban.messages import Message

    n_accounts = pl.concat([edges["account_a"], edges["account_b"]]).n_unique()
    counts = {"edges": edges.height, "accounts": n_accounts, "shares": n_shares, "rejects": n_rejects}
    tell(Message("summary.coshare", **counts, seconds=f"{seconds:.1f}", path=out))
    tell(Message("summary.coshare-caution"))
