"""Jetstream of Bluesky: how it is connected to and read. Every field of a message is hostile until looked at."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings as room_settings
from websockets.sync.client import ClientConnection, connect

from dideban.messages import Message
from dideban.room.fetch import AGENT, checked_address, connection_trouble, origin_of
from dideban.room.sources.pictures import Pictures

COLLECTIONS = ("app.bsky.feed.post", "app.bsky.feed.repost")
GONE_STATES = ("deleted", "suspended", "takendown")
"""Of an account; one that its owner put to sleep may be back tomorrow."""
MAX_MESSAGE = 1024 * 1024
AHEAD_US = 86_400_000_000
"""A place in the stream further ahead of our clock than a day is none."""
NAME = re.compile(r"[A-Za-z0-9:.%_-]{1,200}")
"""What a picture and its author may be called in an address."""
PLACE = re.compile(rb'"time_us"\s*:\s*(\d{1,18})\b')


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one message of the stream is."""

    line: str = ""
    """Kept as it is; empty = not wanted."""
    at: int = 0
    """Place in the stream, microseconds; 0 = it names none."""
    fault: str = ""
    """Why it cannot be read: a reject."""
    gone: str = ""
    """The post that was deleted, as its id is written in posts."""
    gone_account: str = ""
    """The account that was deleted, suspended or taken down, as the network names it."""


def address(url: str, *, cursor: int | None) -> str:
    """Return the address of a stream from a place in it on, microseconds; None = from now on."""
    query: list[tuple[str, str | int]] = [("wantedCollections", name) for name in COLLECTIONS]
    if cursor is not None:
        query.append(("cursor", max(0, cursor)))
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def connected(url: str) -> ClientConnection:
    """Connect to the address that was checked, whatever the name says a moment later."""
    _, host, port = origin_of(url)
    address = checked_address(host, port, allow_private=room_settings.ALLOW_PRIVATE_ADDRESSES)
    link = socket.create_connection((address, port), timeout=15)
    return connect(
        url, sock=link, max_size=MAX_MESSAGE, open_timeout=15, close_timeout=5, user_agent_header=AGENT, proxy=None
    )


def read_message(message: str | bytes, settings: dict[str, Any]) -> Heard:
    """Return the line to keep, the place in the stream, and what is wrong with the message."""
    raw = message.encode("utf-8", "replace") if isinstance(message, str) else message
    try:
        event = orjson.loads(raw)  # refuses what is nested too deep, and numbers beyond all bounds
    except ValueError:
        return Heard(at=_place(raw), fault="json-invalid")
    if not isinstance(event, dict):
        return Heard(at=_place(raw), fault="not-an-object")
    at = _bounded(event.get("time_us"))
    if (gone := _gone(event, at)) is not None:
        return gone
    commit = event.get("commit") if event.get("kind") == "commit" else None
    record = commit.get("record") if isinstance(commit, dict) else None
    if commit is not None and not isinstance(commit, dict):
        return Heard(at=at, fault="record-unreadable")
    if record is None or record == {}:
        return Heard(at=at)
    wanted = _is_wanted(record, settings) if isinstance(record, dict) else None
    if wanted is None:
        return Heard(at=at, fault="record-unreadable")
    return Heard(line=raw.replace(b"\n", b" ").decode("utf-8", "replace") if wanted else "", at=at)


def _gone(event: dict[str, Any], at: int) -> Heard | None:
    """Return what an event says of a removal; None where it is about something else."""
    did = event.get("did")
    if not (isinstance(did, str) and NAME.fullmatch(did)) or not at:
        return None
    account, commit = event.get("account"), event.get("commit")
    if event.get("kind") == "account" and isinstance(account, dict):
        is_gone = account.get("active") is False and account.get("status") in GONE_STATES
        return Heard(at=at, gone_account=did if is_gone else "")
    if not isinstance(commit, dict) or commit.get("operation") != "delete":
        return None
    collection, name = commit.get("collection"), commit.get("rkey")
    if collection not in COLLECTIONS or not (isinstance(name, str) and NAME.fullmatch(name)):
        return Heard(at=at)
    return Heard(at=at, gone=f"at://{did}/{collection}/{name}")


def looked(line: str, *, settings: dict[str, Any], pictures: Pictures | None) -> str:
    """Return an event in which the pictures of its post are named by what they look like."""
    if pictures is None or '"images"' not in line:
        return line
    event, server = orjson.loads(line), str(settings.get("picture_server", ""))
    embed = event["commit"]["record"].get("embed")
    inner = embed.get("media") if isinstance(embed, dict) else None
    holder = inner if isinstance(inner, dict) else embed
    images = holder.get("images") if isinstance(holder, dict) else None
    for one in images if isinstance(images, list) else []:
        blob = one.get("image") if isinstance(one, dict) else None
        ref = blob.get("ref") if isinstance(blob, dict) else None
        if not isinstance(ref, dict):
            continue
        name = ref.get("$link")
        if isinstance(name, str) and NAME.fullmatch(name) and NAME.fullmatch(str(event.get("did"))):
            ref["$link"] = pictures.look(f"{server.rstrip('/')}/{event['did']}/{name}@jpeg") or name
    return orjson.dumps(event).decode()


def _place(raw: bytes) -> int:
    """Return the place that a message names which cannot be read otherwise."""
    found = PLACE.search(raw)
    return _bounded(int(found[1])) if found else 0


def _bounded(value: object) -> int:
    """Return a place in the stream; one ahead of our clock is now: going on from there would skip posts."""
    now = time.time_ns() // 1000
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= now + AHEAD_US:
        return 0
    return min(value, now)


def _is_wanted(record: dict[str, Any], settings: dict[str, Any]) -> bool | None:
    """Return whether a record is wanted; None where its fields are not what they should be."""
    languages = {tag.strip() for tag in str(settings.get("languages", "")).split(",") if tag.strip()}
    words = [word.strip().lower() for word in str(settings.get("words", "")).split(",") if word.strip()]
    if "text" not in record:  # a repost carries neither language nor words
        return not languages and not words
    langs, text = record.get("langs") or [], record["text"]
    if not isinstance(langs, list) or not isinstance(text, str):
        return None
    said = {tag.split("-")[0] for tag in langs[:100] if isinstance(tag, str)}
    return (not languages or bool(said & languages)) and (not words or any(word in text.lower() for word in words))


def stream_trouble(error: Exception) -> Message:
    """Return what ended a stream."""
    trouble = connection_trouble(error)
    if trouble.code != "room.connection-broke":
        return trouble
    return Message("room.stream-broke", detail=str(error)[:150] or type(error).__name__)
