"""Where the items of a JSON array begin and end: one pass over the bytes, whatever the items hold."""

from __future__ import annotations

import numpy as np

from dideban.kernels._jit import jit

MORE, CLOSED, FULL = range(3)


@jit
def split_items(buf: np.ndarray, begin: int, starts: np.ndarray, ends: np.ndarray) -> tuple[int, int, int]:
    # (n,) u1, offset inside the array, (m,) i8, (m,) i8 -> items found, first byte not used, what comes next
    n, capacity = buf.shape[0], starts.shape[0]
    count, at = 0, begin
    while True:
        while at < n and (buf[at] == 32 or buf[at] == 9 or buf[at] == 10 or buf[at] == 13 or buf[at] == 44):
            at += 1
        if at >= n:
            return count, at, MORE
        if buf[at] == 93:
            return count, at + 1, CLOSED
        if count == capacity:
            return count, at, FULL
        i, depth, in_string, escaped = at, 0, False, False
        while i < n:
            c = buf[i]
            if in_string:
                if escaped:
                    escaped = False
                elif c == 92:
                    escaped = True
                elif c == 34:
                    in_string = False
            elif c == 34:
                in_string = True
            elif c in (123, 91):
                depth += 1
            elif c in (125, 93):
                if depth == 0:
                    break  # the array closes behind a bare value
                depth -= 1
                if depth == 0:
                    i += 1
                    break
            elif c == 44 and depth == 0:
                break
            i += 1
        if i >= n and (depth > 0 or in_string or n == 0 or (buf[n - 1] != 125 and buf[n - 1] != 93)):
            return count, at, MORE
        if i == at:
            i += 1  # a brace that closes nothing is an item of its own, which no reader takes
        starts[count] = at
        ends[count] = i
        count += 1
        at = i
