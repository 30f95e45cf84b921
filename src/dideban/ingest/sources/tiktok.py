"""TikTok: videos of the Research API, and tables of Apify."""

from __future__ import annotations

from dideban.ingest.field_source import first
from dideban.ingest.format import Shape

TIKTOK_RESEARCH = Shape(
    name="tiktok-research",
    title="TikTok Research API",
    platform="tiktok",
    columns=lambda names: names >= {"id", "video_description", "create_time", "username"},
    mapping={
        "post_id": "id",
        "account_id": "username",
        "created_at": "create_time",
        "text": first("video_description", "voice_to_text"),
        "hashtags": "hashtag_names",
        "reach": ("view_count", "share_count"),
    },
)

TIKTOK_APIFY = Shape(
    name="apify-tiktok",
    platform="tiktok",
    columns=lambda names: names >= {"authorMeta.name", "text"} and bool(names & {"createTimeISO", "createTime"}),
    mapping={
        "post_id": ("id",),
        "account_id": "authorMeta.name",
        "created_at": ("createTimeISO", "createTime"),
        "text": "text",
        "lang": ("textLanguage",),
        "hashtags": "hashtags",
        "mentions": ("mentions",),
        "reach": ("playCount", "shareCount"),
    },
    permalink="webVideoUrl",
)
