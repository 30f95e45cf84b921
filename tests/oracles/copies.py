"""Which letters of one text stand in another, by looking at every run."""

from __future__ import annotations


def weight(letter: str) -> int:
    code = ord(letter)
    wide = 0x3040 <= code < 0xA000 or 0xAC00 <= code < 0xD7B0 or 0xF900 <= code < 0xFB00 or code >= 0x20000
    return 2 if wide else 1


def runs(text: str, width: int) -> list[tuple[int, int]]:
    """Start and end of the shortest run of ``width`` from each place."""
    found = []
    for start in range(len(text)):
        end, total = start, 0
        while end < len(text) and total < width:
            total += weight(text[end])
            end += 1
        if total >= width:
            found.append((start, end))
    return found


def share_held(text: str, other: str, width: int) -> float:
    """Share of the letters of ``text`` in runs that ``other`` holds."""
    known = {other[start:end] for start, end in runs(other, width)}
    held = set()
    for start, end in runs(text, width):
        if text[start:end] in known:
            held.update(range(start, end))
    return len(held) / len(text) if text else 0.0
