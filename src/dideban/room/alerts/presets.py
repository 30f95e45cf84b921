"""How an alert is written for programs, and for the chats that teams use: Slack, Mattermost, Matrix, Telegram, ntfy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

MOST_CHARS = 3_000


@dataclass(frozen=True)
class Said:
    """What is told: a sentence, an address, and a name that is the same each time it is tried."""

    text: str
    link: str
    room: str
    name: str


@dataclass(frozen=True)
class Call:
    """One request to a receiver."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Preset:
    """One way of writing alerts.

    Parameters
    ----------
    build : function
        (address, target, token, what is told) to the request; None = the room's own signed JSON.
    """

    build: Callable[[str, str, str, Said], Call] | None = None
    needs_target: bool = False
    needs_token: bool = False


def _slack(url: str, target: str, token: str, said: Said) -> Call:
    """Incoming webhook: what could be a mention or a link of Slack's own is written out."""
    return _json("POST", url, {"text": f"{_slack_plain(_unlinked(said.text))}\n<{_slack_plain(said.link)}>"})


def _mattermost(url: str, target: str, token: str, said: Said) -> Call:
    body: dict[str, Any] = {"text": f"{_markdown_plain(_unlinked(said.text))}\n{said.link}"}
    return _json("POST", url, body | ({"channel": target} if target else {}))


def _matrix(url: str, target: str, token: str, said: Said) -> Call:
    """Client interface: the name of the message makes a second try the same message."""
    where = f"{url.rstrip('/')}/_matrix/client/v3/rooms/{quote(target, safe='')}/send/m.room.message/{quote(said.name)}"
    body = {"msgtype": "m.notice", "body": f"{_unlinked(said.text)}\n{said.link}", "m.mentions": {}}
    return _json("PUT", where, body, token=token)


def _telegram(url: str, target: str, token: str, said: Said) -> Call:
    where = f"{url.rstrip('/')}/bot{quote(token, safe=':')}/sendMessage"
    text = f"{_unlinked(said.text)}\n{said.link}"
    return _json("POST", where, {"chat_id": target, "text": text, "link_preview_options": {"is_disabled": True}})


def _ntfy(url: str, target: str, token: str, said: Said) -> Call:
    body = {"topic": target, "title": said.room, "message": _unlinked(said.text), "click": said.link}
    return _json("POST", url, body, token=token)


PRESETS: dict[str, Preset] = {
    "dideban": Preset(),
    "slack": Preset(_slack),
    "mattermost": Preset(_mattermost),
    "matrix": Preset(_matrix, needs_target=True, needs_token=True),
    "telegram": Preset(_telegram, needs_target=True, needs_token=True),
    "ntfy": Preset(_ntfy, needs_target=True),
}
"""Slug to the way of writing."""


def _json(method: str, url: str, body: dict[str, Any], *, token: str = "") -> Call:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Call(method, url, json.dumps(body, ensure_ascii=False, sort_keys=True).encode(), headers)


def _slack_plain(text: str) -> str:
    """Return a text in which Slack finds no mention and no markup that strangers wrote."""
    return text[:MOST_CHARS].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markdown_plain(text: str) -> str:
    """Return a text in which Mattermost finds no link or picture that strangers wrote."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~<>-])", r"\\\1", text[:MOST_CHARS])


def _unlinked(text: str) -> str:
    """Return a text in which no chat finds an address, a name, a tag or a command that strangers wrote.

    Chats make links of plain text: what they look for is parted by a character that nobody sees.
    """
    return re.sub(r"(?<=\w)[.:](?=[\w/])|[@#/](?=\w)", lambda found: found[0] + "\u2060", text)
