"""Files of posts that several tests of intake read."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from pathlib import Path

import zstandard

FARSI = "id,author,time,text\n" + "".join(
    f"{i},کاربر{i},2024-05-01T12:00:{i:02}Z,خبر امروز: مردم در خیابان‌های شهر گرد هم آمدند و پل بسته شد\n".replace(
        "‌", " "
    )
    for i in range(20)
)


def many(n: int) -> list[dict[str, object]]:
    rng = random.Random(5)
    return [
        {
            "id": rng.randrange(n // 2),
            "author": f"user{rng.randrange(20)}",
            "time": 1714564800 + rng.randrange(50),
            "text": f"text {i} #tag{rng.randrange(4)} https://example.org/{i}",
            "platform": rng.choice(["x", "telegram"]),
        }
        for i in range(n)
    ]


def as_csv(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def packed(data: bytes, name: str, folder: Path) -> bytes:
    if name == "gzip":
        return gzip.compress(data)
    if name == "two gzips":
        return gzip.compress(data[:30]) + gzip.compress(data[30:])
    if name == "two zstds":
        return zstandard.compress(data[:30]) + zstandard.compress(data[30:])
    if name == "zstd":
        return zstandard.compress(data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/er/posts.txt", gzip.compress(data) if name == "gzip in zip" else data)
        archive.writestr("__MACOSX/._posts", b"\0\1")
        archive.writestr(".hidden", b"x")
    return buffer.getvalue()
