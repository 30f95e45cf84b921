"""Slow, obvious twins of the kernels that seat groups and bet on stretches."""

from __future__ import annotations

import math
from itertools import groupby, pairwise


def seats(groups, account, block_of_row, sizes, allowed, times, delta, own_share):
    """Rows of the table: (group, block, members present, links, their rows)."""
    table = []
    for g, members in enumerate(groups):
        for b, size in enumerate(sizes):
            rows = [r for r in range(len(account)) if block_of_row[r] == b and account[r] in members and allowed[b]]
            telling = len(rows) >= own_share * size if own_share else len(rows) < size
            if len(rows) >= 2 and telling:
                links = sum(times[y] - times[x] <= delta for x, y in pairwise(rows))
                table.append((g, b, len(rows), links, tuple(rows)))
    return table


def stretch_bet(rows, lift, take):
    """Log of the product over stretches of the weighted mean of 1 - take + take * e; rows: (stretch, weight, e, take)."""
    total = 0.0
    ordered = sorted(rows, key=lambda row: row[0])
    for _, some in groupby(ordered, key=lambda row: row[0]):
        some = list(some)
        mean = sum(w * (1 - t[take] + t[take] * e[lift]) for _, w, e, t in some) / sum(w for _, w, _, _ in some)
        total += math.log(mean)
    return total


def near_of_members(members, blocks, account, block_of_row, times, delta):
    """Per member, how many other members stand near it in the given blocks."""
    counts = [0] * len(members)
    for b in blocks:
        rows = [r for r in range(len(account)) if block_of_row[r] == b and account[r] in members]
        for x in rows:
            counts[members.index(account[x])] += sum(x != y and abs(times[x] - times[y]) <= delta for y in rows)
    return counts
