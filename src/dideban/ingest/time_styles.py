"""The ways in which times are written: cleaned first, then taken apart by a handful of patterns."""

from __future__ import annotations

import polars as pl

from dideban.ingest.month_names import HIJRI, JALALI, MONTHS, plain_month

DIGITS = dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789", strict=True))
_CLOCK = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9})\d*)?)?\s*([AP]M)?"
_ZONE = r"\s*(Z|z|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{2,5}|[A-Za-z]+(?:/[A-Za-z_+-]+)+)?$"
_THEN = r"(?:(?:\s*[Tt,]\s*|\s+-\s+|\s+|-)" + _CLOCK + r")?"
_WEEKDAY = r"^(?:(?:[\p{L}\p{M}]+ )?[\p{L}\p{M}]+\.?,?\s+)?"
_NAME = r"([\p{L}\p{M}]{2,}(?:[ -]?[\p{L}\p{M}]{3,})?)"
STYLES = {
    "iso": (r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?" + _THEN + _ZONE, "y m d H M S f p z"),
    "numeric": (r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\.?" + _THEN + _ZONE, "a b y H M S f p z"),
    "month-day": (
        _WEEKDAY + _NAME + r"\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}),?" + _THEN + _ZONE,
        "n d y H M S f p z",
    ),
    "day-month": (
        _WEEKDAY
        + r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s/-]*(?:de\s+)?"
        + _NAME
        + r"\.?,?(?:\s+del?)?[\s/-]+(\d{4}|\d{2})"
        r",?" + _THEN + _ZONE,
        "d n y H M S f p z",
    ),
    "legacy": (
        r"^[A-Za-z]{3}\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})()()\s+([+-]\d{4}|[A-Z]{2,5})\s+(\d{4})$",
        "n d H M S f p z y",
    ),
}
"""Pattern and the fields of its groups, in the order they are tried."""
STYLES = {name: (pattern.replace(r"\d", "[0-9]"), fields) for name, (pattern, fields) in STYLES.items()}
PLAIN_STYLES = ("iso", "legacy")
"""What most exports write: tried before anything is cleaned."""
_PM = r"(?:p\.?\s?m\.?|م\.?|مساءً?|ب\.?\s?ظ\.?|بعد\s?از\s?ظهر)"
_AM = r"(?:a\.?\s?m\.?|ص\.?|صباحًا|صباحا|ق\.?\s?ظ\.?|قبل\s?از\s?ظهر)"
_REWRITES = (
    (r"^/Date\((-?\d{9,14})(?:[+-]\d{4})?\)/$", "$1"),
    (
        r"^(?:datetime\.datetime\(|\[)((?:19|20)\d\d), ?(\d{1,2}), ?(\d{1,2}), ?(\d{1,2}), ?(\d{1,2})(?:, ?(\d{1,2}))?"
        r"(?:, ?\d{1,6})?(?:, tzinfo=\S*utc\S*)?[)\]]$",
        "$1-$2-$3 $4:$5:${6}",
    ),
    (r"[\s\u00a0\u202f\u2009\u200c-\u200f\u202a-\u202e\u2066-\u2069]+", " "),
    (r"،|、", ","),
    (r"^\s+|\s+$", ""),
    (r"(Z|[+-]\d{2}:?\d{2})\[[^\]]*\]$", "$1"),
    (r"(\d{4})\s?(?:م|هـ|ه\.?\s?ش\.?|ش)(\s|,|$)", "$1$2"),
    (r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]", "$1-$2-$3 "),
    (r"(\d{1,2})[时時시]\s?(\d{1,2})分?", "$1:$2"),
    (r"(?i)(:\d{1,2})\s?" + _PM + r"(?:\s|$)", "$1 PM "),
    (r"(?i)(:\d{1,2})\s?" + _AM + r"(?:\s|$)", "$1 AM "),
    (r"\s+(?:@|at|à|às|a las|all[e]|ore|kl\.?|klo|om|o|um|в|о|·|\||ساعت|الساعة|saat|בשעה)\s+", " "),
    (r"^(\d{4}-\d{1,2}-\d{1,2})[ T](\d{2})\.(\d{2})(?:\.(\d{2}))?$", "$1 $2:$3:${4}"),
    (r"^(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}):$", "$1"),
    (r"^(\d{1,2}/[A-Za-z]{3}/\d{4}):(\d{2}:\d{2})", "$1 $2"),
    (r"^(\d{4})(\d{2})(\d{2})[Tt](\d{2})(\d{2})(\d{2})?", "$1-$2-$3 $4:$5:${6}"),
    (r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}):(Z|z|[+-]|$)", "$1$2"),
    (r"^(\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)[\s,]+(.*\d{2}.*)$", "$2 $1"),
    (r"(?i)(?:UTC|GMT)\s?([+-]\d)", "$1"),
    (r"([+-]\d{2}:?\d{2})\s?(?:\(?[A-Za-z][A-Za-z ]*\)?)$", "$1"),
    (r"\(([A-Za-z]+)\)$", "$1"),
    (r"(?i)(:\d{2})\s?(?:Uhr|h|hrs)\.?$", "$1"),
    (r"^\s+|\s+$", ""),
)
"""What is written in another way, made the way that the patterns read; each is harmless where it does not apply."""
RELATIVE = (
    r"(?i)^\s*(?:(?:\d+|an?|one)\s?(?:s|sec\w*|m|min\w*|h|hrs?|hours?|d|days?|w|weeks?|mo|months?|y|years?)(?:\s+ago)?"
    r"|yesterday\b.*|today\b.*|just now|now|دیروز.*|امروز.*|امس.*|أمس.*|اليوم.*|hier\b.*|gestern\b.*|ayer\b.*|dün\b.*"
    r"|вчера.*|.*(?:پیش|قبل)|منذ .*)\s*$"
)
"""Times that say only how long ago something was."""
DATE_ONLY = (
    r"^\s*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    r"|\d{1,2}[\s-]\p{L}+\.?[\s-]\d{2,4}|\p{L}+\.? \d{1,2},? \d{4})\s*$"
)
"""A date without a time of day."""
CLOCK_ONLY = (
    r"(?i)^\s*\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?:\s*(?:[ap]\.?\s?m\.?|م|ص|ب\.?ظ\.?|ق\.?ظ\.?))?"
    r"(?:\s*(?:Z|UTC|GMT|Uhr|h|hrs|[+-]\d{2}:?\d{2}))?\.?\s*$"
)
"""A time of day without a date."""


