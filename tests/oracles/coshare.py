"""Slow, obvious twins of the co-share kernels and of the peers' rules: every pair of rows, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

Share = tuple[str, str, str, float]
"""account, object, post, seconds."""


def near_pairs(shares: list[Share], window: float) -> list[tuple[Share, Share]]:
    """Every pair of rows of different accounts with the same object and at most ``window`` seconds between them."""
    return [
        (first, second)
        for first, second in combinations(shares, 2)
        if first[0] != second[0] and first[1] == second[1] and abs(first[3] - second[3]) <= window
    ]


def link(shares: list[Share], *, window: float, min_weight: int, min_participation: int) -> dict[tuple[str, str], dict]:
    """The corrected rule: pair of accounts to its facts."""
    shares = [share for share in shares if share[0] and share[1]]
    objects = defaultdict(set)
    for account, thing, _, _ in shares:
        objects[account].add(thing)
    shares = [share for share in shares if len(objects[share[0]]) >= min_participation]
    pairs = defaultdict(list)
    for first, second in near_pairs(shares, window):
        a, b = sorted((first, second), key=lambda share: share[0])
        pairs[a[0], b[0]].append((a, b))
    facts = {}
    for key, rows in pairs.items():
        if len({a[1] for a, _ in rows}) >= min_weight:
            n_a, n_b = len({a[2] for a, _ in rows}), len({b[2] for _, b in rows})
            facts[key] = {
                "weight": len({a[1] for a, _ in rows}),
                "n_pairs": len(rows),
                "mean_delay_s": sum(abs(a[3] - b[3]) for a, b in rows) / len(rows),
                "n_posts_a": n_a,
                "n_posts_b": n_b,
                "symmetry": min(n_a, n_b) / max(n_a, n_b),
            }
    return facts


def qut(shares: list[Share], *, window: float, min_edge_weight: int = 1) -> dict[tuple[str, str], int]:
    """Messages of the first user that the second echoes; the first row of a message id stands."""
    first_rows = {}
    for share in shares:
        first_rows.setdefault(share[2], share)
    messages = defaultdict(set)
    for a, b in near_pairs([share for share in first_rows.values() if share[1]], window):
        messages[a[0], b[0]].add(a[2])
        messages[b[0], a[0]].add(b[2])
    return {key: len(ids) for key, ids in messages.items() if len(ids) >= min_edge_weight}


def coortweet_pairs(
    shares: list[Share], *, window: float, min_participation: int, remove_loops: bool = True
) -> list[tuple[str, str, str, float, str, str]]:
    """CooRTweet's pair table: object, older and newer content, gap, older and newer account."""
    rows = Counter(share[0] for share in shares)
    first_seen = {account: at for at, account in enumerate(dict.fromkeys(share[0] for share in shares))}
    shares = sorted(
        (share for share in shares if rows[share[0]] >= min_participation), key=lambda share: first_seen[share[0]]
    )
    pairs = [(a, b) for a, b in combinations(shares, 2) if a[1] == b[1] and abs(a[3] - b[3]) <= window]
    if remove_loops:
        pairs = [(a, b) for a, b in pairs if a[1] != a[2] and b[1] != b[2] and a[2] != b[2] and a[0] != b[0]]
    if min_participation >= 1:
        contents = {side[2] for pair in pairs for side in pair}
        active = Counter(share[0] for share in shares if share[2] in contents)
        kept = {share[2] for share in shares if share[2] in contents and active[share[0]] >= min_participation}
        pairs = [(a, b) for a, b in pairs if a[2] in kept or b[2] in kept]
    ordered = [(b, a) if a[3] > b[3] else (a, b) for a, b in pairs]
    return sorted((a[1], a[2], b[2], b[3] - a[3], a[0], b[0]) for a, b in ordered)
