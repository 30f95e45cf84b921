"""Co-share: a table of shares in, the edges of a threshold rule out. It states no error rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from dideban.atomic import our_disk, replacing
from dideban.config import Config
from dideban.errors import InputError
from dideban.evidence import coortweet, link_shares, qut
from dideban.exchange import write_pairs_gexf
from dideban.ingest.keys import load_key, pseudonym
from dideban.ingest.shares import read_shares
from dideban.pipelines.targets import default_key_file
from dideban.progress import SILENT, Progress

METHODS = ("threshold", "coortweet", "qut")
FORMULA_STARTS = r"^[=+\-@|\t\r\n]"
"""A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, kw_only=True)
class CoShareRun:
    """Edges of a rule, and the rows that could not be used."""

    edges: pl.DataFrame
    """account_a, account_b, weight and what else the method counts."""
    n_shares: int
    rejects: pl.DataFrame
    """REJECTS."""


def coshare(
    table: str | Path,
    *,
    method: str = "threshold",
    config: Config | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> CoShareRun:
    """Link accounts that share the same objects within a window.

    Parameters
    ----------
    table : path
        CSV or Parquet with account, object, post and time columns.
    method : {"threshold", "coortweet", "qut"}
        The corrected rule, or a peer's rule as it is, defects included.
    config : Config
        Settings; None = defaults.
    key, key_file : bytes, path
        Key of the pseudonyms; None = the room's key file, made if missing. Not used where ids are kept.
    mapping : mapping
        Field to column of the table.

    Returns
    -------
    CoShareRun

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words.
    """
    config, path = config or Config(), Path(table)
    with progress.stage("reading-shares") as task:
        shares, rejects = read_usable(path, config=config, mapping=mapping or {})
        task.advance(shares.height, rejects=rejects.height)
    rename = None if config.ingest.keep_ids else _pseudonyms(key, key_file)
    edges = link(shares, method=method, config=config, rename=rename, progress=progress)
    return CoShareRun(edges=edges, n_shares=shares.height, rejects=rejects)


def read_usable(path: Path, *, config: Config, mapping: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read shares and REJECTS with ids as they are: only the few accounts that are shown become pseudonyms.

    Raises
    ------
    InputError
        Too many rows cannot be used.
    """
    settings = replace(config.ingest, keep_ids=True)
    shares, rejects = read_shares(path, config=settings, key=b"", mapping=dict(mapping))
    n_rows = shares.height + rejects.height
    if rejects.height > config.ingest.max_reject_share * n_rows:
        raise InputError(
            "cli.rows-unusable",
            hint="hint.reject-reasons",
            path=str(path),
            n=rejects.height,
            all=n_rows,
            reasons=commonest(rejects),
        )
    return shares, rejects


def commonest(rejects: pl.DataFrame) -> str:
    """Return the three most frequent reasons with their counts."""
    counts = rejects["reason"].value_counts(sort=True).sort("count", "reason", descending=[True, False])
    return ", ".join(f"{reason} ({count:,})" for reason, count in counts.head(3).iter_rows())


def _pseudonyms(key: bytes | None, key_file: Path | None) -> Callable[[pl.Series], pl.Series]:
    known = key or load_key(key_file or default_key_file())
    return lambda ids: pseudonym(ids, key=known)


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
        edges = link_shares(shares, config=config.coshare, threads=config.threads, progress=progress, rename=rename)
        return edges.drop("window_s")
    edges = _link_coortweet(shares, config) if method == "coortweet" else _link_qut(shares, config, progress)
    edges = edges.with_columns(directed=True) if method == "qut" else edges
    return edges if rename is None else _renamed(edges, rename, directed=method == "qut")


def _link_coortweet(shares: pl.DataFrame, config: Config) -> pl.DataFrame:
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
    return qut.count_directed(
        shares,
        time_window=config.coshare.window_s,
        min_edge_weight=config.coshare.min_weight,
        threads=config.threads,
        progress=progress,
    )


def _renamed(edges: pl.DataFrame, rename: Callable[[pl.Series], pl.Series], *, directed: bool) -> pl.DataFrame:
    """Rename both ends; the ends of undirected edges are put in order again, and nothing else moves."""
    ends = ["account_a", "account_b"]
    old = pl.concat([edges[end] for end in ends]).unique()
    new = rename(old)
    edges = edges.with_columns(pl.col(ends).replace_strict(old, new, return_dtype=pl.String))
    if not directed:
        edges = edges.with_columns(account_a=pl.min_horizontal(ends), account_b=pl.max_horizontal(ends))
    return edges.sort(ends)


def write_edges(edges: pl.DataFrame, out: Path, *, directed: bool = False) -> None:
    """Write CSV, Parquet or GEXF, by the ending of ``out``: the whole file or nothing.

    Beside a CSV stands the same for Gephi, with the columns that it asks for: ``NAME.gephi.csv``.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    if out.suffix.lower() == ".gexf":
        write_pairs_gexf(out, edges, directed=directed)
        return
    _write_table(edges, out)
    if out.suffix.lower() == ".csv":
        _write_table(for_gephi(edges, directed=directed), out.with_suffix(".gephi.csv"))


def for_gephi(edges: pl.DataFrame, *, directed: bool = False) -> pl.DataFrame:
    """Return edges under the names that Gephi reads: Source, Target, Weight, Type."""
    kind = pl.lit("Directed" if directed else "Undirected").alias("Type")
    return edges.select(Source="account_a", Target="account_b", Weight="weight").with_columns(kind)


def _write_table(edges: pl.DataFrame, out: Path) -> None:
    with our_disk(out):
        out.parent.stat()  # a folder that is not there is a slip of the pen, not a folder to make
    with replacing(out, survives="power") as part, part.open("wb") as file:
        if out.suffix.lower() == ".csv":
            text = pl.col(pl.String)
            risky = text.str.contains(FORMULA_STARTS)
            edges.with_columns(pl.when(risky).then("'" + text).otherwise(text).name.keep()).write_csv(file)
        else:
            edges.write_parquet(file)


__all__ = ["METHODS", "CoShareRun", "coshare", "write_edges"]
