"""Markdown of people as HTML in which nothing acts, loads, styles or pretends to lead elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import ada_url

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

TAGS = {
    "p", "br", "hr", "strong", "em", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h2", "h3", "h4",
    "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span", "bdi",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "span": {"class"}, "bdi": {"dir"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LINK = "noopener noreferrer nofollow"
MOST_NESTED = 20
MOST_MARKS = 2_000
"""Of each sign that opens something: what looks for its end costs the square of their number."""
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
"""Embeddings, overrides, isolates and invisible joiners; ZWNJ, ZWJ and plain marks belong to the languages."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]")
_QUOTES = re.compile(r"(?:[>\-+*][ \t]?){20,}")
_JOINERS = re.compile("[\u200c\u200d]{2,}")
_LOCAL = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".intranet")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:/*)?([^\s/@]+\.[^\s/@.]{2,})(?:/.*)?", re.IGNORECASE)


def tidy(text: object, *, limit: int = 0) -> str:
    """Return text without what reorders or hides it: bidi controls and other invisible ones go, ZWNJ stays."""
    words = str(text)[:limit] if limit else str(text)
    if words.isprintable():
        return words
    words = _STEERING.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))
    words = _JOINERS.sub(lambda match: match.group()[0], words)
    return _CONTROL.sub("", words)


def one_line(text: object, *, limit: int = 0) -> str:
    """Return tidy text on one line."""
    return " ".join(tidy(text, limit=limit).split())


def render_text(text: str) -> str:
    """Return Markdown as HTML.

    Notes
    -----
    Raw HTML is shown as text; pictures become their description; headings begin at the second level. Links open only
    http, https and mailto, and none to this machine or a private network. Where a link could be taken for another (a
    host in letters that look like others, a text that names another host), its real host stands beside it.
    """
    import nh3

    parser = _parser()
    tokens = parser.parse(_bounded(tidy(text)))
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _checked(token.children)
        elif token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    html: str = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=LINK)
    return clean.replace("<table>", '<table tabindex="0">')  # wide ones scroll: by keys too


def _bounded(text: str) -> str:
    """Return text without what stands past the number of marks that anybody needs."""
    for mark in "[<`*_~&!":
        if text.count(mark) > MOST_MARKS:
            head, *rest = text.split(mark)
            text = mark.join([head, *rest[:MOST_MARKS]]) + "".join(rest[MOST_MARKS:])
    return _QUOTES.sub(lambda match: ">" * MOST_NESTED if ">" in match.group() else match.group()[:80], text)


def real_host(address: str) -> str | None:
    """Return the host of a public web address in ASCII; empty for mail, None for what must be no link."""
    if address.lower().startswith("mailto:"):
        return "" if "@" in address and not any(c.isspace() for c in address) else None
    try:
        parts = ada_url.URL(address)
    except ValueError:
        return None
    if parts.protocol not in ("http:", "https:") or parts.username or parts.password:
        return None
    host = parts.hostname
    return None if not host or _is_private(host) else host


def _is_private(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(_LOCAL) or ("." not in name and ":" not in name):
        return True
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return False


def _checked(children: Sequence[Token]) -> list[Token]:
    """Take links away that lead nowhere public; put the real host beside those that hide it."""
    from markdown_it.token import Token

    found: list[Token] = []
    text, host, is_open = "", "", False
    for token in children:
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            real = real_host(address)
            is_open, text, host = real is not None, "", real or ""
            if is_open:
                found.append(token)
        elif token.type == "link_close":
            if is_open:
                found.append(token)
                if host and _hides(text, host):
                    mark = Token("text", "", 0, content=f" ({host})")
                    found += [_span("host"), mark, Token("span_close", "span", -1)]
            is_open = False
        else:
            text += token.content if is_open else ""
            found.append(token)
    return found


def _span(name: str) -> Token:
    from markdown_it.token import Token

    return Token("span_open", "span", 1, attrs={"class": name})


def _hides(text: str, host: str) -> bool:
    """Return whether a reader could take a link for one to another host."""
    if "xn--" in host:
        return True
    said = _HOST.fullmatch(text.strip())
    return bool(said) and said is not None and said.group(1).lower().removeprefix("www.") != host.removeprefix("www.")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    options = {"html": False, "linkify": False, "maxNesting": MOST_NESTED}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).disable("image")
