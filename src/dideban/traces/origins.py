"""Who publishes what a link leads to: the site, or on a platform the account behind the page; none if unknown."""

from __future__ import annotations

import re

import polars as pl

from dideban.traces.urls import is_shortener

_PLATFORMS = """
    aparat.com archive.is archive.org archive.ph archive.today bsky.app dailymotion.com discord.com discord.gg eitaa.com
    facebook.com fb.watch flickr.com gab.com github.com google.com imgur.com instagram.com linkedin.com medium.com ok.ru
    pinterest.com pscp.tv reddit.com rubika.ir rumble.com rutube.ru soundcloud.com spotify.com substack.com t.co t.me
    telegra.ph telegram.me telegram.org threads.com threads.net tiktok.com truthsocial.com tumblr.com twitch.tv
    twitter.com vimeo.com vk.com vk.ru wa.me weibo.com whatsapp.com wikipedia.org x.com yandex.ru youtube.com youtu.be
"""
PLATFORMS = frozenset(_PLATFORMS.split())
"""Sites on which anybody publishes: that two links lead there does not make them come from one source."""

_CHANNEL = re.compile(r"^https://t\.me/([A-Za-z]\w{3,31})(?:[/?]|$)", re.ASCII)
_NO_CHANNELS = frozenset({"joinchat", "addstickers", "proxy", "socks", "share", "addlist", "addtheme", "addemoji"})


def name_sources(hosts: pl.DataFrame) -> pl.DataFrame:
    """Return (page, origin) of canonical links: who publishes what they lead to.

    Parameters
    ----------
    hosts : (page, host, domain)
        Distinct canonical links with their host and registrable domain; null for codes that stand for links.

    Returns
    -------
    (page, origin)
        The registrable domain; on Telegram ``t.me/channel``; null on other platforms, behind shorteners and for codes.
    """
    names = hosts.select("host", "domain").drop_nulls().unique()
    shared = [domain in PLATFORMS or host in PLATFORMS or is_shortener(host) for host, domain in names.iter_rows()]
    marked = names.select("host", is_shared=pl.Series(shared, dtype=pl.Boolean)).unique()
    channel = pl.col("page").map_elements(_channel, pl.String)
    own = pl.when(~pl.col("is_shared")).then("domain").when(pl.col("host") == "t.me").then(channel)
    return hosts.join(marked, on="host", how="left").select("page", origin=own)


def _channel(page: str) -> str | None:
    match = _CHANNEL.match(page)
    if match is None or match.group(1).lower() in _NO_CHANNELS:
        return None
    return f"t.me/{match.group(1).lower()}"
