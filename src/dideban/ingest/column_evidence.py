"""What the columns of a table hold, judged by its first rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property

import polars as pl

from dideban.ingest.embedded_lists import NO_VALUE
from dideban.ingest.permalinks import account_of, is_post
from dideban.ingest.time_styles import CLOCK_ONLY, DATE_ONLY, plain_digits
from dideban.ingest.times import read_times

MOST = 0.9
"""Share of the filled cells that must agree before a column is taken for something."""
ADDRESS = r"^https?://\S+$"
HOST = r"(?i)^\s*https?://([^/\s?#]+)"
ADDRESS_IN = r"(?i)https?://\S"
EXPONENT = r"^[+-]?[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}$"
"""A long number as a spreadsheet shows it: its digits are gone."""
LONG = r"^[0-9]{17,19}$"
"""A number of at least two digits more than a spreadsheet keeps."""
ROUNDED = r"^[0-9]{15}0+$"
"""Such a number, rounded: of true ids at most one in a hundred looks so."""
LEAST_LONG = 5
"""Fewer long numbers prove nothing."""
_TIMES_LOOKED_AT = 200


@dataclass
class FirstRows:
    """The first rows of a table, as text.

    Parameters
    ----------
    sample : (n, columns)
        Any columns; all String.
    """

    sample: pl.DataFrame
    _filled: dict[str, pl.Series] = field(default_factory=dict)
    _times: dict[str, bool] = field(default_factory=dict)

    def filled(self, name: str) -> pl.Series:
        """Cells that hold something, stripped."""
        if name not in self._filled:
            if name not in self._names:
                return pl.Series(name, [], dtype=pl.String)
            cells = self.sample[name].str.strip_chars().drop_nulls()
            self._filled[name] = cells.filter(~cells.is_in(NO_VALUE))
        return self._filled[name]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.sample.columns)

    @property
    def is_known(self) -> bool:
        """Whether there are rows to judge by."""
        return self.sample.height > 0

    def is_empty(self, name: str) -> bool:
        """Whether no row has a value there."""
        return self.is_known and self.filled(name).is_empty()

    def share(self, name: str, pattern: str) -> float:
        """Share of filled cells that match."""
        cells = self.filled(name)
        return float(cells.str.contains(pattern).sum()) / len(cells) if len(cells) else 0.0

    def is_mostly(self, name: str, pattern: str) -> bool:
        """Whether nearly all filled cells match."""
        return self.share(name, pattern) >= MOST

    def is_clock(self, name: str) -> bool:
        """Whether a column holds times of day."""
        return self._plain_share(name, CLOCK_ONLY) >= MOST

    def is_date(self, name: str) -> bool:
        """Whether a column holds dates without a time of day."""
        return self._plain_share(name, DATE_ONLY) >= MOST

    def _plain_share(self, name: str, pattern: str) -> float:
        cells = self.filled(name).head(_TIMES_LOOKED_AT).to_frame()
        if cells.is_empty():
            return 0.0
        return float(cells.select(plain_digits(pl.col(name)).str.contains(pattern).mean()).item() or 0.0)

    def is_time(self, name: str) -> bool:
        """Whether most filled cells read as plausible times."""
        if name not in self._times:
            cells = self.filled(name).head(_TIMES_LOOKED_AT)
            self._times[name] = not cells.is_empty() and read_times(cells)[0].null_count() * 2 < len(cells)
        return self._times[name]

    def is_damaged(self, name: str) -> bool:
        """Whether a column holds numbers whose digits a spreadsheet took away."""
        return self.share(name, EXPONENT) * 2 > 1 or self.is_rounded(name)

    def is_rounded(self, name: str) -> bool:
        """Whether nearly all long numbers of a column end in zeros after the digits that a spreadsheet keeps."""
        long = self.filled(name)
        long = long.filter(long.str.contains(LONG))
        return len(long) >= LEAST_LONG and float(long.str.contains(ROUNDED).sum()) >= MOST * len(long)

    def is_same(self, name: str) -> bool:
        """Whether three rows or more all hold the same."""
        cells = self.filled(name)
        return len(cells) > 2 and cells.n_unique() == 1

    def is_repeated(self, name: str) -> bool:
        """Whether a column has few values, each in many rows, as the search that found them."""
        cells = self.filled(name)
        return len(cells) > 2 and cells.n_unique() * 10 <= len(cells)

    def is_permalink(self, name: str, ids: Iterable[str]) -> bool:
        """Whether a column holds the address of the post itself.

        Notes
        -----
        Each row has one, and it is that of a post on a known platform, holds the id of the row, or is met once only.
        """
        cells = self.filled(name)
        if len(cells) < MOST * self.sample.height:
            return False
        if self.leads_to_posts(name) and self._is_own(name):
            return True
        if not self.is_mostly(name, ADDRESS):
            return False
        return self.holds_ids(name, ids) or (len(cells) > 1 and cells.n_unique() == len(cells))

    def holds_ids(self, name: str, ids: Iterable[str]) -> bool:
        """Whether nearly all cells of a column hold the id of their row."""
        return any(self._holds(name, column) for column in ids)

    def names_accounts(self, name: str) -> bool:
        """Whether nearly all cells are addresses of posts that name their account."""
        cells = self.filled(name)
        share = cells.to_frame().select(account_of(pl.col(name)).is_not_null().mean()).item() if len(cells) else 0
        return float(share or 0.0) >= MOST

    def leads_to_posts(self, name: str) -> bool:
        """Whether nearly all addresses are of posts on platforms that are known."""
        if self.share(name, "/") < MOST:  # every address has one: patterns of all platforms cost more
            return False
        share = self.filled(name).to_frame().select(is_post(pl.col(name)).mean()).item()
        return float(share or 0.0) >= MOST

    def is_of_account(self, name: str, account: str) -> bool:
        """Whether a column says the same in every row of an account: of the account, not of the post.

        Notes
        -----
        Judged by the accounts with two rows or more; without any, it is not.
        """
        if account not in self._names or account == name:
            return False
        pair = self.sample.select(a=pl.col(account), v=pl.col(name).fill_null("")).filter(pl.col("a").is_not_null())
        each = pair.group_by("a").agg(n=pl.len(), same=pl.col("v").n_unique() == 1).filter(pl.col("n") > 1)
        return not each.is_empty() and float(each["same"].sum()) >= MOST * each.height and pair["v"].n_unique() > 1

    def are_equal(self, name: str, other: str, *, part: str = r"^\s*(.*?)\s*$") -> bool:
        """Whether nearly all rows hold the same in both columns, or the same part of it."""
        if not {name, other} <= self._names or self.is_empty(name):
            return False
        same = self.sample.select((pl.col(name).str.extract(part) == pl.col(other).str.extract(part)).sum()).item()
        return int(same or 0) >= MOST * self.sample.height

    def begins_like(self, long: str, short: str) -> bool:
        """Whether nearly all cells of one column begin with what another holds, cut short or not."""
        if not {long, short} <= self._names:
            return False
        both = self.sample.select(
            a=pl.col(long).str.strip_chars(), b=pl.col(short).str.strip_chars().str.strip_chars_end("….")
        ).drop_nulls()
        both = both.filter(pl.col("b").str.len_chars() > 0)
        if both.is_empty() or self.filled(long).equals(self.filled(short)):
            return False
        return float(both.select(pl.col("a").str.starts_with(pl.col("b")).mean()).item() or 0.0) >= MOST

    def _is_own(self, name: str) -> bool:
        """Addresses of posts that are met once; shared posts of a platform are met again."""
        cells = self.filled(name)
        return cells.n_unique() * 2 > len(cells)

    def _holds(self, name: str, column: str) -> bool:
        if column == name or self.filled(column).is_empty():
            return False
        pair = self.sample.select(a=pl.col(name).str.strip_chars(), b=pl.col(column).str.strip_chars()).drop_nulls()
        pair = pair.filter(pl.col("b").str.len_chars() > 2)
        if pair.is_empty():
            return False
        found = pair.select(pl.col("a").str.contains(pl.col("b"), literal=True, strict=False).mean()).item()
        return float(found or 0.0) >= MOST


@cache
def nothing() -> FirstRows:
    """Evidence of a table without rows."""
    return FirstRows(pl.DataFrame())
