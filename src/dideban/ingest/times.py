"""Times as people and programs write them, to UTC instants; what cannot be read is said, never guessed."""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import UTC, datetime

import polars as pl

from dideban.errors import ConfigError
from dideban.schema import INSTANT

DAY_FIRST = "dates like 03/04/2024 are read day first, since others of the file can only be"
"""Note of a column in which more dates can only be day first than only month first."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing that a person posted is older; 1970 is a missing time written as zero."""
LATEST = datetime(2035, 1, 1, tzinfo=UTC)
"""Nothing is newer: larger values are another unit read wrongly."""
_US = {"s": 1_000_000, "ms": 1_000, "us": 1}
_DIGITS = dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789", strict=True))

ISO = (
    r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:\s*[Tt,]\s*|\s+|\s*-\s*)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9})\d*)?)?)?"
    r"\s*(Z|z|[A-Za-z]{2,4}|[+-]\d{1,2}(?::?\d{2})?)?$"
)
NUMERIC_DATE = (
    r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"
    r"(?:(?:\s*[Tt,]\s*|\s+)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9})\d*)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
    r"\s*(Z|z|[A-Za-z]{2,4}|[+-]\d{1,2}(?::?\d{2})?)?$"
)
DAY_MONTH = (
    r"^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3})[a-z]*\.?,?[\s-]+(\d{4})"
    r"(?:(?:,|\s|at)+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9})\d*)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
    r"\s*(Z|z|[A-Za-z]{2,4}|[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\([^)]*\))?$"
)
MONTH_DAY = (
    r"^(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
    r"(?:(?:,|\s|at|·|-)+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9})\d*)?)?\s*([AaPp])?\.?[Mm]?\.?)?"
    r"\s*(Z|z|[A-Za-z]{2,4}|[+-]\d{1,2}(?::?\d{2})?)?$"
)
LEGACY_X = r"^[A-Za-z]{3}\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})()()\s+([+-]\d{4}|UTC|GMT)\s+(\d{4})$"
_NAMED = {
    "iso": (ISO, "y m d H M S f z"),
    "numeric": (NUMERIC_DATE, "a b y H M S f p z"),
    "day-month": (DAY_MONTH, "d n y H M S f p z"),
    "month-day": (MONTH_DAY, "n d y H M S f p z"),
    "legacy": (LEGACY_X, "n d H M S f p z y"),
}
_TENS = {places: 10**places for places in range(1, 10)}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_ZONES_MIN = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180, "irst": 210,
    "irdt": 270, "bst": 60, "wet": 0, "west": 60,
}  # fmt: skip
"""Offsets of zone names in minutes (RFC 2822, and those exports of this field carry)."""
JALALI = (
    r"^\s*(?:1[345]\d{2}[-/.\s]\d{1,2}[-/.\s]\d{1,2}\b|\d{1,2}[-/.\s]\d{1,2}[-/.\s]1[345]\d{2}\b"
    r"|1[345]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s*$)"
    r"|فروردین|اردیبهشت|خرداد|مرداد|شهریور|آبان|بهمن|اسفند|محرم|رمضان|شعبان|ذو?ی?\s?القعده|ذو?ی?\s?الحجه"
)
"""Years 1300 to 1599, which are Jalali or Hijri, and month names of those calendars."""


