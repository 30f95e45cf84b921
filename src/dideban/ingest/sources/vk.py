"""VK and Odnoklassniki: answers of their interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dideban.ingest.format import NotAPost, Record, Shape
from dideban.ingest.sources.telegram import links_with


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one post of a wall, or a comment below one."""
    home = record.get("owner_id", record.get("to_id", record.get("from_id")))
    history = [one for one in record.get("copy_history") or [] if isinstance(one, dict)]
    origin = history[-1] if history else None
    text = record.get("text") or (origin or {}).get("text") or ""
    attached = [one for one in record.get("attachments") or [] if isinstance(one, dict)]
    yield {
        "post_id": f"{home}_{record['id']}",
        "account_id": record.get("from_id") or home,
        "created_at": record["date"],
        "text": text,
        "urls": links_with(text, [url for one in attached if (url := (one.get("link") or {}).get("url"))]),
        "media": [name for one in attached if (name := _file(one))],
        "repost_of": f"{origin['owner_id']}_{origin['id']}" if origin else None,
        "reply_to": _answered(record, home),
        "reach": (record.get("views") or {}).get("count"),
    }


def _answered(record: Record, home: Any) -> str | None:
    number = record.get("reply_to_comment") or record.get("post_id")
    return f"{home}_{number}" if number else None


def _file(attachment: Record) -> str | None:
    kind = attachment.get("type")
    thing = attachment.get(kind) if isinstance(kind, str) else None
    if kind not in ("photo", "video", "doc") or not isinstance(thing, dict) or "id" not in thing:
        return None
    return f"{kind}{thing.get('owner_id', '')}_{thing['id']}"


VK = Shape(
    name="vk-api",
    title="VK API",
    platform="vk",
    record=lambda record: (
        {"id", "date", "text"} <= record.keys()
        and bool(record.keys() & {"owner_id", "to_id", "post_id"})
        and "from_id" in record
        and not isinstance(record["from_id"], str | dict)
        and not isinstance(record["text"], list)
    ),
    extract=extract,
)


def extract_ok(record: Record, _context: Record) -> Iterator[Record]:
    """Read one topic of Odnoklassniki."""
    blocks = [one for one in record.get("media") or [] if isinstance(one, dict)]
    if not blocks and "text" not in record:
        raise NotAPost("stub")
    texts = [one["text"] for one in blocks if one.get("type") == "text" and one.get("text")]
    links = [one["url"] for one in blocks if one.get("type") == "link" and one.get("url")]
    text = "\n\n".join(texts) or record.get("text") or ""
    origin = next((name for one in blocks if one.get("type") == "topic" and (name := _topic(one))), None)
    yield {
        "post_id": record["id"],
        "account_id": str(record.get("author_ref") or record.get("owner_ref") or "").rpartition(":")[2] or None,
        "created_at": record["created_ms"],
        "text": text,
        "urls": links_with(text, links),
        "repost_of": origin,
        "reach": record.get("views_count"),
    }


def _topic(block: Record) -> str | None:
    """The topic that a block shows again."""
    refs = [str(one) for one in block.get("topic_refs") or []]
    named = block.get("id") or (refs[0] if refs else None) or block.get("topic_ref")
    return str(named).rpartition(":")[2] if named else None


OK = Shape(
    name="ok-api",
    title="Odnoklassniki API",
    platform="ok",
    record=lambda record: {"id", "created_ms"} <= record.keys() and bool(record.keys() & {"author_ref", "owner_ref"}),
    extract=extract_ok,
)
