"""Lists inside cells, and links, hashtags and mentions inside texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import orjson
import polars as pl

from dideban.schema import STRINGS

DASHES = ("-", "--", "–", "—", "N/A", "n/a", "#N/A", "NA", "none", "NONE")
"""What people write in a cell of a table that has no value."""
NO_VALUE = ("", "None", "nan", "NaN", "NaT", "<NA>", "NULL", "null", "[]", "{}", "\\N", "undefined", *DASHES)
"""What programs and people write where there is nothing."""
_JOIN = "\x1f"
"""Unit separator: no text of people holds it."""
_SEPARATORS = {
    "urls": r"[\s\x1c-\x1f|]+",
    "media": r"[\s\x1c-\x1f,;|]+",
    "hashtags": r"[\s\x1c-\x1f,،;|]+",
    "mentions": r"[\s\x1c-\x1f,،;|]+",
}
"""What stands between the values of a plain cell; space means the same to Python and to Rust with \\x1c-\\x1f named."""

_STARTS_AN_ADDRESS = re.compile(r"(?i)\s*(?:https?://|www\.)\S")
_MAX_ENTITY_DEPTH = 2
"""Objects inside an entity that are looked through for its address."""
_NAMES_OF_ITEMS = ("url", "href", "tag", "text", "name", "id", "id_str", "username", "media_key")
"""What nested entities call themselves, best first."""
_NAMES_OF_SIGNS = ("tag", "text", "name", "username", "screen_name", "acct", *_NAMES_OF_ITEMS)
"""The same of hashtags and mentions: their words before their addresses."""
_TEXT_NAMES = ("text", "plain_text", "content", "body", "message", "caption", "title")
_MAX_TEXT_DEPTH = 6
NESTED_TEXT = r"^\s*(?:\[\s*\{|\{\s*[\"']|\[\s*\"[\s\S]*\"\s*\]\s*$)"
"""Cells that hold a text inside a list or an object."""

BRACKETS = r"^(?:\[[\s\S]*\]|c\([\s\S]*\)|\{[\s\S]*\})$"
"""Cells that are lists as JSON and Python, R, or PostgreSQL write them, and single objects."""
URL = r"(?:https?://|www\.)[^\s<>\"'`{}|\\^\u200e\u200f\u202a-\u202e\u2066-\u2069«»]+"
TRAILING = ".,;:!?…،؛؟*_~'\"”“’)]"
BEFORE = r"(?:^|[^\p{L}\p{N}_&/@#＃.])"
"""A sign in the middle of a word, an address or an HTML entity is neither hashtag nor mention."""
HASHTAG = BEFORE + r"[#＃][\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_\u200c]*"
MENTION = BEFORE + r"@[A-Za-z0-9_][A-Za-z0-9_.\-]*(?:@[A-Za-z0-9][A-Za-z0-9.\-]+)?"


def urls_in(text: pl.Expr) -> pl.Expr:
    """Links in a text, in order, without the punctuation behind them."""
    link = pl.element().str.strip_chars_end(TRAILING).str.replace_all("&amp;", "&", literal=True)
    return text.str.extract_all(URL).list.eval(link)


def without_urls(text: pl.Expr) -> pl.Expr:
    """The text with its links blanked, so that fragments are not taken for hashtags."""
    return text.str.replace_all(URL, " ")


def hashtags_in(cleaned: pl.Expr) -> pl.Expr:
    """Hashtags in a text from :func:`without_urls`, in order, as written, without the sign."""
    tag = pl.element().str.replace(r"^[^#＃]?[#＃]", "").str.strip_chars("\u200c")
    return cleaned.str.extract_all(HASHTAG).list.eval(tag)


def mentions_in(cleaned: pl.Expr) -> pl.Expr:
    """Mentioned names in a text from :func:`without_urls`, in order, without the sign."""
    name = pl.element().str.replace(r"^[^@]?@", "").str.strip_chars_end(".-")
    return cleaned.str.extract_all(MENTION).list.eval(name)


def list_series(lists: Sequence[Sequence[str] | None]) -> pl.Series:
    """Return lists of texts as a series; null stays null. Polars takes ten times as long for it, list by list."""
    joined = [None if one is None else _JOIN.join(one) for one in lists]
    text = pl.Series("list", joined, dtype=pl.String)
    n_joins = sum(max(len(one) - 1, 0) for one in lists if one)
    if (text.str.count_matches(_JOIN, literal=True).sum() or 0) != n_joins:  # an item holds the sign itself
        return pl.Series("list", lists, dtype=STRINGS)
    empty = pl.Series([one is not None and not one for one in lists], dtype=pl.Boolean)
    split = pl.col("list").str.split(_JOIN)
    return text.to_frame().select(pl.when(empty).then(pl.lit([], STRINGS)).otherwise(split).alias("list"))["list"]


def read_lists(cells: pl.Series, *, kind: str) -> pl.Series:
    """Read cells that hold lists: JSON, Python or bare brackets, or values between commas, bars or spaces.

    Parameters
    ----------
    cells : List or String, (n,)
        Null and empty cells are empty lists.
    kind : str
        ``urls``, ``hashtags``, ``mentions`` or ``media``: what separates and what is stripped.
    """
    if isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_nested():
        named = [[name for item in row or [] if (name := _item(item, kind))] for row in cells.to_list()]
        lists = list_series(named)
    elif isinstance(cells.dtype, pl.List):
        lists = cells.cast(STRINGS, strict=False)
    else:
        lists = _from_text(cells.cast(pl.String, strict=False), kind)
    frame = lists.alias("v").to_frame()
    item = pl.element().str.strip_chars()
    if kind == "hashtags":
        item = item.str.strip_chars_start("#＃")
    elif kind == "mentions":
        item = item.str.strip_chars_start("@")
    # the common case of lists that are clean already is not rebuilt
    filled = frame.select(pl.col("v").fill_null(pl.lit([], STRINGS)))
    if filled["v"].list.len().max() in (None, 0):
        return filled["v"].alias(cells.name)
    out = filled.select(pl.col("v").list.eval(item.filter((item != "") & item.is_not_null())))
    return out["v"].alias(cells.name)


def _from_text(cells: pl.Series, kind: str) -> pl.Series:
    trimmed = cells.str.strip_chars()
    bare = (trimmed.is_null() | trimmed.is_in([*NO_VALUE, "[null]"])).fill_null(value=True)
    if bare.all():
        return pl.Series(cells.name, [[]] * len(cells), dtype=STRINGS)
    distinct = trimmed.filter(~bare).unique()
    special = distinct.str.contains(BRACKETS)
    if kind == "urls":  # "a,b" may be two addresses or one
        special |= distinct.str.contains(",", literal=True) & ~distinct.str.contains(_SEPARATORS[kind])
    plain, others = distinct.filter(~special), distinct.filter(special)
    parsed = list_series([parse_list(cell, kind) for cell in others.to_list()])
    table = pl.DataFrame({"cell": pl.concat([plain, others]), "list": pl.concat([_split(plain, kind), parsed])})
    joined = trimmed.alias("cell").to_frame().join(table, on="cell", how="left", maintain_order="left")
    return joined["list"].alias(cells.name)


def _split(cells: pl.Series, kind: str) -> pl.Series:
    """Split cells as :func:`parse_list` does, all at once."""
    part = pl.element().str.strip_chars(",;")
    frame = cells.alias("v").to_frame()
    parts = pl.col("v").str.replace_all(_SEPARATORS[kind], _JOIN).str.split(_JOIN)
    return frame.select(parts.list.eval(part.filter(part != "")))["v"]


def parse_list(cell: str, kind: str) -> list[str]:
    """Read one cell that holds a list."""
    if re.match(BRACKETS, cell):
        return _bracketed(cell if cell[0] == "[" else _as_array(cell), kind)
    if kind == "urls" and "," in cell and not re.search(_SEPARATORS[kind], cell):
        return re.split(r",(?=(?:https?:|www\.))", cell)
    return [part.strip(",;") for part in re.split(_SEPARATORS[kind], cell) if part.strip(",;")]


def _as_array(cell: str) -> str:
    """Write a list of R or PostgreSQL in square brackets."""
    if cell[0] == "{" and isinstance(_literal(cell), dict):
        return f"[{cell}]"
    return f"[{cell[cell.index('(' if cell[0] == 'c' else '{') + 1 : -1]}]"


def _literal(cell: str) -> object:
    """Read a cell as JSON, else as a Python literal; None where it is neither."""
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        try:
            return ast.literal_eval(cell) if len(cell) < 100_000 else None
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None


def _bracketed(cell: str, kind: str) -> list[str]:
    value = _literal(cell)
    if isinstance(value, list):
        return [name for item in _unfolded(value, kind) if (name := _item(item, kind))]
    inner = cell[1:-1].strip()
    return [part.strip().strip("'\"") for part in inner.split(",") if part.strip().strip("'\"")]


def _unfolded(items: list[object], kind: str) -> list[object]:
    """Return the list that an object of several holds for a kind, as the entities of a tweet do; else the items."""
    lists = [inner for item in items if isinstance(item, dict) for name in (kind, f"user_{kind}")
             if isinstance(inner := item.get(name), list)]  # fmt: skip
    return [item for inner in lists for item in inner] if lists else items


def _item(item: object, kind: str) -> str:
    """Name a list item: itself, or what a nested entity calls itself; of links, its address."""
    if isinstance(item, dict):
        if kind == "urls":
            return _address_in(item)
        names = _NAMES_OF_SIGNS if kind in ("hashtags", "mentions") else ("expanded_url", *_NAMES_OF_ITEMS)
        named = (item.get(name) for name in names)
        return next((str(value) for value in named if isinstance(value, str | int)), "")
    try:
        return "" if item is None else str(item)
    except RecursionError:  # a thousand lists in each other name nothing
        return ""


def _address_in(item: dict[str, object], depth: int = 0) -> str:
    """Return the address that an entity holds: under a name for links, else the first value that is one."""
    named = [value for name in ("expanded_url", "url", "href") if isinstance(value := item.get(name), str) and value]
    for value in [*named, *item.values()]:
        if isinstance(value, str) and _STARTS_AN_ADDRESS.match(value):
            return value
    inner = (value for value in item.values() if isinstance(value, dict) and depth < _MAX_ENTITY_DEPTH)
    deeper = next((found for value in inner if (found := _address_in(value, depth + 1))), "")
    return deeper or next(iter(named), "")


def texts_in(cells: pl.Series) -> pl.Series:
    """Return the words inside cells that hold them in a list or an object; other cells stay as they are."""
    nested = cells.filter(cells.str.contains(NESTED_TEXT).fill_null(value=False)).unique()
    found = [" ".join(_words_in(_literal(cell))) or cell for cell in nested.to_list()]
    return cells.replace_strict(nested, pl.Series(found, dtype=pl.String), default=cells, return_dtype=pl.String)


def _words_in(value: object, depth: int = 0) -> list[str]:
    if depth > _MAX_TEXT_DEPTH:
        return []
    if isinstance(value, list) and depth == 0 and value and all(isinstance(item, str) for item in value):
        return value
    if isinstance(value, list):
        return [word for item in value for word in _words_in(item, depth + 1)]
    if not isinstance(value, dict):
        return []
    own = [text for name in _TEXT_NAMES if isinstance(text := value.get(name), str) and text]
    return own[:1] or [word for inner in value.values() for word in _words_in(inner, depth + 1)]


def names_in(cells: pl.Series) -> pl.Series:
    """Return what cells that hold an object call it: its id, else its name; other cells stay as they are."""
    objects = cells.filter(cells.str.starts_with("{")).unique()
    names = pl.Series([_name_of(cell) for cell in objects.to_list()], dtype=pl.String)
    return cells.replace_strict(objects, names, default=cells, return_dtype=pl.String)


def _name_of(cell: str) -> str | None:
    value = _literal(cell)
    if not isinstance(value, dict):
        return cell
    names = ("id_str", "id", "user_id", "username", "screen_name", "name")
    return next((str(value[name]) for name in names if isinstance(value.get(name), str | int)), None)
