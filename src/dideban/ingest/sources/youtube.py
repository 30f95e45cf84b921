"""YouTube: answers of the Data API, and the tables of YouTube Data Tools."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.field_source import joined
from dideban.ingest.format import NotAPost, Record, Shape

_KINDS = ("video", "searchResult", "playlistItem", "activity", "commentThread", "comment")
_PROFILES = ("channel", "playlist", "subscription", "channelSection")


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read a video, or a comment and the answers to it."""
    kind = str(record["kind"]).removeprefix("youtube#")
    if kind in _PROFILES:
        raise NotAPost("profile")
    if kind not in _KINDS:
        raise KeyError("kind")
    if kind == "commentThread":
        top = record["snippet"]["topLevelComment"]
        yield _comment(top, record["snippet"])
        for answer in (record.get("replies") or {}).get("comments") or []:
            yield _comment(answer, record["snippet"])
    elif kind == "comment":
        yield _comment(record, {})
    else:
        yield _video(record)


def _comment(comment: Record, thread: Record) -> Record:
    part = comment["snippet"]
    author = part.get("authorChannelId") or {}
    return {
        "post_id": comment["id"],
        "account_id": (author.get("value") if isinstance(author, dict) else author) or part.get("authorDisplayName"),
        "created_at": part["publishedAt"],
        "text": part.get("textOriginal") or part.get("textDisplay"),
        "reply_to": part.get("parentId") or part.get("videoId") or thread.get("videoId"),
    }


def _video(video: Record) -> Record:
    part, details = video["snippet"], video.get("contentDetails") or {}
    number = video.get("id")
    number = number.get("videoId") if isinstance(number, dict) else number
    number = (part.get("resourceId") or {}).get("videoId") or details.get("videoId") or number
    if number is None:
        raise NotAPost("profile")  # a search finds channels and playlists too
    return {
        "post_id": number,
        "account_id": part.get("videoOwnerChannelId") or part.get("channelId"),
        "created_at": details.get("videoPublishedAt") or part["publishedAt"],
        "text": "\n\n".join(text for text in (part.get("title"), part.get("description")) if text) or None,
        "lang": part.get("defaultAudioLanguage") or part.get("defaultLanguage"),
        "reach": (video.get("statistics") or {}).get("viewCount"),
    }


YOUTUBE = Shape(
    name="youtube-api",
    title="YouTube Data API",
    platform="youtube",
    record=lambda record: (
        str(record.get("kind", "")).startswith("youtube#") and isinstance(record.get("snippet"), dict)
    ),
    extract=extract,
)

YOUTUBE_VIDEOS = Shape(
    name="ytdt-videos",
    platform="youtube",
    columns=lambda names: names >= {"videoId", "channelId", "publishedAt", "videoTitle"},
    mapping={
        "post_id": "videoId",
        "account_id": "channelId",
        "created_at": "publishedAt",
        "text": joined("videoTitle", "videoDescription"),
        "lang": ("defaultAudioLanguage", "defaultLanguage"),
        "reach": "viewCount",
    },
)

YOUTUBE_COMMENTS = Shape(
    name="ytdt-comments",
    platform="youtube",
    columns=lambda names: names >= {"id", "publishedAt", "authorName", "text", "isReplyTo"},
    mapping={
        "post_id": "id",
        "account_id": ("authorChannelId", "authorName"),
        "created_at": "publishedAt",
        "text": "text",
        "reply_to": "isReplyTo",
    },
)
