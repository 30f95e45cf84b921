"""One XLSX workbook of a scan: what a newsroom opens first."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from dideban.atomic import replacing
from dideban.exchange.files import clean, is_formula, is_right_to_left
from dideban.findings import Finding
from dideban.findings.model import BenignCheck
from dideban.findings.private import pushed_contacts
from dideban.messages import Message, has_text, locale, say
from dideban.messages.message import Value
from dideban.schema import EDGES, GROUPS, POSTS, STRINGS, post_key
from dideban.traces import mask_text, mask_texts

MAX_ROWS = 1_048_576
"""Rows of a sheet, header included."""
MAX_CHARS = 32_767
"""UTF-16 units of a cell."""
MAX_NAME = 31
"""Characters of the name of a sheet."""
MAX_LINKS = 10_000
"""Links shown, the heaviest first: a workbook is for reading; the Parquet table holds all."""
MAX_OBJECTS = 10_000
"""Objects shown, of each finding the most widely shared first; ``findings.json`` holds all."""
_FIXED_DATE = dt.datetime(2000, 1, 1)

Row = Sequence[object]


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    name: str
    """Slug of the sheet; what it is called is ``workbook.sheet.<slug>``."""
    header: tuple[str, ...]
    """Slugs of the columns: ``workbook.head.<slug>``."""
    widths: tuple[int, ...]
    rows: Iterable[Row]
    n_rows: int
    right_to_left: bool = False


def write_xlsx(
    path: Path,
    findings: Sequence[Finding],
    *,
    edges: pl.DataFrame,
    groups: pl.DataFrame,
    posts: pl.DataFrame,
    lang: str = "en",
) -> Path:
    """Write findings, accounts, links, objects and posts as a workbook.

    Parameters
    ----------
    path : path
        Replaced when complete.
    findings : sequence of Finding
        In the order to show.
    edges, groups : EDGES, GROUPS
        Links between accounts, and the strength of members.
    posts : POSTS
        Posts of the findings; others are passed over, so the whole table may be given. Without findings, all are
        shown.
    lang : str
        Language of the sheets and their heads.

    Raises
    ------
    StoreError
        The file cannot be written.

    Notes
    -----
    Every cell is a text or a number, never a formula. Sheets whose text is mostly written from right to left are
    laid out so. Longer cells than the format allows are cut with an ellipsis, and further rows than it allows are
    left out and counted on the About sheet; so are links beyond the MAX_LINKS heaviest and objects beyond
    MAX_OBJECTS. The same input gives the same bytes.
    """
    edges, groups, posts = EDGES.check(edges), GROUPS.check(groups), POSTS.check(posts)
    shown = _posts_of(findings, posts)
    sheets = [
        _findings_sheet(findings, lang),
        _statements_sheet(findings),
        _accounts_sheet(findings, groups),
        _followed_sheet(findings, lang),
        _objects_sheet(findings, lang),
        _posts_sheet(shown),
        _links_sheet(edges),
    ]
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with replacing(path, survives="kill") as part, part.open("wb") as file:
        try:
            book = xlsxwriter.Workbook(file, {**options, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
            book.set_properties({"title": _said("workbook.title", lang), "created": _FIXED_DATE})
            pen = _Pen(book, lang)
            for sheet in [*sheets, _about_sheet(findings, sheets, lang)]:
                pen.write(sheet)
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(*getattr(error.args[0], "args", error.args)) from error
    return path


class _Pen:
    """Writes cells as text or number in the format that suits them."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang
        self.right_to_left = locale(lang).direction == "rtl"
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        base = {"text_wrap": True, "valign": "top"}
        self.formats = {
            (right, quoted): book.add_format(
                {
                    **base,
                    "reading_order": 2 if right else 1,
                    "quote_prefix": quoted,
                    "align": "right" if right else "left",
                }
            )
            for right in (False, True)
            for quoted in (False, True)
        }
        self.number = book.add_format({"valign": "top"})

    def write(self, sheet: _Sheet) -> None:
        page = self.book.add_worksheet(_said(f"workbook.sheet.{sheet.name}", self.lang)[:MAX_NAME])
        if sheet.right_to_left or self.right_to_left:
            page.right_to_left()
        page.freeze_panes(1, 1)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        for column, title in enumerate(sheet.header):
            page.write_string(0, column, _said(f"workbook.head.{title}", self.lang), self.head)
        if sheet.n_rows:
            page.autofilter(0, 0, min(sheet.n_rows, MAX_ROWS - 1), len(sheet.header) - 1)
        for i, row in enumerate(sheet.rows, 1):
            if i >= MAX_ROWS:
                break
            for column, value in enumerate(row):
                self._cell(page, i, column, value)

    def _cell(self, page: Any, row: int, column: int, value: object) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool | int | float) and not isinstance(value, bool):
            page.write_number(row, column, value, self.number)
            return
        text, right, quoted = _dress(str(value))
        page.write_string(row, column, text, self.formats[right, quoted])


