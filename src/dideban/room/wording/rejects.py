"""Why posts were set aside, in the language of the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REJECTS: dict[str, Any] = {
    "account-missing": _("no account: nobody can be said to have posted it"), "time-missing": _("no time"),
    "object-missing": _("nothing shared in the row"), "time-unreadable": _("the time cannot be read"),
    "time-out-of-range": _("the time is before 1990 or after 2034"),
    "time-jalali": _("the date is Jalali or Hijri; convert it, it is never guessed"),
    "time-nonexistent": _("a local time that was skipped when clocks went forward"),
    "row-ragged": _("more or fewer fields than the header"), "quote-unbalanced": _("a quotation mark never closes"),
    "nul-byte": _("the row holds NUL bytes"), "field-too-large": _("a field is too large"),
    "encoding-invalid": _("not text in the encoding of the file"), "json-invalid": _("not valid JSON"),
    "not-an-object": _("valid JSON, but not an object with fields"),
    "record-unreadable": _("a record lacks parts that its format prescribes"),
    "article-empty": _("no article text was found"), "file-truncated": _("the packed file ends too early"),
    "file-empty": _("the file has no rows"), "file-unreadable": _("the file cannot be opened or understood"),
    "file-binary": _("not text and no format that is known"), "file-bomb": _("the file expands far beyond its size"),
    "file-unmapped": _("no columns for account and time were found"),
    "account-erased": _("of an account that was deleted on request"),
    "time-in-future": _("dated more than a day ahead"), "older-than-kept": _("older than the room keeps posts"),
}  # fmt: skip
"""Why a post was set aside (ingest.reasons, posts.intake)."""
