"""Runs in a process of its own: decodes pictures of strangers to brightness, and to small pictures for people.

Started by file name, not as part of the package: it imports nothing of Dideban. One request a line on stdin; each
answer is a line of JSON on stdout, followed by as many bytes as it says.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

SIDE = 512
"""Longest side of the brightness that is handed back, pixels."""
THUMBNAIL = 128
"""Longest side of a picture that is shown to people, pixels."""
READ_SIDE = 1600
"""Longest side of a picture in which words are read, pixels."""
READ_S = 15
"""Longest time for reading words, seconds; shorter than what the caller waits."""
SURE = 60.0
"""How sure of a word its reader must be, percent."""
MOST_WORDS = 5_000
"""Characters of the words of a picture."""
MOST_PIXELS = 64_000_000
MOST_BYTES = 64 * 1024 * 1024
MOST_FILM = 1024 * 1024 * 1024
FILMS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"
"""Kinds of video that are read: none of them can name other files to read (playlists can)."""
MOST_FRAMES = 60
"""Frames of a video, one for each second from its beginning."""
FRAME = 256
"""Side of a frame that is handed back, pixels."""
FILM_S = 60
"""Longest time for the frames of a video, seconds; shorter than what the caller waits."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
"""What is decoded. Formats that can hold programs or name other files (SVG, EPS, PDF) are not."""
ORIENTATION = 0x0112


class BadPictureError(Exception):
    """Why a picture is not used: a reason slug."""


