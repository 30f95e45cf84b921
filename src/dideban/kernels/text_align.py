"""Word-level alignment of two texts."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit


@jit
def align_words(a: Array, b: Array) -> Array:
    # (n,) i4, (m,) i4 word codes -> (n,) i4: place in b of each word of a on a longest common subsequence, else -1
    n, m = len(a), len(b)
    best = np.zeros((n + 1, m + 1), np.int32)
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            if a[i] == b[j]:
                best[i, j] = best[i + 1, j + 1] + 1
            else:
                best[i, j] = max(best[i + 1, j], best[i, j + 1])
    places = np.full(n, -1, np.int32)
    i, j = 0, 0
    while i < n and j < m:
        if a[i] == b[j]:
            places[i] = j
            i += 1
            j += 1
        elif best[i + 1, j] >= best[i, j + 1]:
            i += 1
        else:
            j += 1
    return places
