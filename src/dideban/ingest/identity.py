"""Ids that were damaged on the way, and ids that are unique only inside a chat, wall or thread."""

from __future__ import annotations

import hashlib

import polars as pl

from dideban.ingest.column_evidence import EXPONENT
from dideban.ingest.embedded_lists import NO_VALUE

EXACT_DIGITS = 15
"""Digits of a number that spreadsheets and floating point keep."""
_WRAPPED = r'^(?:="([^"]*)"|x([0-9]{15,19})|[A-Za-z_]*id:([0-9]{5,20}))$'
_POINT_ZERO = r"^[0-9]+\.0+$"


def unwrapped(raw: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Take off ="...", the x of rtweet and ``tweet_id:``: exporters keep spreadsheets from changing a cell so."""
    columns = [name for name in names if raw.schema.get(name) == pl.String]
    return raw.with_columns(pl.col(name).str.replace(_WRAPPED, "$1$2$3") for name in columns)


def sound_ids(ids: pl.Series) -> tuple[pl.Series, int]:
    """Return ids without those that are damaged, and how many were.

    Notes
    -----
    ``1.29E+18`` and numbers of more than 15 digits with ``.0`` behind them have lost their last digits: as ids they
    would make one of many. ``500.0`` is 500. What programs write for nothing (``nan``, ``None``, ``[]``) is nothing.

    Examples
    --------
    >>> ids, n = sound_ids(pl.Series(["500.0", "1.29E+18", "1790000000007777777.0", "nan", "a.b"]))
    >>> ids.to_list(), n
    (['500', None, None, None, 'a.b'], 2)
    """
    value = pl.col(ids.name)
    is_pointed = value.str.contains(_POINT_ZERO)
    whole = value.str.replace(r"\.0+$", "")
    is_damaged = value.str.contains(EXPONENT) | (is_pointed & (whole.str.len_bytes() > EXACT_DIGITS))
    judged = ids.to_frame().select(
        pl.when(is_damaged | value.is_in(NO_VALUE))
        .then(None)
        .when(is_pointed)
        .then(whole)
        .otherwise(value)
        .alias("id"),
        is_damaged.fill_null(value=False).alias("damaged"),
    )
    return judged["id"].alias(ids.name), int(judged["damaged"].sum())


def text_names(texts: pl.Series) -> pl.Series:
    """Return a name for each text, the same for the same text; null for none.

    Notes
    -----
    Where an export says that a post repeats another and not which, the words it repeats are what is known of it.
    """
    distinct = texts.drop_nulls().unique()
    made = [f"rt:{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}" for text in distinct.to_list()]
    return texts.replace_strict(distinct, pl.Series(made, dtype=pl.String), default=None, return_dtype=pl.String)


def repeats(rows: pl.LazyFrame, keys: list[str]) -> pl.DataFrame:
    """Return rows whose key is met more than once, with ``agrees``: whether each says what the first of its key says.

    Parameters
    ----------
    rows : (keys, order, account_id, created_at, text)
        ``order`` is that of arrival.

    Notes
    -----
    Two of account, time and text must be the same: a post that was edited is the same post, and so is one that two
    collectors name its author of differently. Message 1 of another chat is another post.
    """
    seen = rows.select(n=pl.len(), n_hashes=pl.struct(keys).hash().n_unique()).collect()
    if seen["n"].item() == seen["n_hashes"].item():  # the usual case: other hashes are of other keys
        rows = rows.head(0)
    found = rows.filter(pl.len().over(keys) > 1).collect().sort("order")
    firsts = {name: pl.col(name).first().over(keys) for name in ("account_id", "created_at", "text")}
    same = pl.sum_horizontal(pl.col(name).eq_missing(first).cast(pl.Int64) for name, first in firsts.items())
    return found.with_columns(agrees=same >= 2)
