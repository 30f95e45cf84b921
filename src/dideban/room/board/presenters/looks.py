"""What was seen of files that somebody brings, as a page shows it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from dideban.ingest.format import TARGETS
from dideban.room.wording.words import word

SHOWN = ("created_at", "account_id", "text", "urls", "hashtags", "repost_of", "lang", "reach")
"""Columns of POSTS in the table of the first rows."""
KEPT = ("name", "title", "form", "encoding", "n_sample", "n_rejects", "warnings", "notes")
MOST_PARTS = 12
MOST_CHARS = 160
_NUMBER = re.compile(r"\d{2}-")
"""What an upload puts before the names of files, so that two of one name stay apart."""


def shown(told: dict[str, Any]) -> dict[str, Any]:
    """Return parts of files with their columns and rows, what becomes of all rows, and what could not be read."""
    parts = [part for file in told["files"] for part in file.get("parts", [])]
    mappings = [part for part in parts if part["columns"] and part["mapping"]]
    columns = list(dict.fromkeys(column for part in mappings for column in part["columns"]))
    return {
        "parts": [_part(part) for part in parts[:MOST_PARTS]],
        "n_more": told["n_more"] + max(0, len(parts) - MOST_PARTS),
        "problems": [problem for file in told["files"] for problem in file.get("problems", [])][:20],
        "whole": told["whole"],
        "columns": columns,
        "targets": _targets(mappings) if columns else [],
    }


def _targets(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what each column of a post is read from, and why, in the first part that says so."""
    found = []
    for target in TARGETS:
        part = next((one for one in parts if target in one["mapping"]), None)
        found.append({
            "name": target, "from": part["mapping"][target] if part else "",
            "why": part["reasons"].get(target) if part else None,
            "lost": next((one["missing"][target] for one in parts if target in one["missing"]), None),
        })  # fmt: skip
    return found


def _part(part: dict[str, Any]) -> dict[str, Any]:
    rows, rejects = part["rows"], part["rejects"]
    used = [name for name in SHOWN if any(row.get(name) not in (None, [], "") for row in rows)]
    return {
        **{name: part[name] for name in KEPT},
        "name": _NUMBER.sub("", part["name"][:3]) + part["name"][3:],
        "notes": [_with_words(note) for note in part["notes"]],
        "unused": part["unused"][:40],
        "used": used,
        "rows": [[_cell(name, row.get(name)) for name in used] for row in rows],
        "rejects": [{**row, "value": row["value"] if row["reason"].startswith("time-") else ""} for row in rejects],
    }  # fmt: skip


def _with_words(note: dict[str, Any]) -> dict[str, Any]:
    """Return a note that names columns of a post by their words."""
    values = note.get("values") or {}
    if isinstance(fields := values.get("fields"), list):
        values = values | {"fields": [word("post_column", one) for one in fields]}
    return note | {"values": values}


def _cell(name: str, value: Any) -> tuple[str, Any]:
    """Return (kind, text) of a cell, of a time the instant: an account is shown by a name made for this look alone."""
    if value is None:
        return name, ""
    if name == "created_at":
        return name, datetime.fromisoformat(str(value))
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return name, text[:MOST_CHARS] + "…" * (len(text) > MOST_CHARS)
