"""``dideban coshare``: the threshold rule alone, on a table of shares."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.options import load, pairs_of, table_options
from dideban.errors import InputError, StoreError
from dideban.messages import cause_of

if TYPE_CHECKING:
    import polars as pl

    from dideban.config import Config
    from dideban.progress import Progress

SUFFIXES = (".csv", ".parquet")
FORMULA_STARTS = r"^[=+\-@\t\r\n]"
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection)."""
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
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write: .csv or .parquet.")
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
    that a spreadsheet would run as a formula is written behind an apostrophe; Parquet holds it as it is.

    The rule finds agreement: accounts that share the same things at about the same time. Whether they act in concert
    is what 'dideban scan' tests.
    """
    from dideban.cli.console import progress

    if out.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"--out: {out.name} ends in neither {' nor '.join(SUFFIXES)}")
    start = time.monotonic()
    threading.Thread(target=_load_kernels).start()
    peers = {} if method == "threshold" else {"coshare.min_weight": PEER_MIN_WEIGHT}
    config = load(toml, options, settings, defaults=peers)
    with progress(quiet=quiet).stage("reading shares") as task:
        shares, n_rejects = _read(table, config=config, mapping=pairs_of(mapping, "--map"), quiet=quiet)
        task.advance(shares.height, rejects=n_rejects)
    rename = None if config.ingest.keep_ids else _pseudonyms(key_file)
    edges = link(shares, method=method, config=config, rename=rename, progress=progress(quiet=quiet))
    _write(edges, out)
    if not quiet:
        _summarise(edges, out, n_shares=shares.height, n_rejects=n_rejects, seconds=time.monotonic() - start)


def _load_kernels() -> None:
    """Load compiled code while the file is read: a good part of a second that would come afterwards."""
    import numpy as np

    from dideban.kernels.shares import code_hashes

    code_hashes(np.zeros(1, np.uint64))


def link(
    shares: pl.DataFrame,
    *,
    method: str,
    config: Config,
    rename: Callable[[pl.Series], pl.Series] | None,
    progress: Progress,
) -> pl.DataFrame:
    """Link the accounts of a table of shares; the columns are those of the method."""
    if method == "threshold":
        from dideban.evidence import link_shares

        edges = link_shares(shares, config=config.coshare, threads=config.threads, progress=progress, rename=rename)
        return edges.drop("window_s")
    edges = _link_coortweet(shares, config) if method == "coortweet" else _link_qut(shares, config, progress)
    edges = edges.with_columns(directed=True) if method == "qut" else edges
    return edges if rename is None else _renamed(edges, rename, directed=method == "qut")


def _link_coortweet(shares: pl.DataFrame, config: Config) -> pl.DataFrame:
    import polars as pl

    from dideban.evidence import coortweet

    rule = config.coshare
    pairs = coortweet.detect_groups(
        shares.rename({"post_id": "content_id", "created_s": "timestamp_share"}),
        time_window=rule.window_s,
        min_participation=rule.min_participation,
        remove_loops=rule.remove_loops,
        threads=config.threads,
    )
    quantile = 0.5 if rule.percentile is None else rule.percentile
    return coortweet.generate_coordinated_network(pairs, edge_weight=quantile).filter(
        pl.col("weight") >= rule.min_weight
    )


def _link_qut(shares: pl.DataFrame, config: Config, progress: Progress) -> pl.DataFrame:
    from dideban.evidence import qut

    return qut.count_directed(
        shares,
        time_window=config.coshare.window_s,
        min_edge_weight=config.coshare.min_weight,
        threads=config.threads,
        progress=progress,
    )


def _read(table: Path, *, config: Config, mapping: dict[str, str], quiet: bool) -> tuple[pl.DataFrame, int]:
    """Read the shares with their ids as they are: only the few accounts that are shown become pseudonyms."""
    import dataclasses

    from dideban.ingest.shares import read_shares

    settings = dataclasses.replace(config.ingest, keep_ids=True)
    shares, rejects = read_shares(table, config=settings, key=b"", mapping=mapping)
    if rejects.height > config.ingest.max_reject_share * (shares.height + rejects.height):
        raise InputError(
            "cli.rows-unusable",
            hint="hint.reject-reasons",
            path=str(table),
            n=rejects.height,
            all=shares.height + rejects.height,
            reasons=_reasons(rejects),
        )
    if rejects.height and not quiet:
        click.echo(f"{rejects.height:,} rows set aside: {_reasons(rejects)}", err=True)
    return shares, rejects.height


def _reasons(rejects: pl.DataFrame) -> str:
    counts = rejects["reason"].value_counts(sort=True).sort("count", "reason", descending=[True, False])
    return ", ".join(f"{reason} ({count:,})" for reason, count in counts.head(3).iter_rows())


def _pseudonyms(key_file: Path | None) -> Callable[[pl.Series], pl.Series]:
    import platformdirs

    from dideban.ingest.keys import load_key, pseudonym

    named = key_file or os.environ.get("DIDEBAN_KEY_FILE")
    key = load_key(Path(named) if named else Path(platformdirs.user_config_dir("dideban")) / "key")
    return lambda ids: pseudonym(ids, key=key)


def _renamed(edges: pl.DataFrame, rename: Callable[[pl.Series], pl.Series], *, directed: bool) -> pl.DataFrame:
    """Rename both ends; the ends of undirected edges are put in order again, and nothing else moves."""
    import polars as pl

    ends = ["account_a", "account_b"]
    old = pl.concat([edges[end] for end in ends]).unique()
    new = rename(old)
    edges = edges.with_columns(pl.col(ends).replace_strict(old, new, return_dtype=pl.String))
    if not directed:
        edges = edges.with_columns(account_a=pl.min_horizontal(ends), account_b=pl.max_horizontal(ends))
    return edges.sort(ends)


def _write(edges: pl.DataFrame, out: Path) -> None:
    """Write the whole file or nothing."""
    import polars as pl

    handle, name = -1, ""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.parent)
        with os.fdopen(handle, "wb") as file:
            if out.suffix.lower() == ".csv":
                text = pl.col(pl.String)
                risky = text.str.contains(FORMULA_STARTS)
                edges.with_columns(pl.when(risky).then("'" + text).otherwise(text).name.keep()).write_csv(file)
            else:
                edges.write_parquet(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(out)
    except OSError as error:
        raise StoreError("file.not-written", path=str(out), reason=cause_of(error)) from error
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _summarise(edges: pl.DataFrame, out: Path, *, n_shares: int, n_rejects: int, seconds: float) -> None:
    import polars as pl

    n_accounts = pl.concat([edges["account_a"], edges["account_b"]]).n_unique()
    click.echo(
        f"{edges.height:,} edges among {n_accounts:,} accounts from {n_shares:,} shares ({n_rejects:,} rows set aside) "
        f"in {seconds:.1f} s: {out}\nAn edge is agreement in time, not proof of concert.",
        err=True,
    )
