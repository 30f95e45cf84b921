"""Public pages read into plain records: the web view of a Telegram channel, and the links of a page.

Runs in the separate process. What is not written as it was is counted and said; it is never taken for an empty page.
"""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
MOST_MESSAGES = 200
MOST_LINKS = 2_000
MOST_DEPTH = 400
MAX_TEXT = 100_000
PICTURED = {"tgme_widget_message_photo_wrap", "tgme_widget_message_video_thumb"}
PICTURE = re.compile(r"background-image:\s*url\(['\"]?(https?://[^'\"()\s]{1,1000})['\"]?\)")
MOST_PICTURES = 10
REACH = {"K": 1_000, "M": 1_000_000}


class Channel(HTMLParser):
    """The web view of a channel: an element per message, and what stands in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.is_view = False
        self.messages: list[dict[str, Any]] = []
        self.stack: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where in a message the reader stands."""
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        self.is_view |= bool({"tgme_channel_info", "tgme_channel_history", "tgme_page_photo_image"} & set(classes))
        if "tgme_widget_message" in classes and len(self.messages) < MOST_MESSAGES:
            self.is_view = True
            self.messages.append({"name": given.get("data-post", ""), "text": [], "urls": [], "reach": "", "at": "",
                                  "repost_of": "", "reply_to": "", "pictures": []})  # fmt: skip
        role = self._role(tag, classes)
        if self.messages:
            self._note(tag, given, role)
            if PICTURED.intersection(classes) and (found := PICTURE.search(given.get("style", ""))):
                self.messages[-1]["pictures"].append(found[1])
        if tag not in VOID and len(self.stack) < MOST_DEPTH:
            self.stack.append((tag, role))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those inside it that were never closed."""
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth][0] == tag:
                del self.stack[depth:]
                return

    def handle_data(self, data: str) -> None:
        """Take words of a message."""
        role = self.stack[-1][1] if self.stack else ""
        if self.messages and role == "text":
            self.messages[-1]["text"].append(data)
        elif self.messages and role == "views":
            self.messages[-1]["reach"] += data.strip()

    def _role(self, tag: str, classes: list[str]) -> str:
        if "tgme_widget_message_reply" in classes:
            return "reply"
        if "tgme_widget_message_text" in classes and "js-message_text" in classes:
            return "text"
        if "tgme_widget_message_text" in classes:
            return "text" if not self._is_in("reply") else "reply"
        if "tgme_widget_message_views" in classes:
            return "views"
        if "tgme_widget_message_forwarded_from_name" in classes:
            return "forward"
        inherited = self.stack[-1][1] if self.stack else ""
        return inherited if inherited in ("text", "reply") else ""

    def _is_in(self, role: str) -> bool:
        return any(one == role for _, one in self.stack)

    def _note(self, tag: str, given: dict[str, str], role: str) -> None:
        message = self.messages[-1]
        if tag == "br" and role == "text":
            message["text"].append("\n")
        elif tag == "time" and given.get("datetime"):
            message["at"] = given["datetime"]
        elif tag == "a" and role == "text" and given.get("href"):
            message["urls"].append(given["href"])
        elif tag == "a" and role == "forward" and given.get("href"):
            message["repost_of"] = given["href"]
        elif tag == "a" and role == "reply" and given.get("href"):
            message["reply_to"] = given["href"]


def channel_page(body: bytes) -> dict[str, Any]:
    """Return ``records``, whether it is such a view at all, and how many messages could not be read."""
    reader = Channel()
    reader.feed(body.decode("utf-8", "replace"))
    records = [one for one in map(_message, reader.messages) if one]
    return {"is_view": reader.is_view, "records": records, "n_odd": len(reader.messages) - len(records)}


def _message(raw: dict[str, Any]) -> dict[str, Any] | None:
    number = raw["name"].rpartition("/")[2]
    try:
        at = datetime.fromisoformat(raw["at"])
    except ValueError:
        return None
    if not number.isascii() or not number.isdigit() or len(number) > 15 or at.tzinfo is None:
        return None
    text = "".join(raw["text"]).strip()[:MAX_TEXT]
    urls = [url for url in dict.fromkeys(raw["urls"]) if urlsplit(url).scheme in ("http", "https")][:100]
    return {
        "number": number, "created_at": at.isoformat(), "text": text, "urls": urls,
        "hashtags": [tag[1:] for tag in re.findall(r"#\w+", text)][:100], "reach": _reach(raw["reach"]),
        "repost_of": _post_of(raw["repost_of"]), "reply_to": _post_of(raw["reply_to"]),
        "pictures": list(dict.fromkeys(raw["pictures"]))[:MOST_PICTURES],
    }  # fmt: skip


def _reach(text: str) -> int | None:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d)?)([KM]?)", text.strip())
    return int(float(found[1]) * REACH.get(found[2], 1)) if found else None


def _post_of(url: str) -> str:
    parts = [part for part in urlsplit(url).path.split("/") if part and part != "s"]
    return f"{parts[0]}/{parts[1]}"[:100] if len(parts) == 2 and parts[1].isdigit() else ""


class Links(HTMLParser):
    """The links of a page with their words, and whether it asks for a password."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, list[str]]] = []
        self.asks_password = False
        self.base = ""
        self._is_open = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, and a field for a password."""
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._silent += 1
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        if tag == "input" and given.get("type", "").lower() == "password":
            self.asks_password = True
        if tag == "a" and given.get("href") and len(self.links) < MOST_LINKS:
            self.links.append((given["href"], []))
            self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        """Leave a link."""
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        if tag == "a":
            self._is_open = False

    def handle_data(self, data: str) -> None:
        """Take the words of a link."""
        if self._is_open and not self._silent and self.links:
            self.links[-1][1].append(data)


def links_page(body: bytes, *, url: str) -> dict[str, Any]:
    """Return the links of a page, each address once with the longest words that it stands under."""
    reader = Links()
    reader.feed(body.decode("utf-8", "replace"))
    try:
        home = urljoin(url, reader.base)
    except ValueError:
        home = url
    found: dict[str, str] = {}
    for href, words in reader.links:
        text = " ".join("".join(words).split())[:1_000]
        try:
            address = urldefrag(urljoin(home, href.strip()))[0]
            scheme = urlsplit(address).scheme
        except ValueError:
            continue
        if scheme in ("http", "https") and len(address) <= 2_000 and len(text) > len(found.get(address, "")):
            found[address] = text
    return {"links": [[address, text] for address, text in found.items()], "asks_password": reader.asks_password}
