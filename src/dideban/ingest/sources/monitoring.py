"""Tables of tools that watch media: Brandwatch, Meltwater, Talkwalker, NewsWhip, Junkipedia and others."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dideban.ingest.field_source import first, moment
from dideban.ingest.format import Record, Shape, known
from dideban.ingest.permalinks import NAMES
from dideban.ingest.sources.gdelt import host_of
from dideban.ingest.sources.x_collectors import BY_TEXT, by_text

_SITE = "site of the story"
_AUTHOR = "author (without its platform)"
MAX_RELATED = 1_000
"""Stories taken from one answer that names related ones."""
_REPOST_OF = ("X Repost of", "Twitter Retweet of")
_REFERENCES = ("retweeted", "replied_to", "quoted")


def _site(raw: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in ("media_url", "url") if name in raw.columns]
    return raw.with_columns(pl.coalesce(host_of(pl.col(name)) for name in columns).alias(_SITE))


MEDIA_CLOUD = Shape(
    name="media-cloud",
    title="Media Cloud",
    platform="web",
    columns=lambda names: names >= {"publish_date", "title", "url", "media_name", "media_url"},
    mapping={
        "post_id": "url",
        "account_id": _SITE,
        "created_at": "publish_date",
        "text": "title",
        "lang": "language",
    },
    derive=_site,
    derived=(_SITE,),
    permalink="url",
)


def _originals(raw: pl.DataFrame) -> pl.DataFrame:
    """The original of a repost by its address where a column has it, else by the words that are repeated."""
    raw = by_text(raw, text="Full Text" if "Full Text" in raw.columns else "Snippet")
    named = [pl.col(name).str.strip_chars() for name in _REPOST_OF if raw.schema.get(name) == pl.String]
    addresses = [pl.when(value != "").then(value) for value in named]
    return raw.with_columns(pl.coalesce(*addresses, BY_TEXT).alias(BY_TEXT))


BRANDWATCH = Shape(
    name="brandwatch",
    title="Brandwatch",
    platform="web",
    columns=lambda names: names >= {"Query Id", "Date", "Url", "Author"} and bool(names & {"Full Text", "Snippet"}),
    mapping={
        "post_id": first("Url", "Resource Id"),
        "account_id": first("Author", "Domain"),
        "created_at": "Date",
        "text": first("Full Text", "Snippet", "Title"),
        "lang": "Language",
        "urls": "Expanded URLs",
        "hashtags": "Hashtags",
        "mentions": "Mentioned Authors",
        "media": ("Media URLs",),
        "repost_of": BY_TEXT,
        "place": first("City", "Region", "Country"),
        "reach": ("Impressions", "Reach (new)", "Reach"),
    },
    derive=_originals,
    derived=(BY_TEXT,),
    permalink="Url",
)

MELTWATER = Shape(
    name="meltwater",
    title="Meltwater",
    platform="web",
    columns=lambda names: names >= {"Date", "URL", "Hit Sentence", "Opening Text"},
    mapping={
        "post_id": first("URL", "Document ID"),
        "account_id": first("Author Handle", "Influencer", "Source Domain", "Source", "Source Name"),
        "created_at": moment("Date", "Time"),
        "text": first("Title", "Headline", "Hit Sentence", "Opening Text"),
        "lang": "Language",
        "urls": "Links",
        "hashtags": "Hashtags",
        "media": ("Image",),
        "place": first("City", "State", "Country"),
        "reach": ("Views", "Reach"),
    },
    permalink="URL",
)


def _talkwalker(raw: pl.DataFrame) -> pl.DataFrame:
    names = [
        name
        for name in ("id", "short_name", "name")
        if (column := f"extra_author_attributes.{name}") in raw.columns and raw.schema[column] == pl.String
    ]
    found = [pl.col(f"extra_author_attributes.{name}").str.replace(r"^(?:id|ex):[^:]+[:-]", "") for name in names]
    sources = [
        pl.col(f"extra_source_attributes.{name}")
        for name in ("name",)
        if f"extra_source_attributes.{name}" in raw.columns
    ]
    parts = [pl.when(value.str.strip_chars() != "").then(value) for value in [*found, *sources]]
    return raw.with_columns(pl.coalesce(*parts, host_of(pl.col("url"))).alias(_AUTHOR))


TALKWALKER = Shape(
    name="talkwalker",
    title="Talkwalker",
    platform="web",
    columns=lambda names: (
        names >= {"url", "published", "content"}
        and any(
            name.startswith(("extra_author_attributes", "extra_source_attributes", "matched_profile")) for name in names
        )
    ),
    mapping={
        "post_id": "url",
        "account_id": _AUTHOR,
        "created_at": "published",
        "text": first("content", "title", "content_snippet", "title_snippet"),
        "lang": "lang",
        "media": ("images.url",),
        "reach": "reach",
    },
    derive=_talkwalker,
    derived=(_AUTHOR,),
    permalink="url",
)


NEWSWHIP = Shape(
    name="newswhip",
    title="NewsWhip",
    platform="web",
    columns=lambda names: names >= {"Headline", "Link", "Publisher", "Publication Timestamp"},
    mapping={
        "post_id": "Link",
        "account_id": "Publisher",
        "created_at": "Publication Timestamp",
        "text": first("Headline", "Excerpt"),
        "reach": ("Facebook Shares", "Facebook Interactions"),
    },
    permalink="Link",
)


def extract_newswhip(story: Record, _context: Record) -> Iterator[Record]:
    """Read one story of the NewsWhip API, and those it lists as related."""
    related = story.get("relatedStories") or []
    for one in [story, *(other for other in related if isinstance(other, dict))][:MAX_RELATED]:
        yield {
            "post_id": one["link"],
            "account_id": (one.get("source") or {}).get("publisher") or (one.get("source") or {}).get("link"),
            "created_at": one["publication_timestamp"],
            "text": "\n".join(text for text in (one.get("headline"), one.get("excerpt")) if text),
            "media": [one["image_link"]] if one.get("image_link") else [],
        }


NEWSWHIP_API = Shape(
    name="newswhip-api",
    title="NewsWhip API",
    platform="web",
    record=lambda record: (
        {"headline", "link", "publication_timestamp"} <= record.keys() and isinstance(record.get("source"), dict)
    ),
    extract=extract_newswhip,
)

JUNKIPEDIA = Shape(
    name="junkipedia",
    title="Junkipedia",
    columns=lambda names: (
        names >= {"PostId", "published_at", "post_body_text"}
        or names >= {"Post ID", "Channel ID", "Published At", "Post Text"}
        or names >= {"published_at", "post_body_text", "channel_uid"}
        or names >= {"published_at", "search_data_fields.platform_name"}
    ),
    mapping={
        "post_id": ("PostId", "Post ID", "post_uid", "id"),
        "account_id": (
            "ChannelId", "Channel ID", "channel_uid", "ChannelName", "Channel Name",
            "search_data_fields.channel_data.channel_name", "search_data_fields.channel_name", "channel.channel_name",
        ),
        "platform": ("Platform", "platform", "search_data_fields.platform_name"),
        "created_at": ("Published At", "published_at"),
        "text": (
            "Post Text", "post_body_text", "search_data_fields.sanitized_text", "search_data_fields.description",
            "search_data_fields.post_title",
        ),
        "urls": ("Link URLs", "link_urls"),
        "media": ("Media URL", "media_url"),
        "reach": ("Views", "ViewsCount", "view_count", "SharesCount"),
    },
    permalink=("Post URL", "post_url", "PostUrl", "url"),
    links_in_text=True,
)  # fmt: skip


def extract_junkipedia(post: Record, _context: Record) -> Iterator[Record]:
    """Read one post of the Junkipedia API."""
    part = post["attributes"]
    said = part["search_data_fields"]
    channel = said.get("channel_data") or part.get("channel") or {}
    text = said.get("sanitized_text") or said.get("description") or said.get("post_title")
    counts = part.get("engagement_data") or part.get("engagement_fields") or {}
    platform = str(said.get("platform_name") or "").strip().lower()
    yield {
        "post_id": part.get("post_uid") or post["id"],
        "account_id": channel.get("channel_uid") or channel.get("channel_name") or said.get("channel_name"),
        "platform": NAMES.get(platform, platform) or None,
        "created_at": part["published_at"],
        "text": text,
        "reach": known(*(counts.get(name) for name in ("views", "view_count", "shares"))),
    }


JUNKIPEDIA_API = Shape(
    name="junkipedia-api",
    title="Junkipedia API",
    record=lambda record: (
        isinstance(record.get("attributes"), dict)
        and isinstance(record["attributes"].get("search_data_fields"), dict)
        and "published_at" in record["attributes"]
    ),
    extract=extract_junkipedia,
)


def _references(raw: pl.DataFrame) -> pl.DataFrame:
    kind, number = pl.col("referenced_tweet_type").str.strip_chars(), pl.col("referenced_tweet_id")
    return raw.with_columns(pl.when(kind == name).then(number).alias(f"id ({name})") for name in _REFERENCES)


COMMUNALYTIC = Shape(
    name="communalytic",
    title="Communalytic",
    platform="x",
    columns=lambda names: (
        names >= {"id", "author_id", "text", "created_at", "referenced_tweet_type", "referenced_tweet_id"}
    ),
    mapping={
        "post_id": "id",
        "account_id": "author_id",
        "created_at": "created_at",
        "text": "text",
        "lang": "lang",
        "urls": "urls",
        "hashtags": "hashtags",
        "repost_of": "id (retweeted)",
        "reply_to": first("id (replied_to)", "in_reply_to_user_id"),
        "quote_of": "id (quoted)",
        "reach": "retweet_count",
    },
    derive=_references,
    derived=tuple(f"id ({name})" for name in _REFERENCES),
)
