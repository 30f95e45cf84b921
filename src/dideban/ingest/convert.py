"""Raw rows to POSTS: every row becomes a post or a reject."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from dideban.config import IngestConfig
from dideban.ingest import embedded_lists
from dideban.ingest.format import LISTS, Shape
from dideban.ingest.keys import pseudonym
from dideban.ingest.model import ROW
from dideban.ingest.reasons import CUT
from dideban.ingest.times import DAY_FIRST, read_times
from dideban.schema import POSTS, REJECTS, STRINGS

TEXTS = ("post_id", "account_id", "platform", "lang", "repost_of", "reply_to", "quote_of", "place")
SIGNS = ("urls", "hashtags", "mentions")
"""Lists that can be taken from the text."""
SEQ = "__seq"
"""Order of arrival over the whole run."""


class DayFirstError(Exception):
    """A later block shows that dates are day first: the file is to be read again, with ``day_first`` set."""


@dataclass
class Converter:
    """Turns raw blocks of one file into POSTS."""

    source: str
    mapping: Mapping[str, str]
    shape: Shape
    config: IngestConfig
    key: bytes
    notes: dict[str, None] = field(default_factory=dict)
    """What was assumed, in order of appearance, each once."""
    day_first: bool = False
    """Dates of the file turned out to be day first."""
    n_blocks: int = 0

    def convert(self, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return POSTS with ROW, unsorted, and REJECTS."""
        if self.shape.derive is not None:
            raw = self.shape.derive(raw)
        times, slugs = self._times(raw)
        frame = raw.select(ROW, *self._texts(raw)).with_columns(created_at=times, slug=slugs)
        frame = frame.with_columns(*self._lists(raw), self._reach(raw))
        frame = frame.with_columns(*self._unlisted(raw))
        good, rejects = self._set_aside(frame, raw)
        good = self._objects(self._named(good))
        return self._hide(good).select(*POSTS.names, ROW), rejects

    def note(self, line: str) -> None:
        """Keep an assumption for people."""
        self.notes.setdefault(line)

    def _times(self, raw: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        fixed = self.shape.day_first
        day_first = self.day_first or self.config.day_first if fixed is None else fixed
        times, slugs, notes = read_times(
            raw[self.mapping["created_at"]], time_zone=self.config.time_zone, day_first=day_first
        )
        if DAY_FIRST in notes and fixed is None:
            self.day_first = True
            if self.n_blocks:  # earlier rows were read the other way
                raise DayFirstError
        self.n_blocks += 1
        for line in notes:
            self.note(line)
        return times, slugs

    def _texts(self, raw: pl.DataFrame) -> list[pl.Expr]:
        """Identifier-like columns are stripped and never empty; the text stays as it is."""
        columns = []
        for name in TEXTS:
            source = self.mapping.get(name)
            if source is None or source not in raw.columns:
                columns.append(pl.lit(None, pl.String).alias(name))
                continue
            value = _as_text(raw.schema[source], pl.col(source)).str.strip_chars()
            columns.append(pl.when(value != "").then(value).alias(name))
        text = self.mapping.get("text")
        known = text is not None and text in raw.columns
        columns.append(
            (_as_text(raw.schema[text], pl.col(text)) if known and text else pl.lit(None, pl.String)).alias("text")
        )
        return columns

    def _lists(self, raw: pl.DataFrame) -> list[pl.Series]:
        lists = []
        for name in LISTS:
            source = self.mapping.get(name)
            if source is None or source not in raw.columns:
                lists.append(pl.Series(name, [[]], dtype=STRINGS).new_from_index(0, raw.height))
            else:
                lists.append(embedded_lists.read_lists(raw[source].alias(name), kind=name))
        return lists

    def _unlisted(self, raw: pl.DataFrame) -> list[pl.Series]:
        """Say for links, hashtags and mentions which rows leave it to the text: ``__urls``, ..."""
        marks = []
        for name in SIGNS:
            source = self.mapping.get(name)
            if source is None:
                free = pl.repeat(not self.shape.own_objects, raw.height, dtype=pl.Boolean, eager=True)
            elif self.shape.extract is not None and not self.shape.own_objects:
                free = raw[source].is_null()
            else:
                free = pl.repeat(value=False, n=raw.height, dtype=pl.Boolean, eager=True)
            marks.append(free.alias(f"__{name}"))
        return marks

    def _reach(self, raw: pl.DataFrame) -> pl.Series:
        source = self.mapping.get("reach")
        if source is None or source not in raw.columns:
            return pl.Series("reach", [None], dtype=pl.Int64).new_from_index(0, raw.height)
        cells = raw[source]
        if cells.dtype == pl.String:
            cells = cells.str.replace_all(r"[\s,٬']", "").cast(pl.Float64, strict=False)
        elif not cells.dtype.is_numeric():
            cells = pl.Series([None] * raw.height, dtype=pl.Float64)
        count = cells.cast(pl.Int64, strict=False).alias("reach").to_frame()
        return count.select(pl.when(pl.col("reach") >= 0).then("reach").alias("reach"))["reach"]

    def _set_aside(self, frame: pl.DataFrame, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        limit = self.config.max_field_bytes
        reason = (
            pl.when(pl.any_horizontal(pl.col(*TEXTS, "text").str.contains("\0", literal=True)))
            .then(pl.lit("nul-byte"))
            .when(pl.any_horizontal(pl.col(*TEXTS, "text").str.len_bytes() > limit))
            .then(pl.lit("field-too-large"))
            .when(pl.col("account_id").is_null())
            .then(pl.lit("account-missing"))
            .otherwise("slug")
        )
        judged = frame.with_columns(reason=reason)
        bad = judged["reason"].is_not_null()
        if not bad.any():
            return frame.drop("slug"), REJECTS.empty()
        column = (
            pl.when(pl.col("reason").str.starts_with("time-"))
            .then(pl.lit(self.mapping["created_at"]))
            .when(pl.col("reason") == "account-missing")
            .then(pl.lit(self.mapping["account_id"]))
            .otherwise(pl.lit(""))
        )
        moment = _as_text(raw.schema[self.mapping["created_at"]], pl.col("value"))
        value = pl.when(pl.col("reason").str.starts_with("time-")).then(moment).otherwise(pl.col("text"))
        rejects = (
            judged.with_columns(raw[self.mapping["created_at"]].alias("value"))
            .filter(bad)
            .select(
                source=pl.lit(self.source),
                row=pl.col(ROW),
                column=column,
                reason="reason",
                value=value.fill_null("").str.slice(0, CUT),
            )
        )
        return frame.filter(~bad).drop("slug"), REJECTS.check(rejects)

    def _named(self, good: pl.DataFrame) -> pl.DataFrame:
        """Fill in the platform, and an id by content where the row has none."""
        good = good.with_columns(pl.col("platform").str.to_lowercase().fill_null(self.shape.platform or "unknown"))
        if good["post_id"].null_count():
            self.note("rows without a post id are named by a hash of their content")
            nameless = good.filter(pl.col("post_id").is_null())
            ids = pl.DataFrame({ROW: nameless[ROW], "made": _content_ids(nameless)})
            if good[ROW].n_unique() == good.height:
                good = good.join(ids, on=ROW, how="left", maintain_order="left")
            else:
                good = good.with_columns(made=_content_ids(good))
            good = good.with_columns(post_id=pl.coalesce("post_id", "made")).drop("made")
        return good.with_columns(source=pl.lit(self.source))

    def _objects(self, good: pl.DataFrame) -> pl.DataFrame:
        """Take links, hashtags and mentions from the text where the source does not list them."""
        if not self.shape.as_is and "repost_of" in self.mapping:
            good = self._bare_reposts(good)
        free = [name for name in SIGNS if good[f"__{name}"].any()]
        if not free or "text" not in self.mapping:
            return good
        self.note(f"{', '.join(free)} are taken from the text")
        own = pl.when(pl.col("repost_of").is_null()).then("text").fill_null("")
        good = good.with_columns(own.alias("__own"), embedded_lists.without_urls(own).alias("__cleaned"))
        found = {
            "urls": embedded_lists.urls_in(pl.col("__own")),
            "hashtags": embedded_lists.hashtags_in(pl.col("__cleaned")),
            "mentions": embedded_lists.mentions_in(pl.col("__cleaned")),
        }
        return good.with_columns(
            pl.when(pl.col(f"__{name}")).then(found[name]).otherwise(pl.col(name)).alias(name) for name in free
        )

    def _bare_reposts(self, good: pl.DataFrame) -> pl.DataFrame:
        """A repost repeats the links of its original; it does not share them a second time."""
        repost = pl.col("repost_of").is_not_null()
        full = repost & pl.any_horizontal(pl.col(name).list.len() > 0 for name in LISTS)
        if not good.select(full.any()).item():
            return good
        self.note("reposts keep repost_of only: their links, hashtags, mentions and media belong to the original")
        none = pl.lit([], STRINGS)
        return good.with_columns(pl.when(repost).then(none).otherwise(pl.col(name)).alias(name) for name in LISTS)

    def _hide(self, good: pl.DataFrame) -> pl.DataFrame:
        """Replace accounts by pseudonyms, mentions included."""
        if self.config.keep_ids or good.is_empty():
            return good
        if self.shape.name == "dideban" and good["account_id"].str.contains(r"^a[a-z2-7]{16}$").all():
            self.note("accounts are pseudonyms already and stay as they are")
            return good
        good = good.with_columns(pseudonym(good["account_id"], key=self.key))
        names = good["mentions"].explode(empty_as_null=False) if good["mentions"].list.len().sum() else None
        if names is None:
            return good
        table = names.drop_nulls().unique()
        hidden = pseudonym(table, key=self.key)
        return good.with_columns(
            pl.col("mentions").list.eval(pl.element().replace_strict(table, hidden, return_dtype=pl.String))
        )


def _as_text(dtype: pl.DataType, column: pl.Expr) -> pl.Expr:
    if dtype == pl.String:
        return column
    if dtype.is_float():  # 1.0 in a column of ids is 1
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    if dtype == pl.Binary:
        return column.cast(pl.String, strict=False)
    if dtype.is_nested():
        return (
            column.cast(pl.List(pl.String), strict=False).list.join(" ")
            if isinstance(dtype, pl.List)
            else pl.lit(None, pl.String)
        )
    return column.cast(pl.String)


def _content_ids(rows: pl.DataFrame) -> pl.Series:
    """``h`` and 20 hex digits from everything in the row that is content."""
    parts = [
        pl.col("platform").fill_null(""),
        pl.col("account_id"),
        pl.col("created_at").dt.timestamp("us").cast(pl.String),
        *(pl.col(name).fill_null("") for name in ("text", "repost_of", "reply_to", "quote_of")),
        *(pl.col(name).list.join("\x1e") for name in LISTS),
    ]
    joined = rows.select(pl.concat_str(parts, separator="\x1f").alias("c"))["c"].to_list()
    blake = hashlib.blake2b
    return pl.Series(
        "made", ["h" + blake(text.encode(), digest_size=10).hexdigest() for text in joined], dtype=pl.String
    )
