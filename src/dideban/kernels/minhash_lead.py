"""Clusters led by their earliest text: one pass in order of time over an index of sketches.

The index maps a slot (hash of a shingle) to the leaders and anchors whose sketch holds it. Postings lie in ``pool``:
a slot's newest block is at ``head[slot, 0]``, its number of entries is ``head[slot, 1]``. Word 0 of a block is the
place of the next block, then come its entries: 3 in the first block of a slot, 15 in the others.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit
from dideban.kernels.minhash import GRAM, MAX_CHARS, compare_grams, fill_grams, is_same_message, read_codes

FIRST, MORE = 3, 15
MAX_ANCHORS = 4
MAX_TRIED = 12
MAX_CHECKED = 2
"""Candidates compared letter by letter, those whose sketches are most alike first."""
LEAST_ALIKE = 0.42
"""Candidates whose sketches are surely less alike are not compared: of those accepted, fewer than 1 in 500 were."""
PLAIN_COVER = 0.95
"""A candidate that covers so much ends the search; candidates come most alike first."""
ANCHOR_COVER = 0.8
"""A member that covers less of its leader, or is shorter or longer by more, becomes an anchor."""


@jit
def slot_of(value: int, bits: int) -> int:
    # the smallest hashes are kept in a sketch, so their high bits are alike: mix before cutting
    return int((np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))


@jit
def insert_sketch(node: int, sketch: Array, size: int, bits: int, head: Array, pool: Array, used: int) -> int:
    # puts a node under each slot of its sketch; the pool must have 16 words per value free; returns words used
    for j in range(size):
        slot = slot_of(sketch[j], bits)
        n = head[slot, 1]
        fill = n if n <= FIRST else (n - FIRST - 1) % MORE + 1
        room = FIRST if n <= FIRST else MORE
        if n == 0 or fill == room:
            pool[used] = head[slot, 0] if n > 0 else -1
            head[slot, 0] = used
            used += 1 + (FIRST if n == 0 else MORE)
            fill = 0
        pool[head[slot, 0] + 1 + fill] = node
        head[slot, 1] = n + 1
    return used


@jit
def count_shared(
    sketch: Array,
    size: int,
    bits: int,
    head: Array,
    pool: Array,
    counts: Array,
    touched: Array,
    longest: int,
) -> tuple[int, int]:
    # rarest values first: adds to counts of nodes that share them, up to len(touched) visits;
    # returns how many nodes were touched and how many values were left out as too common
    order = np.empty(size, np.int64)
    for j in range(size):
        slot = slot_of(sketch[j], bits)
        key = head[slot, 1] * (1 << 32) + slot
        i = j
        while i > 0 and order[i - 1] > key:
            order[i] = order[i - 1]
            i -= 1
        order[i] = key
    n_touched, visits, dropped = 0, 0, 0
    for j in range(size):
        n = order[j] >> 32
        if n == 0:
            continue
        if n > longest or visits + n > len(touched):
            dropped += 1
            continue
        visits += n
        slot = order[j] & 0xFFFFFFFF
        fill = n if n <= FIRST else (n - FIRST - 1) % MORE + 1
        block = head[slot, 0]
        while block >= 0:
            for i in range(block + 1, block + 1 + fill):
                node = pool[i]
                if counts[node] == 0:
                    touched[n_touched] = node
                    n_touched += 1
                counts[node] += 1
            block = pool[block]
            n -= fill
            fill = MORE if n > FIRST else FIRST
    return n_touched, dropped


@jit
def pick_candidates(counts: Array, touched: Array, n_touched: int, least: int, tried: Array) -> int:
    # most shared values first, ties to the earlier node; clears counts; returns how many
    n = 0
    for i in range(n_touched):
        node = touched[i]
        count = counts[node]
        counts[node] = 0
        if count < least:
            continue
        key = count * (1 << 40) - node
        j = min(n, len(tried) - 1)
        if n == len(tried) and tried[j] >= key:
            continue
        while j > 0 and tried[j - 1] < key:
            tried[j] = tried[j - 1]
            j -= 1
        tried[j] = key
        n = min(n + 1, len(tried))
    for i in range(n):
        tried[i] = (((tried[i] + (1 << 40) - 1) >> 40) << 40) - tried[i]
    return n


@jit
def sketch_likeness(one: Array, n_one: int, two: Array, n_two: int) -> float:
    # sorted sketches -> share of the smaller text's shingles that the other holds, judged by the hashes that both
    # reach, plus one standard error
    i, j, n_both = 0, 0, 0
    while i < n_one and j < n_two:
        if one[i] == two[j]:
            n_both += 1
            i += 1
            j += 1
        elif one[i] < two[j]:
            i += 1
        else:
            j += 1
    n = max(min(i, j), 1)
    return float(n_both / n + 0.5 / np.sqrt(n))


@jit
def rank_candidates(sketches: Array, sizes: Array, node: int, tried: Array, n_tried: int, likeness: Array) -> int:
    # most alike first, ties as they stood; those less alike than LEAST_ALIKE left out -> how many are left
    n = 0
    for c in range(n_tried):
        other = tried[c]
        alike = sketch_likeness(sketches[node], sizes[node], sketches[other], sizes[other])
        if alike < LEAST_ALIKE:
            continue
        i = n
        while i > 0 and likeness[i - 1] < alike:
            likeness[i], tried[i] = likeness[i - 1], tried[i - 1]
            i -= 1
        likeness[i], tried[i] = alike, other
        n += 1
    return n


@jit
def fit_cluster(
    data: Array,
    offsets: Array,
    grams: Array,
    m: int,
    near: int,
    leader: int,
    next_anchor: Array,
    least_cover: float,
    least_diameter: float,
    codes: Array,
    other: Array,
    table: Array,
    stamps: Array,
) -> tuple[float, float, float]:
    # text against one member, then the diameter of its cluster -> cover (0: does not fit), cover of the leader, ratio
    stamps[0] += 1
    m_other = fill_grams(codes, read_codes(data, offsets[near], offsets[near + 1], codes), GRAM, other)
    cover, residual, ratio = compare_grams(grams, m, other, m_other, table, stamps[1:], stamps[0])
    if not is_same_message(cover, residual, ratio, least_cover):
        return 0.0, 0.0, 0.0
    to_lead, member = cover, leader
    while member >= 0:
        if member != near:
            stamps[0] += 1
            m_other = fill_grams(codes, read_codes(data, offsets[member], offsets[member + 1], codes), GRAM, other)
            far, _, far_ratio = compare_grams(grams, m, other, m_other, table, stamps[1:], stamps[0])
            if far < least_diameter:
                return 0.0, 0.0, 0.0
            if member == leader:
                to_lead, ratio = far, far_ratio
        member = next_anchor[member]
    return cover, to_lead, ratio


@jit
def rebuild(
    sketches: Array,
    sizes: Array,
    listed: Array,
    n_listed: int,
    n_live: int,
    bits: int,
    head: Array,
    pool: Array,
) -> tuple[Array, int]:
    # the index again from listed[:n_live]; slots of all n_listed nodes are cleared first
    for i in range(n_listed):
        for j in range(sizes[listed[i]]):
            slot = slot_of(sketches[listed[i], j], bits)
            head[slot, 1] = 0
    used, step = 0, (1 + MORE) * sketches.shape[1]
    for i in range(n_live):
        if used + step > len(pool):
            pool = _doubled(pool, used)
        used = insert_sketch(listed[i], sketches[listed[i]], sizes[listed[i]], bits, head, pool, used)
    while 2 * (used + step) > len(pool):
        pool = _doubled(pool, used)
    return pool, used


@jit
def count_live(listed: Array, n_listed: int, lead: Array, active: Array, oldest: int) -> int:
    # nodes of clusters still active
    n_live = 0
    for i in range(n_listed):
        n_live += active[lead[listed[i]]] >= oldest
    return n_live


@jit
def keep_live(listed: Array, n_listed: int, lead: Array, active: Array, is_indexed: Array, oldest: int) -> int:
    # moves nodes of clusters still active to the front, order kept; the others follow, no longer indexed
    n_live, n_stale = 0, 0
    stale = np.empty(n_listed, np.int32)
    for i in range(n_listed):
        node = listed[i]
        if active[lead[node]] >= oldest:
            listed[n_live] = node
            n_live += 1
        else:
            is_indexed[node] = False
            stale[n_stale] = node
            n_stale += 1
    listed[n_live:n_listed] = stale[:n_stale]
    return n_live


@jit
def _doubled(pool: Array, used: int) -> Array:
    longer = np.empty(2 * len(pool), np.int32)
    longer[:used] = pool[:used]
    return longer


@jit
def find_home(
    data: Array,
    offsets: Array,
    node: int,
    tried: Array,
    n_tried: int,
    lead: Array,
    active: Array,
    oldest: int,
    next_anchor: Array,
    least_cover: float,
    least_diameter: float,
    codes: Array,
    grams: Array,
    other: Array,
    table: Array,
    stamps: Array,
) -> tuple[int, float, float]:
    # the cluster that a text fits best among candidates -> leader (the text itself if none), cover of it, size ratio
    home, home_cover, home_lead, home_ratio = node, 0.0, 1.0, 1.0
    m, n_checked = 0, 0
    for c in range(n_tried):
        leader = lead[tried[c]]
        if active[leader] < oldest or (leader == home and home_cover > 0.0):
            continue
        n_checked += 1
        if n_checked > MAX_CHECKED:
            break
        if m == 0:
            m = fill_grams(codes, read_codes(data, offsets[node], offsets[node + 1], codes), GRAM, grams)
        cover, to_lead, ratio = fit_cluster(
            data, offsets, grams, m, tried[c], leader, next_anchor, least_cover, least_diameter,
            codes, other, table, stamps,
        )  # fmt: skip
        if cover > home_cover:
            home, home_cover, home_lead, home_ratio = leader, cover, to_lead, ratio
        if home_cover >= PLAIN_COVER:
            break
    return home, home_lead, home_ratio


@jit
def lead_texts(
    data: Array,
    offsets: Array,
    sketches: Array,
    sizes: Array,
    run_node: Array,
    run_start: Array,
    run_end: Array,
    window: int,
    bits: int,
    least_shared: int,
    least_cover: float,
    least_diameter: float,
    longest: int,
    budget: int,
    lead: Array,
    likeness: Array,
    anchors: Array,
    n_known: int,
    counts: Array,
) -> int:
    # texts (n) in order of first post; runs (r) of posts in order of start -> how many shingle look-ups were left out
    # as too common. Writes for the texts of these runs lead (i4, -1 before), likeness to it (f8), anchors (b1); those
    # of the first n_known texts are given. counts (i2) are 0 before and after. Texts that runs of another call hold
    # are not touched: calls may run beside each other.
    n, k = sketches.shape
    next_anchor, n_anchors = np.full(n, -1, np.int32), np.zeros(n, np.int8)
    active, is_indexed, is_led = np.zeros(n, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    listed, n_listed = np.empty(len(run_node), np.int32), 0
    head = np.zeros((1 << bits, 2), np.int32)  # newest block, number of entries: one cache line
    pool, used = np.empty(1 << min(bits + 4, 26), np.int32), 0  # about two words a value; untouched ones cost nothing
    touched, tried, ranked = np.empty(budget, np.int32), np.empty(MAX_TRIED, np.int64), np.empty(MAX_TRIED)
    codes, grams, other = np.empty(MAX_CHARS, np.int32), np.empty(MAX_CHARS, np.int64), np.empty(MAX_CHARS, np.int64)
    table, stamps = np.zeros(65536, np.int64), np.zeros(65537, np.int64)
    cleaned, n_dropped = run_start[0] if len(run_start) > 0 else 0, 0
    for r in range(len(run_node)):
        node, now = run_node[r], run_start[r]
        is_anchor, is_new = False, not is_led[node]
        if is_new and node >= n_known:
            n_touched, dropped = count_shared(
                sketches[node], sizes[node], bits, head, pool, counts, touched, longest
            )  # fmt: skip
            n_dropped += dropped
            n_tried = pick_candidates(counts, touched, n_touched, least_shared, tried)
            n_tried = rank_candidates(sketches, sizes, node, tried, n_tried, ranked)
            lead[node], likeness[node], ratio = find_home(
                data, offsets, node, tried, n_tried, lead, active, now - window, next_anchor,
                least_cover, least_diameter, codes, grams, other, table, stamps,
            )  # fmt: skip
            differs = likeness[node] < ANCHOR_COVER or ratio < ANCHOR_COVER
            anchors[node] = lead[node] != node and differs and n_anchors[lead[node]] < MAX_ANCHORS
        home = lead[node] + np.int64(0)  # as wide as node
        if is_new:
            is_led[node], is_anchor = True, anchors[node]
            if is_anchor:
                next_anchor[node], next_anchor[home] = next_anchor[home], node
                n_anchors[home] += 1
        active[home] = max(active[home], run_end[r])
        for fresh in (home, node):
            if is_indexed[fresh] or (fresh != home and not is_anchor):
                continue
            is_due = 2 * (now - cleaned) > window
            if is_due:
                cleaned = now
                is_due = 2 * count_live(listed, n_listed, lead, active, now - window) <= n_listed
            if is_due or used + (1 + MORE) * k > len(pool):
                n_live = keep_live(listed, n_listed, lead, active, is_indexed, now - window)
                pool, used = rebuild(sketches, sizes, listed, n_listed, n_live, bits, head, pool)
                n_listed = n_live
            listed[n_listed] = fresh
            n_listed += 1
            used = insert_sketch(fresh, sketches[fresh], sizes[fresh], bits, head, pool, used)
            is_indexed[fresh] = True
    return n_dropped


@jit
def find_runs(node: Array, at: Array, n_nodes: int, window: int) -> tuple[Array, Array, Array]:
    # posts in order of time -> node, first and last time of each run of posts no pause of which exceeds the window
    run_node, start, end = np.empty(len(node), np.int64), np.empty(len(node), np.int64), np.empty(len(node), np.int64)
    last, n_runs = np.full(n_nodes, -1, np.int64), 0
    for p in range(len(node)):
        run = last[node[p]]
        if run < 0 or at[p] - end[run] > window:
            run = n_runs
            last[node[p]], run_node[run], start[run] = run, node[p], at[p]
            n_runs += 1
        end[run] = at[p]
    return run_node[:n_runs].copy(), start[:n_runs].copy(), end[:n_runs].copy()
