"""Addresses of posts: which platform they lead to, and the id of the post in them."""

from __future__ import annotations

import re

import polars as pl

_WEB = r"^(?:https?://)?(?:[a-z0-9-]+\.)?"
POSTS: dict[str, tuple[str, ...]] = {
    "x": (_WEB + r"(?:twitter|x)\.com/(?:i/web|[^/]+)/status(?:es)?/([0-9]+)",),
    "instagram": (_WEB + r"instagram\.com/(?:[^/]+/)?(?:p|reel|reels|tv)/([\w-]+)",),
    "tiktok": (_WEB + r"tiktok\.com/@[^/]*/(?:video|photo)/([0-9]+)",),
    "youtube": (
        _WEB + r"youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|live/)([\w-]{6,})",
        r"^(?:https?://)?youtu\.be/([\w-]{6,})",
    ),
    "telegram": (r"^(?:https?://)?t\.me/(?:s/|c/)?([^/]+/[0-9]+)", r"^(?:https?://)?t\.me/c/([0-9]+)$"),
    "vk": (_WEB + r"vk\.com/(?:[^?]*\?w=)?wall(-?[0-9]+_[0-9]+)",),
    "bluesky": (r"^(?:https?://)?bsky\.app/profile/([^/]+/post/\w+)",),
    "threads": (_WEB + r"threads\.(?:net|com)/@[^/]+/post/([\w-]+)",),
    "reddit": (_WEB + r"reddit\.com/r/[^/]+/comments/(\w+)",),
    "truthsocial": (_WEB + r"truthsocial\.com/@[^/]+/(?:posts/)?([0-9]+)",),
    "facebook": (
        _WEB + r"facebook\.com/((?:[^/]+/(?:posts|videos|photos)/|groups/[^/]+/(?:posts|permalink)/).+)",
        _WEB
        + r"facebook\.com/((?:story|permalink|photo)(?:\.php|/)\?\S*(?:fbid)=\S+|(?:reel|share)/\S+|watch/?\?v=\S+)",
    ),
    "ok": (_WEB + r"ok\.ru/(?:group|profile)?/?[^/]+/(?:topic|statuses)/([0-9]+)",),
    "linkedin": (
        _WEB + r"linkedin\.com/feed/update/(urn:li:[\w:]+)",
        _WEB + r"linkedin\.com/posts/[^/?]*-(?:activity|share|ugcPost)-([0-9]{15,})",
    ),
    "weibo": (_WEB + r"weibo\.(?:com|cn)/(?:[0-9]{5,}|detail|status)/([0-9A-Za-z]{4,})",),
    "douyin": (_WEB + r"douyin\.com/video/([0-9]+)",),
    "xiaohongshu": (_WEB + r"xiaohongshu\.com/explore/(\w+)",),
    "gab": (_WEB + r"gab\.com/[^/]+/posts/([0-9]+)",),
}
"""Platform to the patterns of addresses of its posts; the group is the id."""
ACCOUNTS = (
    _WEB + r"(?:twitter|x)\.com/([A-Za-z0-9_]{1,15})/status(?:es)?/[0-9]",
    r"^(?:https?://)?t\.me/(?:s/|c/)?([A-Za-z0-9_]{4,32})/[0-9]",
    _WEB + r"tiktok\.com/@([^/]+)/(?:video|photo)/[0-9]",
    _WEB + r"(?:threads\.(?:net|com)|truthsocial\.com)/@([^/]+)/",
    r"^(?:https?://)?bsky\.app/profile/([^/]+)/post/",
    _WEB + r"vk\.com/(?:[^?]*\?w=)?wall(-?[0-9]+)_[0-9]",
    _WEB + r"(?:facebook|gab)\.com/([^/?]+)/(?:posts|videos|photos)/",
    _WEB + r"facebook\.com/(?:story|permalink)\.php\?(?:\S*&)?id=([0-9]+)",
    r"^at://([^/]+)/app\.bsky\.feed\.post/",
)
"""Addresses of posts that name the account; the group is it."""
KEEP_ADDRESS = ("facebook", "bluesky")
"""Platforms on which the id in an address is not what others call the post: the address stays the id."""
NAMES = {
    "twitter": "x", "twitter.com": "x", "x.com": "x", "x (twitter)": "x", "x (formerly twitter)": "x", "tweet": "x",
    "tweets": "x", "socialmedia_twitter": "x", "socialmedia_x": "x", "socialmedia_facebook": "facebook",
    "facebook.com": "facebook", "fb": "facebook", "facebook page": "facebook", "facebook group": "facebook",
    "instagram.com": "instagram", "socialmedia_instagram": "instagram", "tiktok.com": "tiktok", "tik tok": "tiktok",
    "socialmedia_tiktok": "tiktok", "youtube.com": "youtube", "socialmedia_youtube": "youtube",
    "telegram.org": "telegram",
    "t.me": "telegram", "socialmedia_telegram": "telegram", "vkontakte": "vk", "vk.com": "vk",
    "socialmedia_vkontakte": "vk",
    "reddit.com": "reddit", "messageboard_reddit": "reddit", "bsky": "bluesky", "bsky.app": "bluesky",
    "bsky.social": "bluesky",
    "socialmedia_bluesky": "bluesky", "threads.net": "threads", "threads.com": "threads", "truth social": "truthsocial",
    "truth_social": "truthsocial", "truthsocial.com": "truthsocial", "rednote": "xiaohongshu",
    "rednote.com": "xiaohongshu",
    "xiaohongshu.com": "xiaohongshu", "9gag.com": "9gag", "gab.com": "gab", "linkedin.com": "linkedin",
    "douyin.com": "douyin", "imgur.com": "imgur", "pinterest.com": "pinterest", "ok.ru": "ok", "odnoklassniki": "ok",
    "weibo.com": "weibo", "weibo.cn": "weibo", "online news": "web", "online_news": "web", "onlinenews": "web",
    "news": "web", "blog": "web",
}  # fmt: skip
"""What exports call a platform, and what it is called here."""


