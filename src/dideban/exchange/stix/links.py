"""Which links leave: those that lead to a page, never those that lead to an account or to a post of one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

import ada_url
import polars as pl

from dideban.exchange.files import clean
from dideban.findings.model import SharedObject
from dideban.traces import holds_private, registrable_domain

SOCIAL = frozenset({
    "bsky.app", "bsky.social", "douyin.com", "discord.com", "discord.gg", "facebook.com", "fb.com", "fb.me", "gab.com",
    "instagram.com", "linkedin.com", "medium.com", "ok.ru", "onlyfans.com", "patreon.com", "pinterest.com",
    "quora.com", "reddit.com", "rumble.com", "rubika.ir", "eitaa.com", "ble.ir", "splus.ir", "igap.net", "soroush.ir",
    "snapchat.com", "substack.com", "t.co", "t.me", "telegram.me", "telegram.org", "telegram.dog", "threads.com",
    "threads.net", "tiktok.com", "truthsocial.com", "tumblr.com", "twitch.tv", "twitter.com", "vimeo.com", "vk.com",
    "vk.ru", "wa.me", "weibo.cn", "weibo.com", "whatsapp.com", "x.com", "xiaohongshu.com", "youtu.be", "youtube.com",
    "aparat.com", "virasty.com", "clubhouse.com", "soundcloud.com", "bit.ly", "linktr.ee",
})  # fmt: skip
"""Sites whose pages are accounts and posts of people, or whose addresses hide where they lead."""
_VIDEO = re.compile(r"^/(?:watch|shorts/[\w-]{6,}|live/[\w-]{6,})$")
_PERSON = re.compile(r"/(?:@|~|%40|%7e)|/(?:user|users|profile|profiles|author|authors|people|member|members|u)/", re.I)
_NAME = re.compile(r"^(?!(?:\d+\.){3}\d+$)(?:[^\W_][\w-]*\.)+[^\W\d_][\w-]+$")
"""The name of a website, not a number."""
MAX_CHARS = 2_000
MOST = 200
"""Links and hashtags of one finding that leave."""


def leads_to_a_person(url: str) -> bool:
    """Return whether an address leads to an account or to a post of one, as far as it can be seen from outside.

    Examples
    --------
    >>> [leads_to_a_person(f"https://{u}") for u in ("t.me/somebody/7", "news.example/a", "m.example/@ana/1")]
    [True, False, True]
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return True
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        return True
    domain = registrable_domain(host)
    if domain == "youtube.com" and _VIDEO.match(parts.path):
        return False
    if domain == "youtu.be":
        return len(parts.path) < 8
    return domain in SOCIAL or bool(_PERSON.search(parts.path))


def shown_links(objects: Iterable[SharedObject]) -> list[SharedObject]:
    """Return the links that may leave, as listed: at most MOST, none to a person, none that holds a contact."""
    found = [one for one in objects if one.kind == "link" and _is_clean(one.label)]
    if not found:
        return []
    private = holds_private(pl.Series([one.label for one in found], dtype=pl.String)).to_list()
    kept = [one for one, hides in zip(found, private, strict=True) if not hides and not leads_to_a_person(one.label)]
    return kept[:MOST]


def shown_domains(objects: Iterable[SharedObject]) -> list[str]:
    """Return the websites that were pushed, sorted: of the links that leave, and those pushed as such."""
    objects = list(objects)
    hosts = {urlsplit(one.label).hostname or "" for one in shown_links(objects)}
    hosts |= {one.id for one in objects if one.kind == "domain" and _is_clean(one.id)}
    found = {registrable_domain(host) or host for host in hosts if _NAME.match(host)}
    return sorted(name for name in found if name not in SOCIAL)[:MOST]


def shown_hashtags(objects: Iterable[SharedObject]) -> list[str]:
    """Return the hashtags that were pushed together, each once, sorted."""
    words = (word for one in objects if one.kind == "hashtags" for word in one.label.split())
    return sorted({clean(word)[:100] for word in words if word.startswith("#") and len(word) > 1})[:MOST]


def ascii_url(url: str) -> str:
    """Return an address as STIX takes it: a URI, in ASCII alone.

    Examples
    --------
    >>> ascii_url("https://other.ir/خبر")
    'https://other.ir/%D8%AE%D8%A8%D8%B1'
    """
    if url.isascii():
        return url
    try:
        return ada_url.URL(url).href
    except ValueError:
        return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _is_clean(url: str) -> bool:
    return len(url) <= MAX_CHARS and url.isprintable() and " " not in url and clean(url) == url
