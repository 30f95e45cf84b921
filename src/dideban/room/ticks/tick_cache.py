"""What one tick leaves in memory for the next of the same process; without it the same is found, only later."""

from __future__ import annotations

from pathlib import Path

from dideban.pipelines.analysis import Caches
from dideban.remembered import Remembered
from dideban.text import SignatureCache
from dideban.traces import KnownContacts, Pages


class TickCache:
    """Signatures and words of texts, who leads them, contacts in them, canonical pages, findings and their ground.

    Nothing of what was deleted stays: whoever deletes writes the file of signatures again, or removes it, and all that
    was remembered beside the older file is dropped.
    """

    def __init__(self) -> None:
        self._signatures: SignatureCache | None = None
        self._empty()

    def _empty(self) -> None:
        self.pages, self.contacts, self.results = Pages(), KnownContacts(), Remembered()

    def caches(self, path: Path) -> Caches:
        """Return what an analysis of a room may use of all this for one tick."""
        signatures = self.signatures(path)
        return Caches(signatures=signatures, pages=self.pages, contacts=self.contacts, results=self.results)

    def signatures(self, path: Path) -> SignatureCache:
        """Return the signatures of a room for one tick."""
        before = self._signatures
        self._signatures = before.reopen() if before and before.path == path else SignatureCache(path)
        if self._signatures is not before:
            self._empty()
        return self._signatures