def opened(path: str, *, most: int = MOST_BYTES) -> Any:
    """Open a plain file that is not too large."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise BadPictureError("picture-unreadable") from error
    facts = os.fstat(file.fileno())
    if not stat.S_ISREG(facts.st_mode):
        raise BadPictureError("picture-unreadable")
    if facts.st_size > most:
        raise BadPictureError("picture-too-large")
    return file


@contextlib.contextmanager
def picture_in(path: str) -> Iterator[Any]:
    """Open a picture of a known kind and size; nothing is decoded yet."""
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
        yield picture


def decode(path: str) -> tuple[int, int, int, bytes]:
    """Return the size as stored, and brightness: width, height, shorter side before, bytes."""
    with picture_in(path) as picture:
        shorter = min(picture.size)
        draft(picture, "L", SIDE)
        grey = shrunk(brightness(picture), SIDE)
        # Only now: decoding a TIFF turns it, and takes the note away.
        grey = turned(grey, picture.getexif().get(ORIENTATION, 1))
    return *grey.size, shorter, grey.tobytes()


def thumbnail(path: str) -> tuple[int, int, bytes]:
    """Return a small JPEG with nothing in it but what it shows: width, height, bytes."""
    with picture_in(path) as picture:
        draft(picture, "RGB", THUMBNAIL)
        small = shrunk(on_white(picture).convert("RGB"), THUMBNAIL)
        small = turned(small, picture.getexif().get(ORIENTATION, 1))
    small.info.clear()
    held = io.BytesIO()
    small.save(held, "JPEG", quality=60, optimize=True)
    return *small.size, held.getvalue()


def words(path: str, program: str, languages: str) -> bytes:
    """Return the words that Tesseract reads in a picture, a line each; those it is unsure of are left out."""
    from PIL import Image

    with picture_in(path) as picture:
        draft(picture, "L", READ_SIDE)
        grey = turned(shrunk(brightness(picture), READ_SIDE), picture.getexif().get(ORIENTATION, 1))
    if max(grey.size) < READ_SIDE // 2:
        grey = grey.resize([2 * n for n in grey.size], Image.Resampling.BICUBIC)
    held = io.BytesIO()
    grey.save(held, "PPM")
    command = [program, "stdin", "stdout", "-l", languages, "--psm", "3", "tsv"]
    read = ran(command, held.getvalue(), seconds=READ_S)
    return "\n".join(sure_words(read.decode("utf-8", "replace")))[:MOST_WORDS].encode()


def sure_words(table: str) -> Iterator[str]:
    """Yield the words of a table of Tesseract that it is sure of."""
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) == 12 and float(cells[10]) >= SURE and sum(map(str.isalnum, cells[11])) > 1:
            yield cells[11]


def frames(path: str, program: str) -> bytes:
    """Return a frame a second of the first minute of a video, as squares of brightness."""
    with opened(path, most=MOST_FILM):
        pass
    command = [
        program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", FILMS,
        "-max_pixels", str(MOST_PIXELS), "-threads", "1", "-t", str(MOST_FRAMES), "-i", f"file:{path}",
        "-map", "0:v:0", "-an", "-sn", "-dn", "-vf", f"fps=1,scale={FRAME}:{FRAME}:flags=area,format=gray",
        "-frames:v", str(MOST_FRAMES), "-f", "rawvideo", "pipe:1",
    ]  # fmt: skip
    data = ran(command, b"", seconds=FILM_S)
    if len(data) < FRAME * FRAME:
        raise BadPictureError("picture-damaged")
    return data[: len(data) // (FRAME * FRAME) * FRAME * FRAME]


def ran(command: list[str], data: bytes, *, seconds: float) -> bytes:
    """Return what a program says within a time; it has the bounds of this process and none of its secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX", "SYSTEMROOT") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - the program that the caller found
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds,
            env={**kept, "OMP_THREAD_LIMIT": "1"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise BadPictureError("picture-too-slow") from error
    if done.returncode:
        raise BadPictureError("picture-damaged")
    return done.stdout


def draft(picture: Any, mode: str, side: int) -> None:
    """Let a JPEG be decoded at a half, a quarter or an eighth of its size where that is enough."""
    share = side / max(picture.size)
    if share < 1:
        picture.draft(mode, [math.ceil(n * share) for n in picture.size])


def shrunk(picture: Any, side: int) -> Any:
    """Average a picture down to a longest side."""
    from PIL import Image

    share = side / max(picture.size)
    if share >= 1:
        return picture
    return picture.resize([max(1, round(n * share)) for n in picture.size], Image.Resampling.BOX)


def turned(picture: Any, turn: int) -> Any:
    """Turn a picture as its camera was held."""
    from PIL import Image

    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    return picture.transpose(Image.Transpose(turns[turn])) if turn in turns else picture


def on_white(picture: Any) -> Any:
    """Put what is transparent on white; stretch what has more than 256 levels."""
    from PIL import Image

    if picture.mode in ("I;16", "I", "F"):
        low, high = picture.getextrema()
        scale = 255 / (high - low) if high > low else 0
        return picture.convert("F").point(lambda value: (value - low) * scale).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture


def brightness(picture: Any) -> Any:
    """Return brightness, on white where the picture is transparent."""
    return on_white(picture).convert("L")


def made(request: dict[str, str]) -> tuple[dict[str, int], bytes]:
    """Return what a request wants."""
    if request["want"] == "words":
        data = words(request["path"], request["program"], request["languages"])
        return {"bytes": len(data)}, data
    if request["want"] == "frames":
        data = frames(request["path"], request["program"])
        return {"bytes": len(data), "side": FRAME}, data
    if request["want"] == "thumbnail":
        width, height, data = thumbnail(request["path"])
        return {"width": width, "height": height, "shorter": min(width, height), "bytes": len(data)}, data
    width, height, shorter, data = decode(request["path"])
    return {"width": width, "height": height, "shorter": shorter, "bytes": len(data)}, data


def answer(request: dict[str, str]) -> None:
    """Answer one request."""
    try:
        facts, data = made(request)
    except BadPictureError as error:
        say({"reason": str(error)})
    except MemoryError:
        say({"reason": "picture-too-large"})
    except Exception:  # decoders of damaged pictures raise whatever they like
        say({"reason": "picture-damaged"})
    else:
        say(facts, data)


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
    """Answer requests until no one asks any more."""
    be_careful(int(sys.argv[1]))
    for line in sys.stdin:
        answer(json.loads(line))


if __name__ == "__main__":
    main()
