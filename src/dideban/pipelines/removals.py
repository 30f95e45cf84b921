"""The table of posts that are there no more: read with bounds, and turned into lives of posts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from dideban.effect.survival import STAYED, Lives
from dideban.errors import InputError
from dideban.ingest.times import read_times
from dideban.messages import Message, cause_of

MAX_BYTES = 512 * 1024**2
COLUMNS = ("post_id", "gone_at")


def read_removals(path: Path) -> tuple[pl.DataFrame, list[Message]]:
    """Read which posts disappeared, and when that was seen.

    Parameters
    ----------
    path : path
        CSV, UTF-8: ``post_id`` (as in the posts, or platform/id) and ``gone_at``.

    Returns
    -------
    removals : ``post_id``, ``gone_at`` (Datetime[us, UTC])
        One row per post, the earliest time.
    notes : list of Message
        How many rows could not be used.

    Raises
    ------
    InputError
        It is missing, too large, no CSV or lacks a column.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("effect.gone-too-large", path=str(path), most=MAX_BYTES // 1024**2)
        table = pl.read_csv(
            path, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True, glob=False,
            raise_if_empty=False,
        )  # fmt: skip
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("file.not-read", path=str(path), reason=cause_of(error)) from error
    table = table.rename({name: name.strip().strip("\ufeff") for name in table.columns})
    for name in COLUMNS:
        if name not in table.columns:
            raise InputError("effect.target-none", hint="effect.gone-columns", path=str(path), name=name)
    times, _, _ = read_times(table["gone_at"].fill_null(""))
    found = table.select(pl.col("post_id").str.strip_chars(), pl.Series("gone_at", times))
    usable = found.filter((pl.col("post_id").fill_null("") != "") & pl.col("gone_at").is_not_null())
    n_bad = found.height - usable.height
    notes = [Message("effect.gone-rejected", n=n_bad)] if n_bad else []
    return usable.group_by("post_id").agg(pl.col("gone_at").min()), notes


def lives_of(shares: pl.DataFrame, removals: pl.DataFrame, *, start_us: int) -> tuple[Lives, list[Message]]:
    """Return when each post of each target came and went.

    Parameters
    ----------
    shares : ``row``, ``post_id`` (platform/id), ``hour``
    removals : ``post_id``, ``gone_at``
        As :func:`read_removals` gives them; an id without a platform fits every platform.
    start_us : microseconds since 1970
        Start of the first hour.

    Returns
    -------
    Lives, and a note if posts of the table are not in the data
    """
    hours = removals.select(
        pl.col("post_id").alias("written"), gone=(pl.col("gone_at").dt.timestamp("us") - start_us) // 3_600_000_000
    )
    posts = shares.unique(["row", "post_id"]).with_columns(bare=pl.col("post_id").str.splitn("/", 2).struct[1])
    whole = posts.join(hours, left_on="post_id", right_on="written", how="left")
    both = whole.join(hours.rename({"gone": "gone_bare"}), left_on="bare", right_on="written", how="left")
    both = both.with_columns(pl.coalesce("gone", "gone_bare").fill_null(int(STAYED)).alias("gone")).sort(
        "row", "post_id"
    )
    known = pl.concat([posts["post_id"], posts["bare"].drop_nulls()]).unique()
    n_unknown = int((~hours["written"].is_in(known.implode())).sum())
    born, gone = both["hour"].to_numpy().astype(np.int64), both["gone"].to_numpy().astype(np.int64)
    lives = Lives(both["row"].to_numpy().astype(np.int64), born, np.maximum(gone, born))
    return lives, [Message("effect.gone-unknown", n=n_unknown)] if n_unknown else []


__all__ = ["lives_of", "read_removals"]
