"""Kernels on UTF-8 text: the normal form, its print, and its length."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit

_SPACE = 0x20


@jit
def decode(data: Array, at: int) -> tuple[int, int]:
    # (n_bytes,) u8, i -> code point, next i. The input is valid UTF-8.
    lead = int(data[at])
    if lead < 0x80:
        return lead, at + 1
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (int(data[at + 1]) & 0x3F), at + 2
    if lead < 0xF0:
        code = ((lead & 0x0F) << 12) | ((int(data[at + 1]) & 0x3F) << 6) | (int(data[at + 2]) & 0x3F)
        return code, at + 3
    code = ((lead & 0x07) << 18) | ((int(data[at + 1]) & 0x3F) << 12)
    code |= ((int(data[at + 2]) & 0x3F) << 6) | (int(data[at + 3]) & 0x3F)
    return code, at + 4


@jit
def _encode(code: int, out: Array, at: int) -> int:
    # Write one code point at ``out[at:]`` and return the next free place.
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 0x3F)
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> 12)
        out[at + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[at + 2] = 0x80 | (code & 0x3F)
        return at + 3
    out[at] = 0xF0 | (code >> 18)
    out[at + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[at + 3] = 0x80 | (code & 0x3F)
    return at + 4


@jit
def _grown(array: Array, size: int) -> Array:
    # (n,) -> a longer copy.
    longer = np.empty(max(size, 2 * len(array)), array.dtype)
    longer[: len(array)] = array
    return longer


@jit
def _is_latin(code: int) -> bool:
    return 0x61 <= code <= 0x7A or 0xC0 <= code < 0x250 or 0x1E00 <= code < 0x1F00


@jit
def _settle_word(word: Array, origin: Array, n: int, latin_twin: Array, cyrillic_twin: Array) -> None:
    # (n,) i4 letters, (n,) i4 source code points: in a word of mixed scripts, turn lookalikes into the main script.
    # letters per script, and of those the ones without a lookalike ("own")
    latin, latin_own, other, other_own = 0, 0, 0, 0
    for i in range(n):
        if _is_latin(word[i]):
            latin += 1
            latin_own += cyrillic_twin[origin[i]] == 0
        elif 0x370 <= word[i] < 0x530:
            other += 1
            other_own += latin_twin[origin[i]] == 0
    if latin == 0 or other == 0:
        return
    if other_own > latin_own or (other_own == latin_own and other > latin):
        for i in range(n):
            if _is_latin(word[i]) and cyrillic_twin[origin[i]] != 0:
                word[i] = cyrillic_twin[origin[i]]
    else:
        for i in range(n):
            if 0x370 <= word[i] < 0x530 and latin_twin[origin[i]] != 0:
                word[i] = latin_twin[origin[i]]


@jit
def _digits_ahead(data: Array, at: int, end: int, start: Array, size: Array, pool: Array, limit: int) -> int:
    # How many digits follow, at most ``limit``.
    n = 0
    while at < end and n < limit:
        code, at = decode(data, at)
        if code >= len(start) or size[code] != 1 or not 48 <= pool[start[code]] <= 57:
            break
        n += 1
    return n


@jit
def _count_letters(data: Array, at: int, end: int, size: Array) -> int:
    # How many letters the code points of one text become at most.
    n = 0
    while at < end:
        code, at = decode(data, at)
        n += int(size[code]) if code < len(size) else 1
    return n


@jit
def fold_texts(
    data: Array,
    offsets: Array,
    start: Array,
    size: Array,
    pool: Array,
    mark: Array,
    latin_twin: Array,
    cyrillic_twin: Array,
) -> tuple[Array, Array]:
    # (n_bytes,) u8, (n+1,) i8, letter table -> (n_out,) u8, (n+1,) i8: words of the normal form, one space between.
    n_texts = len(offsets) - 1
    out = np.empty(max(64, int(offsets[n_texts] - offsets[0]) + 64), np.uint8)
    ends = np.zeros(n_texts + 1, np.int64)
    word, origin = np.empty(1024, np.int32), np.empty(1024, np.int32)
    for t in range(n_texts):
        most = _count_letters(data, offsets[t], offsets[t + 1], size)
        if most > len(word):  # room is made once a text: a buffer that may change inside the loop slows every letter
            word, origin = _grown(word, most), _grown(origin, most)
        if ends[t] + 4 * most + 8 > len(out):
            out = _grown(out, ends[t] + 4 * most + 8)
        ends[t + 1] = _fold_text(
            data, offsets[t], offsets[t + 1], start, size, pool, mark, latin_twin, cyrillic_twin, word, origin,
            out, ends[t],
        )  # fmt: skip
    return out[: ends[n_texts]].copy(), ends


@jit
def _fold_text(
    data: Array, at: int, end: int, start: Array, size: Array, pool: Array, mark: Array, latin_twin: Array,
    cyrillic_twin: Array, word: Array, origin: Array, out: Array, begin: int,
) -> int:  # fmt: skip
    # Write the normal form of data[at:end] at out[begin:] and return where it ends; word, origin, out have room.
    w, n, has_latin, has_other = begin, 0, False, False
    while at < end:
        code, at = decode(data, at)
        is_known = code < len(start)
        n_new = int(size[code]) if is_known else (0 if code >= 0xE0000 else 1)
        if n_new > 0 and is_known and 0 < mark[code] < 3 and n > 0 and 48 <= word[n - 1] <= 57:
            # a mark between digits: thousands go, decimals stay
            ahead = _digits_ahead(data, at, end, start, size, pool, 4)
            if ahead > 0:
                if not (mark[code] == 2 and ahead == 3):
                    word[n], origin[n] = 46, 46
                    n += 1
                continue
        for k in range(n_new):
            letter = pool[start[code] + k] if is_known else code
            if letter == _SPACE:
                if n > 0:
                    if has_latin and has_other:
                        _settle_word(word, origin, n, latin_twin, cyrillic_twin)
                    w = _put_word(word, n, out, w, w > begin)
                    n, has_latin, has_other = 0, False, False
                continue
            if n > 0 and is_known and mark[code] == 3 and word[n - 1] == letter:
                continue
            word[n] = letter
            origin[n] = code if is_known else _SPACE
            has_latin = has_latin or _is_latin(letter)
            has_other = has_other or 0x370 <= letter < 0x530
            n += 1
    if n > 0:
        if has_latin and has_other:
            _settle_word(word, origin, n, latin_twin, cyrillic_twin)
        w = _put_word(word, n, out, w, w > begin)
    return w


@jit
def _put_word(word: Array, n: int, out: Array, w: int, with_space: bool) -> int:
    # Append a word to ``out`` at ``w``; returns the next free place.
    if with_space:
        out[w] = _SPACE
        w += 1
    for i in range(n):
        w = _encode(int(word[i]), out, w)
    return w


@jit
def squeeze_texts(data: Array, offsets: Array) -> tuple[Array, Array]:
    # (n_bytes,) u8, (n+1,) i8 -> the same without spaces, except between two digits.
    n_texts = len(offsets) - 1
    out = np.empty(len(data), np.uint8)
    ends = np.zeros(n_texts + 1, np.int64)
    w = 0
    for t in range(n_texts):
        for i in range(offsets[t], offsets[t + 1]):
            if data[i] == _SPACE and not (48 <= data[i - 1] <= 57 and 48 <= data[i + 1] <= 57):
                continue
            out[w] = data[i]
            w += 1
        ends[t + 1] = w
    return out[:w].copy(), ends


@jit
def join_lines(data: Array, offsets: Array) -> Array:
    # (n_bytes,) u8, (n+1,) i8 -> one line per text, without a line break after the last.
    n_texts = len(offsets) - 1
    out = np.empty(len(data) + n_texts, np.uint8)
    w = 0
    for t in range(n_texts):
        for i in range(offsets[t], offsets[t + 1]):
            out[w] = data[i]
            w += 1
        out[w] = 10
        w += 1
    return out[: w - 1]


@jit
def copy_texts(data: Array, offsets: Array, places: Array, into: Array, starts: Array) -> None:
    # texts data[offsets[i]:offsets[i+1]] -> into[starts[places[i]]:...], which has room for them
    for i in range(len(places)):
        at = starts[places[i]]
        for k in range(offsets[i], offsets[i + 1]):
            into[at + k - offsets[i]] = data[k]


@jit
def hash_texts(data: Array, offsets: Array, seed: np.uint64) -> Array:
    # (n_bytes,) u8, (n+1,) i8 -> (n,) u8 hashes (MurmurHash64A, Appleby 2008, public domain).
    n_texts = len(offsets) - 1
    prints = np.empty(n_texts, np.uint64)
    m, shift = np.uint64(0xC6A4A7935BD1E995), np.uint64(47)
    for t in range(n_texts):
        at, end = offsets[t], offsets[t + 1]
        h = seed ^ (np.uint64(end - at) * m)
        while at + 8 <= end:
            k = np.uint64(0)
            for j in range(8):
                k |= np.uint64(data[at + j]) << np.uint64(8 * j)
            k *= m
            k ^= k >> shift
            k *= m
            h ^= k
            h *= m
            at += 8
        if at < end:
            for j in range(end - at):
                h ^= np.uint64(data[at + j]) << np.uint64(8 * j)
            h *= m
        h ^= h >> shift
        h *= m
        h ^= h >> shift
        prints[t] = h
    return prints


@jit
def count_scripts(data: Array, offsets: Array, table: Array, n_scripts: int) -> Array:
    # (n_bytes,) u8, (n+1,) i8, script of each code point -> (n, n_scripts) i4 letters per script
    counts = np.zeros((len(offsets) - 1, n_scripts), np.int32)
    for t in range(len(offsets) - 1):
        at = offsets[t]
        while at < offsets[t + 1]:
            code, at = decode(data, at)
            if code < len(table):
                counts[t, table[code]] += 1
    return counts


@jit
def main_scripts(data: Array, offsets: Array) -> Array:
    # (n_bytes,) u8 UTF-8, (n+1,) i8 -> (n,) u1: 0 Latin and Greek, 1 Cyrillic, 2 Arabic, 3 any other, by most letters,
    # ties to the smaller; texts without a letter count as 0
    n_texts = len(offsets) - 1
    scripts, counts = np.zeros(n_texts, np.uint8), np.zeros(4, np.int64)
    for t in range(n_texts):
        counts[:] = 0
        for i in range(offsets[t], offsets[t + 1]):
            byte = data[i]
            if 0x61 <= byte <= 0x7A or 0x41 <= byte <= 0x5A or 0xC3 <= byte < 0xD0:
                counts[0] += 1
            elif 0xD0 <= byte < 0xD4:
                counts[1] += 1
            elif 0xD8 <= byte < 0xDE:
                counts[2] += 1
            elif byte >= 0xD4:
                counts[3] += 1
        for k in range(1, 4):
            if counts[k] > counts[scripts[t]]:
                scripts[t] = k
    return scripts
