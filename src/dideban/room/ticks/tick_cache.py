"""What one tick leaves in memory for the next of the same process; without it the same is found, only later."""

from __future__ import annotations

from pathlib import Path

from dideban.remembered import Remembered
from dideban.text import SignatureCache
from dideban.traces import Pages


class TickCache:
    """Signatures of texts, who leads them, canonical pages of addresses, findings and what they rest on.

    Nothing of what was deleted stays: whoever deletes writes the file of signatures again, or removes it, and all that
    was remembered beside the older file is dropped.
    """

    def __init__(self) -> None:
        self._signatures: SignatureCache | None = None
        self.pages = Pages()
        self.results = Remembered()

    def signatures(self, path: Path) -> SignatureCache:
        """Return the signatures of a room for one tick."""
        before = self._signatures
        self._signatures = before.reopen() if before and before.path == path else SignatureCache(path)
        if self._signatures is not before:
            self.pages, self.results = Pages(), Remembered()
        return self._signatures
