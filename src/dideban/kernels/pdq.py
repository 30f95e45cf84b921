"""PDQ: 256 bits that say what a picture looks like (Facebook 2019), from its brightness."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F4, U8
from dideban.kernels._jit import jit

SIDE = 64
"""A picture is averaged down to a square of this side."""
WAVES = 16
"""Lowest frequencies kept each way, the constant one left out."""


def cosines() -> F4:
    """Return the rows 1 to 16 of a discrete cosine transform of length 64."""
    row, column = np.arange(1, WAVES + 1)[:, None], np.arange(SIDE)[None, :]
    waves: F4 = (np.sqrt(2 / SIDE) * np.cos(np.pi / 2 / SIDE * row * (2 * column + 1))).astype(np.float32)
    return waves


# (h, w) f4, window -> (h, w) f4
@jit
def _blur_rows(picture: F4, window: int) -> F4:
    """Average each value with its neighbours of the same row; fewer at the edges."""
    n_rows, n = picture.shape
    out = np.empty_like(picture)
    ahead = (window + 2) // 2 - 1
    behind = window - ahead
    for row in range(n_rows):
        total, count = np.float32(0.0), 0
        for at in range(min(ahead, n)):
            total += picture[row, at]
            count += 1
        for at in range(n):
            if at + ahead < n:
                total += picture[row, at + ahead]
                count += 1
            if at - behind >= 0:
                total -= picture[row, at - behind]
                count -= 1
            out[row, at] = total / np.float32(count)
    return out


# (h, w) f4, window -> (h, w) f4
@jit
def _blur_columns(picture: F4, window: int) -> F4:
    """Average each value with its neighbours of the same column; fewer at the edges."""
    n, n_columns = picture.shape
    out = np.empty_like(picture)
    ahead = (window + 2) // 2 - 1
    behind = window - ahead
    total = np.zeros(n_columns, np.float32)
    count = 0
    for at in range(min(ahead, n)):
        total += picture[at]
        count += 1
    for at in range(n):
        if at + ahead < n:
            total += picture[at + ahead]
            count += 1
        if at - behind >= 0:
            total -= picture[at - behind]
            count -= 1
        out[at] = total / np.float32(count)
    return out


# (h, w) f4 -> (64, 64) f4
@jit
def shrink(picture: F4) -> F4:
    """Blur twice each way (nearly a tent filter) and take 64 x 64 points of it."""
    n_rows, n_columns = picture.shape
    along, down = (n_columns + 2 * SIDE - 1) // (2 * SIDE), (n_rows + 2 * SIDE - 1) // (2 * SIDE)
    picture = _blur_rows(_blur_columns(_blur_rows(picture, along), down), along)
    # The last blur goes down the columns: only those that are taken need it.
    taken = np.empty((n_rows, SIDE), np.float32)
    for row in range(n_rows):
        for j in range(SIDE):
            taken[row, j] = picture[row, int((j + 0.5) * n_columns / SIDE)]
    taken = _blur_columns(taken, down)
    small = np.empty((SIDE, SIDE), np.float32)
    for i in range(SIDE):
        small[i] = taken[int((i + 0.5) * n_rows / SIDE)]
    return small


# (64, 64) f4 -> 0..100
@jit
def detail(small: F4) -> int:
    """Measure how much changes between neighbours: 0 is a blank square, 100 a busy one."""
    total = 0
    for i in range(SIDE):
        for j in range(SIDE):
            if i + 1 < SIDE:
                total += abs(int((small[i, j] - small[i + 1, j]) * 100 / 255))
            if j + 1 < SIDE:
                total += abs(int((small[i, j] - small[i, j + 1]) * 100 / 255))
    return min(total // 90, 100)


# (64, 64) f4, (16, 64) f4 -> (16, 16) f4
@jit
def waves_of(small: F4, table: F4) -> F4:
    """Weigh the lowest 16 x 16 frequencies."""
    half = np.zeros((WAVES, SIDE), np.float32)
    for i in range(WAVES):
        for k in range(SIDE):
            for j in range(SIDE):
                half[i, j] += table[i, k] * small[k, j]
    waves = np.zeros((WAVES, WAVES), np.float32)
    turned = table.T.copy()
    for i in range(WAVES):
        for k in range(SIDE):
            for j in range(WAVES):
                waves[i, j] += half[i, k] * turned[k, j]
    return waves


# (16, 16) f4 -> (4,) u8
@jit
def bits_of(waves: F4) -> U8:
    """Set a bit for each frequency above the lower median; the last word holds the lowest frequencies."""
    flat = waves.reshape(-1)
    middle = np.sort(flat)[len(flat) // 2 - 1]
    words = np.zeros(4, np.uint64)
    for at in range(len(flat)):
        if flat[at] > middle:
            words[3 - at // 64] |= np.uint64(1) << np.uint64(at % 64)
    return words


# (h, w) f4, (16, 64) f4 -> (4,) u8, 0..100
@jit
def pdq(picture: F4, table: F4) -> tuple[U8, int]:
    """Hash one picture and measure its detail."""
    small = shrink(picture)
    return bits_of(waves_of(small, table)), detail(small)


GRID = 128
"""Side of the square from which parts of a picture are hashed."""
PART, STEP = 122, 2
"""A part has so much of each side, in cells of the grid, and begins at each such step: what is left when a tenth of
the area was cut off, wherever it was cut."""
N_PARTS = ((GRID - PART) // STEP + 1) ** 2


def part_cosines() -> F4:
    """Return the same transform for the length of a part."""
    row, column = np.arange(1, WAVES + 1)[:, None], np.arange(PART)[None, :]
    waves: F4 = (np.sqrt(2 / PART) * np.cos(np.pi / 2 / PART * row * (2 * column + 1))).astype(np.float32)
    return waves


# (h, w) f4 -> (128, 128) f4
@jit
def average(picture: F4) -> F4:
    """Average a picture in the cells of a grid."""
    n_rows, n_columns = picture.shape
    cells = np.empty((GRID, GRID), np.float32)
    for i in range(GRID):
        top, bottom = i * n_rows // GRID, max((i + 1) * n_rows // GRID, i * n_rows // GRID + 1)
        for j in range(GRID):
            left, right = j * n_columns // GRID, max((j + 1) * n_columns // GRID, j * n_columns // GRID + 1)
            total = np.float32(0.0)
            for row in range(top, bottom):
                for column in range(left, right):
                    total += picture[row, column]
            cells[i, j] = total / np.float32((bottom - top) * (right - left))
    return cells


# (h, w) f4, (16, 122) f4 -> (16, 4) u8
@jit
def part_hashes(picture: F4, table: F4) -> U8:
    """Hash the parts of a picture that are left when its edges are cut."""
    cells = average(picture)
    out = np.empty((N_PARTS, 4), np.uint64)
    waves = np.empty((WAVES, WAVES), np.float32)
    turned = table.T.copy()
    at = 0
    for top in range(0, GRID - PART + 1, STEP):
        half = np.zeros((WAVES, GRID), np.float32)
        for i in range(WAVES):
            for k in range(PART):
                for j in range(GRID):
                    half[i, j] += table[i, k] * cells[top + k, j]
        for left in range(0, GRID - PART + 1, STEP):
            waves[:] = 0
            for i in range(WAVES):
                for k in range(PART):
                    for j in range(WAVES):
                        waves[i, j] += half[i, left + k] * turned[k, j]
            out[at] = bits_of(waves)
            at += 1
    return out
