"""Bytes to POSTS and REJECTS."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.ingest.articles import Articles, is_articles, read_articles
    from dideban.ingest.inspection import Inspection, PartInspection, inspect_file
    from dideban.ingest.keys import load_key, pseudonym
    from dideban.ingest.model import InputFile, Intake
    from dideban.ingest.posts import read_posts
    from dideban.ingest.shares import read_shares

__all__ = [
    "Articles",
    "InputFile",
    "Inspection",
    "Intake",
    "PartInspection",
    "inspect_file",
    "is_articles",
    "load_key",
    "pseudonym",
    "read_articles",
    "read_posts",
    "read_shares",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Articles": "articles",
        "InputFile": "model",
        "Inspection": "inspection",
        "Intake": "model",
        "PartInspection": "inspection",
        "inspect_file": "inspection",
        "is_articles": "articles",
        "load_key": "keys",
        "pseudonym": "keys",
        "read_articles": "articles",
        "read_posts": "posts",
        "read_shares": "shares",
    },
)
