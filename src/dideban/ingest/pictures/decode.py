"""Pictures of strangers to brightness, in processes that may die of them."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import numpy as np

from dideban.arrays import F4

MEMORY = 1536 * 1024**2
"""Address space of a process that decodes, bytes."""
PATIENCE_S = 20.0
"""Longest wait for one picture, seconds."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
T = TypeVar("T")


class PictureError(Exception):
    """A picture that cannot be used; ``slug`` is the reason that REJECTS gets."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@dataclass(frozen=True)
class DecodedPicture:
    """A picture as brightness."""

    grey: F4
    shorter: int
    """Shorter side of the picture itself, pixels."""


@dataclass(frozen=True)
class Small:
    """A small picture for people: a JPEG that holds nothing but what it shows."""

    jpeg: bytes
    width: int
    height: int


Said = tuple[dict[str, int], bytes]
"""What the process says of a picture, and the bytes that follow."""


def can_decode() -> bool:
    """Whether the library that decodes pictures is installed (extra ``media``)."""
    return importlib.util.find_spec("PIL") is not None


FILM_PATIENCE_S = 75.0
"""Longest wait for the frames of a video, seconds."""
LANGUAGES = ("fas", "ara", "eng")
"""Languages in which words in pictures are read, as Tesseract calls them."""


@dataclass(frozen=True)
class WordReader:
    """The program that reads words in pictures."""

    program: str
    languages: str
    """Those of LANGUAGES that it has, joined by ``+``."""


def find_reader() -> WordReader | None:
    """Return Tesseract with the languages it has; None where it, or every one of them, is missing."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        listed = subprocess.run(  # noqa: S603 - found above, with words of our own
            [program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    there = set(listed.stdout.split())
    languages = [name for name in LANGUAGES if name in there]
    return WordReader(program, "+".join(languages)) if languages else None


def find_film_reader() -> str | None:
    """Return the program that reads videos (FFmpeg); None where it is not installed."""
    return shutil.which("ffmpeg")


class Decoder:
    """One process that decodes pictures; started when first asked, and again after it died."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Said | PictureError | None] = queue.SimpleQueue()

    def decode(self, path: Path) -> DecodedPicture:
        """Return the brightness of a picture.

        Raises
        ------
        PictureError
            It is damaged, too large, or of no kind that is decoded; or decoding it ended or stopped the process.
        """
        said, data = self._ask(path, "brightness")
        grey = np.frombuffer(data, np.uint8).reshape(said["height"], said["width"])
        return DecodedPicture(grey.astype(np.float32), said["shorter"])

    def thumbnail(self, path: Path) -> Small:
        """Return a small picture of a picture.

        Raises
        ------
        PictureError
            As for ``decode``.
        """
        said, data = self._ask(path, "thumbnail")
        return Small(data, said["width"], said["height"])

    def words(self, path: Path, *, reader: WordReader) -> list[str]:
        """Return the words in a picture, of which the reader is sure.

        Raises
        ------
        PictureError
            As for ``decode``; or the reader failed.
        """
        return self._ask(path, "words", program=reader.program, languages=reader.languages)[1].decode().split("\n")

    def frames(self, path: Path, *, program: str) -> F4:
        """Return the brightness of a frame a second of the first minute of a video: (n, side, side).

        Raises
        ------
        PictureError
            As for ``decode``.
        """
        said, data = self._ask(path, "frames", patience_s=FILM_PATIENCE_S, program=program)
        return np.frombuffer(data, np.uint8).reshape(-1, said["side"], said["side"]).astype(np.float32)

    def _ask(self, path: Path, want: str, *, patience_s: float | None = None, **more: str) -> Said:
        process = self._alive()
        request = {"path": os.fspath(path.absolute()), "want": want, **more}
        with contextlib.suppress(OSError):  # it died: the missing answer will tell
            if process.stdin is not None:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
        try:
            found = self._answers.get(timeout=patience_s or self.patience_s)
        except queue.Empty:
            self.close()
            raise PictureError("picture-too-slow") from None
        if found is None:
            self.close()
            raise PictureError("picture-too-large")
        if isinstance(found, PictureError):
            raise found
        return found

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own file, by the interpreter that runs us
                [sys.executable, "-P", "-Wignore", os.fspath(Path(__file__).with_name("child.py")), str(MEMORY)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
            )
            self._answers = queue.SimpleQueue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
        return self._process


def _listen(pipe: IO[bytes] | None, answers: queue.SimpleQueue[Said | PictureError | None]) -> None:
    """Hand on what the process answers; None when it answers no more."""
    with contextlib.suppress(OSError, ValueError):
        while pipe is not None and (line := pipe.readline()):
            said = json.loads(line)
            if "reason" in said:
                answers.put(PictureError(said["reason"]))
                continue
            answers.put((said, pipe.read(said["bytes"])))
    answers.put(None)


class Decoders:
    """Several processes, one per thread; answers come in the order of the paths."""

    def __init__(self, threads: int = 0, *, patience_s: float = PATIENCE_S) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.patience_s = patience_s

    def each(self, paths: Sequence[Path], work: Callable[[DecodedPicture], T]) -> Iterator[T | PictureError]:
        """Yield what ``work`` makes of the brightness of each picture, or why there is nothing."""
        return self.ask(paths, lambda decoder, path: work(decoder.decode(path)))

    def ask(self, paths: Sequence[Path], question: Callable[[Decoder, Path], T]) -> Iterator[T | PictureError]:
        """Yield the answer to a question about each picture, or why there is none."""
        local, started = threading.local(), []

        def one(path: Path) -> T | PictureError:
            if not hasattr(local, "decoder"):
                local.decoder = Decoder(patience_s=self.patience_s)
                started.append(local.decoder)
            try:
                return question(local.decoder, path)
            except PictureError as error:
                return error

        try:
            with ThreadPoolExecutor(self.threads) as pool:
                for start in range(0, len(paths), 1000):
                    yield from pool.map(one, paths[start : start + 1000])
        finally:
            for decoder in started:
                decoder.close()
