"""Nested JSON fields to one level."""

from __future__ import annotations

from dideban.ingest.shape import Record


def flatten(record: Record, *, prefix: str = "", depth: int = 0) -> Record:
    """Return nested fields on one level, names joined by a dot; lists and what lies deeper stay as they are."""
    flat: Record = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < 2:
            flat.update(flatten(value, prefix=f"{prefix}{name}.", depth=depth + 1))
        else:
            flat[f"{prefix}{name}"] = value
    return flat
