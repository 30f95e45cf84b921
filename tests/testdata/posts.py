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
    """Rows of which some repeat others: the same post, seen again with another count."""
    rng = random.Random(5)
    return [
        {
            "id": post,
            "author": f"user{post % 20}",
            "time": 1714564800 + post % 50,
            "text": f"text {post} #tag{post % 4} https://example.org/{post}",
            "platform": ("x", "telegram")[post % 2],
            "views": rng.randrange(1000),
        }
        for post in (rng.randrange(n // 2) for _ in range(n))
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
