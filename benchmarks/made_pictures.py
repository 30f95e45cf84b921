"""Pictures made up for measuring, and what people do to pictures before they post them again."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Maker = Callable[[np.random.Generator], Image.Image]
TALK = """vote today they lied again nobody told you share before it is gone the truth about our water prices went up
stop this now look what happened in the square who paid for it read the small print we all saw them"""
WORDS = TALK.split()


def texture(chance: np.random.Generator) -> Image.Image:
    """Draw something like a photograph of nature: noise whose strength falls with its frequency, tinted."""
    height, width = int(chance.integers(360, 900)), int(chance.integers(360, 900))
    waves = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width)[None, :] ** 2
    waves[0, 0] = 1
    spectrum = (chance.normal(size=waves.shape) + 1j * chance.normal(size=waves.shape)) / waves ** chance.uniform(
        0.55, 0.9
    )
    field = np.fft.irfft2(spectrum, (height, width))
    grey = np.clip(128 + 55 * (field - field.mean()) / field.std(), 0, 255)
    tint = chance.uniform(0.6, 1.0, 3)
    return Image.fromarray((grey[..., None] * tint).astype(np.uint8))


def scene(chance: np.random.Generator) -> Image.Image:
    """Draw things before a background: sky, ground, houses, heads."""
    picture = texture(chance)
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for _ in range(int(chance.integers(3, 14))):
        x, y = chance.integers(-50, width), chance.integers(-50, height)
        w, h = chance.integers(width // 20, width // 2), chance.integers(height // 20, height // 2)
        colour = tuple(int(c) for c in chance.integers(0, 256, 3))
        shape = draw.rectangle if chance.random() < 0.5 else draw.ellipse
        shape((int(x), int(y), int(x + w), int(y + h)), fill=colour)
    return picture


def words_on(picture: Image.Image, chance: np.random.Generator, *, bar: bool) -> Image.Image:
    """Write a line above and one below, on white bars or on the picture itself."""
    picture = picture.copy()
    width, height = picture.size
    draw, size = ImageDraw.Draw(picture), max(height // 10, 14)
    font = ImageFont.load_default(size)
    for top in (height // 40, height - size - height // 20):
        if bar:
            draw.rectangle((0, top - 5, width, top + size + 8), fill="white")
        line = " ".join(chance.choice(WORDS, int(chance.integers(2, 6))))
        draw.text((width // 30, top), line, fill="black" if bar else "white", font=font, stroke_width=1 - bar,
                  stroke_fill="black")  # fmt: skip
    return picture


def meme(chance: np.random.Generator) -> Image.Image:
    """Write words on a picture of its own."""
    return words_on(scene(chance), chance, bar=bool(chance.random() < 0.5))


def page(chance: np.random.Generator) -> Image.Image:
    """Draw a screenshot of text: dark lines on white."""
    width, height = int(chance.integers(400, 800)), int(chance.integers(400, 1000))
    picture = Image.new("RGB", (width, height), "white")
    draw, y, size = ImageDraw.Draw(picture), 20, int(chance.integers(14, 36))
    font = ImageFont.load_default(size)
    while y < height - size:
        draw.text((20, y), " ".join(chance.choice(WORDS, int(chance.integers(1, 9)))), fill="black", font=font)
        y += int(size * chance.choice([1.3, 1.3, 1.3, 2.6]))
    return picture


KINDS: dict[str, Maker] = {"texture": texture, "scene": scene, "meme": meme, "page": page}


def _jpeg(quality: int) -> Callable[[Image.Image, np.random.Generator], Image.Image]:
    def change(picture: Image.Image, _chance: np.random.Generator) -> Image.Image:
        held = io.BytesIO()
        picture.convert("RGB").save(held, "JPEG", quality=quality)
        return Image.open(held)

    return change


def _resize(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    share = chance.uniform(0.3, 1.6)
    return picture.resize((int(picture.width * share), int(picture.height * share)), Image.Resampling.BICUBIC)


def _border(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    colour = tuple(int(c) for c in chance.choice([0, 255, 200, 40], 3))
    return ImageOps.expand(picture, border=int(min(picture.size) * chance.uniform(0.02, 0.1)), fill=colour)


def _caption(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    bar = int(picture.height * chance.uniform(0.1, 0.25))
    new = Image.new("RGB", (picture.width, picture.height + bar), "white" if chance.random() < 0.5 else "black")
    at_top = chance.random() < 0.5
    new.paste(picture, (0, bar if at_top else 0))
    ink = "black" if new.getpixel((1, 1 if at_top else new.height - 2)) == (255, 255, 255) else "white"
    y = bar // 4 if at_top else picture.height + bar // 4
    line = " ".join(chance.choice(WORDS, 5))
    ImageDraw.Draw(new).text((10, y), line, fill=ink, font=ImageFont.load_default(max(bar // 2, 10)))
    return new


def _crop(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Cut a tenth of the area off, from any sides."""
    width, height = picture.size
    w, h = round(width * 0.9**0.5), round(height * 0.9**0.5)
    x, y = int(chance.integers(0, width - w + 1)), int(chance.integers(0, height - h + 1))
    return picture.crop((x, y, x + w, y + h))


def _screenshot(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Show the picture in a phone: bars with words above and below, a margin at the sides."""
    width = 720
    margin = int(chance.choice([0, 16, 32]))
    shown = picture.resize((width - 2 * margin, int(picture.height * (width - 2 * margin) / picture.width)))
    above, below = int(chance.integers(60, 220)), int(chance.integers(60, 260))
    is_dark = chance.random() < 0.5
    new = Image.new("RGB", (width, above + shown.height + below), (18, 18, 18) if is_dark else "white")
    new.paste(shown, (margin, above))
    draw, font = ImageDraw.Draw(new), ImageFont.load_default(26)
    ink = "white" if is_dark else "black"
    draw.text((20, 12), "21:30          LTE  80%", fill=ink, font=ImageFont.load_default(20))
    draw.text((20, above // 2), " ".join(chance.choice(WORDS, 4)), fill=ink, font=font)
    draw.text((20, above + shown.height + 20), " ".join(chance.choice(WORDS, 6)), fill=ink, font=font)
    return new


def _colour(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    picture = ImageEnhance.Color(picture.convert("RGB")).enhance(chance.uniform(0.2, 1.8))
    picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.8, 1.2))
    return ImageEnhance.Contrast(picture).enhance(chance.uniform(0.8, 1.25))


CHANGES = {
    "resized": _resize,
    **{f"JPEG, quality {quality}": _jpeg(quality) for quality in (20, 40, 60, 90)},
    "border": _border,
    "caption bar": _caption,
    "a tenth cropped": _crop,
    "screenshot in a frame": _screenshot,
    "colours shifted": _colour,
    "mirrored": lambda picture, _chance: ImageOps.mirror(picture),
}
