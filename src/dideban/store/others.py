"""What others did with the objects of a group: blinded names and times, no text and no ids of posts.

The proof compares members with everybody who shared the same objects. A package holds those shares as rows of TRACES in
which accounts and posts are numbered by time; only accounts that have a post inside (the author of an original, the
first to use a wording) keep the name they have there.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dideban.messages import Message
from dideban.schema import TRACES, Table

OTHERS = Table(name="OTHERS", columns=TRACES.columns)
"""TRACES by others; ``account_id`` and ``post_id`` are blinded."""
ACCOUNT, POST = "~other-", "~other/"
N_DIGITS = 7
SORTED = ("object_kind", "object_id", "created_at", "account_id", "post_id")


def blind(others: pl.DataFrame, *, inside: pl.Series) -> pl.DataFrame:
    """Return OTHERS: accounts numbered by their first share (those ``inside`` a package keep their names), posts too.

    Examples
    --------
    >>> import datetime as dt
    >>> at = [dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC), dt.datetime(2024, 5, 1, 11, tzinfo=dt.UTC)]
    >>> rows = pl.DataFrame({"account_id": ["bo", "ana"], "object_kind": ["link"] * 2, "object_id": ["x"] * 2,
    ...     "post_id": ["m/1", "m/2"], "created_at": at}, schema=TRACES.dtypes)
    >>> blind(rows, inside=pl.Series(["bo"]))["account_id"].to_list()
    ['~other-0000000', 'bo']
    """
    named = others.with_columns(known=pl.col("account_id").is_in(inside.implode()))
    accounts = _numbered(named.filter(~pl.col("known")), "account_id", ACCOUNT)
    posts = _numbered(named, "post_id", POST)
    renamed = (
        named.join(accounts, on="account_id", how="left")
        .join(posts, on="post_id", how="left")
        .with_columns(account_id=pl.coalesce("account_id_new", "account_id"), post_id="post_id_new")
    )
    return renamed.select(OTHERS.names).sort(SORTED)


def _numbered(rows: pl.DataFrame, column: str, prefix: str) -> pl.DataFrame:
    first = rows.group_by(column).agg(pl.col("created_at").min()).sort("created_at", column)
    number = pl.int_range(pl.len()).cast(pl.String).str.zfill(N_DIGITS)
    return first.select(column, pl.concat_str(pl.lit(prefix), number).alias(f"{column}_new"))


def check_others(
    others: pl.DataFrame,
    *,
    members: list[str],
    posts: pl.DataFrame,
    shared: pl.DataFrame,
    followed: Sequence[str] = (),
) -> list[Message]:
    """Return what is wrong with OTHERS that a stranger wrote; empty = they are as :func:`blind` writes them.

    Parameters
    ----------
    members : account ids
    posts : POSTS
        Those of the package.
    shared : (object_kind, object_id)
        Objects that two members share: others are inside for these alone.
    followed : account ids
        Others that keep their names because the finding names them.
    """
    problems = []
    if others["account_id"].is_in(members).any():
        problems.append(Message("check.member-among-others"))
    strange = others.join(shared, on=["object_kind", "object_id"], how="anti").height
    if strange:
        problems.append(Message("check.others-stray", n=strange))
    if others.select("object_kind", "object_id", "post_id").is_duplicated().any():
        problems.append(Message("check.others-twice"))
    kept = posts["account_id"].filter(~posts["account_id"].is_in(members))
    kept = pl.concat([kept, pl.Series(list(followed), dtype=pl.String)]).unique()
    if not problems and not blind(others, inside=kept).equals(others):
        problems.append(Message("check.others-names"))
    return problems