@functools.lru_cache(maxsize=10_000)
def _dress(value: str) -> tuple[str, bool, bool]:
    text = cell_text(value)
    return text, is_right_to_left(text), is_formula(text)


def cell_text(text: str) -> str:
    """Return ``text`` as a cell can hold it: no forbidden characters, at most MAX_CHARS UTF-16 units.

    Examples
    --------
    >>> len(cell_text("x" * 40_000))
    32767
    """
    safe = clean(text).replace("\r", "")
    if len(safe) * 2 <= MAX_CHARS:
        return safe
    units = safe.encode("utf-16-le")
    if len(units) <= 2 * MAX_CHARS:
        return safe
    return units[: 2 * (MAX_CHARS - 1)].decode("utf-16-le", "ignore") + "…"


def _said(code: str, lang: str, **values: Value) -> str:
    return say(Message(code, **values), lang)


def _findings_sheet(findings: Sequence[Finding], lang: str) -> _Sheet:
    header = (
        "finding", "kind", "proof", "label", "accounts", "objects", "first", "last", "method", "chance", "error-rate",
        "statement", "explanations", "techniques",
    )  # fmt: skip
    rows = [
        (
            f.id, _said("explain.lead" if f.lead else "explain.finding", lang), _proof(f, lang),
            _said(f"label.{f.label}", lang),
            len(f.accounts), f.n_objects, f.period[0], f.period[1], f.method, f.chance_one_in, f.error_rate,
            f.statement.get(lang) or f.statement["en"],
            "\n".join(_explanation(check, lang) for check in f.benign),
            ", ".join(f"{t['id']} {t['name']}" for t in f.techniques),
        )
        for f in findings
    ]  # fmt: skip
    widths = (20, 9, 24, 13, 9, 9, 21, 21, 11, 12, 9, 60, 60, 30)
    return _Sheet(name="findings", header=header, widths=widths, rows=rows, n_rows=len(rows))


def _proof(finding: Finding, lang: str) -> str:
    """Describe what proves a finding, or why a lead is none; nothing of a threshold rule."""
    return _said(f"proof-kind.{finding.kind}", lang) if finding.kind else ""


def _explanation(check: BenignCheck, lang: str) -> str:
    name, outcome = Message(f"explanation.{check.check}"), Message(f"outcome.{check.outcome}")
    return _said("workbook.explanation", lang, name=name, outcome=outcome, text=check.text(lang))


def _statements_sheet(findings: Sequence[Finding]) -> _Sheet:
    rows = [(f.id, lang, text) for f in findings for lang, text in f.statement.items()]
    return _Sheet(
        name="statements", header=("finding", "language", "statement"), widths=(20, 9, 120), rows=rows, n_rows=len(rows)
    )


def _accounts_sheet(findings: Sequence[Finding], groups: pl.DataFrame) -> _Sheet:
    strength = dict(groups.group_by("account_id").agg(pl.col("strength").sum()).iter_rows())
    rows = [
        (
            f.id,
            leader.account_id,
            leader.n_objects,
            leader.n_first,
            leader.median_lag_s,
            strength.get(leader.account_id),
        )
        for f in findings
        for leader in f.leaders
    ]
    header = ("finding", "account", "joint-objects", "first-on", "median-after", "strength")
    return _Sheet(name="accounts", header=header, widths=(20, 36, 10, 10, 14, 12), rows=rows, n_rows=len(rows))


def _followed_sheet(findings: Sequence[Finding], lang: str) -> _Sheet:
    note = _said("workbook.no-member", lang)
    rows = [(f.id, one.account_id, one.n_objects, one.n_members, note) for f in findings for one in f.followed]
    header = ("finding", "followed", "followed-on", "followed-by", "note")
    return _Sheet(name="followed", header=header, widths=(20, 36, 14, 14, 60), rows=rows, n_rows=len(rows))


