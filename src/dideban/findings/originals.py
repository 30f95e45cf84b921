"""Where a post can be read at its source, as far as its name says."""

from __future__ import annotations

import re

MOST_CHARS = 500
PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("", r"(https?://[\w.-]+\.[a-z]{2,}(?::\d+)?/[!-~]*)", r"\1"),
    ("", r"at://(did:[a-z]+:[\w.:%-]+)/app\.bsky\.feed\.post/(\w+)", r"https://bsky.app/profile/\1/post/\2"),
    ("x|twitter", r"(\d{5,20})", r"https://x.com/i/status/\1"),
    ("telegram", r"@?([A-Za-z]\w{3,31})/(\d{1,12})", r"https://t.me/\1/\2"),
    ("youtube", r"([\w-]{11})", r"https://www.youtube.com/watch?v=\1"),
    ("reddit", r"(?:t3_)?([a-z0-9]{4,10})", r"https://redd.it/\1"),
)
"""(platforms, form of the id of a post, its address); an empty platform is any."""


def original_url(name: str) -> str:
    """Return the address of a post (``platform/post_id``) at its source; empty where the name does not say it.

    Examples
    --------
    >>> original_url("x/1234567890")
    'https://x.com/i/status/1234567890'
    >>> original_url("x/not a number")
    ''
    """
    platform, _, post = name[:MOST_CHARS].partition("/")
    for platforms, form, address in PATTERNS:
        if (not platforms or re.fullmatch(platforms, platform, re.IGNORECASE)) and (
            match := re.fullmatch(form, post, re.ASCII)
        ):
            return match.expand(address)
    return ""
