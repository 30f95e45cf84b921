"""Tables of shares (who, what, which post, when) for the co-share step alone: CSV or Parquet to four columns."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest.columns import by_place, nearest, suggest
from dideban.ingest.decompress import BLOCK, PARQUET, ByteStream, zip_members
from dideban.ingest.delimited import read_rows
from dideban.ingest.dialects import Dialect, read_header, sniff_dialect, without_header
from dideban.ingest.encoding import SAMPLE_BYTES, decode
from dideban.ingest.keys import pseudonym
from dideban.ingest.model import ROW, reject_frame
from dideban.ingest.subprocess_reader import Reader
from dideban.ingest.tables import parquet_columns
from dideban.ingest.times import read_times
from dideban.messages import cause_of
from dideban.schema import REJECTS

NAMES: dict[str, tuple[str, ...]] = {
    "account_id": ("account_id", "account", "user_id", "username", "author_id", "author", "user", "userid"),
    "object_id": ("object_id", "object", "repost_id", "repost_of", "url", "link", "resource", "content_hash"),
    "post_id": ("content_id", "post_id", "post", "message_id", "share_id", "tweet_id", "tweetid", "id"),
    "created_s": (
        "timestamp_share",
        "timestamp",
        "created_at",
        "created_s",
        "time",
        "datetime",
        "date",
        "created",
        "post_time",
    ),
}
"""Column to the names it is known by, in order of preference; CooRTweet's and QUT's among them."""
MAX_SECONDS = 4e12
"""Numbers further from zero are not seconds."""
NEEDED = ("account_id", "object_id", "created_s")


def read_shares(
    path: Path, *, config: IngestConfig, key: bytes, mapping: Mapping[str, str] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a table of shares.

    Parameters
    ----------
    path : path
        CSV (any delimiter, encoding or packing that intake knows) or Parquet with account, object, post and time
        columns; the names of CooRTweet and of the QUT toolkit are recognised.
    config : IngestConfig
        ``keep_ids`` leaves account ids as they are.
    key : bytes
        Key of the pseudonyms.
    mapping : mapping
        Target column (``account_id``, ``object_id``, ``post_id``, ``created_s``) to the column of the file.

    Returns
    -------
    shares : (n,)
        ``account_id`` String, ``object_id`` String, ``post_id`` String (the row number where the table has none),
        ``created_s`` Int64 or, where times have fractions, Float64: seconds. Rows keep the order of the file.
    rejects : REJECTS
        Rows that cannot be split into fields, or are without account, object or readable time.

    Raises
    ------
    InputError
        Not a table of shares, no usable row, or too large a share of rejects.
    ConfigError
        ``mapping`` names a column that is not there.

    Notes
    -----
    Numeric times keep their values as seconds, however small: only gaps matter here. A column whose median is
    above 1e11 is read as milliseconds, above 1e14 microseconds, above 1e17 nanoseconds.
    """
    raw, unread = _read_raw(path, config, mapping or {})
    if "post_id" not in raw.columns:
        raw = raw.with_columns(post_id=pl.int_range(1, pl.len() + 1).cast(pl.String))
    seconds, slugs = _seconds(raw["created_s"], config)
    shares = raw.select(pl.col("account_id", "object_id", "post_id").cast(pl.String)).with_columns(created_s=seconds)
    shares, rejects = _set_aside(shares, slugs, raw, path.name)
    if shares.is_empty():
        raise InputError("ingest.no-usable-share", path=str(path), n=raw.height + unread.height)
    if not config.keep_ids:
        shares = shares.with_columns(pseudonym(shares["account_id"], key=key))
    return shares, pl.concat([unread, rejects]).sort("row", maintain_order=True) if unread.height else rejects


