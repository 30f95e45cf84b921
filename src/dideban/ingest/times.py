"""Times as people and programs write them, to UTC instants; what cannot be read is said, never guessed."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from datetime import UTC, datetime

import polars as pl

from dideban.errors import ConfigError
from dideban.ingest import notes as said
from dideban.ingest.calendars import HIJRI_YEARS, JALALI_YEARS, hijri_days, jalali_days
from dideban.ingest.day_order import DayOrder
from dideban.ingest.month_names import HIJRI, JALALI
from dideban.ingest.time_styles import (
    PLAIN_STYLES,
    RELATIVE,
    STYLES,
    calendar_of,
    clean,
    is_yearless,
    months_of,
    plain_digits,
)
from dideban.messages.message import Message
from dideban.schema import INSTANT

DAY_FIRST = said.DAY_FIRST
"""Note of a column in which more dates can only be day first than only month first."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing that a person posted is older; 1970 is a missing time written as zero."""
LATEST = datetime(2035, 1, 1, tzinfo=UTC)
"""Nothing is newer: larger values are another unit read wrongly."""
_TENS = {places: 10**places for places in range(1, 10)}
EXCEL_DAYS = (25_569 + 20 * 365, 60_000)
"""Numbers that are days since 1899 as spreadsheets count them: 1990 to 2064. As seconds they would lie in 1970."""
_EXCEL_EPOCH_DAYS = 25_569
ZONES_MIN = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "msk": 180, "irst": 210,
    "irdt": 270, "bst": 60, "wet": 0, "west": 60, "ist": 330, "pkt": 300, "gst": 240, "trt": 180, "jst": 540,
    "kst": 540, "akst": -540, "akdt": -480, "hst": -600, "aft": 270,
}  # fmt: skip
"""Offsets of zone names in minutes (RFC 2822, and those exports of this field carry)."""
AMBIGUOUS = {"cst": "China", "bst": "Bangladesh", "ist": "Israel", "gst": "South Georgia"}
"""Names that several zones have, and a place where another one is meant."""
_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")
_REAL = re.compile(r"[0-9]{9,13}\.[0-9]{1,9}")
_COMPACT = r"^(?:19|20)\d{6}(?:\d{6})?$|^1[34]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?$"


def check_zone(time_zone: str) -> None:
    """Raise ConfigError where a time zone is unknown."""
    try:
        zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        close = difflib.get_close_matches(time_zone, zoneinfo.available_timezones(), n=1)
        hint = Message("hint.did-you-mean", name=close[0]) if close else Message("ingest.hint-zone")
        raise ConfigError("ingest.unknown-zone", hint=hint, key="ingest.time_zone", zone=time_zone) from error


def read_times(
    values: pl.Series,
    *,
    time_zone: str = "UTC",
    day_first: bool = False,
    bounds: bool = True,
    order: DayOrder | None = None,
) -> tuple[pl.Series, pl.Series, list[Message]]:
    """Read a column of times.

    Parameters
    ----------
    values : Datetime, Date, number or String, (n,)
        Numbers, and text that is a number, are seconds, milliseconds, microseconds or nanoseconds since 1970 by their
        size; 8 and 14 digits are a compact date; 32,869 to 60,000 are days since 1899, as spreadsheets count.
    time_zone : IANA name
        Zone of times that carry none.
    day_first : bool
        Read 03/04/2024 as 3 April. Otherwise the column decides: day first where more of its dates can only be that
        than can only be month first, and the notes hold DAY_FIRST then.
    bounds : bool
        Reject times before EARLIEST or from LATEST on.
    order : DayOrder
        What earlier blocks of the column showed, and this one adds to; it holds ``day_first``, and the notes.

    Returns
    -------
    times : Datetime[us, UTC], (n,)
        Null where the time cannot be read.
    reasons : String, (n,)
        Reason slug where it cannot: ``time-missing``, ``time-unreadable``, ``time-relative``, ``time-no-year``,
        ``time-out-of-range``, ``time-jalali``, ``time-nonexistent``; otherwise null.
    notes : list
        What was assumed, for people.

    Notes
    -----
    A time that its zone skips (clocks go forward) is rejected; one that it has twice is the earlier.
    """
    notes: list[Message] = []
    if values.dtype == pl.Null:
        values = values.cast(pl.String)
    if values.dtype == pl.String:
        seen = order or DayOrder(asked=day_first)
        times, reasons = _from_text(values, time_zone=time_zone, order=seen, notes=notes)
        notes = notes if order else [*seen.notes, *notes]
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


