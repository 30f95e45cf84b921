"""What makes foreign text harmless and readable before it is put on a page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates: they reorder what stands around them. Plain marks and ZWNJ are kept."""
_OPENS, _CLOSES = "\u2066\u2068", "\u2069"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb\ufeff]|[\U000e0000-\U000e007f]|[\ud800-\udfff]")
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_IN_SCRIPT = str.maketrans(_SCRIPT)


def visible(text: object, *, limit: int = 0) -> str:
    """Return ``text`` with controls made visible, cut at ``limit`` characters (0 = not cut).

    Bidi embeddings, overrides and isolates become ``⟦202E⟧`` and the like, so that a reader sees that somebody put
    them there and they cannot reorder the page. Other control characters become U+FFFD. Line breaks are kept.
    """
    words = "" if text is None else str(text)
    if limit and len(words) > limit:
        words = words[:limit].rstrip() + "…"
    if words.isprintable():  # no control, format character or surrogate is
        return words
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    words = _STEERING.sub(lambda match: f"⟦{ord(match.group()):04X}⟧", words)
    return _CONTROL.sub("\ufffd", words)


def own_words(text: object, *, limit: int = 0) -> Markup:
    """Return a sentence of the program for a page: the isolates around foreign words in it are kept, if they close.

    See :mod:`dideban.messages.clean`, which made those words harmless.
    """
    words = "" if text is None else str(text)
    parts = re.split(f"([{_OPENS}][^{_OPENS}{_CLOSES}]*{_CLOSES})", words[:limit] if limit else words)
    shown = [part if i % 2 else visible(part) for i, part in enumerate(parts)]
    more = "…" if limit and len(words) > limit else ""
    return escape("".join(shown) + more)


def short_id(name: str, *, limit: int = 14) -> str:
    """Return ``name``, its middle left out where it is longer than ``limit`` characters."""
    clean = visible(name).replace("\n", " ")
    if len(clean) <= limit:
        return clean or "—"
    tail = limit // 2 - 1
    return f"{clean[: limit - tail - 1]}…{clean[-tail:]}"


def web_link(text: str) -> str | None:
    """Return ``text`` where it is an http or https address that may be offered as a link, else None."""
    if any(c.isspace() for c in text) or visible(text) != text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.netloc else None


def script_json(data: Any) -> str:
    """Return ``data`` as JSON that may stand inside a script element: no ``<``, ``&`` or line separators."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_IN_SCRIPT)


def csp_hash(source: str) -> str:
    """Return the Content-Security-Policy source that allows exactly this inline text."""
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