def plain_platform(name: pl.Expr) -> pl.Expr:
    """Name platforms alike, whatever an export calls them."""
    low = name.str.strip_chars().str.to_lowercase()
    return low.replace(NAMES)


def platform_of(address: pl.Expr) -> pl.Expr:
    """Platform that the address of a post leads to; null where it is none."""
    chosen = pl.lit(None, pl.String)
    for platform, patterns in reversed(POSTS.items()):
        is_its = pl.any_horizontal(address.str.contains(pattern) for pattern in patterns)
        chosen = pl.when(is_its).then(pl.lit(platform)).otherwise(chosen)
    return chosen


def id_of(address: pl.Expr) -> pl.Expr:
    """Id of the post that an address leads to; the address itself where the platform is not known."""
    ids = [
        address.str.extract(pattern)
        for platform, patterns in POSTS.items()
        if platform not in KEEP_ADDRESS
        for pattern in patterns
    ]
    return pl.coalesce(*ids, address)


def account_of(address: pl.Expr) -> pl.Expr:
    """Account that the address of a post names; null where it names none."""
    return pl.coalesce(address.str.extract(pattern) for pattern in ACCOUNTS)


def account_at(address: str) -> str:
    """Account that one address of a post names; empty where it names none.

    Examples
    --------
    >>> account_at("https://t.me/s/town/42")
    'town'
    """
    return next((found[1] for pattern in ACCOUNTS if (found := re.match(pattern, address))), "")


def is_post(address: pl.Expr) -> pl.Expr:
    """Whether an address is that of a post on a platform that is known."""
    return pl.any_horizontal(address.str.contains(pattern) for patterns in POSTS.values() for pattern in patterns)


def post_at(address: str) -> tuple[str, str] | None:
    """Return platform and id of the post that one address leads to; None where it is none that is known.

    Examples
    --------
    >>> post_at("https://t.me/s/town/42")
    ('telegram', 'town/42')
    """
    for platform, patterns in POSTS.items():
        for pattern in patterns:
            if found := re.match(pattern, address):
                return platform, address if platform in KEEP_ADDRESS else found[1]
    return None