def _objects_sheet(findings: Sequence[Finding], lang: str) -> _Sheet:
    n_rows = sum(len(f.objects) for f in findings)
    each = n_rows if n_rows <= MAX_OBJECTS else max(1, MAX_OBJECTS // len(findings))
    rows = [
        (f.id, _kind(o.kind, lang), o.label, o.n_accounts, o.n_posts, o.first_at, o.last_at, o.id)
        for f in findings
        for o in f.objects[:each]
    ]
    header = ("finding", "kind", "object", "accounts", "posts", "first", "last", "object-id")
    right = _mostly_right(row[2] for row in rows)
    widths = (20, 10, 80, 9, 9, 21, 21, 40)
    return _Sheet(name="objects", header=header, widths=widths, rows=rows, n_rows=n_rows, right_to_left=right)


def _posts_of(findings: Sequence[Finding], posts: pl.DataFrame) -> pl.DataFrame:
    """Return (finding, place, POSTS columns) of the posts that carry each proof."""
    if not findings:
        return _masked(posts.with_columns(name=post_key(), finding=pl.lit("")).sort("created_at", "name"), findings)
    wanted = pl.DataFrame(
        [(f.id, i, name) for i, f in enumerate(findings) for name in f.posts],
        schema={"finding": pl.String, "place": pl.Int64, "name": pl.String},
        orient="row",
    )
    named = posts.with_columns(name=post_key())
    return _masked(wanted.join(named, on="name").sort("place", "created_at", "name"), findings)


def _masked(rows: pl.DataFrame, findings: Sequence[Finding]) -> pl.DataFrame:
    shown = frozenset(name for finding in findings for name in pushed_contacts(finding.objects))
    return rows.with_columns(
        text=mask_texts(rows["text"], shown=shown),
        urls=pl.Series(
            [[mask_text(url, shown=shown) for url in urls or []] for urls in rows["urls"].to_list()], dtype=STRINGS
        ),
    )


def _posts_sheet(shown: pl.DataFrame) -> _Sheet:
    columns = shown.select(
        "finding", "name", "account_id", pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"), "text",
        pl.col("urls").list.join("\n", ignore_nulls=True), pl.col("hashtags").list.join(" ", ignore_nulls=True),
        "repost_of", "reply_to", "reach",
    )  # fmt: skip
    header = ("finding", "post", "account", "time", "text", "links", "hashtags", "repost-of", "reply-to", "reach")
    right = _mostly_right(columns["text"].drop_nulls())
    widths = (20, 28, 36, 21, 80, 40, 30, 24, 24, 9)
    return _Sheet(
        name="posts", header=header, widths=widths, rows=columns.iter_rows(), n_rows=columns.height, right_to_left=right
    )


def _links_sheet(edges: pl.DataFrame) -> _Sheet:
    columns = ("account_a", "account_b", "object_kind", "window_s", "weight", "n_pairs", "mean_delay_s", "symmetry")
    ranked = edges.sort("weight", *columns[:4], descending=[True, False, False, False, False]).head(MAX_LINKS)
    rows: Iterator[Row] = ranked.select(columns).iter_rows()
    header = tuple(name.replace("_", "-") for name in columns)
    return _Sheet(name="links", header=header, widths=(36, 36, 11, 9, 8, 8, 12, 10), rows=rows, n_rows=edges.height)


def _kind(slug: str, lang: str) -> str:
    code = f"kind.{slug}.name"
    return _said(code, lang) if has_text(code) else slug


def _about_sheet(findings: Sequence[Finding], sheets: Sequence[_Sheet], lang: str) -> _Sheet:
    number = locale(lang).number
    facts = {
        "made-by": f"Dideban {version('dideban')}",
        "findings": number(sum(not f.lead for f in findings)),
        "leads": number(sum(f.lead for f in findings)),
        "method": ", ".join(sorted({f.method for f in findings})),
        "digest": ", ".join(sorted({f.config_digest for f in findings})),
        "times": "UTC",
        "posts": _said("workbook.about.posts-said", lang),
        "words": _said("workbook.about.words-said", lang),
    }
    lines = [(_said(f"workbook.about.{name}", lang), value) for name, value in facts.items()]
    for sheet in sheets:
        shown = min(MAX_ROWS - 1, {"links": MAX_LINKS, "objects": MAX_OBJECTS}.get(sheet.name, MAX_ROWS))
        if sheet.n_rows > shown:
            head = _said("workbook.about.left-out", lang, sheet=Message(f"workbook.sheet.{sheet.name}"))
            lines.append((head, _said("workbook.about.rows", lang, n=sheet.n_rows - shown, shown=shown)))
    return _Sheet(name="about", header=("what", "value"), widths=(24, 100), rows=lines, n_rows=0)


def _mostly_right(texts: Iterable[str]) -> bool:
    sample = [text for text, _ in zip(texts, range(2000), strict=False)]
    return sum(map(is_right_to_left, sample)) * 2 > len(sample)
