"""The public site: pages in, files out. Plain data becomes a static, signed, deterministic export; no database."""

from __future__ import annotations

from dideban.site.records import Attachment, PublishedItem

__all__ = ["Attachment", "PublishedItem"]
