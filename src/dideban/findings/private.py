"""What may name a private person, as findings show it: in full only where the group itself pushes it.

See ``docs/decisions/011-contacts-are-shown-where-they-are-pushed.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from dideban.findings.model import SharedObject
from dideban.kinds import slugs
from dideban.traces import holds_private, mask_contact, mask_text

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
    kind = pl.col("object_kind").cast(pl.String)
    is_contact, is_kept = kind.is_in(CONTACTS), pl.col("n_accounts") >= LEAST_ACCOUNTS
    kept = pushed.filter(is_contact & is_kept).group_by("group_ix").agg("object_id")
    shown = {ix: frozenset(names) for ix, names in kept.iter_rows()}
    written = pushed.select(kind.is_in(WRITTEN)).to_series() & holds_private(pushed["label"])
    hidden = pushed.select(is_contact & ~is_kept).to_series()
    labels = pushed["label"].to_list()
    for row in written.arg_true():
        labels[row] = mask_text(labels[row], shown=shown.get(pushed["group_ix"][row], frozenset()))
    for row in hidden.arg_true():
        labels[row] = mask_contact(pushed["object_id"][row], labels[row])
    return pushed.with_columns(label=pl.Series(labels, dtype=pl.String))


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
