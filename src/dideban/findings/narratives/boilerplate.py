"""Lines that come back under message after message: signatures, slogans, calls to subscribe."""

from __future__ import annotations

from collections import Counter

import polars as pl

from dideban.text import text_print
from dideban.text.stock_phrases import drop_signatures

MAX_LINE = 80
"""Longer lines are never boilerplate."""
MANY = 10
"""Distinct messages that hold a line before it is taken for boilerplate."""


OFTEN = 3
"""Distinct messages in which one account links a page before the page is taken for its signature."""


class Boilerplate:
    """Learns such lines as texts pass by, and takes them out."""

    def __init__(self) -> None:
        self.seen: Counter[int] = Counter()
        """Distinct messages per print of a line."""

    def strip(self, texts: pl.Series) -> pl.Series:
        """Return texts without signatures and without the lines that many messages up to now hold.

        A text of one line stays as it is, and none is left empty.
        """
        bare = drop_signatures(texts)
        cut = pl.DataFrame({"line": bare.str.split("\n")}).with_row_index("row").explode("line")
        cut = cut.with_columns(line=pl.col("line").str.strip_chars()).filter(pl.col("line") != "")
        cut = cut.with_columns(print=text_print(cut["line"]), n_lines=pl.len().over("row"))
        short = cut.filter((pl.col("n_lines") > 1) & (pl.col("line").str.len_chars() <= MAX_LINE))
        self.seen.update(short.unique(["row", "print"])["print"].to_list())
        common = [line for line in short["print"].unique().to_list() if self.seen[line] >= MANY]
        named = pl.Series(common, dtype=pl.UInt64)
        touched = short.filter(pl.col("print").is_in(named.implode()))["row"].unique()
        if not len(touched):
            return bare
        left = (
            cut.filter(pl.col("row").is_in(touched.implode()), ~pl.col("print").is_in(named.implode()))
            .group_by("row", maintain_order=True)
            .agg(text=pl.col("line").str.join("\n"))
        )
        return bare.clone().scatter(left["row"], left["text"])


class OwnPages:
    """Learns which pages an account links under message after message: its channel, its shop, its form."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        """Distinct messages per account and page."""

    def drop(self, links: pl.DataFrame) -> pl.DataFrame:
        """Return ``text_id``, ``page`` of the links that are no account's signature.

        Parameters
        ----------
        links : DataFrame
            ``text_id``, ``page``, ``account_id``, each combination once over all batches or nearly so.
        """
        distinct = links.unique(["account_id", "page", "text_id"])
        self.seen.update(distinct.select("account_id", "page").iter_rows())
        is_own = [self.seen[pair] >= OFTEN for pair in links.select("account_id", "page").iter_rows()]
        kept = links.filter(~pl.Series(is_own, dtype=pl.Boolean))
        return kept.select("text_id", "page").unique().sort("text_id", "page")

    def forget(self, accounts: set[str]) -> None:
        """Forget what accounts link."""
        for pair in [pair for pair in self.seen if pair[0] in accounts]:
            del self.seen[pair]
