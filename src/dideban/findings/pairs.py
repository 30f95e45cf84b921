"""Which pairs carry a finding, and which members are there by little evidence."""

from __future__ import annotations

from math import fsum
from typing import Any

import polars as pl

from dideban.figures import TOLERANCE, settle
from dideban.findings.model import PairEvidence
from dideban.schema import GROUP_PAIRS

MAX_PAIRS = 50
"""Pairs kept per finding."""
LITTLE = 1.5
"""A well-supported member is near the others this many times as often as by chance, or more."""


def best_pairs(rows: pl.DataFrame) -> tuple[list[PairEvidence], int]:
    """Return the pairs with most evidence, each at its best kind and scale, and how many could be weighed.

    Parameters
    ----------
    rows : GROUP_PAIRS
        Of one group.

    Notes
    -----
    Ties go to more near occasions, then to the smaller names, then to the kind and the smaller scale.
    """
    order = ["settled", "n_near", "account_a", "account_b", "object_kind", "scale_s"]
    settled = rows.with_columns(settled=pl.Series(settle(rows["e_value"])))
    ranked = settled.sort(order, descending=[True, True, False, False, False, False]).drop("settled")
    best = ranked.unique(["account_a", "account_b"], keep="first", maintain_order=True)
    shown = best.head(MAX_PAIRS).rename({"object_kind": "kind"}).drop("group_ix", strict=False)
    return [PairEvidence(**row) for row in shown.iter_rows(named=True)], best.height


def weak_members(rows: pl.DataFrame, *, accounts: list[str]) -> list[str]:
    """Return the members by little evidence: hardly nearer to the others than chance has it, sorted.

    A member is one when the occasions on which it was near another member, summed over the others and over kinds and
    scales, are fewer than LITTLE times those expected by chance, or none.

    Parameters
    ----------
    rows : GROUP_PAIRS
        Of one group.
    accounts : account ids
        Members.
    """
    near, expected = dict.fromkeys(accounts, 0), {account: [0.0] for account in accounts}
    for a, b, n_near, chance in rows.select("account_a", "account_b", "n_near", "expected").iter_rows():
        for account in (a, b):
            near[account] += n_near
            expected[account].append(chance)
    return sorted(a for a in accounts if not near[a] or near[a] < LITTLE * fsum(expected[a]) * (1 - TOLERANCE))


def describe_pairs(rows: pl.DataFrame | None, *, accounts: list[str], kinds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return ``pairs``, ``n_pairs`` and ``weak_members`` of a finding.

    Parameters
    ----------
    rows : GROUP_PAIRS or None
        Of one group; None = its pairs were not weighed.
    accounts : account ids
        Members.
    kinds : rows with ``object_kind`` and ``scale_s``
        The evidence that the finding states; other kinds and scales are passed over.
    """
    if rows is None:
        return {}
    cells = pl.DataFrame(
        [(row["object_kind"], row["scale_s"]) for row in kinds],
        schema={name: GROUP_PAIRS.dtypes[name] for name in ("object_kind", "scale_s")},
        orient="row",
    )
    mine = rows.join(cells, on=["object_kind", "scale_s"], how="semi", maintain_order="left")
    if mine.is_empty():  # as where none was weighed: a package does not hold what other scales could
        return {}
    pairs, n_pairs = best_pairs(mine)
    return {"pairs": pairs, "n_pairs": n_pairs, "weak_members": weak_members(mine, accounts=accounts)}
