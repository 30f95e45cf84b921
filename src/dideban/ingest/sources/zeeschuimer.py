"""What Zeeschuimer collects in a browser: the answers of websites as they came, one item a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dideban.ingest.columns import guess_columns
from dideban.ingest.flatten_json import flatten
from dideban.ingest.format import NotAPost, Record, Shape, known
from dideban.ingest.permalinks import NAMES
from dideban.ingest.sources.mastodon import status
from dideban.ingest.sources.x_web import web_post

_ACTIVITY = re.compile(r"urn:li:(?:activity|ugcPost|share):(\d{10,20})")
_TRACKERS = ("l.threads.com", "l.threads.net", "l.instagram.com", "l.facebook.com")


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one item."""
    about = record.get("__import_meta") or record
    site = str(about["source_platform"]).removeprefix("www.")
    base = site.removesuffix("-comments")
    platform = NAMES.get(base, NAMES.get(f"{base}.com", base.split(".")[0]))
    data = record["data"] if about is record else record
    post = _comment(data) if site.endswith("-comments") else _READERS.get(platform, _other)(data)
    post["platform"] = platform
    post["post_id"] = post.get("post_id") or about.get("item_id")
    yield post


def _tiktok(data: Record) -> Record:
    author = data["author"]
    name = (author.get("uniqueId") or author.get("unique_id")) if isinstance(author, dict) else author
    extra = [one for one in data.get("textExtra") or [] if isinstance(one, dict)]
    return {
        "post_id": data["id"],
        "account_id": name or data.get("authorId"),
        "created_at": data["createTime"],
        "text": data.get("desc"),
        "lang": data.get("textLanguage"),
        "urls": [],
        "hashtags": [one["hashtagName"] for one in extra if one.get("hashtagName")],
        "mentions": [one["userUniqueId"] for one in extra if one.get("userUniqueId")],
        "media": [],
        "place": data.get("locationCreated"),
        "reach": (data.get("stats") or {}).get("playCount"),
    }


def _comment(data: Record) -> Record:
    """A comment below a post, on TikTok, Instagram and others."""
    user = data.get("user") or data.get("author") or data.get("user_info") or {}
    parent = data.get("reply_id") if str(data.get("reply_id") or "0") != "0" else None
    return {
        "post_id": data.get("cid") or data.get("pk") or data["id"],
        "account_id": user.get("unique_id")
        or user.get("username")
        or user.get("user_id")
        or user.get("uid")
        or user.get("pk"),
        "created_at": data.get("create_time") or data.get("created_at") or data.get("createTime"),
        "text": data.get("text") or data.get("content"),
        "lang": data.get("comment_language"),
        "reply_to": parent or data.get("aweme_id") or data.get("note_id") or data.get("media_id"),
    }


def _douyin(data: Record) -> Record:
    author = data.get("author") or data.get("authorInfo") or {}
    extra = [one for one in data.get("text_extra") or data.get("textExtra") or [] if isinstance(one, dict)]
    stats = data.get("statistics") or data.get("stats") or {}
    return {
        "post_id": data.get("aweme_id") or data.get("awemeId"),
        "account_id": author.get("sec_uid") or author.get("secUid") or data.get("author_user_id") or author.get("uid"),
        "created_at": data.get("create_time") or data["createTime"],
        "text": data.get("desc"),
        "urls": [],
        "hashtags": [tag for one in extra if (tag := one.get("hashtag_name") or one.get("hashtagName"))],
        "mentions": [name for one in extra if (name := one.get("sec_uid") or one.get("secUid"))],
        "place": data.get("region"),
        "reach": known(stats.get("share_count"), stats.get("shareCount")),
    }


def _instagram(data: Record) -> Record:
    user, owner = data.get("user") or {}, data.get("owner") or {}
    return {
        "post_id": data.get("code") or data.get("shortcode") or data.get("id") or data.get("pk"),
        "account_id": _first(user, owner, names=("username",)) or _first(user, owner, names=("pk", "id", "pk_id")),
        "created_at": data.get("taken_at") or data.get("taken_at_timestamp") or data["device_timestamp"],
        "text": _caption(data),
        "media": [data["id"]] if data.get("id") and not isinstance(data["id"], dict) else [],
        "place": (data.get("location") or {}).get("name"),
        "reach": known(data.get("play_count"), data.get("view_count"), data.get("video_view_count")),
    }


def _caption(data: Record) -> Any:
    caption = data.get("caption")
    if caption is not None or "edge_media_to_caption" not in data:
        return caption.get("text") if isinstance(caption, dict) else caption
    edges = (data["edge_media_to_caption"] or {}).get("edges") or [{}]
    return (edges[0].get("node") or {}).get("text")


