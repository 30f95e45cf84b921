"""Raw rows to POSTS: every row becomes a post or a reject."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from dideban.config import IngestConfig
from dideban.ingest import embedded_lists
from dideban.ingest import notes as said
from dideban.ingest.columns import is_local_time, plain
from dideban.ingest.day_order import DayOrder
from dideban.ingest.field_source import add_columns
from dideban.ingest.format import LISTS
from dideban.ingest.identity import sound_ids, text_names, unwrapped
from dideban.ingest.keys import pseudonym
from dideban.ingest.markup import IS_HTML, unescaped, without_markup
from dideban.ingest.model import ROW
from dideban.ingest.permalinks import id_of, plain_platform, platform_of
from dideban.ingest.reasons import CUT
from dideban.ingest.source_part import Chosen
from dideban.ingest.times import read_times
from dideban.messages.message import Message
from dideban.schema import POSTS, PSEUDONYM, REJECTS, STRINGS

TEXTS = ("post_id", "account_id", "platform", "lang", "repost_of", "reply_to", "quote_of", "place")
SIGNS = ("urls", "hashtags", "mentions")
"""Lists that can be taken from the text."""
IDS = ("post_id", "account_id", "repost_of", "reply_to", "quote_of")
LANGUAGES = {
    "english": "en", "persian": "fa", "farsi": "fa", "arabic": "ar", "french": "fr", "german": "de", "spanish": "es",
    "portuguese": "pt", "italian": "it", "russian": "ru", "turkish": "tr", "chinese": "zh", "japanese": "ja",
    "korean": "ko", "hindi": "hi", "urdu": "ur", "hebrew": "he", "kurdish": "ku", "ukrainian": "uk", "dutch": "nl",
    "polish": "pl", "swedish": "sv", "indonesian": "id", "vietnamese": "vi", "greek": "el", "azerbaijani": "az",
}  # fmt: skip
"""Languages that exports call by their English names."""
REFERENCES = ("repost_of", "reply_to", "quote_of")
NO_POST = ("0", "-1")
"""What programs write for a post that another refers to where there is none."""
FEW = 3
SHORT_ID = 10
"""Characters of ids that may count within a chat."""
LOOKED_AT = 1_000
"""Rows of a block by which the way its texts are written is told."""
MOSTLY = 0.5
"""Share of the texts that must be written in a way before a column is read so."""
_SUSPECT = [".0", "E+", "e+", "None", "nan", "NaN", "NaT", "NULL", "null", "[]", "{}", "<NA>", "\\N", "undefined"]
"""What is met in ids that are damaged, or that stand for nothing."""
_ZONE_IN_NAME = re.compile(r"(?:\(((?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|[A-Z]{3,4})\)|_((?i:utc|gmt)))\s*$")
_RETWEET = r"^RT @[\w.\-]+:? "
SEQ = "__seq"
"""Order of arrival over the whole run."""


@dataclass(frozen=True)
class Learned:
    """What only a later part of a file shows."""

    day_first: bool | None = None
    """How the dates of the file are read; None = as they show."""
    order_is_settled: bool = False
    """The whole of the file was asked."""
    home: str = ""
    """Column inside which ids turned out to be unique."""
    tried: tuple[str, ...] = ()
    """Columns inside which they turned out not to be."""
    aliases: Mapping[str, str] | None = None
    """Name of an account to its id, where the file shows both; None where no one asked yet."""


class ReadAgainError(Exception):
    """What later rows show changes how earlier ones are read: the file is to be read again with what was learned."""

    def __init__(self, learned: Learned) -> None:
        super().__init__()
        self.learned = learned


@dataclass
class Converter:
    """Turns raw blocks of one file into POSTS."""

    source: str
    chosen: Chosen
    config: IngestConfig
    key: bytes
    learned: Learned = field(default_factory=Learned)
    notes: dict[Message, None] = field(default_factory=dict)
    """What was assumed, in order of appearance, each once."""
    has_short_ids: bool = True
    """Ids so far are short numbers, as those that count within a chat are."""
    n_damaged: Counter[str] = field(default_factory=Counter)
    """Field to values whose digits were lost."""

    def __post_init__(self) -> None:
        self.shape = self.chosen.shape
        self.mapping = {target: source.label for target, source in self.chosen.fields.items()}
        fixed = self.shape.day_first
        asked = self.config.day_first if fixed is None else fixed
        is_likely = fixed is None and any(map(is_local_time, self.chosen.fields["created_at"].columns))
        self.order = DayOrder(asked=asked, by_span=fixed is None, is_likely=is_likely, set_to=self.learned.day_first)
        if self.learned.home:
            self.note(said.qualified(self.learned.home))

    def convert(self, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return POSTS with ROW, unsorted, and REJECTS."""
        if self.chosen.wrapped:
            raw = unwrapped(raw, self.chosen.wrapped)
        if self.shape.derive is not None:
            raw = self.shape.derive(raw)
        raw = add_columns(raw, self.chosen.fields.items())
        times, slugs = self._times(raw)
        frame = raw.select(ROW, *self._texts(raw)).with_columns(created_at=times, slug=slugs)
        frame = self._retweets(self._sound(self._plain_texts(frame), raw)).with_columns(
            *self._lists(raw), self._reach(raw)
        )
        frame = frame.with_columns(*self._unlisted(raw), self._home(raw), self._address(raw))
        good, rejects = self._set_aside(frame, raw)
        good = self._objects(self._named(good))
        return self._hide(good).select(*POSTS.names, ROW), rejects

    def note(self, line: Message) -> None:
        """Keep an assumption for people."""
        self.notes.setdefault(line)

    def _times(self, raw: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        cells = self._with_zone(raw[self.mapping["created_at"]])
        times, slugs, notes = read_times(cells, time_zone=self.config.time_zone, order=self.order)
        if len(self.order.read) > 1:  # earlier rows were read the other way
            raise ReadAgainError(dataclasses.replace(self.learned, day_first=self.order.day_first))
        for line in notes:
            self.note(line)
        return times, slugs

    def finish(self) -> None:
        """Say what the whole of the file shows.

        Raises
        ------
        ReadAgainError
            Dates were read in the other order than the whole of the file shows.
        """
        day_first = self.order.day_first
        if self.order.read - {day_first} and not self.learned.order_is_settled:
            raise ReadAgainError(dataclasses.replace(self.learned, day_first=day_first, order_is_settled=True))
        for line in self.order.notes:
            self.note(line)

    def _with_zone(self, cells: pl.Series) -> pl.Series:
        """Times whose zone stands in the name of their column, as in ``Time (EST)`` and ``date_utc``."""
        found = [name for column in self.chosen.fields["created_at"].columns if (name := _ZONE_IN_NAME.search(column))]
        if not found or cells.dtype != pl.String:
            return cells
        bare = pl.col(cells.name)
        told = pl.concat_str(bare.str.strip_chars_end(), pl.lit(f" {found[-1][1] or 'UTC'}"))
        is_bare = ~bare.str.contains(r"(?i)(?:[a-z]{3,5}|[0-9]z|[+-][0-9]{2}:?[0-9]{2}|^\s*[0-9.e+]+)\s*$")
        return cells.to_frame().select(pl.when(is_bare).then(told).otherwise(bare).alias(cells.name))[cells.name]

    def _texts(self, raw: pl.DataFrame) -> list[pl.Expr]:
        """Identifier-like columns are stripped and never empty; the text stays as it is."""
        columns = []
        for name in TEXTS:
            source = self.mapping.get(name)
            if source is None or source not in raw.columns:
                columns.append(pl.lit(None, pl.String).alias(name))
                continue
            value = as_text(raw.schema[source], pl.col(source)).str.strip_chars()
            if name == "lang":
                value = pl.coalesce(value.str.to_lowercase().replace_strict(LANGUAGES, default=None), value)
            columns.append(pl.when(value != "").then(value).alias(name))
        text = self.mapping.get("text")
        known = text is not None and text in raw.columns
        columns.append(
            (as_text(raw.schema[text], pl.col(text)) if known and text else pl.lit(None, pl.String)).alias("text")
        )
        return columns

    def _plain_texts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Texts of a plain table that are written as HTML or stand inside a list, as a reader sees them."""
        if self.shape.name != "table" or "text" not in self.mapping:
            return frame
        texts = frame["text"]
        first = texts.head(LOOKED_AT)
        if int(first.str.contains(embedded_lists.NESTED_TEXT).sum()) > MOSTLY * len(first):
            texts = embedded_lists.texts_in(texts)
        if int(first.str.contains(IS_HTML).sum()) > MOSTLY * len(first):
            texts, behind = without_markup(texts)
            frame = frame.with_columns(behind.alias("__behind"))
            self.note(said.WITHOUT_MARKUP)
        else:
            texts = unescaped(texts)
        return frame.with_columns(texts.alias("text"))

    def _sound(self, frame: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
        """Ids that a spreadsheet damaged are none; what stands for nothing is nothing."""
        if self.shape.as_is:
            return frame
        names = [name for name in IDS if name in self.mapping]
        for name in names:
            cells = frame[name]
            if cells.str.contains_any(_SUSPECT).any() or cells.is_in(embedded_lists.DASHES).any():
                cells, n = sound_ids(cells)
                self.n_damaged[name] += n
                frame = frame.with_columns(cells)
        for name in REFERENCES:
            if name in self.mapping:
                frame = frame.with_columns(_real_references(frame[name], frame["post_id"]))
            if name in self.mapping and frame[name].str.contains_any(["{", "http"]).any():
                ids = embedded_lists.names_in(frame[name])
                frame = frame.with_columns(ids.to_frame("id").select(id_of(pl.col("id")).alias(name))[name])
        return self._one_account(frame, raw)

    def _retweets(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Retweets in a plain table that does not name their originals are known by the words that they repeat."""
        if self.shape.name != "table" or self.chosen.fields.keys() & {"repost_of"} or "text" not in self.mapping:
            return frame
        is_one = frame["text"].str.contains(_RETWEET).fill_null(value=False)
        if not is_one.any():
            return frame
        self.note(said.REPOSTS_BY_TEXT)
        return frame.with_columns(text_names(frame["text"].set(~is_one, None)).alias("repost_of"))

    def _one_account(self, frame: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
        """Accounts that are objects are named by their id; those that lack an id by their name."""
        accounts = frame["account_id"]
        if accounts.str.starts_with("{").any():
            frame = frame.with_columns(embedded_lists.names_in(accounts).alias("account_id"))
        column = self.chosen.account_name
        if not column or not accounts.null_count():
            return frame
        if self.learned.aliases is None:
            raise ReadAgainError(dataclasses.replace(self.learned, aliases={}))
        names = raw.select(as_text(raw.schema[column], pl.col(column)).str.strip_chars().alias("name"))["name"]
        ids = names.replace_strict(self.learned.aliases, default=names, return_dtype=pl.String)
        self.note(said.named_accounts(column))
        return frame.with_columns(account_id=pl.coalesce("account_id", pl.when(ids != "").then(ids)))

    def account_pairs(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Return the distinct (name, id) of accounts that a raw block shows together."""
        columns = {"name": self.chosen.account_name, "id": self.mapping["account_id"]}
        if any(name not in raw.columns for name in columns.values()):
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        texts = (as_text(raw.schema[name], pl.col(name)).str.strip_chars().alias(key) for key, name in columns.items())
        pairs = raw.select(texts).filter((pl.col("name") != "") & (pl.col("id") != ""))
        return pairs.with_columns(sound_ids(pairs["id"])[0]).drop_nulls().unique()

    def _home(self, raw: pl.DataFrame) -> pl.Series:
        """The chat, wall or thread of a row, where ids count within it."""
        if not self.learned.home:
            return pl.Series("__home", [None], dtype=pl.String).new_from_index(0, raw.height)
        return raw.select(as_text(raw.schema[self.learned.home], pl.col(self.learned.home)).alias("__home"))["__home"]

    def _address(self, raw: pl.DataFrame) -> pl.Series:
        """The address of the post itself."""
        name = next((name for name in self.chosen.permalinks if raw.schema.get(name) == pl.String), None)
        if name is None:
            return pl.Series("__address", [None], dtype=pl.String).new_from_index(0, raw.height)
        return raw[name].alias("__address")

    def _lists(self, raw: pl.DataFrame) -> list[pl.Series]:
        lists = []
        for name in LISTS:
            source = self.chosen.fields.get(name)
            parts = [] if source is None else list(source.columns) if source.how == "joined" else [source.label]
            parts = [part for part in parts if part in raw.columns]
            if not parts:
                lists.append(pl.Series(name, [[]], dtype=STRINGS).new_from_index(0, raw.height))
                continue
            read = [embedded_lists.read_lists(raw[part].alias(part), kind=name) for part in parts]
            lists.append(read[0].alias(name) if len(read) == 1 else pl.select(pl.concat_list(read).alias(name))[name])
        return lists

    def _unlisted(self, raw: pl.DataFrame) -> list[pl.Series]:
        """Say for links, hashtags and mentions which rows leave it to the text: ``__urls``, ..."""
        marks = []
        for name in SIGNS:
            source = self.mapping.get(name)
            if source is None or source not in raw.columns:
                free = pl.repeat(not self.shape.own_objects, raw.height, dtype=pl.Boolean, eager=True)
            elif self.shape.extract is not None and not self.shape.own_objects:
                free = raw[source].is_null()
            elif name == "urls" and not self.chosen.blank_is_none and raw.schema[source] == pl.String:
                free = raw[source].str.strip_chars().fill_null("") == ""
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
        judged = self._headers(judged, raw)
        column = (
            pl.when(pl.col("reason").str.starts_with("time-"))
            .then(pl.lit(self.mapping["created_at"]))
            .when(pl.col("reason") == "account-missing")
            .then(pl.lit(self.mapping["account_id"]))
            .otherwise(pl.lit(""))
        )
        moment = as_text(raw.schema[self.mapping["created_at"]], pl.col("value"))
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

    def _headers(self, judged: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
        """Name the rows that are the header again: tables are put together behind one another."""
        column = self.chosen.fields["created_at"].columns[0]
        if raw.schema.get(column) != pl.String:
            return judged
        again = raw[column].str.strip_chars() == column.strip()
        unread = judged["reason"].is_in(["time-unreadable", "account-missing"])
        return judged.with_columns(reason=pl.when(again & unread).then(pl.lit("row-header")).otherwise("reason"))

    def _named(self, good: pl.DataFrame) -> pl.DataFrame:
        """Fill in the platform, and an id by content where the row has none."""
        good = self._identified(good)
        if good["post_id"].null_count():
            self.note(said.NAMELESS)
            nameless = good.filter(pl.col("post_id").is_null())
            ids = pl.DataFrame({ROW: nameless[ROW], "made": _content_ids(nameless)})
            if good[ROW].n_unique() == good.height:
                good = good.join(ids, on=ROW, how="left", maintain_order="left")
            else:
                good = good.with_columns(made=_content_ids(good))
            good = good.with_columns(post_id=pl.coalesce("post_id", "made")).drop("made")
        return good.with_columns(source=pl.lit(self.source))

    def _identified(self, good: pl.DataFrame) -> pl.DataFrame:
        """Platform and id of a post as other sources of the same post have them."""
        platform, address = pl.col("platform"), pl.col("__address")
        if self.shape.as_is:
            return good.with_columns(platform.str.to_lowercase().fill_null(self.shape.platform or "unknown"))
        rest = self.shape.platform or self._platform_of_ids(good["post_id"])
        if good["__address"].null_count() < good.height:
            good = good.with_columns(platform=pl.coalesce(plain_platform(platform), platform_of(address), pl.lit(rest)))
            ids = self.chosen.fields.get("post_id")
            if ids is not None and set(ids.columns) & set(self.chosen.permalinks):
                good = good.with_columns(post_id=id_of(pl.col("post_id")))
        else:
            good = good.with_columns(platform=plain_platform(platform).fill_null(rest))
        if self.learned.home:
            good = good.with_columns(self._inside(name) for name in ("post_id", "reply_to", "repost_of", "quote_of"))
        elif self.has_short_ids and good.height:
            longest = good["post_id"].str.len_bytes().max()
            self.has_short_ids = not isinstance(longest, int) or longest <= SHORT_ID
        return good

    def _platform_of_ids(self, found: pl.Series) -> str:
        """Ids of Bluesky say so; a column named for tweets is of X."""
        if found.head(100).str.starts_with("at://").all() and found.head(1).is_not_null().all() and len(found):
            return "bluesky"
        ids = self.chosen.fields.get("post_id")
        is_x = ids is not None and any(plain(name) in ("tweet_id", "tweetid") for name in ids.columns)
        return "x" if is_x else "unknown"

    @staticmethod
    def _inside(name: str) -> pl.Expr:
        """An id that counts within a chat, with the chat in front."""
        bare = pl.col(name).str.contains(r"^[0-9]+$") & pl.col("__home").is_not_null()
        return pl.when(bare).then(pl.concat_str("__home", pl.lit("/"), name)).otherwise(name).alias(name)

    def _objects(self, good: pl.DataFrame) -> pl.DataFrame:
        """Take links, hashtags and mentions from the text where the source does not list them."""
        if not self.shape.as_is and ("repost_of" in self.mapping or self.shape.name == "table"):
            good = self._bare_reposts(good)
        free = [name for name in SIGNS if good[f"__{name}"].any()]
        if not free or "text" not in self.mapping:
            return good
        self.note(said.from_text(free))
        is_own = pl.col("repost_of").is_null()
        own = pl.when(is_own).then("text").fill_null("")
        good = good.with_columns(own.alias("__own"), embedded_lists.without_urls(own).alias("__cleaned"))
        if "__behind" in good.columns:
            linked = pl.concat_str("__own", pl.when(is_own).then("__behind"), separator="\n", ignore_nulls=True)
            good = good.with_columns(linked.alias("__own"))
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
        self.note(said.BARE_REPOSTS)
        none = pl.lit([], STRINGS)
        return good.with_columns(pl.when(repost).then(none).otherwise(pl.col(name)).alias(name) for name in LISTS)

    def _hide(self, good: pl.DataFrame) -> pl.DataFrame:
        """Replace accounts by pseudonyms, mentions included."""
        if self.config.keep_ids or good.is_empty():
            return good
        if self.shape.name == "dideban" and good["account_id"].str.contains(PSEUDONYM).all():
            self.note(said.PSEUDONYMS)
            return good
        return hide_accounts(good, key=self.key)


def hide_accounts(posts: pl.DataFrame, *, key: bytes) -> pl.DataFrame:
    """Replace the accounts of POSTS by pseudonyms, mentions included."""
    posts = posts.with_columns(pseudonym(posts["account_id"], key=key))
    names = posts["mentions"].explode(empty_as_null=False) if posts["mentions"].list.len().sum() else None
    if names is None:
        return posts
    table = names.drop_nulls().unique()
    hidden = pseudonym(table, key=key)
    return posts.with_columns(
        pl.col("mentions").list.eval(pl.element().replace_strict(table, hidden, return_dtype=pl.String))
    )


def as_text(dtype: pl.DataType, column: pl.Expr) -> pl.Expr:
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


def _real_references(cells: pl.Series, ids: pl.Series) -> pl.Series:
    """References without those to post 0, where most are to it and there is none."""
    nothing = cells.is_in(NO_POST)
    n = int(nothing.sum())
    if n < FEW or n <= MOSTLY * (len(cells) - cells.null_count()) or ids.is_in(NO_POST).any():
        return cells
    return cells.set(nothing, None)
