"""Runs in a process of its own: decodes pictures of strangers to small squares of brightness.

Started by file name, not as part of the package: it imports nothing of Dideban. One request a line on stdin; each
answer is a line of JSON on stdout, followed by as many bytes as it says.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from typing import Any

SIDE = 512
"""Longest side of what is handed back, pixels."""
MOST_PIXELS = 64_000_000
MOST_BYTES = 64 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
"""What is decoded. Formats that can hold programs or name other files (SVG, EPS, PDF) are not."""
ORIENTATION = 0x0112


class BadPictureError(Exception):
    """Why a picture is not used: a reason slug."""


def opened(path: str) -> Any:
    """Open a plain file that is not too large."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise BadPictureError("picture-unreadable") from error
    facts = os.fstat(file.fileno())
    if not stat.S_ISREG(facts.st_mode):
        raise BadPictureError("picture-unreadable")
    if facts.st_size > MOST_BYTES:
        raise BadPictureError("picture-too-large")
    return file


def decode(path: str) -> tuple[int, int, int, bytes]:
    """Return the size as stored, and brightness: width, height, shorter side before, bytes."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the bound below is ours
    with opened(path) as file:
        try:
            picture = Image.open(file, formats=FORMATS)
        except UnidentifiedImageError as error:
            raise BadPictureError("picture-unknown") from error
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise BadPictureError("picture-too-large")
        picture.draft("RGB", (SIDE, SIDE))
        turn = picture.getexif().get(ORIENTATION, 1)
        grey = brightness(picture)
    share = SIDE / max(grey.size)
    if share < 1:
        grey = grey.resize([max(1, round(n * share)) for n in grey.size], Image.Resampling.BOX)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    if turn in turns:
        grey = grey.transpose(Image.Transpose(turns[turn]))
    return *grey.size, min(width, height), grey.tobytes()


def brightness(picture: Any) -> Any:
    """Return brightness, on white where the picture is transparent."""
    from PIL import Image

    if picture.mode in ("I;16", "I", "F"):
        low, high = picture.getextrema()
        scale = 255 / (high - low) if high > low else 0
        return picture.convert("F").point(lambda value: (value - low) * scale).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L")
    return picture.convert("L")


def answer(path: str) -> None:
    """Answer one request."""
    try:
        width, height, shorter, data = decode(path)
    except BadPictureError as error:
        say({"reason": str(error)})
    except MemoryError:
        say({"reason": "picture-too-large"})
    except Exception:  # decoders of damaged pictures raise whatever they like
        say({"reason": "picture-damaged"})
    else:
        say({"width": width, "height": height, "shorter": shorter}, data)


def say(message: dict[str, Any], data: bytes = b"") -> None:
    """Write one answer."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


def be_careful(memory: int) -> None:
    """Bound memory, leave no core dump, and leave Ctrl-C to the parent."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(0x0003)


def main() -> None:
    """Answer requests until nobody asks any more."""
    be_careful(int(sys.argv[1]))
    for line in sys.stdin:
        answer(json.loads(line))


if __name__ == "__main__":
    main()
