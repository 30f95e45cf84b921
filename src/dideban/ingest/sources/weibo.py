"""Weibo: answers of its website, and the tables of two collectors."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.format import Record, Shape
from dideban.ingest.markup import read_html


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one post; a repost shows what it repeats."""
    user, origin = record["user"], record.get("retweeted_status")
    shown = origin if isinstance(origin, dict) and (origin.get("text_raw") or origin.get("text")) else record
    text = shown.get("longText", {}).get("longTextContent") if isinstance(shown.get("longText"), dict) else None
    text = text or shown.get("text_raw") or read_html(shown.get("text") or "")[0]
    links = [url for one in record.get("url_struct") or [] if (url := one.get("long_url") or one.get("ori_url"))]
    yield {
        "post_id": record.get("idstr") or record.get("mid") or record["id"],
        "account_id": user.get("idstr") or user["id"],
        "created_at": record["created_at"],
        "text": text,
        "urls": ([] if origin else links) or None,
        "media": list(record.get("pic_ids") or []),
        "repost_of": (origin.get("idstr") or origin.get("mid") or origin.get("id"))
        if isinstance(origin, dict)
        else None,
        "place": record.get("region_name"),
        "reach": record.get("reposts_count"),
    }


WEIBO = Shape(
    name="weibo-api",
    platform="weibo",
    record=lambda record: (
        "created_at" in record
        and isinstance(record.get("user"), dict)
        and "screen_name" in record["user"]
        and bool(record.keys() & {"mid", "mblogid", "text_raw"})
    ),
    extract=extract,
)

WEIBO_TABLE = Shape(
    name="weibo-table",
    platform="weibo",
    columns=lambda names: "微博正文" in names or {"正文", "发布时间"} <= names,
    mapping={
        "post_id": ("id", "微博id", "bid"),
        "account_id": ("user_id", "用户id", "用户昵称"),
        "created_at": ("发布时间", "完整日期", "日期"),
        "text": ("微博正文", "正文"),
        "urls": ("头条文章url",),
        "hashtags": ("话题",),
        "mentions": ("艾特用户", "@用户"),
        "media": ("微博图片url", "原始图片url"),
        "repost_of": ("retweet_id", "源微博id"),
        "place": ("发布位置", "位置"),
        "reach": ("转发数",),
    },
    links_in_text=True,
)