def _in_zone(naive: pl.Series, time_zone: str, notes: list[Message]) -> tuple[pl.Series, pl.Series]:
    if naive.null_count() < len(naive):
        notes.append(said.no_zone(time_zone))
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
    values: pl.Series, *, time_zone: str, order: DayOrder, notes: list[Message]
) -> tuple[pl.Series, pl.Series | None]:
    cleaned = values.alias("v").to_frame().with_row_index("i").with_columns(pl.col("v").str.strip_chars())
    fast = _fast(cleaned["v"], time_zone, notes)
    first = fast.min()
    if isinstance(first, datetime) and first.year < 1600:  # years of another calendar
        fast = fast.set((fast.dt.year() < 1600).fill_null(value=False), None)
    done = cleaned.with_columns(t=fast, r=pl.lit(None, pl.String))
    left = done.filter(pl.col("t").is_null() & pl.col("v").is_not_null() & (pl.col("v") != ""))
    if left.is_empty():
        return done["t"], done["r"]
    solved = _slow(left.select("i", "v"), time_zone=time_zone, order=order, notes=notes)
    merged = done.select("i", "t").join(solved, on="i", how="left", maintain_order="left")
    out = merged.select(pl.coalesce("t", "t_right").alias("t"), "r")
    return out["t"], out["r"]


def _fast(text: pl.Series, time_zone: str, notes: list[Message]) -> pl.Series:
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
    if _NAIVE.fullmatch(first):  # what Polars reads without asking for two digits everywhere is left to the patterns
        usual = text.str.len_bytes() == len(first)
        frame = pl.DataFrame({"v": text.set(~usual, None)})
        times = frame["v"].str.to_datetime(f"%Y-%m-%d{first[10]}%H:%M:%S", strict=False, time_unit="us")
        return _in_zone(times, time_zone, notes)[0]
    if first.isascii() and first.isdigit() and len(first) not in (8, 14):
        digits = text.str.contains(r"^\d{9,13}$|^\d{15,19}$")
        frame = pl.DataFrame({"v": text, "d": digits})
        return _from_numbers(frame.select(pl.when("d").then("v").cast(pl.Int64, strict=False).alias("v"))["v"])
    if _REAL.fullmatch(first):  # too large for days of a spreadsheet, and no way of writing a date begins so
        frame = pl.DataFrame({"v": text, "d": text.str.contains(f"^{_REAL.pattern}$")})
        return _from_numbers(frame.select(pl.when("d").then("v").cast(pl.Float64, strict=False).alias("v"))["v"])
    return nothing


def _slow(left: pl.DataFrame, *, time_zone: str, order: DayOrder, notes: list[Message]) -> pl.DataFrame:
    """Try every way of writing in turn on what is left: (i, v) to (i, t, r)."""
    left = left.with_columns(local=pl.lit(value=False))
    solved, left = _by_styles(left, PLAIN_STYLES, time_zone=time_zone, order=order, notes=notes)
    if left.is_empty():
        return _solved(solved)
    left = left.with_columns(local=pl.col("v").str.contains(r"[۰-۹٠-٩]"), v=clean(plain_digits(pl.col("v"))))
    relative = left.filter(pl.col("v").str.contains(RELATIVE))
    if relative.height:
        solved.append(relative.select("i", t=pl.lit(None, INSTANT), r=pl.lit("time-relative")))
        left = left.join(relative, on="i", how="anti")
    left = left.with_columns(pl.col("v").str.replace(r"^([0-9]{5}),([0-9]+)$", "$1.$2"))  # days with a decimal comma
    numbers = left.filter(pl.col("v").str.contains(r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$"))
    if numbers.height:
        solved.append(_numbers_in_text(numbers, time_zone, notes))
        left = left.join(numbers, on="i", how="anti")
    if left.is_empty():
        return _solved(solved)
    more, left = _by_styles(left, tuple(STYLES), time_zone=time_zone, order=order, notes=notes)
    solved += more
    yearless = left.filter(is_yearless(left["v"]))
    if yearless.height:
        solved.append(yearless.select("i", t=pl.lit(None, INSTANT), r=pl.lit("time-no-year")))
    return _solved(solved)


def _solved(solved: list[pl.DataFrame]) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"i": pl.UInt32, "t": INSTANT, "r": pl.String})
    return pl.concat([empty, *(part.cast({"i": pl.UInt32}) for part in solved)])


