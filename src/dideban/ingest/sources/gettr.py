"""GETTR: posts, comments and shares as its interface gives them."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.format import NotAPost, Record, Shape


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one post or comment; what an account shared is a repost of it."""
    deed = record.get("activity")
    if isinstance(deed, dict) and str(deed.get("action", "")).startswith("shares_"):
        sharer = deed.get("src_id") or deed["init_id"]
        yield {
            "post_id": deed.get("_id") or f"{record['_id']}/{sharer}", "account_id": sharer,
            "created_at": str(deed.get("cdate") or record["cdate"]), "text": record.get("txt"),
            "repost_of": record["_id"],
        }  # fmt: skip
        return
    if record.get("vis") == "d":
        raise NotAPost("deletion")
    parts = [record.get("txt"), record.get("ttl")]
    yield {
        "post_id": record["_id"],
        "account_id": record["uid"],
        "created_at": str(record["cdate"]),
        "text": next((part for part in parts if part), None),
        "urls": [record["prevsrc"]] if record.get("prevsrc") else None,
        "hashtags": record.get("htgs"),
        "mentions": record.get("utgs"),
        "media": [*(record.get("imgs") or ()), *([record["vid"]] if record.get("vid") else ())],
        "reply_to": record.get("pid"),
    }


GETTR = Shape(
    name="gettr",
    title="GETTR API",
    platform="gettr",
    record=lambda record: record.get("_t") in ("post", "comment") and record.keys() >= {"_id", "uid", "cdate"},
    extract=extract,
)