_YEARLESS = (
    _WEEKDAY + _NAME + r"\.?\s+\d{1,2}(?:st|nd|rd|th)?,?" + _THEN + _ZONE,
    _WEEKDAY + r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?[\s/-]*(?:de\s+)?" + _NAME + r"\.?,?" + _THEN + _ZONE,
)
_YEARLESS_NUMBERS = r"^[0-9]{1,2}[-/.][0-9]{1,2}\.?" + _THEN + _ZONE


def is_yearless(text: pl.Series) -> pl.Series:
    """Whether times are dates without a year, as in 5 May or 05/31."""
    named = pl.lit(value=False)
    frame = text.alias("v").to_frame()
    for pattern in _YEARLESS:
        names = frame.select(pl.col("v").str.extract(pattern, 1))["v"]
        named = named | pl.lit(months_of(names).is_not_null())
    return frame.select((named | pl.col("v").str.contains(_YEARLESS_NUMBERS)).fill_null(value=False).alias("v"))["v"]


def plain_digits(text: pl.Expr) -> pl.Expr:
    """Write Persian and Arabic digits as 0 to 9."""
    return text.str.replace_many(DIGITS)


def clean(text: pl.Expr) -> pl.Expr:
    """Write times the way that STYLES reads."""
    for pattern, new in _REWRITES:
        text = text.str.replace_all(pattern, new)
    return text


def months_of(names: pl.Series) -> pl.Series:
    """Numbers of months by their names, JALALI or HIJRI added; null where a name is none."""
    distinct = names.drop_nulls().unique()
    numbers = [MONTHS.get(plain_month(name), MONTHS.get(plain_month(name)[:3])) for name in distinct.to_list()]
    return names.replace_strict(distinct, pl.Series(numbers, dtype=pl.Int64), default=None, return_dtype=pl.Int64)


def calendar_of(month: pl.Expr) -> pl.Expr:
    """Calendar that the name of a month belongs to: 0 for Gregorian, JALALI or HIJRI."""
    return pl.when(month > HIJRI).then(HIJRI).when(month > JALALI).then(JALALI).otherwise(0)
