"""Groups over time in the folder of a scan: ``history.parquet``, so that the next scan can go on from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dideban.errors import InputError, SchemaError
from dideban.findings import Finding
from dideban.groups import Followed, follow_groups
from dideban.messages import Message
from dideban.schema import GROUP_HISTORY

HISTORY = "history.parquet"
MAX_ROWS = 20_000_000


def read_history(folder: Path) -> pl.DataFrame:
    """Return the GROUP_HISTORY of an earlier result.

    Raises
    ------
    InputError
        The folder is no result with a history, or its history cannot be read.
    """
    path = folder / HISTORY if folder.is_dir() else folder
    if not path.is_file():
        raise InputError("store.no-history", hint="hint.earlier-result", path=str(folder), name=HISTORY)
    try:
        lazy = pl.scan_parquet(path)
        if int(lazy.select(pl.len()).collect().item()) > MAX_ROWS:
            raise InputError("file.too-many-rows", path=str(path), most=MAX_ROWS)
        return GROUP_HISTORY.check(lazy.collect())
    except SchemaError as error:
        raise InputError(
            "file.broken-table", hint="hint.earlier-result", path=str(path), problem=error.message
        ) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        reason = Message("cause.other", detail=type(error).__name__)
        raise InputError("file.not-read", path=str(path), reason=reason) from error


def follow_findings(
    findings: Sequence[Finding], *, groups: pl.DataFrame, earlier: pl.DataFrame
) -> tuple[list[Finding], Followed]:
    """Give findings the ids of the groups that they continue.

    Parameters
    ----------
    findings : sequence of Finding
        Of the current run; leads are followed too, so that a lead that becomes a finding keeps its id.
    groups : GROUPS
        Groups of the run; those without a finding are passed over.
    earlier : GROUP_HISTORY
        All earlier periods; empty for the first.
    """
    members = groups.group_by("group_ix").agg(pl.col("account_id").sort())
    by_members = {tuple(accounts): ix for ix, accounts in members.sort("group_ix", descending=True).iter_rows()}
    number = {finding.id: by_members[tuple(finding.accounts)] for finding in findings}
    current = groups.filter(pl.col("group_ix").is_in(list(number.values())))
    followed = follow_groups(earlier, current)
    ids = dict(zip(sorted(set(number.values())), followed.ids, strict=True))
    return [dataclasses.replace(f, group_id=ids[number[f.id]]) for f in findings], followed
