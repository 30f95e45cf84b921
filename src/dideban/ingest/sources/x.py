"""X (Twitter): API v2 and v1.1 records as twarc keeps them, and the tables of the information-operations releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dideban.ingest import notes as said
from dideban.ingest.format import NotAPost, Record, Shape

_V2_MARKS = ("public_metrics", "edit_history_tweet_ids", "conversation_id", "referenced_tweets")


def is_page(record: Record) -> bool:
    """A response of the API: tweets under ``data``, what they refer to under ``includes``."""
    data = record.get("data")
    first = data[0] if isinstance(data, list) and data else data
    page = any(key in record for key in ("includes", "meta", "__twarc", "matching_rules"))
    return isinstance(first, dict) and "id" in first and ("text" in first or "author_id" in first) and page


def is_v2(record: Record) -> bool:
    """One tweet, flattened or not."""
    is_marked = any(mark in record for mark in _V2_MARKS) or isinstance(record.get("author"), dict)
    return {"id", "text", "author_id"} <= record.keys() and is_marked


def is_v1(record: Record) -> bool:
    """One tweet of the older API."""
    user = record.get("user")
    return "id_str" in record and isinstance(user, dict) and "screen_name" in user and "created_at" in record


def extract_v2(record: Record, context: Record) -> Iterator[Record]:
    """Read a page, or one tweet with ``includes`` in the context."""
    if "data" not in record and ("errors" in record or "meta" in record):
        raise NotAPost("page-of-errors")
    if is_page(record):
        data = record["data"]
        tweets, includes = (data if isinstance(data, list) else [data]), record.get("includes") or {}
    else:
        tweets, includes = [record], context.get("includes") or {}
    quoted = {tweet["id"]: tweet for tweet in includes.get("tweets", []) if isinstance(tweet, dict) and "id" in tweet}
    places = {place["id"]: place for place in includes.get("places", []) if isinstance(place, dict) and "id" in place}
    for tweet in tweets:
        yield _v2(tweet, quoted, places)


def _v2(tweet: Record, others: dict[str, Record], places: dict[str, Record]) -> Record:
    links = {link["type"]: link for link in tweet.get("referenced_tweets") or []}
    repost = links.get("retweeted")
    original: Record = (others.get(repost["id"]) or repost) if repost else {}
    long: Record = (original if repost else tweet).get("note_tweet") or {}
    entities: Record = {} if repost else long.get("entities") or tweet.get("entities") or {}
    metrics = tweet.get("public_metrics") or {}
    geo: Record = tweet.get("geo") or {}
    place: Record = places.get(str(geo.get("place_id")), geo)
    return {
        "post_id": tweet["id"],
        "account_id": tweet.get("author_id"),
        "created_at": tweet.get("created_at"),
        "text": long.get("text") or original.get("text") or tweet.get("text"),
        "lang": language(tweet.get("lang")),
        "urls": links_of(entities.get("urls")),
        "hashtags": [tag.get("tag") for tag in entities.get("hashtags") or []],
        "mentions": [name.get("id") or name.get("username") for name in entities.get("mentions") or []],
        "media": [] if repost else (tweet.get("attachments") or {}).get("media_keys") or [],
        "repost_of": repost["id"] if repost else None,
        "reply_to": links["replied_to"]["id"] if "replied_to" in links else tweet.get("in_reply_to_user_id"),
        "quote_of": links["quoted"]["id"] if "quoted" in links else None,
        "place": place.get("full_name"),
        "reach": metrics.get("impression_count") or metrics.get("retweet_count"),
    }


def links_of(entities: Any) -> list[str]:
    """Pages that links lead to; links that only show a picture of the tweet itself are not links."""
    return [url for link in entities or [] if (url := _link(link))]


def _link(link: Record) -> str | None:
    if link.get("media_key") or str(link.get("display_url", "")).startswith("pic."):
        return None
    return link.get("unwound_url") or link.get("expanded_url") or link.get("url")


def language(code: Any) -> str | None:
    """X writes ``und`` and private codes where it does not know."""
    return None if not isinstance(code, str) or code in ("und", "zxx") or code.startswith("q") else code


def extract_v1(record: Record, _context: Record) -> Iterable[Record]:
    """Read one tweet of API v1.1."""
    return [v1_post(record, record["user"])]


def v1_post(tweet: Record, user: Record) -> Record:
    """Read a v1.1 tweet, or the ``legacy`` part of a newer one, which is the same but for the user."""
    repost = tweet.get("retweeted_status")
    entities: Record = {} if repost else tweet.get("entities") or {}
    extended: Record = {} if repost else tweet.get("extended_entities") or {}
    body = repost or tweet
    long = body.get("extended_tweet") or {}
    entities = entities if repost else long.get("entities") or entities
    place = tweet.get("place") or {}
    return {
        "post_id": tweet["id_str"],
        "account_id": user.get("id_str") or tweet.get("user_id_str") or user.get("screen_name"),
        "created_at": tweet["created_at"],
        "text": long.get("full_text") or body.get("full_text") or body.get("text"),
        "lang": language(tweet.get("lang")),
        "urls": links_of(entities.get("urls")),
        "hashtags": [tag.get("text") for tag in entities.get("hashtags") or []],
        "mentions": [name.get("id_str") or name.get("screen_name") for name in entities.get("user_mentions") or []],
        "media": [item.get("id_str") for item in extended.get("media") or entities.get("media") or []],
        "repost_of": repost.get("id_str") if repost else None,
        "reply_to": tweet.get("in_reply_to_status_id_str") or tweet.get("in_reply_to_user_id_str"),
        "quote_of": tweet.get("quoted_status_id_str"),
        "place": place.get("full_name"),
        "reach": tweet.get("retweet_count"),
    }


X_V2 = Shape(
    name="x-v2",
    title="X/Twitter API v2 (twarc)",
    platform="x",
    record=lambda record: is_page(record) or is_v2(record) or ("errors" in record and "data" not in record),
    extract=extract_v2,
    own_objects=True,
    notes=(said.BARE_RETWEETS,),
)

X_V1 = Shape(
    name="x-v1",
    title="X/Twitter API v1.1",
    platform="x",
    record=is_v1,
    extract=extract_v1,
    own_objects=True,
    notes=(said.BARE_RETWEETS,),
)

X_IO = Shape(
    name="x-io",
    platform="x",
    columns=lambda names: names >= {"tweetid", "userid", "tweet_text", "tweet_time"},
    mapping={
        "post_id": "tweetid",
        "account_id": "userid",
        "created_at": "tweet_time",
        "text": "tweet_text",
        "lang": "tweet_language",
        "urls": "urls",
        "hashtags": "hashtags",
        "mentions": "user_mentions",
        "repost_of": "retweet_tweetid",
        "reply_to": "in_reply_to_tweetid",
        "quote_of": "quoted_tweet_tweetid",
        "reach": "retweet_count",
    },
    own_objects=True,
)
