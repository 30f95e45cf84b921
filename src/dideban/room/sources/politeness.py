"""Politeness towards web pages: what robots may not fetch is not fetched, and no server is asked twice in a second."""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from dideban.errors import SourceError
from dideban.room.fetch import Fetched, Fetcher

NAME = "dideban"
PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
FRESH_S = 3_600.0
MOST_HOSTS = 2_000
MAX_RULES = 500_000
TOO_MANY = 429
_rules: dict[str, tuple[float, RobotFileParser]] = {}
_next: dict[str, float] = {}
_lock = threading.Lock()


def fetch_page(fetcher: Fetcher, url: str) -> Fetched:
    """Return a page that robots may read, after a pause for its server.

    Raises
    ------
    SourceError
        The server does not want robots there, or it cannot be had.
    """
    home = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    rules = _rules_of(fetcher, home)
    if not rules.can_fetch(NAME, url):
        raise SourceError("room.robots", url=url, permanent=True)
    pause(home, least_s=min(float(rules.crawl_delay(NAME) or PAUSE_S), LONGEST_PAUSE_S))
    return fetcher.get(url, headers={"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en"})


def pause(home: str, *, least_s: float = PAUSE_S) -> None:
    """Wait for the turn of a server; turns are given in the order in which they were asked for."""
    with _lock:
        now = time.monotonic()
        at = max(now, _next.get(home, now))
        _next[home] = at + least_s
        while len(_next) > MOST_HOSTS:
            _next.pop(next(iter(_next)))
    time.sleep(max(0.0, at - now))


def forget() -> None:
    """Ask for rules again, and wait for no one."""
    with _lock:
        _rules.clear()
        _next.clear()


def _rules_of(fetcher: Fetcher, home: str) -> RobotFileParser:
    now = time.monotonic()
    with _lock:
        known = _rules.get(home)
    if known and now - known[0] < FRESH_S:
        return known[1]
    rules = RobotFileParser()
    try:
        answer = fetcher.get(f"{home}/robots.txt")
        rules.parse(answer.body[:MAX_RULES].decode("utf-8", "replace").splitlines())
    except SourceError as error:
        status = error.message.values.get("status")
        if not isinstance(status, int) or not 400 <= status < 500 or status == TOO_MANY:
            raise  # a server that is in trouble is left alone
        rules.parse(["User-agent: *", "Disallow: /" if status in (401, 403) else "Disallow:"])
    with _lock:
        _rules[home] = (now, rules)
        while len(_rules) > MOST_HOSTS:
            _rules.pop(next(iter(_rules)))
    return rules
