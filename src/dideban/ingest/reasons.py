"""Every reason a row or a file is set aside, and every kind of record that is no post, by slug.

What a slug means stands in the catalogues under ``reject.`` and ``passed.``; ``docs/reference/inputs.md`` lists the
same.
"""

from __future__ import annotations

from dideban.messages.message import Message

REASONS = (
    "account-missing",
    "object-missing",
    "time-missing",
    "time-unreadable",
    "time-out-of-range",
    "time-relative",
    "time-no-year",
    "time-jalali",
    "time-nonexistent",
    "row-header",
    "row-ragged",
    "quote-unbalanced",
    "nul-byte",
    "field-too-large",
    "encoding-invalid",
    "json-invalid",
    "not-an-object",
    "record-unreadable",
    "article-empty",
    "id-conflict",
    "file-truncated",
    "file-empty",
    "file-unreadable",
    "file-binary",
    "file-bomb",
    "file-ids",
    "file-unmapped",
    "picture-damaged",
    "picture-outside",
    "picture-too-large",
    "picture-too-slow",
    "picture-unknown",
    "picture-unreadable",
)
"""Reasons a row or a file is set aside."""
FILE_REASONS = frozenset(slug for slug in REASONS if slug.startswith("file-"))
KINDS = (
    "like",
    "follow",
    "block",
    "profile",
    "deletion",
    "update",
    "other-record",
    "service-message",
    "advertisement",
    "tombstone",
    "page-of-errors",
    "group",
    "stub",
    "identity-event",
    "archive-note",
    "archive-resource",
)
"""Kinds of records that are whole and no posts."""
CUT = 200
"""Characters of the raw value that REJECTS keep."""


def meaning(slug: str) -> Message:
    """What a reason means."""
    return Message(f"reject.{slug}")


def kind(slug: str) -> Message:
    """What records of a kind are called."""
    return Message(f"passed.{slug}")