def _by_styles(
    left: pl.DataFrame, styles: tuple[str, ...], *, time_zone: str, order: DayOrder, notes: list[Message]
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Read what is written in one of these styles; return it, and what is left."""
    solved = []
    for style in styles:
        pattern, fields = STYLES[style]
        hit = left.filter(pl.col("v").str.contains(pattern))
        if hit.is_empty():
            continue
        parts = _parts(hit, pattern, fields.split())
        if style == "numeric":
            parts = _order(parts, hit, order, notes)
        solved.append(_assemble(parts, time_zone, notes))
        left = left.filter(~pl.col("v").str.contains(pattern))
    return solved, left


def _numbers_in_text(numbers: pl.DataFrame, time_zone: str, notes: list[Message]) -> pl.DataFrame:
    compact = numbers.filter(pl.col("v").str.contains(_COMPACT))
    parts = compact.select(
        "i",
        *(
            pl.col("v").str.slice(at, n).cast(pl.Int64, strict=False).alias(name)
            for name, at, n in (("y", 0, 4), ("m", 4, 2), ("d", 6, 2), ("H", 8, 2), ("M", 10, 2), ("S", 12, 2))
        ),
        f=pl.lit(None, pl.String),
        p=pl.lit(None, pl.String),
        z=pl.lit(None, pl.String),
        c=pl.lit(0, pl.Int64),
    )
    dated = _assemble(parts, time_zone, notes) if compact.height else None
    rest = numbers.join(compact, on="i", how="anti")
    whole = rest.with_columns(n=pl.col("v").cast(pl.Int64, strict=False), x=pl.col("v").cast(pl.Float64, strict=False))
    days = _serial_days(whole["x"], time_zone, notes)
    epoch = pl.DataFrame({"i": whole["i"], "a": _from_numbers(whole["n"]), "b": _from_numbers(whole["x"]), "d": days})
    epoch = epoch.select("i", pl.coalesce("d", "a", "b").alias("t"), pl.lit(None, pl.String).alias("r"))
    return epoch if dated is None else pl.concat([dated.cast({"i": epoch.schema["i"]}), epoch])


def _serial_days(numbers: pl.Series, time_zone: str, notes: list[Message]) -> pl.Series:
    """Instants of dates that a spreadsheet counts in days since 1899; null for other numbers."""
    days = numbers.set(~numbers.is_between(*EXCEL_DAYS).fill_null(value=False), None)
    if days.null_count() == len(days):
        return pl.Series([None] * len(days), dtype=INSTANT)
    notes.append(said.SERIAL_DAYS)
    seconds = ((days - _EXCEL_EPOCH_DAYS) * 86_400).round().cast(pl.Int64, strict=False)
    return _in_zone((seconds * 1_000_000).cast(pl.Datetime("us")), time_zone, notes)[0]


def _parts(hit: pl.DataFrame, pattern: str, fields: list[str]) -> pl.DataFrame:
    groups = hit.select("i", "local", g=pl.col("v").str.extract_groups(pattern)).with_columns(
        pl.col("g").struct.rename_fields(fields)
    )
    wide = groups.unnest("g").with_columns(c=pl.lit(0, pl.Int64))
    if "n" in fields:
        wide = wide.with_columns(months_of(wide["n"]).alias("m"))
        wide = wide.with_columns(c=calendar_of(pl.col("m"))).with_columns(m=pl.col("m") - pl.col("c"))
    numbers = [name for name in ("y", "m", "d", "a", "b", "H", "M", "S") if name in wide.columns]
    wide = wide.with_columns(pl.col(name).cast(pl.Int64, strict=False) for name in numbers)
    century = pl.when(pl.col("y") < 70).then(2000).when(pl.col("y") < 100).then(1900).otherwise(0)
    return wide.with_columns(y=pl.col("y") + century)


def _order(parts: pl.DataFrame, hit: pl.DataFrame, order: DayOrder, notes: list[Message]) -> pl.DataFrame:
    """03/04/2024: by the setting, or by what the column shows.

    03.04.2024 is day first everywhere, and so are dates in Persian or Arabic digits and of these calendars.
    """
    dotted = hit["v"].str.contains(r"^\d{1,2}\.") | parts["local"] | (parts["y"] < 1900)
    day_first = order.take(parts.filter(~dotted))
    if parts["local"].any():
        notes.append(said.LOCAL_DIGITS)
    first = pl.lit(value=day_first) | pl.col("dotted") | (pl.col("a") > 12)
    settled = first & (pl.col("b") <= 12)
    return parts.with_columns(dotted=dotted).with_columns(
        d=pl.when(settled).then("a").otherwise("b"), m=pl.when(settled).then("b").otherwise("a")
    )


def _assemble(parts: pl.DataFrame, time_zone: str, notes: list[Message]) -> pl.DataFrame:
    """Year, month, day, hour, minute, second, fraction, am/pm and zone, to instants."""
    hour, half = pl.col("H").fill_null(0), pl.col("p").str.to_lowercase().str.slice(0, 1)
    clock = (
        pl.when((half == "p") & (hour <= 12)).then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    )  # 12 am is midnight
    scale = pl.col("f").str.len_bytes().replace_strict(_TENS, default=1, return_dtype=pl.Int64)
    fraction = (pl.col("f").cast(pl.Int64, strict=False) * 1_000_000 // scale).fill_null(0)
    minute, second = pl.col("M").fill_null(0), pl.col("S").fill_null(0)
    midnight = (clock == 24) & (minute == 0) & (second == 0) & (fraction == 0)  # the end of a day, by ISO 8601
    fine = (clock.is_between(0, 23) & minute.is_between(0, 59) & second.is_between(0, 59)) | midnight
    seconds = _days_of_any(parts) * 86_400 + clock * 3600 + minute * 60 + second
    naive = pl.when(fine).then(seconds * 1_000_000 + fraction).cast(pl.Datetime("us"))
    built = parts.select(
        "i", naive.alias("t"), _offset_min().alias("o"), pl.col("z").is_null().alias("free"), "z", _doubt().alias("r"),
        _calendar().alias("c"),
    )  # fmt: skip
    _tell(built, notes)
    built = _in_named_places(built)
    local, reasons = _in_zone(built["t"].set(~built["free"], None), time_zone, notes)
    zoned = (pl.col("t") - pl.duration(minutes=pl.col("o"))).dt.replace_time_zone("UTC")
    return built.with_columns(local=local, gap=reasons).select(
        "i",
        t=pl.coalesce("placed", pl.when("free").then("local").otherwise(zoned)).cast(INSTANT),
        r=pl.coalesce("r", "gap"),
    )


def _calendar() -> pl.Expr:
    """0 for Gregorian, JALALI or HIJRI; null for years that could be of either of the two."""
    year = pl.col("y")
    return (
        pl.when(pl.col("c") > 0)
        .then("c")
        .when(year.is_between(*JALALI_YEARS))
        .then(JALALI)
        .when(year.is_between(*HIJRI_YEARS))
        .then(HIJRI)
        .when(~year.is_between(1300, 1599))
        .then(0)
    )


def _doubt() -> pl.Expr:
    return pl.when(_calendar().is_null()).then(pl.lit("time-jalali"))


def _days_of_any(parts: pl.DataFrame) -> pl.Expr:
    """Days since 1970 in the calendar that the date is of."""
    y, m, d = pl.col("y"), pl.col("m"), pl.col("d")
    gregorian = pl.when(d.is_between(1, _month_days())).then(_days())
    if not ((parts["c"] > 0) | (parts["y"] < 1600)).any():
        return gregorian
    return (
        pl.when(_calendar() == JALALI)
        .then(jalali_days(y, m, d))
        .when(_calendar() == HIJRI)
        .then(hijri_days(y, m, d))
        .when(_calendar() == 0)
        .then(gregorian)
    )


def _tell(built: pl.DataFrame, notes: list[Message]) -> None:
    """Describe which calendars were converted and what names of zones were taken for."""
    calendars = built.filter(pl.col("t").is_not_null())["c"]
    if (calendars == JALALI).any():
        notes.append(said.JALALI)
    if (calendars == HIJRI).any():
        notes.append(said.HIJRI)
    names = sorted(set(built["z"].str.to_lowercase().drop_nulls().to_list()) & set(ZONES_MIN))
    notes += [
        said.zone(name, ZONES_MIN[name], AMBIGUOUS.get(name, ""))
        for name in names
        if ZONES_MIN[name] or name in AMBIGUOUS
    ]


def _in_named_places(built: pl.DataFrame) -> pl.DataFrame:
    """Add ``placed``: instants of times whose zone is written as Asia/Tehran."""
    places = sorted(set(built["z"].drop_nulls().to_list()) & zoneinfo.available_timezones() - {"GMT", "UTC"})
    placed = pl.lit(None, INSTANT)
    for place in (one for one in places if "/" in one):
        local = pl.col("t").dt.replace_time_zone(place, ambiguous="earliest", non_existent="null")
        placed = pl.when(pl.col("z") == place).then(local.dt.convert_time_zone("UTC").cast(INSTANT)).otherwise(placed)
    return built.with_columns(placed=placed)


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
    named = zone.replace_strict(ZONES_MIN, default=None, return_dtype=pl.Int64)
    offset = zone.str.extract_groups(r"^[+-](\d{1,2}?)(?::?(\d{2}))?$")
    hours = offset.struct.field("1").cast(pl.Int64, strict=False)
    minutes = offset.struct.field("2").cast(pl.Int64, strict=False).fill_null(0)
    size = hours * 60 + minutes
    return pl.coalesce(named, pl.when(zone.str.starts_with("-")).then(-size).otherwise(size))
