"""Every reason a row or a file is set aside, and what it means. ``docs/reference/inputs.md`` lists the same."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "account-missing": "no account id: nobody can be said to have posted it",
    "object-missing": "a table of shares has no object in this row",
    "time-missing": "no time",
    "time-unreadable": "the time is written in a way that no known format reads",
    "time-out-of-range": "the time is before 1990 or after 2034: usually zero, a negative number or a wrong unit",
    "time-relative": "a time that says only how long ago it was; when the file was made is not known",
    "time-jalali": "a date of the Jalali or the Hijri calendar that could be of either: years 1410 to 1413",
    "time-nonexistent": "a local time that its zone skipped when clocks went forward",
    "row-header": "the header again, in the middle of the file",
    "row-ragged": "the row has more or fewer fields than the header",
    "quote-unbalanced": "a quotation mark that opens and never closes, or closes in the middle of a field",
    "nul-byte": "the row holds NUL bytes",
    "field-too-large": "a field is larger than max_field_bytes",
    "encoding-invalid": "bytes that are not text in the encoding of the file",
    "json-invalid": "not valid JSON",
    "not-an-object": "valid JSON, but not an object with fields",
    "record-unreadable": "a record lacks the parts that its format prescribes",
    "article-empty": "no article text was found in the page or the entry of the feed",
    "id-conflict": "another post has this id and says something else: ids are unique only inside a chat, wall or thread",
    "file-truncated": "the compressed file ends too early; what was whole before it was read",
    "file-empty": "the file has no rows",
    "file-unreadable": "the file can be neither opened nor understood",
    "file-binary": "not text and no format that is known",
    "file-bomb": "the file expands far beyond its size",
    "file-ids": "ids are unique only inside a chat, wall or thread, and no column says which",
    "file-unmapped": "no columns for account and time were found",
}
"""Reason slug to its meaning in plain words."""
KINDS: dict[str, str] = {
    "like": "likes",
    "follow": "follows",
    "block": "blocks and lists",
    "profile": "profiles",
    "account-event": "events of accounts",
    "deletion": "deletions",
    "update": "updates of other records",
    "other-record": "records of other kinds",
    "service-message": "service messages",
    "advertisement": "advertisements",
    "tombstone": "posts that were not shown",
    "page-of-errors": "answers without posts",
    "group": "descriptions of groups",
    "stub": "previews without content",
}
"""Kinds of records that are no posts, by slug, with the words that people read."""
FILE_REASONS = frozenset(slug for slug in REASONS if slug.startswith("file-"))

CUT = 200
"""Characters of the raw value that REJECTS keep."""
