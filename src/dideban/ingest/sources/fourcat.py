"""4CAT tables, and what Zeeschuimer collects in a browser for 4CAT."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.columns import guess_columns
from dideban.ingest.flatten_json import flatten
from dideban.ingest.format import NotAPost, Record, Shape
from dideban.ingest.sources.mastodon import status
from dideban.ingest.sources.x import v1_post

_PLATFORMS = {
    "twitter.com": "x", "x.com": "x", "tiktok.com": "tiktok", "instagram.com": "instagram", "threads.net": "threads",
    "threads.com": "threads", "truthsocial.com": "truthsocial", "9gag.com": "9gag", "linkedin.com": "linkedin",
    "gab.com": "gab", "douyin.com": "douyin", "imgur.com": "imgur", "pinterest.com": "pinterest",
    "xiaohongshu.com": "xiaohongshu", "rednote.com": "xiaohongshu",
}  # fmt: skip


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one item that Zeeschuimer collected."""
    site = str(record["source_platform"]).removeprefix("www.")
    platform = _PLATFORMS.get(site, site.split(".")[0])
    data = record["data"]
    if platform == "x":
        post = _x(data)
    elif platform == "tiktok":
        post = _tiktok(data)
    elif platform in ("instagram", "threads"):
        post = _instagram(data)
    elif platform == "truthsocial":
        post = status(data)
    else:
        post = _other(data)
    post["platform"] = platform
    post["post_id"] = post.get("post_id") or record.get("item_id")
    yield post


def _x(data: Record) -> Record:
    if "legacy" not in data:
        raise NotAPost  # an advertisement, a trend, a tombstone
    legacy = dict(data["legacy"])
    legacy.setdefault("id_str", data.get("rest_id"))
    result = legacy.pop("retweeted_status_result", {}).get("result") or {}
    original = result.get("legacy") or (result.get("tweet") or {}).get("legacy")
    if original:
        legacy["retweeted_status"] = original
    person = (data.get("core") or {}).get("user_results", {}).get("result") or {}
    names = {**(person.get("core") or {}), **(person.get("legacy") or {})}
    post = v1_post(legacy, {"id_str": person.get("rest_id"), "screen_name": names.get("screen_name")})
    views = (data.get("views") or {}).get("count")
    return {**post, "reach": views or post["reach"]}


def _tiktok(data: Record) -> Record:
    author = data["author"]
    name = author.get("uniqueId") if isinstance(author, dict) else author
    tags = [extra.get("hashtagName") for extra in data.get("textExtra") or [] if extra.get("hashtagName")]
    people = [extra.get("userUniqueId") for extra in data.get("textExtra") or [] if extra.get("userUniqueId")]
    return {
        "post_id": data["id"],
        "account_id": name,
        "created_at": data["createTime"],
        "text": data.get("desc"),
        "lang": data.get("textLanguage"),
        "urls": [],
        "hashtags": tags,
        "mentions": people,
        "media": [],
        "place": data.get("locationCreated"),
        "reach": (data.get("stats") or {}).get("playCount"),
    }


def _instagram(data: Record) -> Record:
    caption = data.get("caption")
    user = data.get("user") or data.get("owner") or {}
    return {
        "post_id": data.get("code") or data.get("shortcode") or data.get("id") or data.get("pk"),
        "account_id": user.get("username") or user.get("pk") or user.get("id"),
        "created_at": data.get("taken_at") or data.get("taken_at_timestamp"),
        "text": caption.get("text") if isinstance(caption, dict) else caption,
        "place": (data.get("location") or {}).get("name"),
        "reach": data.get("play_count") or data.get("view_count"),
    }


def _other(data: Record) -> Record:
    flat = flatten(data)
    post: Record = {target: flat[source] for target, source in guess_columns(list(flat)).items()}
    if "created_at" not in post or "account_id" not in post:
        raise KeyError("created_at")
    return post


ZEESCHUIMER = Shape(
    name="zeeschuimer",
    title="Zeeschuimer NDJSON",
    record=lambda record: {"source_platform", "data"} <= record.keys() and isinstance(record["data"], dict),
    extract=extract,
)

FOURCAT = Shape(
    name="4cat",
    title="4CAT table",
    columns=lambda names: names >= {"id", "thread_id", "body", "author", "timestamp"},
    mapping={
        "post_id": "id",
        "account_id": ("author_id", "author"),
        "created_at": ("unix_timestamp", "timestamp"),
        "text": "body",
        "lang": ("lang", "language", "language_guess"),
        "urls": "urls",
        "hashtags": "hashtags",
        "mentions": ("mentions", "usertags"),
        "media": ("images", "image_url", "image_urls"),
        "repost_of": ("retweet_id", "shared_id"),
        "reply_to": ("reply_to", "in_reply_to", "parent_id"),
        "place": ("place_name", "location_name", "location"),
        "reach": ("impression_count", "views", "play_count", "plays", "num_views"),
    },
)
