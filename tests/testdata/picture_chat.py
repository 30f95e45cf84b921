"""A made-up chat as Telegram Desktop exports it: a crowd that posts pictures, and five who post the same in concert."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

START = 1_714_500_000
CAMPAIGN = [f"user9{n}" for n in range(5)]
"""Ids of the five."""


def photo(seed: int, *, words: str = "") -> Image.Image:
    """Draw a picture like no other, with a line on it where one is given."""
    chance = np.random.default_rng(seed)
    small = chance.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    picture = Image.fromarray(small).resize((640, 480), Image.Resampling.BICUBIC)
    if words:
        ImageDraw.Draw(picture).rectangle((0, 380, 640, 480), fill="white")
        ImageDraw.Draw(picture).text((20, 400), words, fill="black", font=ImageFont.load_default(44))
    return picture


def write_chat(folder: Path, *, n_joint: int = 40, n_crowd: int = 40, n_own: int = 15) -> Path:
    """Write ``result.json`` and ``photos/``; return the folder."""
    chance = np.random.default_rng(7)
    (folder / "photos").mkdir(parents=True)
    rows: list[tuple[float, str, Image.Image]] = []
    for number in range(n_joint):
        at = START + 5_400 * number + float(chance.integers(0, 1_800))
        for who in CAMPAIGN:
            copy = photo(number).resize((int(chance.integers(400, 700)), 450))
            rows.append((at + float(chance.integers(0, 25)), who, copy))
    for who in [*CAMPAIGN, *(f"user{n}" for n in range(n_crowd))]:
        for _ in range(n_own):
            at = START + float(chance.integers(0, 5_400 * n_joint))
            seed = int(chance.integers(0, n_joint)) if chance.random() < 0.3 else int(chance.integers(1_000, 1_100))
            rows.append((at, who, photo(seed)))
    rows.sort(key=lambda row: row[:2])
    messages = []
    for number, (at, who, picture) in enumerate(rows, start=1):
        path = f"photos/photo_{number}.jpg"
        picture.save(folder / path, "JPEG", quality=int(chance.integers(40, 90)))
        messages.append({"id": number, "type": "message", "date_unixtime": str(int(at)), "date": "2024-05-01T00:00:00",
                         "from": f"Name {who}", "from_id": who, "photo": path, "text": ""})  # fmt: skip
    chat = {"name": "Square", "type": "public_supergroup", "id": 77, "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat), encoding="utf-8")
    return folder
