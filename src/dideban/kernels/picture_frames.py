"""Frames around pictures: flat margins, bars with a line of words, the edges of a screenshot."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F4, I8
from dideban.kernels._jit import jit

NEAR = 14.0
"""Grey levels within which a pixel has the colour of the frame."""
FAR = 40.0
"""Grey levels beyond which it plainly has another."""
PLAIN = 0.97
"""Share of a line that has the colour of the frame, where nothing is written on it."""
LEAST_PLAIN = 0.3
"""Share of the lines of a bar on which nothing is written."""
MOST_BAR = 0.45
"""Share of a side that one bar takes at most."""
LEAST_LEFT = 0.25
"""Share of a side that is left: what would take more is no frame."""
FIRST = 0.12
"""Share of a side among whose outermost lines a frame has one without writing: else there is none."""
SHARP = 0.5
"""Share of the first line inside that has another colour, where a bar with words ends."""
MARGIN_ENDS = 0.01
"""The same where a plain margin ends."""


# (h, w) f4, box, side 0..3, depth, colour -> share near the colour, share far from it
@jit
def _line(picture: F4, box: I8, side: int, depth: int, colour: float) -> tuple[float, float]:
    """Compare one line, ``depth`` in from a side, with the colour of the frame."""
    top, bottom, left, right = box
    n = right - left if side < 2 else bottom - top
    near = far = 0
    for at in range(n):
        if side == 0:
            value = picture[top + depth, left + at]
        elif side == 1:
            value = picture[bottom - 1 - depth, left + at]
        elif side == 2:
            value = picture[top + at, left + depth]
        else:
            value = picture[top + at, right - 1 - depth]
        gap = abs(value - colour)
        near += gap <= NEAR
        far += gap > FAR
    return near / n, far / n


# (h, w) f4, box, side 0..3 -> colour
@jit
def _edge_colour(picture: F4, box: I8, side: int) -> float:
    """Return the middle value of the outermost line."""
    top, bottom, left, right = box
    if side == 0:
        return float(np.median(picture[top, left:right].copy()))
    if side == 1:
        return float(np.median(picture[bottom - 1, left:right].copy()))
    if side == 2:
        return float(np.median(picture[top:bottom, left].copy()))
    return float(np.median(picture[top:bottom, right - 1].copy()))


# (h, w) f4, box, side 0..3 -> lines
@jit
def _frame_depth(picture: F4, box: I8, side: int) -> int:
    """Count the lines of the frame on one side: up to the first edge of a bar, else of a margin, 0 for none.

    A bar may hold writing: it ends where a plain line meets one that is mostly of another colour.
    """
    top, bottom, left, right = box
    length = bottom - top if side < 2 else right - left
    colour = _edge_colour(picture, box, side)
    margin, n_plain, was_plain = 0, 0, False
    for at in range(min(int(MOST_BAR * length), length - 2)):
        near, far = _line(picture, box, side, at, colour)
        # Between two lines of pixels an edge is blurred: look one and two further in as well.
        if at and was_plain and near < PLAIN:
            beyond = max(_line(picture, box, side, at + 1, colour)[1], _line(picture, box, side, at + 2, colour)[1])
            if max(far, beyond) >= SHARP and n_plain >= LEAST_PLAIN * at:
                return at + (far < SHARP)
            if n_plain == at and max(far, beyond) >= MARGIN_ENDS:
                margin = at
        was_plain = near >= PLAIN
        n_plain += was_plain
        if not n_plain and at >= FIRST * length:
            return 0
    return margin


# (h, w) f4 -> top, bottom, left, right
@jit
def inside(picture: F4) -> I8:
    """Find the part of a picture inside its frames."""
    height, width = picture.shape
    box = np.array([0, height, 0, width], np.int64)
    for _ in range(4):
        before = box.copy()
        for side in range(4):
            low, high = (0, 1) if side < 2 else (2, 3)
            whole = height if side < 2 else width
            depth = _frame_depth(picture, box, side)
            if box[high] - box[low] - depth < LEAST_LEFT * whole:
                continue
            if side % 2 == 0:
                box[low] += depth
            else:
                box[high] -= depth
        if np.array_equal(box, before):
            break
    return box
