"""What may name a private person, as findings show it: in full only where the group itself pushes it.

See ``docs/decisions/011-contacts-are-shown-where-they-are-pushed.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from dideban.findings.model import SharedObject
from dideban.kinds import slugs
from dideban.traces import mask_contact, mask_text, mask_texts

LEAST_ACCOUNTS = 3
"""Members that must have given a telephone number or an e-mail address together before it is shown in full."""
CONTACTS = slugs(lambda kind: kind.is_contact)
WRITTEN = slugs(lambda kind: kind.is_words or kind.is_post)
"""Kinds whose labels are words of people; an address stays what it is, or it leads nowhere."""


def pushed_contacts(objects: Iterable[SharedObject]) -> frozenset[str]:
    """Return the ids of the contacts among the objects of a finding that may be shown in full."""
    return frozenset(one.id for one in objects if one.kind in CONTACTS and one.n_accounts >= LEAST_ACCOUNTS)


def mask_labels(pushed: pl.DataFrame) -> pl.DataFrame:
    """Return pushed objects with numbers and addresses of people masked in their labels.

    Parameters
    ----------
    pushed : (group_ix, object_kind, object_id, n_accounts, label, ...)
        The objects that findings list.
    """
    parts = [_mask_group(part) for part in pushed.partition_by("group_ix", maintain_order=True)]
    return pl.concat(parts) if parts else pushed


def mask_template(template: list[dict[str, Any]] | None, *, shown: frozenset[str]) -> list[dict[str, Any]] | None:
    """Return a template with numbers and addresses of people masked in its text and its variants."""
    if template is None:
        return None
    return [
        {"text": mask_text(piece["text"], shown=shown)}
        if "text" in piece
        else {**piece, "slot": [mask_text(variant, shown=shown) for variant in piece["slot"]]}
        for piece in template
    ]


def _mask_group(objects: pl.DataFrame) -> pl.DataFrame:
    kind = pl.col("object_kind").cast(pl.String)
    is_contact = kind.is_in(CONTACTS)
    kept = objects.filter(is_contact, pl.col("n_accounts") >= LEAST_ACCOUNTS)["object_id"].to_list()
    texts = mask_texts(objects["label"], shown=frozenset(kept))
    masked = objects.select(label=pl.when(kind.is_in(WRITTEN)).then(texts).otherwise("label"))["label"]
    contacts = objects.select(flag=is_contact & ~pl.col("object_id").is_in(kept))["flag"].arg_true()
    rows = objects[contacts].select("object_id", "label").iter_rows()
    hidden = pl.Series([mask_contact(name, label) for name, label in rows], dtype=pl.String)
    return objects.with_columns(label=masked.scatter(contacts, hidden) if len(contacts) else masked)
