"""4CAT tables of every data source it has."""

from __future__ import annotations

import polars as pl

from dideban.ingest.embedded_lists import NO_VALUE
from dideban.ingest.field_source import first
from dideban.ingest.format import Columns, Shape
from dideban.ingest.permalinks import id_of
from dideban.ingest.sources.x_collectors import BY_TEXT, marked_reposts

_PLATFORM, _ID, _REPLY, _REPOST, _QUOTE = (
    "platform (4CAT)",
    "id (4CAT)",
    "reply_to (4CAT)",
    "forwarded (4CAT)",
    "quoted (4CAT)",
)
_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("telegram", frozenset({"author_forwarded_from_name", "attachment_type"})),
    ("vk", frozenset({"item_type", "author_screen_name"})),
    ("bluesky", frozenset({"replied_to_post", "author_display_name"})),
    ("x", frozenset({"is_retweet", "retweeted_user"})),
    ("x", frozenset({"is_retweet", "possibly_sensitive"})),
    ("tiktok", frozenset({"music_name", "thumbnail_url"})),
    ("tiktok", frozenset({"tiktok_url"})),
    ("tiktok", frozenset({"comment_language"})),
    ("instagram", frozenset({"usertags", "num_likes"})),
    ("instagram", frozenset({"usertags", "media_urls"})),
    ("threads", frozenset({"link_thumbnail_url", "is_paid_partnership"})),
    ("linkedin", frozenset({"author_name_mentions"})),
    ("gab", frozenset({"account_username", "group_id"})),
    ("9gag", frozenset({"is_vote_masked"})),
    ("imgur", frozenset({"virality_score"})),
    ("douyin", frozenset({"author_nickname", "collection_id"})),
    ("xiaohongshu", frozenset({"collected_from_url", "author_avatar_url", "title"})),
    ("truthsocial", frozenset({"card", "sponsored"})),
    ("truthsocial", frozenset({"author_display_name", "replies_count", "favourites_count"})),
    ("reddit", frozenset({"subreddit"})),
    ("pinterest", frozenset({"pinner_original"})),
)
"""Platform to columns that only its tables have."""
_LINKS = ("link", "url", "post_url", "tiktok_url")


def platform_of_columns(names: Columns) -> str:
    """Platform that a table of 4CAT is of; empty where its columns do not say."""
    return next((platform for platform, marks in _MARKS if names >= marks), "")


def derive(raw: pl.DataFrame) -> pl.DataFrame:
    """Ids as other collectors have them, chats in front of bare numbers, what a forward or retweet repeats."""
    names = frozenset(raw.columns)
    platform = platform_of_columns(names)
    ids = pl.col("id").cast(pl.String)
    raw = raw.with_columns(
        pl.lit(platform or None, pl.String).alias(_PLATFORM),
        (_wall_id(names) if platform == "vk" else ids).alias(_ID),
        _reply(names).alias(_REPLY),
        _forward(names).alias(_REPOST),
        _address(names, ("quoted_post",)).alias(_QUOTE),
    )
    if {"is_retweet", "body"} <= names:
        return marked_reposts(raw, text="body", mark="is_retweet")
    return raw.with_columns(pl.lit(None, pl.String).alias(BY_TEXT))


def _wall_id(names: Columns) -> pl.Expr:
    """The number of a post counts within its wall; the address names both."""
    link = next((pl.col(name) for name in _LINKS if name in names), pl.lit(None, pl.String))
    return pl.coalesce(link.str.extract(r"wall(-?[0-9]+_[0-9]+)"), pl.col("id").cast(pl.String))


def _reply(names: Columns) -> pl.Expr:
    if "replied_to_post" in names:
        return _address(names, ("replied_to_post",))
    found = [
        pl.col(name).cast(pl.String).str.strip_chars()
        for name in ("reply_to", "in_reply_to", "parent_id")
        if name in names
    ]
    if not found:
        return pl.lit(None, pl.String)
    reply = pl.coalesce(pl.when(~value.is_in(NO_VALUE)).then(value) for value in found)
    if "chat" not in names:
        return reply
    home = pl.col("chat").cast(pl.String)
    return pl.when(reply.str.contains(r"^[0-9]+$")).then(pl.concat_str(home, pl.lit("-"), reply)).otherwise(reply)


def _forward(names: Columns) -> pl.Expr:
    """A forwarded message is known by where and when it was posted first."""
    if not {"author_forwarded_from_id", "unix_timestamp_forwarded_from"} <= names:
        return pl.lit(None, pl.String)
    home = pl.col("author_forwarded_from_id").cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
    at = pl.col("unix_timestamp_forwarded_from").cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
    return pl.when((home != "") & (at != "")).then(pl.concat_str(home, pl.lit("@"), at))


def _address(names: Columns, columns: tuple[str, ...]) -> pl.Expr:
    found = next((pl.col(name) for name in columns if name in names), None)
    if found is None:
        return pl.lit(None, pl.String)
    address = found.str.strip_chars()
    return pl.when(address.str.starts_with("http")).then(id_of(address))


def _is_table(names: Columns) -> bool:
    if not {"id", "body"} <= names:
        return False
    known = bool(platform_of_columns(names)) and bool(names & {"timestamp", "unix_timestamp", "created_at"})
    return known or names >= {"thread_id", "author", "timestamp"} or names >= {"author", "timestamp", "unix_timestamp"}


FOURCAT = Shape(
    name="4cat",
    columns=_is_table,
    mapping={
        "post_id": _ID,
        "account_id": ("author_id", "author_user_id", "account_id", "author", "account_username", "author_nickname"),
        "created_at": ("created_at", "unix_timestamp", "timestamp"),
        "platform": _PLATFORM,
        "text": first("body", "title", "subject"),
        "lang": ("lang", "language", "language_guess", "languages", "comment_language"),
        "urls": first("urls", "links", "link_attached", "link_url", "linked_urls"),
        "hashtags": ("hashtags", "tags"),
        "mentions": ("mentions", "usertags", "author_mentions"),
        "media": ("images", "image_url", "image_urls", "photos", "media_url"),
        "repost_of": first("retweet_id", "shared_id", _REPOST, BY_TEXT),
        "reply_to": _REPLY,
        "quote_of": _QUOTE,
        "place": ("place_name", "location_name", "location", "location_created"),
        "reach": (
            "impression_count",
            "views",
            "play_count",
            "plays",
            "num_views",
            "reposts",
            "reposts_count",
            "shares",
        ),
    },
    derive=derive,
    derived=(_PLATFORM, _ID, _REPLY, _REPOST, _QUOTE, BY_TEXT),
    permalink=_LINKS,
    homes=("chat", "thread_id"),
)
