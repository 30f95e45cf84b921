"""An item of the review queue: who shared what when, the same for findings and decoys, without what is claimed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dideban.room.findings.packages import read_shares
from dideban.room.review.models import ReviewItem

MOST_OBJECTS, MOST_SHARES = 12, 60


def shares_of(item: ReviewItem) -> list[dict[str, Any]]:
    """Return what was shared by whom: ``kind``, ``object``, ``label``, ``account``, ``at``."""
    if item.decoy is not None:
        return [{**row, "at": datetime.fromisoformat(row["at"])} for row in item.decoy.document.get("shares", [])]
    if item.finding is None:
        return []
    labels = {(one.get("kind"), one.get("id")): one.get("label") for one in item.finding.document.get("objects", [])}
    shares = read_shares(item.room.slug, item.finding.finding_id)
    rows = shares.filter(shares["is_joint"]).sort("created_at", "account_id", "object_id", "post_id")
    return [
        {"kind": str(row["object_kind"]), "object": row["object_id"], "account": row["account_id"],
         "at": row["created_at"], "label": labels.get((row["object_kind"], row["object_id"])) or row["object_id"]}
        for row in rows.head(MOST_SHARES).iter_rows(named=True)
    ]  # fmt: skip


def shown_of(item: ReviewItem) -> dict[str, Any]:
    """Return an item by object, accounts as numbers in order of appearance: nobody can be looked up, or recognised."""
    shares = shares_of(item)
    numbers: dict[str, int] = {}
    for row in shares:
        numbers.setdefault(row["account"], len(numbers) + 1)
    objects: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in shares:
        objects.setdefault((row["kind"], row["object"]), []).append(row)
    return {
        "n_accounts": len(numbers), "n_objects": len(objects), "n_shares": len(shares),
        "objects": [_object(rows, numbers) for rows in list(objects.values())[:MOST_OBJECTS]],
    }  # fmt: skip


def _object(rows: Iterable[Mapping[str, Any]], numbers: Mapping[str, int]) -> dict[str, Any]:
    found = list(rows)
    first = found[0]["at"]
    return {
        "kind": found[0]["kind"], "label": found[0]["label"], "at": first,
        "shares": [
            {"account": numbers[row["account"]], "after_s": (row["at"] - first).total_seconds()} for row in found
        ],
    }  # fmt: skip
