"""Slow, obvious twins of the text kernels."""

from __future__ import annotations

import unicodedata

from dideban.text.letters import fold_char


def fold(text: str) -> str:
    """Normal form of a text without links, names, entities, number marks and mixed scripts."""
    out: list[str] = []
    for char in text:
        for letter in fold_char(char):
            is_mark = unicodedata.category(char) in ("Mn", "Me")
            if is_mark and out and out[-1] == letter:
                continue
            out.append(letter)
    return " ".join("".join(out).split())


def squeeze(form: str) -> str:
    """The form without spaces, except between two digits."""
    out = ""
    for i, char in enumerate(form):
        if char == " " and not (form[i - 1] in "0123456789" and form[i + 1] in "0123456789"):
            continue
        out += char
    return out


def murmur64a(data: bytes, seed: int) -> int:
    """MurmurHash64A as published by Austin Appleby."""
    m, r, mask = 0xC6A4A7935BD1E995, 47, (1 << 64) - 1
    h = seed ^ (len(data) * m & mask)
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        k = int.from_bytes(data[at : at + 8], "little")
        k = k * m & mask
        k ^= k >> r
        k = k * m & mask
        h = (h ^ k) * m & mask
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h ^= h >> r
    h = h * m & mask
    return h ^ (h >> r)


def weight(char: str) -> int:
    code = ord(char)
    wide = 0x3040 <= code < 0xA000 or 0xAC00 <= code < 0xD7B0 or 0xF900 <= code < 0xFB00 or code >= 0x20000
    return 2 if wide else 1


def shingles(text: str, width: int) -> list[str]:
    """Shortest runs of at least ``width``, one from each place."""
    found = []
    for i in range(len(text)):
        for j in range(i + 1, len(text) + 1):
            if sum(map(weight, text[i:j])) >= width:
                found.append(text[i:j])
                break
    return found


def compare(a: str, b: str) -> tuple[float, float, float]:
    """Cover, cover outside the two longest runs, size ratio (see ``compare_grams``)."""
    small, large = sorted((shingles(a, 4), shingles(b, 4)), key=len)
    if not small:
        return 0.0, 0.0, 0.0
    hits = "".join("1" if gram in set(large) else "0" for gram in small)
    runs = [*sorted(map(len, hits.split("0")), reverse=True), 0, 0]
    rest = len(small) - runs[0] - runs[1] - 12
    outside = hits.count("1") - runs[0] - runs[1]
    residual = outside / rest if rest >= 8 and rest * 5 >= len(small) else 1.0
    return hits.count("1") / len(small), residual, len(small) / len(large)


def longest_common_words(a: list[int], b: list[int]) -> int:
    """Length of a longest common subsequence, by recursion on prefixes."""
    table = {(-1, -1): 0}
    for i in range(-1, len(a)):
        for j in range(-1, len(b)):
            if i < 0 or j < 0:
                table[i, j] = 0
            elif a[i] == b[j]:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])
    return table[len(a) - 1, len(b) - 1]


def jaccard(a: str, b: str) -> float:
    """Jaccard likeness of the character 5-grams of two texts as other tools take them: lower case, nothing else."""
    left, right = ({t.lower()[i : i + 5] for i in range(max(1, len(t) - 4))} for t in (a, b))
    return len(left & right) / len(left | right)


def simhash(text: str) -> int:
    """64-bit SimHash (Charikar 2002) over character 5-grams, lower case."""
    low = text.lower()
    totals = [0] * 64
    for gram in {low[i : i + 5] for i in range(max(1, len(low) - 4))}:
        value = murmur64a(gram.encode(), 1)
        for bit in range(64):
            totals[bit] += 1 if value >> bit & 1 else -1
    return sum(1 << bit for bit in range(64) if totals[bit] > 0)


def simhash_distance(a: str, b: str) -> int:
    """Bits in which the SimHashes of two texts differ."""
    return (simhash(a) ^ simhash(b)).bit_count()
