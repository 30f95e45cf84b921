"""Photos of members, written anew: what a camera adds is gone, and the file is small enough for a bad line."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from dideban.errors import ConfigError, InputError

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
WIDEST, TALLEST = 1_200, 1_600
MOST_WRITTEN = 48 * 1024
"""Bytes of a photo on the site."""
QUALITIES = (82, 74, 66, 58, 50, 42, 34)
SHRINKS = (1.0, 0.75, 0.55, 0.4)


@dataclass(frozen=True, kw_only=True)
class CleanPhoto:
    """A JPEG without metadata."""

    data: bytes
    width: int
    height: int


def clean_photo(data: bytes) -> CleanPhoto:
    """Return a photo drawn anew: no EXIF, no place, no thumbnail, no profile.

    Raises
    ------
    InputError
        Too large, or no JPEG, PNG or WebP; SVG is none.
    ConfigError
        The library for pictures is not installed.
    """
    if len(data) > MOST_BYTES:
        raise InputError("public.photo-too-large", most=MOST_BYTES)
    picture = _opened(data)
    written = b""
    for shrink in SHRINKS:
        size = (max(1, int(picture.width * shrink)), max(1, int(picture.height * shrink)))
        smaller = picture if shrink == 1 else picture.resize(size)
        for quality in QUALITIES:
            written = _jpeg(smaller, quality)
            if len(written) <= MOST_WRITTEN:
                return CleanPhoto(data=written, width=smaller.width, height=smaller.height)
    return CleanPhoto(data=written, width=smaller.width, height=smaller.height)


def _opened(data: bytes) -> Any:
    try:
        from PIL import Image, ImageOps
    except ModuleNotFoundError as error:
        raise ConfigError("public.no-pictures", hint="hint.install", extra="dideban[media]") from error
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        if picture.width * picture.height > MOST_PIXELS:
            raise InputError("public.photo-too-large", most=MOST_BYTES)
        picture.draft("RGB", (WIDEST, TALLEST))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("public.not-a-photo") from error
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    ground.thumbnail((WIDEST, TALLEST))
    return ground


def _jpeg(picture: Any, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()