def _threads(data: Record) -> Record:
    app = data.get("text_post_app_info") or {}
    share = app.get("share_info") or {}
    link = (app.get("link_preview_attachment") or {}).get("url")
    repost, quote = share.get("reposted_post") or {}, share.get("quoted_post") or {}
    shown = repost or data
    return {
        "post_id": data.get("code") or data["pk"],
        "account_id": _first(data["user"], names=("username", "pk", "id")),
        "created_at": data["taken_at"],
        "text": _caption(shown),
        "urls": [unwrapped(link)] if link else None,
        "repost_of": repost.get("code") or repost.get("pk"),
        "quote_of": quote.get("code") or quote.get("pk"),
        "reach": app.get("repost_count"),
    }


def unwrapped(link: str) -> str:
    """The page behind an address that only counts clicks."""
    parts = urlsplit(link)
    inner = parse_qs(parts.query).get("u") if parts.netloc in _TRACKERS else None
    return inner[0] if inner else link


def _linkedin(data: Record) -> Record:
    actor = data["actor"]
    urn = str(
        (data.get("updateMetadata") or {}).get("urn") or data.get("preDashEntityUrn") or data.get("entityUrn") or ""
    )
    found = _ACTIVITY.search(urn)
    person = (actor.get("navigationContext") or {}).get("actionTarget") or ""
    text = ((data.get("commentary") or {}).get("text") or {}).get("text")
    content = data.get("content") or {}
    context = content.get("navigationContext") or (content.get("articleComponent") or {}).get("navigationContext") or {}
    link = context.get("actionTarget")
    return {
        "post_id": found[1] if found else urn or None,
        "account_id": person.partition("linkedin.com/")[2].partition("?")[0] or (actor.get("name") or {}).get("text"),
        "created_at": _made_at(int(found[1])) if found else None,
        "text": text,
        "urls": [link] if link else None,
    }


def _made_at(activity: int) -> str:
    """The id of an activity on LinkedIn holds the millisecond it was made in."""
    return datetime.fromtimestamp((activity >> 22) / 1000, UTC).isoformat()


def _rednote(data: Record) -> Record:
    note = data.get("note") or data.get("note_card") or data
    user = note.get("user") or {}
    if not user and "author_name" not in data:
        raise NotAPost("stub")
    parts = [note.get("display_title") or note.get("title"), note.get("desc")]
    return {
        "post_id": data.get("id") or data.get("note_id") or note.get("noteId"),
        "account_id": _first(user, names=("user_id", "userId", "nickname")) or data.get("author_name"),
        "created_at": note.get("time"),
        "text": "\n\n".join(part for part in parts if part) or None,
    }


def _gab(data: Record) -> Record:
    if data.get("type") in ("group", "user"):
        raise NotAPost("group" if data["type"] == "group" else "profile")
    if "ca" not in data:
        return status({"content": "", **data}) if isinstance(data.get("account"), dict) else _other(data)
    author = data.get("author_info") or {}
    link = (data.get("link_info") or {}).get("url")
    return {
        "post_id": data.get("i") or data.get("id"),
        "account_id": author.get("i") or data.get("ai") or author.get("un"),
        "created_at": data["ca"],
        "text": data.get("c"),
        "urls": [link] if link else None,
        "media": [image.get("i") for image in data.get("image_info") or []],
    }


def _ninegag(data: Record) -> Record:
    return {
        "post_id": data["id"],
        "account_id": (data.get("creator") or {}).get("username"),
        "created_at": data["creationTs"],
        "text": "\n\n".join(part for part in (data.get("title"), data.get("description")) if part) or None,
        "hashtags": [tag.get("key") for tag in data.get("tags") or []],
        "urls": [data["sourceUrl"]] if data.get("sourceUrl") else None,
    }


def _imgur(data: Record) -> Record:
    return {
        "post_id": data["id"],
        "account_id": data.get("account_id") or (data.get("account") or {}).get("id"),
        "created_at": data["created_at"],
        "text": "\n\n".join(part for part in (data.get("title"), data.get("description")) if part) or None,
        "media": [data["cover_id"]] if data.get("cover_id") else [],
        "reach": data.get("view_count"),
    }


def _other(data: Record) -> Record:
    flat = flatten(data)
    post: Record = {target: flat[source] for target, source in guess_columns(list(flat)).items()}
    post.pop("platform", None)
    if "created_at" not in post or "account_id" not in post:
        raise KeyError("created_at")
    return post


def _first(*objects: Record, names: tuple[str, ...]) -> Any:
    return next((one[name] for one in objects for name in names if one.get(name)), None)


_READERS = {
    "x": web_post,
    "tiktok": _tiktok,
    "instagram": _instagram,
    "threads": _threads,
    "truthsocial": status,
    "linkedin": _linkedin,
    "xiaohongshu": _rednote,
    "gab": _gab,
    "9gag": _ninegag,
    "imgur": _imgur,
    "douyin": _douyin,
}


def _is_item(record: Record) -> bool:
    about = record.get("__import_meta")
    if isinstance(about, dict):
        return "source_platform" in about
    return {"source_platform", "data"} <= record.keys() and isinstance(record["data"], dict)


ZEESCHUIMER = Shape(
    name="zeeschuimer",
    title="Zeeschuimer NDJSON",
    record=_is_item,
    extract=extract,
)