def check_zone(time_zone: str) -> None:
    """Raise ConfigError where a time zone is unknown."""
    try:
        zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        close = difflib.get_close_matches(time_zone, zoneinfo.available_timezones(), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "use a name like Asia/Tehran"
        raise ConfigError(f"ingest.time_zone: unknown zone {time_zone!r}", hint=hint, key="ingest.time_zone") from error


def read_times(
    values: pl.Series, *, time_zone: str = "UTC", day_first: bool = False, bounds: bool = True
) -> tuple[pl.Series, pl.Series, list[str]]:
    """Read a column of times.

    Parameters
    ----------
    values : Datetime, Date, number or String, (n,)
        Numbers, and text that is a number, are seconds, milliseconds, microseconds or nanoseconds since 1970 by their
        size; 8 and 14 digits are a compact date.
    time_zone : IANA name
        Zone of times that carry none.
    day_first : bool
        Read 03/04/2024 as 3 April. Otherwise the column decides: day first where more of its dates can only be that
        than can only be month first, and the notes hold DAY_FIRST then.
    bounds : bool
        Reject times before EARLIEST or from LATEST on.

    Returns
    -------
    times : Datetime[us, UTC], (n,)
        Null where the time cannot be read.
    reasons : String, (n,)
        Reason slug where it cannot: ``time-missing``, ``time-unreadable``, ``time-out-of-range``, ``time-jalali``,
        ``time-nonexistent``; otherwise null.
    notes : list
        What was assumed, for people.

    Notes
    -----
    A time that its zone skips (clocks go forward) is rejected; one that it has twice is the earlier.
    """
    notes: list[str] = []
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if values.dtype == pl.String:
        times, reasons = _from_text(values, time_zone=time_zone, day_first=day_first, notes=notes)
    elif values.dtype.is_numeric():
        times, reasons = _from_numbers(values), None
    elif isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None:
        times, reasons = values.dt.convert_time_zone("UTC").cast(INSTANT), None
    elif values.dtype.is_temporal() and values.dtype in (pl.Date, pl.Datetime):
        times, reasons = _in_zone(values.cast(pl.Datetime("us")), time_zone, notes)
    else:
        times, reasons = pl.Series([None] * len(values), dtype=INSTANT), None
    return _judge(values, times, reasons, bounds=bounds), _reasons(values, times, reasons, bounds=bounds), notes


def _judge(values: pl.Series, times: pl.Series, reasons: pl.Series | None, *, bounds: bool) -> pl.Series:
    frame = pl.DataFrame({"t": times.alias("t")})
    if not bounds:
        return frame["t"].alias(values.name)
    inside = pl.col("t").is_between(EARLIEST, LATEST, closed="left")
    return frame.select(pl.when(inside).then("t").alias("t"))["t"].alias(values.name)


def _reasons(values: pl.Series, times: pl.Series, reasons: pl.Series | None, *, bounds: bool) -> pl.Series:
    blank = values.is_null()
    if values.dtype == pl.String:
        blank = blank | (values.fill_null("").str.strip_chars() == "")
    said = reasons if reasons is not None else pl.Series([None] * len(values), dtype=pl.String)
    inside = times.is_between(EARLIEST, LATEST, closed="left") if bounds else pl.repeat(True, len(times), eager=True)
    frame = pl.DataFrame({"blank": blank, "said": said, "t": times, "inside": inside})
    slug = (
        pl.when(pl.col("blank"))
        .then(pl.lit("time-missing"))
        .when(pl.col("said").is_not_null())
        .then("said")
        .when(pl.col("t").is_null())
        .then(pl.lit("time-unreadable"))
        .when(~pl.col("inside"))
        .then(pl.lit("time-out-of-range"))
    )
    return frame.select(slug.alias("reason"))["reason"]


def _in_zone(naive: pl.Series, time_zone: str, notes: list[str]) -> tuple[pl.Series, pl.Series]:
    if naive.null_count() < len(naive):
        notes.append(f"times without a zone are read as {time_zone}")
    times = naive.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    frame = pl.DataFrame({"gap": naive.is_not_null() & times.is_null()})
    reasons = frame.select(pl.when("gap").then(pl.lit("time-nonexistent")).alias("r"))["r"]
    return times.cast(INSTANT), reasons


def _from_numbers(values: pl.Series) -> pl.Series:
    """Epoch numbers; the unit follows from the size, since the plausible ranges of the four units do not overlap."""
    value = pl.col("v")
    size = value.abs()
    us = (
        pl.when(size < 1e11)
        .then(value * 1e6)
        .when(size < 1e14)
        .then(value * 1e3)
        .when(size < 1e17)
        .then(value)
        .otherwise(value / 1e3)
    )
    if values.dtype.is_integer():
        whole = values.cast(pl.Int64, strict=False).alias("v").to_frame()
        us = (
            pl.when(size < 10**11)
            .then(value * 1_000_000)
            .when(size < 10**14)
            .then(value * 1_000)
            .when(size < 10**17)
            .then(value)
            .otherwise(value // 1_000)
        )
        return whole.select(us.cast(INSTANT))["v"]
    real = values.cast(pl.Float64).alias("v").to_frame().select(pl.when(pl.col("v").is_finite()).then("v"))
    return real.select(us.round().cast(pl.Int64, strict=False).cast(INSTANT))["v"]


def _from_text(
    values: pl.Series, *, time_zone: str, day_first: bool, notes: list[str]
) -> tuple[pl.Series, pl.Series | None]:
    frame = values.alias("v").to_frame().with_row_index("i")
    text = pl.col("v").str.strip_chars()
    if not values.str.contains(r"[۰-۹٠-٩\u200c-\u200f]").any():
        cleaned = frame.with_columns(text)
    else:
        cleaned = frame.with_columns(
            text.str.replace_many(_DIGITS).str.replace_all(r"[\u200c-\u200f]", " ").str.strip_chars()
        )
    fast = _fast(cleaned["v"])
    done = cleaned.with_columns(t=fast, r=pl.lit(None, pl.String))
    left = done.filter(pl.col("t").is_null() & pl.col("v").is_not_null() & (pl.col("v") != ""))
    if left.is_empty():
        return done["t"], done["r"]
    solved = _slow(left.select("i", "v"), time_zone=time_zone, day_first=day_first, notes=notes)
    merged = done.select("i", "t").join(solved, on="i", how="left", maintain_order="left")
    out = merged.select(pl.coalesce("t", "t_right").alias("t"), "r")
    return out["t"], out["r"]


def _fast(text: pl.Series) -> pl.Series:
    """Read the whole column by the one format its first value has; null where a value differs."""
    nothing = pl.Series([None] * len(text), dtype=INSTANT)
    head = text.drop_nulls().head(1)
    if head.is_empty():
        return nothing
    first = head[0]
    for pattern in ("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z"):
        one = pl.Series([first]).str.to_datetime(pattern, strict=False, time_unit="us")
        if one.null_count():
            continue
        times = text.str.to_datetime(pattern, strict=False, time_unit="us")
        zone = times.dtype.time_zone  # type: ignore[attr-defined]
        return times.dt.replace_time_zone("UTC") if zone is None else times.dt.convert_time_zone("UTC")
    if first.isascii() and first.isdigit() and len(first) not in (8, 14):
        digits = text.str.contains(r"^\d{9,13}$|^\d{15,19}$")
        frame = pl.DataFrame({"v": text, "d": digits})
        return _from_numbers(frame.select(pl.when("d").then("v").cast(pl.Int64, strict=False).alias("v"))["v"])
    return nothing


def _slow(left: pl.DataFrame, *, time_zone: str, day_first: bool, notes: list[str]) -> pl.DataFrame:
    """Try every way of writing in turn on what is left: (i, v) to (i, t, r)."""
    solved: list[pl.DataFrame] = []
    jalali = left.filter(pl.col("v").str.contains(JALALI))
    if jalali.height:
        solved.append(jalali.select("i", t=pl.lit(None, INSTANT), r=pl.lit("time-jalali")))
        left = left.join(jalali, on="i", how="anti")
    numbers = left.filter(pl.col("v").str.contains(r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$"))
    if numbers.height:
        solved.append(_numbers_in_text(numbers, time_zone, notes))
        left = left.join(numbers, on="i", how="anti")
    for style, (pattern, fields) in _NAMED.items():
        if left.is_empty():
            break
        hit = left.filter(pl.col("v").str.contains(pattern))
        if hit.is_empty():
            continue
        parts = _parts(hit, pattern, fields.split())
        if style == "numeric":
            parts = _order(parts, hit, day_first=day_first, notes=notes)
        solved.append(_assemble(parts, time_zone, notes))
        left = left.join(hit, on="i", how="anti")
    empty = pl.DataFrame(schema={"i": pl.UInt32, "t": INSTANT, "r": pl.String})
    return pl.concat([empty, *(part.cast({"i": pl.UInt32}) for part in solved)])


def _numbers_in_text(numbers: pl.DataFrame, time_zone: str, notes: list[str]) -> pl.DataFrame:
    compact = numbers.filter(pl.col("v").str.contains(r"^(?:19|20)\d{6}(?:\d{6})?$"))
    parts = compact.select(
        "i",
        *(
            pl.col("v").str.slice(at, n).cast(pl.Int64, strict=False).alias(name)
            for name, at, n in (("y", 0, 4), ("m", 4, 2), ("d", 6, 2), ("H", 8, 2), ("M", 10, 2), ("S", 12, 2))
        ),
        f=pl.lit(None, pl.String),
        p=pl.lit(None, pl.String),
        z=pl.lit(None, pl.String),
    )
    dated = _assemble(parts, time_zone, notes) if compact.height else None
    rest = numbers.join(compact, on="i", how="anti")
    whole = rest.with_columns(n=pl.col("v").cast(pl.Int64, strict=False), x=pl.col("v").cast(pl.Float64, strict=False))
    epoch = pl.DataFrame({"i": whole["i"], "a": _from_numbers(whole["n"]), "b": _from_numbers(whole["x"])}).select(
        "i", pl.coalesce("a", "b").alias("t"), pl.lit(None, pl.String).alias("r")
    )
    return epoch if dated is None else pl.concat([dated.cast({"i": epoch.schema["i"]}), epoch])


def _parts(hit: pl.DataFrame, pattern: str, fields: list[str]) -> pl.DataFrame:
    groups = hit.select("i", g=pl.col("v").str.extract_groups(pattern)).with_columns(
        pl.col("g").struct.rename_fields(fields)
    )
    wide = groups.unnest("g")
    if "n" in fields:
        wide = wide.with_columns(m=pl.col("n").str.to_lowercase().replace_strict(_MONTHS, default=None))
    if "p" not in fields:
        wide = wide.with_columns(p=pl.lit(None, pl.String))
    numbers = [name for name in ("y", "m", "d", "a", "b", "H", "M", "S") if name in wide.columns]
    return wide.with_columns(pl.col(name).cast(pl.Int64, strict=False) for name in numbers)


def _order(parts: pl.DataFrame, hit: pl.DataFrame, *, day_first: bool, notes: list[str]) -> pl.DataFrame:
    """03/04/2024: by the setting, or by the other dates of the column. 03.04.2024 is day first everywhere."""
    dotted = hit["v"].str.contains(r"^\d{1,2}\.")
    high_first, high_second = (parts["a"] > 12) & ~dotted, (parts["b"] > 12) & ~dotted
    if not day_first and int(high_first.sum()) > int(high_second.sum()):
        day_first = True
        notes.append(DAY_FIRST)
    else:
        notes.append(
            "dates like 03/04/2024 are read "
            + ("day first" if day_first else "month first; if the day stands first, say --day-first")
        )
    if high_first.any() and high_second.any():
        notes.append("dates in both orders, 31/01/2024 and 01/31/2024: those that could be either may be misread")
    first = pl.lit(value=day_first) | pl.col("dotted") | (pl.col("a") > 12)
    settled = first & (pl.col("b") <= 12)
    return parts.with_columns(dotted=dotted).with_columns(
        d=pl.when(settled).then("a").otherwise("b"), m=pl.when(settled).then("b").otherwise("a")
    )


def _assemble(parts: pl.DataFrame, time_zone: str, notes: list[str]) -> pl.DataFrame:
    """Year, month, day, hour, minute, second, fraction, am/pm and zone, to instants."""
    hour, half = pl.col("H").fill_null(0), pl.col("p").str.to_lowercase()
    clock = (
        pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    )  # 12 am is midnight
    scale = pl.col("f").str.len_bytes().replace_strict(_TENS, default=1, return_dtype=pl.Int64)
    fraction = (pl.col("f").cast(pl.Int64, strict=False) * 1_000_000 // scale).fill_null(0)
    fine = (
        pl.col("d").is_between(1, _month_days())
        & clock.is_between(0, 23)
        & pl.col("M").fill_null(0).is_between(0, 59)
        & pl.col("S").fill_null(0).is_between(0, 59)
    )
    seconds = _days() * 86_400 + clock * 3600 + pl.col("M").fill_null(0) * 60 + pl.col("S").fill_null(0)
    naive = pl.when(fine).then(seconds * 1_000_000 + fraction).cast(pl.Datetime("us"))
    built = parts.select("i", naive.alias("t"), _offset_min().alias("o"), pl.col("z").is_null().alias("free"))
    local, reasons = _in_zone(built["t"].set(~built["free"], None), time_zone, notes)
    zoned = (pl.col("t") - pl.duration(minutes=pl.col("o"))).dt.replace_time_zone("UTC")
    return built.with_columns(local=local, r=reasons).select(
        "i", t=pl.when("free").then("local").otherwise(zoned).cast(INSTANT), r="r"
    )


def _month_days() -> pl.Expr:
    """Length of month ``m`` in year ``y``; null where there is no such month."""
    year, month = pl.col("y"), pl.col("m")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    usual = 31 - (month - 1) % 7 % 2
    return pl.when(month == 2).then(28 + leap.cast(pl.Int64)).when(month.is_between(1, 12)).then(usual)


def _days() -> pl.Expr:
    """Days from 1970-01-01 to ``y``-``m``-``d``, by the count of days since a first of March (proleptic Gregorian)."""
    year = pl.col("y") - (pl.col("m") <= 2).cast(pl.Int64)
    since_march = (pl.col("m") + 9) % 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * since_march + 2) // 5 + pl.col("d") - 1 - 719_468


def _offset_min() -> pl.Expr:
    zone = pl.col("z").str.to_lowercase()
    named = zone.replace_strict(_ZONES_MIN, default=None, return_dtype=pl.Int64)
    offset = zone.str.extract_groups(r"^[+-](\d{1,2}?)(?::?(\d{2}))?$")
    hours = offset.struct.field("1").cast(pl.Int64, strict=False)
    minutes = offset.struct.field("2").cast(pl.Int64, strict=False).fill_null(0)
    size = hours * 60 + minutes
    return pl.coalesce(named, pl.when(zone.str.starts_with("-")).then(-size).otherwise(size))
