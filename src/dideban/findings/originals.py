"""Where a post can be read at its source, as far as its name says."""

from __future__ import annotations

import re

MOST_CHARS = 500
PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("x|twitter", r"(\d{5,20})", r"https://x.com/i/status/\1"),
    ("youtube", r"([\w-]{11})", r"https://www.youtube.com/watch?v=\1"),
    ("reddit", r"(?:t3_)?([a-z0-9]{4,10})", r"https://redd.it/\1"),
)
"""(platforms, form of the id of a post, its address).

Only addresses that do not name the account: those of Telegram, Bluesky and Mastodon do, and would reveal to one member
what takes two.
"""


def original_url(name: str) -> str:
    """Return the address of a post (``platform/post_id``) at its source; empty where it would name the account.

    Examples
    --------
    >>> original_url("x/1234567890")
    'https://x.com/i/status/1234567890'
    >>> original_url("telegram/channel/17")
    ''
    """
    platform, _, post = name[:MOST_CHARS].partition("/")
    for platforms, form, address in PATTERNS:
        if re.fullmatch(platforms, platform, re.IGNORECASE) and (match := re.fullmatch(form, post, re.ASCII)):
            return match.expand(address)
    return ""
