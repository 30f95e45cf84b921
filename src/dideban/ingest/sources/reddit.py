"""Reddit: submissions and comments, from the API, from archives, and as tables."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dideban.ingest import notes as said
from dideban.ingest.field_source import first
from dideban.ingest.format import NotAPost, Record, Shape

_GONE = ("[deleted]", "[removed]", "")
_KINDS = {"t2": "profile", "t4": "service-message", "t5": "group", "more": "stub"}


def _inner(record: Record) -> Record:
    wrapped = record.get("data")
    return wrapped if record.get("kind") in ("t1", "t3") and isinstance(wrapped, dict) else record


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one submission or comment."""
    if record.get("kind") not in (None, "t1", "t3"):
        raise NotAPost(_KINDS.get(str(record["kind"]), "other-record"))
    item = _inner(record)
    comment = "body" in item
    parts = [item.get("body")] if comment else [item.get("title"), item.get("selftext")]
    shown = [part for part in parts if part and part not in _GONE]
    link = item.get("url_overridden_by_dest") or item.get("url")
    own = str(link).startswith("/") or f"/comments/{item['id']}" in str(link)
    outside = bool(link) and not comment and not item.get("is_self") and not own
    author = item.get("author")
    yield {
        "post_id": item.get("name") or f"{'t1' if comment else 't3'}_{item['id']}",
        "account_id": None if author in _GONE else author,
        "created_at": item["created_utc"],
        "text": "\n\n".join(shown) if shown else None,
        "urls": [link] if outside else None,
        "repost_of": item.get("crosspost_parent"),
        "reply_to": item.get("parent_id") if comment else None,
        "reach": item.get("view_count"),
    }


REDDIT = Shape(
    name="reddit",
    platform="reddit",
    record=lambda record: (
        {"id", "author", "created_utc", "subreddit"} <= _inner(record).keys()
        and ("body" in _inner(record) or "title" in _inner(record))
    ),
    extract=extract,
    notes=(said.DELETED_AUTHORS,),
)

_ID, _AUTHOR, _LINK = "id (with its kind)", "author (not deleted)", "link that leads elsewhere"
_TEXTS = ("body", "selftext", "title")


def derive(raw: pl.DataFrame) -> pl.DataFrame:
    """Ids with their kind in front, as the API has them; what was deleted is nothing."""
    names = raw.columns
    is_comment = pl.col("body").is_not_null() if "body" in names else pl.lit(value=False)
    kind = pl.when(is_comment).then(pl.lit("t1_")).otherwise(pl.lit("t3_"))
    number = pl.col("id").cast(pl.String)
    full = pl.when(number.str.contains(r"^t[13]_")).then(number).otherwise(pl.concat_str(kind, number))
    link = next((pl.col(name) for name in ("url_overridden_by_dest", "url") if name in names), pl.lit(None, pl.String))
    own = link.str.contains(r"reddit\.com/r/|^/r/") | is_comment
    return raw.with_columns(
        full.alias(_ID),
        pl.when(~pl.col("author").is_in(_GONE)).then(pl.col("author")).alias(_AUTHOR),
        pl.when(~own.fill_null(value=True)).then(link).alias(_LINK),
        *(pl.when(~pl.col(name).is_in(_GONE)).then(pl.col(name)).alias(name) for name in _TEXTS if name in names),
    )


REDDIT_TABLE = Shape(
    name="reddit-table",
    platform="reddit",
    columns=lambda names: names >= {"id", "author", "created_utc", "subreddit"} and bool(names & set(_TEXTS)),
    mapping={
        "post_id": _ID,
        "account_id": _AUTHOR,
        "created_at": "created_utc",
        "text": first(*_TEXTS),
        "urls": _LINK,
        "repost_of": ("crosspost_parent",),
        "reply_to": ("parent_id",),
    },
    derive=derive,
    links_in_text=True,
    derived=(_ID, _AUTHOR, _LINK),
    notes=(said.DELETED_AUTHORS,),
)
