"""What the pictures of posts look like: fetched with the bounds of any fetch, hashed, and forgotten."""

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

log = logging.getLogger("dideban.room.sources")
MOST_BYTES = 4 * 1024 * 1024
MOST_S = 10.0
"""Longest fetch of one picture, seconds."""
MOST_PICTURES = 200
"""Pictures looked at in one try of a source; the others keep what the source calls them."""
ALL_S = 60.0
"""Time that all pictures of one try take, seconds."""


class Pictures:
    """Looks at pictures of one try of a source; nothing of them is kept but what they look like.

    Parameters
    ----------
    fetcher : Fetcher
    all_s : seconds
        Time for all of them.
    """

    def __init__(self, fetcher: Fetcher, *, folder: Path, all_s: float = ALL_S) -> None:
        self.fetcher, self.path = fetcher, folder / "picture"
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
            return print_of(self.decoder.decode(self.path)).value or None
        except (SourceError, PictureError, OSError) as error:
            log.info("a picture was not looked at: %s", error)
            return None
        finally:
            self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def looking(given: dict[str, Any], *, all_s: float = ALL_S) -> Iterator[Pictures | None]:
    """Give what looks at pictures, where the settings of a source ask for it and the library is there."""
    if not given.get("pictures") or importlib.util.find_spec("PIL") is None:
        yield None
        return
    limits = FetchLimits(allow_private=settings.ALLOW_PRIVATE_ADDRESSES, max_bytes=MOST_BYTES, max_seconds=MOST_S)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        pictures = Pictures(Fetcher(limits), folder=Path(folder), all_s=all_s)
        try:
            yield pictures
        finally:
            pictures.decoder.close()
