"""Telegram Desktop: the JSON export of a chat, or of all chats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dideban.ingest.format import NotAPost, Record, Shape


def extract(message: Record, chat: Record) -> Iterator[Record]:
    """Read one message; ``chat`` is the export around it."""
    if message.get("type", "message") != "message":
        raise NotAPost
    home = chat.get("id") or chat.get("name") or "chat"
    parts = _parts(message)
    reply = message.get("reply_to_message_id")
    photo = message.get("photo") or message.get("file")
    yield {
        "post_id": f"{home}/{message['id']}",
        "account_id": message.get("from_id") or message.get("from") or message.get("actor_id") or chat.get("name"),
        "created_at": message.get("date_unixtime") or message["date"],
        "text": "".join(text for _, text, _ in parts),
        "urls": [href or text for kind, text, href in parts if kind in ("link", "text_link")],
        "hashtags": [text.lstrip("#") for kind, text, _ in parts if kind == "hashtag"],
        "mentions": [text.lstrip("@") for kind, text, _ in parts if kind == "mention"],
        "media": [photo] if isinstance(photo, str) and not photo.startswith("(") else [],
        "reply_to": f"{home}/{reply}" if reply is not None else None,
        "place": (message.get("place_name") or message.get("address")),
    }


def _parts(message: Record) -> list[tuple[str, str, str]]:
    """Text as (kind, text, href): a plain string, or a list of strings and entities."""
    text: Any = message.get("text_entities") or message.get("text") or ""
    items = text if isinstance(text, list) else [text]
    return [
        ("plain", item, "") if isinstance(item, str) else (item["type"], str(item["text"]), item.get("href") or "")
        for item in items
    ]


TELEGRAM = Shape(
    name="telegram-export",
    title="Telegram Desktop export",
    platform="telegram",
    record=lambda record: (
        {"id", "type", "date"} <= record.keys() and record["type"] in ("message", "service") and "text" in record
    ),
    extract=extract,
    own_objects=True,
    notes=("the export does not name the post that a forwarded message comes from",),
)
