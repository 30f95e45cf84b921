"""Large sites that show one page under many addresses, and pages that only pass the reader on."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from dideban.traces import url_rules as rules
from dideban.traces.url_parts import UrlParts

_VIDEO_ID = re.compile(r"^[\w-]{11}$", re.ASCII)
_NUMBER = re.compile(r"^\d{1,25}$", re.ASCII)
_NAME = re.compile(r"^[\w.]{1,64}$", re.ASCII)
_CODE = re.compile(r"^[\w-]{1,64}$", re.ASCII)
_STRAY = re.compile("[\udc80-\udcff]")
_ACTIVITY = re.compile(r"(?:activity|share|ugcPost)[-:](\d{6,25})", re.ASCII)
_GOOGLE = re.compile(r"^(?:www\.|news\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})$")
_COUNTRY_EDITION = re.compile(r"^(?:[a-z]{2}\.linkedin|[a-z]{2}-[a-z]{2}\.facebook)\.com$")
_AMP_CACHES = (".cdn.ampproject.org", ".ampproject.net")
_OUTLOOK = "safelinks.protection.outlook.com"
_TELEGRAM_WORDS = frozenset({"joinchat", "c", "addstickers", "proxy", "socks", "iv", "share"})


def unwrap_redirect(parts: UrlParts) -> str | None:
    """Return the address that a leaving page or share button carries in a parameter, or None."""
    if not parts.query:
        return None
    path = parts.path.lower()
    for rule_path, names in _redirects_of(parts.host):
        if rule_path in ("/*", path):
            for name in names:
                target = _fully_decoded(parts.get(name) or "")
                if target.lower().startswith(("http://", "https://", "www.")):
                    return target
    return None


def _redirects_of(host: str) -> list[tuple[str, tuple[str, ...]]]:
    if host in _REDIRECTS:
        return _REDIRECTS[host]
    if _GOOGLE.match(host):
        return _REDIRECTS["google.*"]
    return _REDIRECTS[_OUTLOOK] if host.endswith("." + _OUTLOOK) else []


def _fully_decoded(value: str) -> str:
    """Undo one level of percent-encoding; bytes that are not UTF-8 stay encoded."""
    text = unquote_to_bytes(value).decode("utf-8", "surrogateescape")
    return _STRAY.sub(lambda match: f"%{ord(match.group()) - 0xDC00:02X}", text)


def unwrap_amp_cache(parts: UrlParts) -> str | None:
    """Return the address that an AMP cache shows a copy of, or None."""
    is_google = ".google." in f".{parts.host}" and bool(_GOOGLE.match(parts.host)) and parts.path.startswith("/amp/")
    if not is_google and not f".{parts.host}".endswith(_AMP_CACHES):
        return None
    segments = parts.segments
    rest = segments[2:] if segments[1:2] == ["s"] else segments[1:]
    if not rest or "." not in rest[0]:
        return None
    query = "&".join(f"{name}={value}" for name, value in parts.query)
    return "https://" + "/".join(rest) + (f"?{query}" if query else "")


def rewrite_site(parts: UrlParts) -> bool:
    """Rewrite the address in place to the one form its site is known by; say whether anything changed."""
    rewrite = _SITES.get(parts.host)
    if rewrite is None and not parts.host.endswith((*_WIKI_ENDINGS, ".linkedin.com", ".facebook.com")):
        return False
    before = (parts.host, parts.port, parts.path, parts.query, parts.fragment)
    if rewrite is not None:
        rewrite(parts)
    elif parts.host.endswith(_WIKI_ENDINGS):
        _wiki(parts)
    elif _COUNTRY_EDITION.match(parts.host):
        parts.host = parts.host.partition(".")[2]
    return before != (parts.host, parts.port, parts.path, parts.query, parts.fragment)


def _youtube(parts: UrlParts) -> None:
    segments = parts.segments
    video = parts.get("v") if segments[:1] in (["watch"], ["watch_popup"], []) else None
    if len(segments) >= 2 and segments[0] in ("shorts", "embed", "live", "v", "e", "vi"):
        video = segments[1]
    if video and _VIDEO_ID.match(video):
        parts.become("youtube.com", "watch", query=[("v", video)])
    elif segments == ["playlist"]:
        parts.query = [pair for pair in parts.query if pair[0] == "list"]
    elif segments[:1] != ["results"]:
        parts.query = []
        if segments and segments[0].startswith("@"):
            parts.path = "/" + "/".join([segments[0].lower(), *segments[1:]])


def _youtu_be(parts: UrlParts) -> None:
    segments = parts.segments
    if segments and _VIDEO_ID.match(segments[0]):
        parts.become("youtube.com", "watch", query=[("v", segments[0])])


def _telegram(parts: UrlParts) -> None:
    segments = parts.segments
    if segments[:1] == ["s"] and len(segments) > 1:
        segments = segments[1:]
    if (
        segments
        and segments[0] not in ("joinchat", "c", "addstickers", "proxy", "socks", "iv", "share")
        and "+" not in segments[0]
    ):
        segments[0] = segments[0].lower()
    parts.path = "/" + "/".join(segments)


def _x(parts: UrlParts) -> None:
    segments = parts.segments
    if not segments and parts.fragment.startswith("!/"):
        segments = [segment for segment in parts.fragment[2:].split("/") if segment]
        parts.fragment = ""
    for at, word in enumerate(segments[:-1]):
        if word.lower() in ("status", "statuses") and at <= 2 and _NUMBER.match(segments[at + 1]):
            parts.become("x.com", "i", "status", segments[at + 1])
            return
    if len(segments) == 1 and _NAME.match(segments[0]):
        segments = [segments[0].lower()]
    parts.path = "/" + "/".join(segments)


def _facebook(parts: UrlParts) -> None:
    segments = parts.segments
    first = segments[0].lower() if segments else ""
    story, page, photo, video = (parts.get(name) or "" for name in ("story_fbid", "id", "fbid", "v"))
    if first in ("story.php", "permalink.php") and story and page:
        parts.become("facebook.com", "permalink.php", query=[("id", page), ("story_fbid", story)])
    elif first in ("photo.php", "photo") and photo:
        parts.become("facebook.com", "photo", query=[("fbid", photo)])
    elif first in ("watch", "video.php") and video:
        parts.become("facebook.com", "watch", query=[("v", video)])
    elif first == "reel" and len(segments) > 1 and _NUMBER.match(segments[1]):
        parts.become("facebook.com", "watch", query=[("v", segments[1])])
    elif len(segments) >= 3 and segments[1] == "videos" and _NUMBER.match(segments[-1]):
        parts.become("facebook.com", "watch", query=[("v", segments[-1])])
    elif first == "groups" and len(segments) == 4 and segments[2] in ("permalink", "posts"):
        parts.become("facebook.com", "groups", segments[1].lower(), "posts", segments[3])
    elif first == "profile.php":
        parts.query = [pair for pair in parts.query if pair[0] == "id"]
    elif segments and _NAME.match(segments[0]):
        parts.path = "/" + "/".join([segments[0].lower(), *segments[1:]])


def _instagram(parts: UrlParts) -> None:
    segments = parts.segments
    for at, word in enumerate(segments[:-1]):
        if word in ("p", "reel", "reels", "tv") and at <= 1 and _CODE.match(segments[at + 1]):
            parts.become("instagram.com", "p", segments[at + 1])
            return
    if len(segments) == 1 and _NAME.match(segments[0]):
        parts.path = "/" + segments[0].lower()


def _reddit(parts: UrlParts) -> None:
    segments = parts.segments
    if segments and segments[0] in ("r", "u", "user") and len(segments) > 1:
        segments[:2] = ["user" if segments[0] == "u" else segments[0], segments[1].lower()]
    if "comments" in segments[:3]:
        at = segments.index("comments")
        post, comment = segments[at + 1 : at + 2], segments[at + 3 : at + 4]
        if post and _CODE.match(post[0]):
            # The slug is decoration; the comment after it is not.
            segments = ["comments", post[0].lower(), *(["comment", comment[0].lower()] if comment else [])]
    parts.path = "/" + "/".join(segments)


def _redd_it(parts: UrlParts) -> None:
    segments = parts.segments
    if len(segments) == 1 and _CODE.match(segments[0]):
        parts.become("reddit.com", "comments", segments[0].lower())


def _linkedin(parts: UrlParts) -> None:
    segments = parts.segments
    if segments[:1] in (["posts"], ["feed"]) and (match := _ACTIVITY.search(parts.path)):
        parts.become("linkedin.com", "feed", "update", f"urn:li:activity:{match.group(1)}")


def _spotify(parts: UrlParts) -> None:
    """``/intl-de/track/X`` is the German edition of ``/track/X``."""
    segments = parts.segments
    if len(segments) > 1 and segments[0].startswith("intl-"):
        parts.path = "/" + "/".join(segments[1:])


def _wiki(parts: UrlParts) -> None:
    """``fa.m.wikipedia.org/w/index.php?title=X`` and ``/wiki/X`` are one page."""
    parts.host = re.sub(r"^([a-z-]+)\.(?:m|zero)\.", r"\1.", parts.host)
    title = parts.get("title")
    # ``/w/index.php`` has lost its index name by now.
    if parts.path in ("/w", "/") and title and {k for k, _ in parts.query} == {"title"}:
        parts.path, parts.query = "/wiki/" + title, []
    if parts.path.startswith("/wiki/"):
        parts.path = re.sub(r"(?:%20|_)+", "_", parts.path)


_WIKI_ENDINGS = tuple(
    f".{name}.org" for name in ("wikipedia", "wikimedia", "wiktionary", "wikinews", "wikiquote", "wikisource")
)
_REDIRECTS: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _host, _path, _names, _reason in rules.REDIRECTS:
    _REDIRECTS.setdefault(_host, []).append((_path, _names))
_SITES: dict[str, Callable[[UrlParts], None]] = {
    "youtube.com": _youtube,
    "youtu.be": _youtu_be,
    "t.me": _telegram,
    "x.com": _x,
    "facebook.com": _facebook,
    "instagram.com": _instagram,
    "reddit.com": _reddit,
    "redd.it": _redd_it,
    "linkedin.com": _linkedin,
    "open.spotify.com": _spotify,
}
