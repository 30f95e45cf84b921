"""Values by chance: odd texts, numbers, types, depths and encodings, and bytes that were changed on their way."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

WORDS = [
    "", " ", "\x00", "null", "NaN", "1e999", "-1", "9" * 400, "true", "\ud800", "\u202e", "a\u0301" * 50, "سلام", "<script>",
    "=1+1", "{{7*7}}", "%00", "../../etc/passwd", "http://127.0.0.1/", "javascript:alert(1)", "2026-13-45T99:99:99Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+23:59", "a" * 5_000, "\r\nX: y", '"', "'", "\\", "\ufeff", "[]", "{}",
]  # fmt: skip
NUMBERS: list[Any] = [0, -1, 1, 2**31, 2**53, 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e308]
ENCODINGS = ["utf-8", "utf-16", "utf-32", "utf-8-sig", "latin-1", "cp1256", "utf-16-be", "ascii"]


class Chance(random.Random):
    """Values by chance, from a seed."""

    def text(self) -> str:
        """Return a text: odd, or of odd characters."""
        if self.random() < 0.7:
            return self.choice(WORDS)
        return "".join(
            chr(self.choice((self.randrange(32, 127), self.randrange(0x10FFFF)))) for _ in range(self.randrange(30))
        )

    def value(self, depth: int = 3) -> Any:
        """Return a value of JSON of any type."""
        kind = self.randrange(8 if depth else 5)
        if kind == 7:
            return {self.text(): self.value(depth - 1) for _ in range(self.randrange(4))}
        if kind >= 5:
            return [self.value(depth - 1) for _ in range(self.randrange(4))]
        return [None, self.random() < 0.5, self.choice(NUMBERS), self.text(), self.text()][kind]

    def spoiled(self, value: Any, depth: int = 4) -> Any:
        """Return a value of which some part is another, missing, or of another type."""
        if self.random() < 0.15 or depth == 0:
            return self.value()
        if isinstance(value, dict):
            return {key: self.spoiled(one, depth - 1) for key, one in value.items() if self.random() > 0.05}
        return [self.spoiled(one, depth - 1) for one in value] if isinstance(value, list) else value

    def json(self, value: Any) -> bytes:
        """Return JSON, sometimes nested without end, cut off, or in another encoding."""
        text = json.dumps(value, ensure_ascii=self.random() < 0.5)
        if self.random() < 0.05:
            deep = self.choice((50, 500, 5_000, 100_000))
            text = text.replace("null", "[" * deep + "]" * deep, 1)
        return self.cut(self.encoded(text))

    def encoded(self, text: str) -> bytes:
        """Return a text in some encoding."""
        return text.encode(self.choice(ENCODINGS) if self.random() < 0.2 else "utf-8", "replace")

    def cut(self, data: bytes) -> bytes:
        """Return bytes, some of them changed, cut off, doubled or packed."""
        changed = bytearray(data)
        if self.random() < 0.4 and changed:
            for _ in range(self.randrange(1, 9)):
                changed[self.randrange(len(changed))] = self.randrange(256)
        if self.random() < 0.15 and changed:
            at = self.randrange(len(changed))
            changed[at : at + self.randrange(50)] = self.choice((b"", bytes(20), b"\xff" * 8, bytes(changed[:40])))
        if self.random() < 0.1:
            del changed[self.randrange(len(changed) + 1) :]
        return gzip.compress(bytes(changed)) if self.random() < 0.05 else bytes(changed)