def _read_raw(path: Path, config: IngestConfig, mapping: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The chosen columns as they stand, renamed, with ROW where rows were set aside; and the rows set aside."""
    if not path.is_file():
        raise InputError("ingest.no-such-file", path=str(path))
    try:
        stream = ByteStream(path, max_ratio=config.max_expand_ratio)
        if stream.packing == "zip":
            stream = ByteStream(path, member=_only_member(path, config), max_ratio=config.max_expand_ratio)
        sample = stream.head(SAMPLE_BYTES)
    except OSError as error:
        raise InputError("file.not-read", path=str(path), reason=cause_of(error)) from error
    if not sample.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise InputError("ingest.empty", path=str(path), name=str(path))
    if sample[:4] != PARQUET:
        return _read_text(stream, sample, config, mapping)
    if stream.packing != "none" or stream.member:
        raise InputError("ingest.packed-parquet", hint="ingest.hint-unpack", path=str(path))
    return _read_parquet(path, config, mapping), REJECTS.empty()


def _read_parquet(path: Path, config: IngestConfig, mapping: Mapping[str, str]) -> pl.DataFrame:
    with tempfile.TemporaryDirectory(prefix="dideban-") as scratch, Reader(Path(scratch)) as reader:
        names = parquet_columns(path, name=str(path), reader=reader, max_ratio=config.max_expand_ratio)
        columns = _choose(names, mapping, path)
        frames = list(
            reader.frames(
                "parquet", path, name=str(path), columns=columns, chunk_rows=config.chunk_rows, numbered=False
            )
        )
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def _only_member(path: Path, config: IngestConfig) -> str:
    members = zip_members(path, max_ratio=config.max_expand_ratio)
    if len(members) != 1:
        raise InputError("ingest.several-members", hint="ingest.hint-unpack", path=str(path), n=len(members))
    return members[0]


def _read_text(
    stream: ByteStream, sample: bytes, config: IngestConfig, mapping: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    text = decode(stream, sample)
    head = text.head(SAMPLE_BYTES)
    dialect = sniff_dialect(head, delimiter=_delimiter(head))
    if dialect is None:
        raise InputError("ingest.not-a-table", path=str(stream.path))
    dialect = without_header(dialect, mapping, time="created_s")
    columns = _choose(dialect.header, mapping, stream.path)
    sure = dialect.n_above == 1 and not dialect.escaped and not dialect.single and not dialect.headless
    plain = (
        sure
        and stream.packing == "none"
        and not stream.member
        and text.encoding == "utf-8"
        and not (text.old_mac or text.twice)
    )
    if plain and (whole := _read_whole(stream.path, dialect, columns, config)) is not None:
        return whole, REJECTS.empty()
    frames, rejects = [], []
    for block in read_rows(text, dialect, config):
        frames.append(block.frame.select(ROW, *(pl.col(name).alias(target) for target, name in columns.items())))
        rejects += block.rejects
    if not frames:
        raise InputError("ingest.no-rows-in", path=str(stream.path))
    return pl.concat(frames), reject_frame(stream.path.name, rejects)


def _delimiter(head: str) -> str:
    """The delimiter that makes known names of the first line; empty where none does."""
    for delimiter in ",\t;":
        names = {name.lower() for name in read_header(head.split("\n", 1)[0], delimiter)}
        if all(names & set(NAMES[target]) for target in NEEDED):
            return delimiter
    return ""


def _read_whole(path: Path, dialect: Dialect, columns: dict[str, str], config: IngestConfig) -> pl.DataFrame | None:
    """Read a table at one go where every row is beyond doubt: no quotes, no NUL, the same number of fields in each.

    Returns None where a row needs to be looked at; the careful reader then decides, row by row.
    """
    delimiter = dialect.delimiter.encode()
    n_delimiters = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b'"' in block or b"\0" in block:
                return None
            n_delimiters += block.count(delimiter)
    try:
        frame = pl.read_csv(
            path, separator=dialect.delimiter, quote_char=None, has_header=True, new_columns=dialect.header,
            infer_schema=False, truncate_ragged_lines=False, glob=False,
            columns=sorted(dialect.header.index(name) for name in columns.values()),
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    if n_delimiters != (frame.height + 1) * (len(dialect.header) - 1):
        return None
    frame.columns = sorted(columns, key=lambda target: dialect.header.index(columns[target]))
    longest = frame.select(pl.all().str.len_bytes().max()).row(0)
    return None if max((n or 0 for n in longest), default=0) > config.max_field_bytes else frame


def _choose(names: list[str], mapping: Mapping[str, str], path: Path) -> dict[str, str]:
    """Target to source column: what the person said, else the first known name."""
    mapping = {target: by_place(source, names) for target, source in mapping.items()}
    for target, source in mapping.items():
        if target not in NAMES:
            raise ConfigError(
                "ingest.not-a-share-column",
                hint=nearest(target, list(NAMES)),
                key=target,
                target=target,
                said=source,
                names=list(NAMES),
                value=source,
            )
        if source not in names:
            raise ConfigError(
                "ingest.no-such-column",
                hint=nearest(source, names),
                key=target,
                value=source,
                target=target,
                said=source,
            )
    known = {name.strip().lower(): name for name in reversed(names)}
    chosen = dict(mapping)
    for target, synonyms in NAMES.items():
        hit = next((known[name] for name in synonyms if name in known and known[name] not in chosen.values()), None)
        if hit is not None:
            chosen.setdefault(target, hit)
    missing = [target for target in NEEDED if target not in chosen]
    if missing:
        raise InputError(
            "ingest.no-column",
            hint=suggest(missing, names, taken=chosen.values()),
            path=str(path),
            name=str(path),
            fields=missing,
            columns=names[:12],
        )
    return {target: chosen[target] for target in NAMES if target in chosen}


def _seconds(values: pl.Series, config: IngestConfig) -> tuple[pl.Series, pl.Series]:
    """Seconds and, where there are none, a reason slug."""
    numbers = values
    if values.dtype == pl.String:
        whole = values.cast(pl.Int64, strict=False)
        numbers = whole if whole.null_count() == values.null_count() else values.cast(pl.Float64, strict=False)
        if numbers.null_count() > values.null_count():
            numbers = values
    if numbers.dtype.is_numeric():
        return _number_seconds(numbers)
    times, slugs, _ = read_times(numbers, time_zone=config.time_zone, day_first=config.day_first)
    us = times.dt.timestamp("us")
    if ((us % 1_000_000) == 0).all():
        return us // 1_000_000, slugs
    return us / 1e6, slugs


def _number_seconds(numbers: pl.Series) -> tuple[pl.Series, pl.Series]:
    median = numbers.abs().median()
    size = float(median) if isinstance(median, int | float) else 0.0
    divisor = next((d for limit, d in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)) if size > limit), 1.0)
    seconds = numbers if divisor == 1.0 else numbers.cast(pl.Float64) / divisor
    if seconds.dtype.is_float():
        seconds = seconds.cast(pl.Float64)
        frame = seconds.alias("v").to_frame()
        seconds = frame.select(pl.when(pl.col("v").is_finite()).then("v"))["v"]
        whole = seconds.cast(pl.Int64, strict=False)
        seconds = whole if (whole == seconds).all() else seconds
    else:
        seconds = seconds.cast(pl.Int64)
    slug = (
        pl.when(pl.col("s").is_null())
        .then(pl.when(pl.col("v").is_null()).then(pl.lit("time-missing")).otherwise(pl.lit("time-unreadable")))
        .when(pl.col("s").abs() > MAX_SECONDS)
        .then(pl.lit("time-out-of-range"))
    )
    return seconds, pl.DataFrame({"s": seconds, "v": numbers}).select(slug.alias("reason"))["reason"]


def _set_aside(
    shares: pl.DataFrame, slugs: pl.Series, raw: pl.DataFrame, source: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows that lack a part from those that do not."""
    broken = slugs.is_not_null()
    for name in ("account_id", "object_id"):
        broken = broken | shares[name].is_null() | (shares[name] == "")
    if not broken.any():
        return shares, REJECTS.empty()
    numbers = raw[ROW] if ROW in raw.columns else pl.int_range(1, raw.height + 1, dtype=pl.Int64, eager=True)
    parts = [("account_id", "account-missing"), ("object_id", "object-missing")]
    empty = {name: pl.col(name).fill_null("") == "" for name, _ in parts}
    rejects = (
        shares.with_columns(slug=slugs, raw=raw["created_s"].cast(pl.String), row=numbers)
        .filter(broken)
        .select(
            source=pl.lit(source),
            row=pl.col("row").cast(pl.Int64),
            column=pl.when(empty["account_id"])
            .then(pl.lit("account_id"))
            .when(empty["object_id"])
            .then(pl.lit("object_id"))
            .otherwise(pl.lit("created_s")),
            reason=pl.when(empty["account_id"])
            .then(pl.lit("account-missing"))
            .when(empty["object_id"])
            .then(pl.lit("object-missing"))
            .otherwise("slug"),
            value=pl.coalesce(pl.when(~empty["account_id"] & ~empty["object_id"]).then("raw"), pl.lit("")),
        )
    )
    return shares.filter(~broken), REJECTS.check(rejects)
