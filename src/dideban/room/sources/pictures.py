"""What the pictures of posts look like: fetched with the bounds of any fetch, hashed, and forgotten.

Where a source is asked to, a small one is kept for members (``posts.thumbnails``).
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from dideban.errors import SourceError
from dideban.room.fetch import Fetcher, FetchLimits
from dideban.room.posts.thumbnails import hold, is_held

log = logging.getLogger("dideban.room.sources")
MOST_BYTES = 4 * 1024 * 1024
MOST_S = 10.0
"""Longest fetch of one picture, seconds."""
MOST_PICTURES = 200
"""Pictures looked at in one try of a source; the others keep what the source calls them."""
ALL_S = 60.0
"""Time that all pictures of one try take, seconds."""


class Pictures:
    """Looks at pictures of one try of a source; nothing of them is kept but what they look like, and small ones.

    Parameters
    ----------
    fetcher : Fetcher
    all_s : seconds
        Time for all of them.
    keep_in : str
        Room that keeps small ones; empty = none are kept.
    """

    def __init__(self, fetcher: Fetcher, *, folder: Path, all_s: float = ALL_S, keep_in: str = "") -> None:
        self.fetcher, self.path, self.keep_in = fetcher, folder / "picture", keep_in
        self.end = time.monotonic() + all_s
        self.known: dict[str, str | None] = {}
        from dideban.ingest.pictures import Decoder  # kernels are loaded only where pictures are looked at

        self.decoder = Decoder(patience_s=MOST_S)

    def look(self, address: Any) -> str | None:
        """Return what POSTS hold for a picture; None where it cannot be had or shows too little."""
        if not isinstance(address, str) or not address.startswith(("http://", "https://")):
            return None
        if address not in self.known:
            if len(self.known) >= MOST_PICTURES or time.monotonic() > self.end:
                return None
            self.known[address] = self._seen(address)
        return self.known[address]

    def _seen(self, address: str) -> str | None:
        from dideban.ingest.pictures import PictureError, print_of

        try:
            self.path.write_bytes(self.fetcher.get(address, headers={"Accept": "image/*"}).body)
            value = print_of(self.decoder.decode(self.path)).value
            if value and self.keep_in and not is_held(self.keep_in, value):
                hold(self.keep_in, value, self.decoder.thumbnail(self.path).jpeg)
            return value or None
        except (SourceError, PictureError, OSError) as error:
            log.info("a picture was not looked at: %s", error)
            return None
        finally:
            self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def looking(given: dict[str, Any], *, room: str = "", all_s: float = ALL_S) -> Iterator[Pictures | None]:
    """Give what looks at pictures, where the settings of a source ask for it and the library is there.

    Parameters
    ----------
    given : dict
        Settings of a source.
    room : str
        Room that keeps small pictures, where the settings ask for that too.
    all_s : seconds
        Time for all of them.
    """
    if not given.get("pictures") or importlib.util.find_spec("PIL") is None:
        yield None
        return
    limits = FetchLimits(allow_private=settings.ALLOW_PRIVATE_ADDRESSES, max_bytes=MOST_BYTES, max_seconds=MOST_S)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        keep_in = room if given.get("thumbnails") else ""
        pictures = Pictures(Fetcher(limits), folder=Path(folder), all_s=all_s, keep_in=keep_in)
        try:
            yield pictures
        finally:
            pictures.decoder.close()
