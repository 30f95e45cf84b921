"""X (Twitter) as tables and records of collectors: twarc-csv, Twint, snscrape, twscrape, Apify and others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from dideban.ingest import notes as said
from dideban.ingest.field_source import first, moment
from dideban.ingest.format import Record, Shape
from dideban.ingest.identity import text_names
from dideban.ingest.sources.x import language, links_of, v1_post

BY_TEXT = "repost (by its text)"
_ZONE = "timezone (with its sign)"
_RETWEET = r"^RT @(\w+):? "


def by_text(raw: pl.DataFrame, *, text: str) -> pl.DataFrame:
    """A retweet whose original is not named is known by the account and the words that it repeats."""
    words = raw[text].set(~raw[text].str.contains(_RETWEET).fill_null(value=False), None)
    return raw.with_columns(text_names(words).alias(BY_TEXT))


def _twint(raw: pl.DataFrame) -> pl.DataFrame:
    """The zone of Twint is written as 0200 where a spreadsheet took its sign."""
    zone = pl.col("timezone").cast(pl.String).str.strip_chars()
    return raw.with_columns(
        pl.when(zone.str.contains(r"^[0-9]{4}$")).then(pl.concat_str(pl.lit("+"), zone)).otherwise(zone).alias(_ZONE)
    )


TWARC_CSV = Shape(
    name="twarc-csv",
    platform="x",
    columns=lambda names: names >= {"id", "author_id", "created_at", "text", "referenced_tweets.retweeted.id"},
    mapping={
        "post_id": "id",
        "account_id": "author_id",
        "created_at": "created_at",
        "text": "text",
        "lang": "lang",
        "urls": "entities.urls",
        "hashtags": "entities.hashtags",
        "mentions": "entities.mentions",
        "media": "attachments.media_keys",
        "repost_of": "referenced_tweets.retweeted.id",
        "reply_to": first("referenced_tweets.replied_to.id", "in_reply_to_user_id"),
        "quote_of": "referenced_tweets.quoted.id",
        "place": "geo.full_name",
        "reach": first("public_metrics.impression_count", "public_metrics.retweet_count"),
    },
    own_objects=True,
)

TWINT = Shape(
    name="twint",
    title="Twint",
    platform="x",
    columns=lambda names: names >= {"id", "conversation_id", "date", "time", "timezone", "username", "tweet"},
    mapping={
        "post_id": "id",
        "account_id": ("user_id", "username"),
        "created_at": moment("date", "time", _ZONE),
        "text": "tweet",
        "lang": "language",
        "urls": "urls",
        "hashtags": "hashtags",
        "mentions": "mentions",
        "media": "photos",
        "repost_of": "retweet_id",
        "quote_of": "quote_url",
        "place": "place",
        "reach": "retweets_count",
    },
    derive=_twint,
    derived=(_ZONE,),
)

SNSCRAPE_CSV = Shape(
    name="snscrape-csv",
    platform="x",
    columns=lambda names: names >= {"date", "id", "user", "tcooutlinks"} and bool(names & {"content", "rawContent"}),
    mapping={
        "post_id": "id",
        "account_id": "user",
        "created_at": "date",
        "text": ("rawContent", "content"),
        "lang": "lang",
        "urls": "outlinks",
        "hashtags": "hashtags",
        "mentions": "mentionedUsers",
        "media": "media",
        "repost_of": "retweetedTweet",
        "reply_to": "inReplyToTweetId",
        "quote_of": "quotedTweet",
        "place": "place",
        "reach": ("viewCount", "retweetCount"),
    },
)

WEB_EXPORTER = Shape(
    name="twitter-web-exporter",
    title="twitter-web-exporter",
    platform="x",
    columns=lambda names: (
        names >= {"id", "created_at", "full_text", "screen_name", "retweeted_status", "quoted_status"}
    ),
    mapping={
        "post_id": "id",
        "account_id": ("user_id", "screen_name"),
        "created_at": "created_at",
        "text": "full_text",
        "media": "media",
        "repost_of": "retweeted_status",
        "reply_to": "in_reply_to",
        "quote_of": "quoted_status",
        "reach": first("views_count", "retweet_count"),
    },
    permalink="url",
)

TCAT = Shape(
    name="dmi-tcat",
    platform="x",
    columns=lambda names: names >= {"id", "created_at", "from_user_name", "text", "from_user_id"},
    mapping={
        "post_id": "id",
        "account_id": ("from_user_id", "from_user_name"),
        "created_at": ("time", "created_at"),
        "text": "text",
        "lang": "lang",
        "repost_of": ("retweet_id", BY_TEXT),
        "reply_to": "in_reply_to_status_id",
        "quote_of": "quoted_status_id",
        "reach": "retweet_count",
    },
    derive=lambda raw: by_text(raw, text="text"),
    derived=(BY_TEXT,),
    notes=(said.REPOSTS_BY_TEXT,),
)

GAZOUILLOIRE = Shape(
    name="gazouilloire",
    platform="x",
    columns=lambda names: names >= {"id", "timestamp_utc", "user_screen_name", "text", "retweeted_id"},
    mapping={
        "post_id": "id",
        "account_id": ("user_id", "user_screen_name"),
        "created_at": "timestamp_utc",
        "text": "text",
        "lang": "lang",
        "urls": "links",
        "hashtags": "hashtags",
        "mentions": ("mentioned_ids", "mentioned_names"),
        "media": ("media_files", "media_urls"),
        "repost_of": "retweeted_id",
        "reply_to": "to_tweetid",
        "quote_of": "quoted_id",
        "place": ("place_name",),
        "reach": ("impression_count", "retweet_count"),
    },
    own_objects=True,
)

TROLLS = Shape(
    name="ira-tweets",
    platform="x",
    columns=lambda names: names >= {"external_author_id", "author", "content", "publish_date", "harvested_date"},
    mapping={
        "post_id": ("tweet_id", "article_id"),
        "account_id": ("alt_external_id", "author"),
        "created_at": "publish_date",
        "text": "content",
        "lang": "language",
        "urls": first("tco1_step1", "tco2_step1", "tco3_step1"),
        "repost_of": BY_TEXT,
    },
    derive=lambda raw: marked_reposts(raw, text="content", mark="retweet"),
    derived=(BY_TEXT,),
    day_first=False,
    notes=(said.REPOSTS_BY_TEXT,),
)


def marked_reposts(raw: pl.DataFrame, *, text: str, mark: str) -> pl.DataFrame:
    """A retweet is marked as one; its words name what it repeats."""
    if mark not in raw.columns:
        return by_text(raw, text=text)
    is_repost = raw[mark].cast(pl.String).is_in(["1", "yes", "True", "true"]).fill_null(value=False)
    return raw.with_columns(text_names(raw[text].set(~is_repost, None)).alias(BY_TEXT))


def extract_snscrape(record: Record, _context: Record) -> Iterator[Record]:
    """Read one tweet of snscrape or twscrape."""
    user = record["user"]
    repost, quote = record.get("retweetedTweet"), record.get("quotedTweet")
    links = record.get("links")
    text = record.get("rawContent") or record.get("content") or record.get("renderedContent")
    original = repost if isinstance(repost, dict) else {}
    media = record.get("media") or []
    yield {
        "post_id": record.get("id_str") or record["id"],
        "account_id": user.get("id_str") or user.get("id") or user.get("username"),
        "created_at": record["date"],
        "text": original.get("rawContent") or original.get("content") or text,
        "lang": language(record.get("lang")),
        "urls": [link["url"] for link in links] if isinstance(links, list) else record.get("outlinks") or [],
        "hashtags": record.get("hashtags") or [],
        "mentions": [
            one.get("id_str") or one.get("id") or one.get("username") for one in record.get("mentionedUsers") or []
        ],
        "media": _media(media),
        "repost_of": _id(repost),
        "reply_to": record.get("inReplyToTweetIdStr") or record.get("inReplyToTweetId"),
        "quote_of": _id(quote),
        "place": (record.get("place") or {}).get("fullName"),
        "reach": record.get("viewCount") or record.get("retweetCount"),
    }


def _media(media: Any) -> list[str]:
    items = (
        media if isinstance(media, list) else [one for kind in media.values() if isinstance(kind, list) for one in kind]
    )
    urls = (
        item.get("url") or item.get("fullUrl") or item.get("thumbnailUrl") for item in items if isinstance(item, dict)
    )
    return [url for url in urls if url]


def _id(tweet: Any) -> Any:
    return (tweet.get("id_str") or tweet.get("id")) if isinstance(tweet, dict) else None


SNSCRAPE = Shape(
    name="snscrape",
    platform="x",
    record=lambda record: (
        {"date", "id", "user", "conversationId"} <= record.keys()
        and isinstance(record["user"], dict)
        and bool(record.keys() & {"rawContent", "content", "renderedContent"})
    ),
    extract=extract_snscrape,
    own_objects=True,
)


def extract_apify(record: Record, _context: Record) -> Iterator[Record]:
    """Read one tweet of an Apify actor."""
    author = record["author"]
    repost = record.get("retweet") or record.get("retweetedTweet")
    repost = repost if isinstance(repost, dict) else None
    entities: Record = {} if repost or record.get("isRetweet") else record.get("entities") or {}
    yield {
        "post_id": record["id"],
        "account_id": author.get("id") or author.get("userName"),
        "created_at": record["createdAt"],
        "text": (repost or record).get("fullText") or (repost or record).get("text"),
        "lang": language(record.get("lang")),
        "urls": links_of(entities.get("urls")),
        "hashtags": [tag.get("text") for tag in entities.get("hashtags") or []],
        "mentions": [one.get("id_str") or one.get("screen_name") for one in entities.get("user_mentions") or []],
        "media": [item for item in record.get("media") or [] if isinstance(item, str)],
        "repost_of": repost["id"] if repost else record.get("retweetId"),
        "reply_to": record.get("inReplyToId"),
        "quote_of": record.get("quoteId"),
        "reach": record.get("viewCount") or record.get("retweetCount"),
    }


APIFY = Shape(
    name="apify-x",
    platform="x",
    record=lambda record: (
        {"id", "createdAt", "author", "text"} <= record.keys()
        and isinstance(record["author"], dict)
        and bool(record.keys() & {"twitterUrl", "isRetweet", "retweetCount"})
    ),
    extract=extract_apify,
    own_objects=True,
)

BRIGHT_DATA = Shape(
    name="brightdata",
    title="Bright Data",
    columns=lambda names: names >= {"user_posted", "date_posted", "description", "url"},
    mapping={
        "post_id": ("id", "post_id", "shortcode", "pk"),
        "account_id": ("user_id", "user_posted"),
        "created_at": "date_posted",
        "text": "description",
        "urls": ("external_url",),
        "hashtags": "hashtags",
        "mentions": ("tagged_users",),
        "media": ("photos", "images"),
        "reach": ("views", "reposts"),
    },
    permalink="url",
)


def extract_archive(record: Record, _context: Record) -> Iterator[Record]:
    """Read one tweet of the archive that X gives to the owner of an account; it does not say whose it is."""
    yield v1_post(record["tweet"], {})


ARCHIVE = Shape(
    name="x-archive",
    platform="x",
    record=lambda record: (
        record.keys() == {"tweet"} and isinstance(record["tweet"], dict) and "id_str" in record["tweet"]
    ),
    extract=extract_archive,
    own_objects=True,
    notes=(said.ARCHIVE_ACCOUNT,),
)
