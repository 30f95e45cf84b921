"""Telegram: the JSON export of Telegram Desktop, and messages as Telethon and Pyrogram write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dideban.ingest import notes as said
from dideban.ingest.format import NotAPost, Record, Shape


def extract(message: Record, chat: Record) -> Iterator[Record]:
    """Read one message of an export; ``chat`` is the export around it."""
    home = chat.get("id") or chat.get("name") or "chat"
    kind = message.get("type", "message")
    if kind != "message":
        if message.get("action") == "topic_created":
            chat.setdefault("__topics", set()).add(message["id"])
        raise NotAPost("service-message") if kind == "service" else KeyError("type")
    parts = _parts(message)
    reply = message.get("reply_to_message_id")
    is_reply = reply is not None and reply not in chat.get("__topics", ())  # what stands in a topic answers no one
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
        "repost_of": _forwarded(message),
        "reply_to": f"{message.get('reply_to_peer_id') or home}/{reply}" if is_reply else None,
        "place": (message.get("place_name") or message.get("address")),
    }


def _forwarded(message: Record) -> str | None:
    """Where and when a forwarded message was posted first: the export does not name it otherwise."""
    origin = message.get("forwarded_from_id") or message.get("forwarded_from")
    at = message.get("forwarded_date_unixtime") or message.get("forwarded_date")
    return f"{origin}@{at}" if origin and at else None


def _parts(message: Record) -> list[tuple[str, str, str]]:
    """Text as (kind, text, href): a plain string, a list of strings and entities, or blocks of a rich message."""
    text: Any = message.get("text_entities") or message.get("text") or _blocks(message.get("rich_message"))
    items = text if isinstance(text, list) else [text or ""]
    return [
        ("plain", item, "") if isinstance(item, str) else (item["type"], str(item["text"]), item.get("href") or "")
        for item in items
    ]


def _blocks(rich: Any) -> list[Any]:
    """The texts of a rich message, one block a line."""
    blocks = rich.get("blocks") if isinstance(rich, dict) else None
    found: list[Any] = []
    for block in blocks or []:
        inner = _inner(block)
        found += (["\n"] if found and inner else []) + inner
    return found


def _inner(block: Any, depth: int = 0) -> list[Any]:
    if isinstance(block, str):
        return [block]
    if not isinstance(block, dict) or depth > 8:
        return []
    text = block.get("text")
    if isinstance(text, list):
        return [part for item in text for part in ([item] if isinstance(item, str | dict) else [])]
    found: list[Any] = [text] if isinstance(text, str) else _inner(text, depth + 1)
    for key in ("blocks", "items", "children"):
        for item in block.get(key) or []:
            inner = _inner(item, depth + 1)
            found += (["\n"] if found and inner else []) + inner
    return found


def _is_export(record: Record) -> bool:
    return (
        {"id", "type", "date"} <= record.keys()
        and record["type"] in ("message", "service")
        and bool(record.keys() & {"text", "rich_message", "from_id", "actor_id"})
    )


TELEGRAM = Shape(
    name="telegram-export",
    platform="telegram",
    record=_is_export,
    extract=extract,
    own_objects=True,
    notes=(said.FORWARDS,),
)


def extract_telethon(message: Record, _context: Record) -> Iterator[Record]:
    """Read one message as Telethon writes it (to_dict, to_json)."""
    if message.get("_") != "Message":
        raise NotAPost("service-message")
    home = _peer(message["peer_id"])
    forward = message.get("fwd_from") or {}
    reply = message.get("reply_to") or {}
    answered = reply.get("reply_to_msg_id")
    if reply.get("forum_topic") and reply.get("reply_to_top_id") is None:
        answered = None  # it stands in a topic and answers no one
    text = message.get("message") or ""
    entities = [one for one in message.get("entities") or [] if isinstance(one, dict)]
    hidden = [one["url"] for one in entities if one.get("_") == "MessageEntityTextUrl" and one.get("url")]
    page = ((message.get("media") or {}).get("webpage") or {}).get("url")
    yield {
        "post_id": f"{home}/{message['id']}",
        "account_id": _peer(message.get("from_id")) or home,
        "created_at": message["date"],
        "text": text,
        "urls": links_with(text, [*hidden, *([page] if page else [])]),
        "media": _files(message.get("media") or {}),
        "repost_of": _origin(forward),
        "reply_to": f"{_peer(reply.get('reply_to_peer_id')) or home}/{answered}" if answered else None,
        "reach": message.get("views"),
    }


def _peer(peer: Any) -> str | None:
    if not isinstance(peer, dict):
        return str(peer) if peer else None
    return next((str(peer[name]) for name in ("channel_id", "chat_id", "user_id") if peer.get(name)), None)


def _origin(forward: Record) -> str | None:
    home = _peer(forward.get("from_id")) or forward.get("from_name")
    if not home:
        return None
    return f"{home}/{forward['channel_post']}" if forward.get("channel_post") else f"{home}@{forward.get('date')}"


def links_with(text: str, others: list[str]) -> list[str] | None:
    """Links that the text does not show; null where all stand in the text."""
    hidden = [url for url in dict.fromkeys(others) if url not in text]
    if not hidden:
        return None
    shown = [word for word in text.split() if word.startswith(("http://", "https://"))]
    return [*shown, *hidden]


def _files(media: Record) -> list[str]:
    thing = media.get("photo") or media.get("document") or {}
    return [str(thing["id"])] if isinstance(thing, dict) and thing.get("id") else []


TELETHON = Shape(
    name="telethon",
    platform="telegram",
    record=lambda record: str(record.get("_", "")).startswith("Message") and "peer_id" in record and "date" in record,
    extract=extract_telethon,
)


def extract_pyrogram(message: Record, _context: Record) -> Iterator[Record]:
    """Read one message as Pyrogram writes it."""
    if message.get("service") or message.get("empty"):
        raise NotAPost("service-message")
    chat = message["chat"]
    home = _bare(chat["id"])
    person = message.get("from_user") or message.get("from") or message.get("sender_chat") or chat
    reply = message.get("reply_to_message_id") or (message.get("reply_to_message") or {}).get("id")
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    hidden = [one["url"] for one in entities if isinstance(one, dict) and one.get("url")]
    yield {
        "post_id": f"{home}/{message.get('id') or message['message_id']}",
        "account_id": _bare(person["id"]),
        "created_at": message["date"],
        "text": text,
        "urls": links_with(text, hidden),
        "media": [
            name
            for kind in ("photo", "video", "document")
            if isinstance(thing := message.get(kind), dict)
            and (name := thing.get("file_unique_id") or thing.get("file_id"))
        ],
        "repost_of": _pyrogram_origin(message),
        "reply_to": f"{home}/{reply}" if reply else None,
        "reach": message.get("views"),
    }


def _bare(number: Any) -> str:
    """The id of a channel without the -100 that bots put in front."""
    text = str(number)
    return text[4:] if text.startswith("-100") else text.lstrip("-")


def _pyrogram_origin(message: Record) -> str | None:
    chat = message.get("forward_from_chat") or message.get("forward_from") or {}
    home = _bare(chat["id"]) if chat.get("id") else message.get("forward_sender_name")
    if not home:
        return None
    number = message.get("forward_from_message_id")
    return f"{home}/{number}" if number else f"{home}@{message.get('forward_date')}"


PYROGRAM = Shape(
    name="pyrogram",
    platform="telegram",
    record=lambda record: (
        isinstance(record.get("chat"), dict)
        and "id" in record["chat"]
        and "date" in record
        and bool(record.keys() & {"id", "message_id"})
        and re.split(r"[.:]", str(record.get("_", "Message")))[-1] == "Message"
        and bool(record.keys() & {"text", "caption", "from_user", "from", "sender_chat", "service", "outgoing"})
    ),
    extract=extract_pyrogram,
)
