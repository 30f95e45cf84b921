"""Where the values of one field come from: a column, several joined, or a constant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from dideban.ingest.embedded_lists import NO_VALUE
from dideban.ingest.permalinks import account_at, account_of

KINDS = {
    "repost_of": r"(?i)^(?:re-?tweet(?:ed)?|rt|repost(?:ed)?|re-?blog(?:ged)?|shared?|forward(?:ed)?|reshared?)$",
    "quote_of": r"(?i)^(?:quoted?|quote-?tweet(?:ed)?)$",
    "reply_to": r"(?i)^(?:repl(?:y|ied)(?:[_ ]to)?|in[_ ]reply[_ ]to)$",
}
"""What a column of kinds says of a row that repeats, quotes or answers another post."""
IDS = ("post_id", "account_id", "repost_of", "reply_to", "quote_of")
"""Fields of which a part is nothing, and whose parts are joined by a stroke."""
_MIDNIGHT = r"[T ]00:00:00(?:\.0+)?(?:Z|[+-]00:?00)?$"
_CLOCK = r"[0-9۰-۹٠-٩]:[0-9۰-۹٠-٩]{2}"
_CLOCK_ONLY = r"^[0-9۰-۹٠-٩]{1,2}[:.][0-9۰-۹٠-٩]{2}"
_NO_DAY = r"^1899-12-3[01][T ]"


@dataclass(frozen=True)
class FieldSource:
    """The columns that a field is read from, and how several become one value."""

    columns: tuple[str, ...]
    how: str = "one"
    """``one``; ``first``: the first that is not empty in a row; ``moment``: date and time of day, in one; ``joined``:
    all of them, one behind the other; ``constant``: ``columns`` holds the value itself; ``account``: the account in
    the address of a post; ``typed``: the first, in rows of which the second says a kind; see ``kind``."""
    kind: str = ""
    """Of ``typed``: the pattern that the second column matches in the rows that count."""
    field: str = ""
    """Of ``typed``: the field, for two that are read from the same columns."""

    @property
    def label(self) -> str:
        """What people are shown."""
        if self.how == "constant":
            return f"={self.columns[0]}"
        if self.how == "account":
            return f"{self.columns[0]} (@)"
        if self.how == "typed":
            return f"{self.columns[0]} ({self.columns[1]}: {self.field})"
        return {"first": ", else "}.get(self.how, " + ").join(self.columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns of the file that must be read."""
        return () if self.how == "constant" else self.columns


def one(column: str) -> FieldSource:
    """Read one column."""
    return FieldSource((column,))


def first(*columns: str) -> FieldSource:
    """Take the first that is not empty in a row."""
    return FieldSource(columns, "first")


def moment(*columns: str) -> FieldSource:
    """Put date and time of day together."""
    return FieldSource(columns, "moment")


def joined(*columns: str) -> FieldSource:
    """Put values one behind the other."""
    return FieldSource(columns, "joined")


def account_in(column: str) -> FieldSource:
    """Take the account from the address of a post."""
    return FieldSource((column,), "account")


def typed(column: str, kind: str, field: str) -> FieldSource:
    """Read a column in the rows of which another says that they repeat, quote or answer a post."""
    return FieldSource((column, kind), "typed", KINDS[field], field)


def add_columns(frame: pl.DataFrame, sources: Iterable[tuple[str, FieldSource]]) -> pl.DataFrame:
    """Add a column, named by its label, for each (field, source) that is not a column itself."""
    made = [_made(frame, field, source).alias(source.label) for field, source in sources if source.how != "one"]
    return frame.with_columns(made) if made else frame


def value_in(record: Mapping[str, Any], field: str, source: FieldSource) -> Any:
    """Return the value of a field in one flat record."""
    if source.how == "constant":
        return source.columns[0]
    if source.how == "account":
        found = account_at(str(record.get(source.columns[0]) or ""))
        return found or None
    if source.how == "typed":
        value, kind = (record.get(name) for name in source.columns)
        return value if isinstance(kind, str) and re.search(source.kind, kind.strip()) else None
    values = [record.get(name) for name in source.columns]
    filled = [value for value in values if value not in (None, "", [])]
    if source.how == "one" or len(filled) < 2 or source.how == "first":
        return next(iter(filled), None) if len(filled) == len(values) or source.how != "joined" else None
    if all(isinstance(value, list) for value in filled):
        return [item for value in filled for item in value]
    separator = _separator(field)
    return separator.join(map(str, filled))


def _made(frame: pl.DataFrame, field: str, source: FieldSource) -> pl.Expr:
    if source.how == "constant":
        return pl.lit(source.columns[0])
    columns = [name for name in source.columns if name in frame.columns]
    if not columns:
        return pl.lit(None, pl.String)
    if source.how == "first":
        return _first(frame, columns)
    if source.how == "account":
        return account_of(_text(frame, columns[0]))
    if source.how == "typed":
        is_kind = _text(frame, columns[-1]).str.strip_chars().str.contains(source.kind)
        return pl.when(is_kind & (len(columns) > 1)).then(_text(frame, columns[0]))
    texts = [_text(frame, name) for name in columns]
    if source.how == "moment":
        return _moment(texts)
    separator = _separator(field)
    complete = pl.all_horizontal(text.is_not_null() for text in texts)
    whole = pl.concat_str(texts, separator=separator, ignore_nulls=True)
    if field in IDS:  # a part of an id is none
        return pl.when(complete).then(whole)
    return pl.when(pl.any_horizontal(text.is_not_null() for text in texts)).then(whole)


def _separator(field: str) -> str:
    return "/" if field in IDS else "\n\n" if field == "text" else " "


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column as text; blank is null."""
    dtype = frame.schema[name]
    value = pl.col(name) if dtype == pl.String else pl.col(name).cast(pl.String, strict=False)
    if isinstance(dtype, pl.List):
        value = pl.col(name).cast(pl.List(pl.String), strict=False).list.join(" ")
    return pl.when(value.str.strip_chars() != "").then(value)


def _first(frame: pl.DataFrame, columns: list[str]) -> pl.Expr:
    types = {frame.schema[name] for name in columns}
    if len(types) == 1 and isinstance(frame.schema[columns[0]], pl.List):
        return pl.coalesce(pl.when(pl.col(name).list.len() > 0).then(pl.col(name)) for name in columns)
    if len(types) == 1 and pl.String not in types:
        return pl.coalesce(columns)
    texts = [_text(frame, name) for name in columns]
    said = [pl.when(~text.str.strip_chars().is_in(NO_VALUE)).then(text) for text in texts]
    return pl.coalesce(*said, *texts)  # an empty list still says that there is none, where no other column says more


def _moment(texts: list[pl.Expr]) -> pl.Expr:
    """A date, a time of day, and a zone where there is one; spreadsheets write each as a whole moment."""
    day = texts[0].str.replace(_MIDNIGHT, "").str.strip_chars()
    rest = [text.str.replace(_NO_DAY, "").str.strip_chars() for text in texts[1:]]
    whole = day.str.contains(_CLOCK)  # a whole moment needs no other time of day
    rest = [pl.when(~(whole & text.str.contains(_CLOCK_ONLY))).then(text) for text in rest]
    return pl.when(day.is_not_null()).then(pl.concat_str([day, *rest], separator=" ", ignore_nulls=True))
