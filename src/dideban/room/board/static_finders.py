"""Pages use the style and the script of the report, and the letters of the public site: one look, one way to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

import dideban.report
import dideban.site


class SharedFinder(BaseFinder):
    """Finds a few files that belong to another package under the name of that package, and nothing else there."""

    package: ModuleType
    shared: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=Path(str(self.package.__file__)).parent / "assets")
        self.folder = self.package.__name__.rpartition(".")[2]
        self.storage.prefix = self.folder  # type: ignore[attr-defined] # as Django's own finders do

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where a file lies; an empty list where it is none of ours."""
        folder, _, name = path.rpartition("/")
        if folder != self.folder or name not in self.shared:
            return []
        found = self.storage.path(name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Return the shared files."""
        for name in self.shared:
            yield name, self.storage


class ReportFinder(SharedFinder):
    """The style and the script of the report."""

    package, shared = dideban.report, ("report.css", "report.js")


class LettersFinder(SharedFinder):
    """The letters of Persian and Arabic, whose zero is no dot as in many a system."""

    package, shared = dideban.site, ("vazirmatn-arabic.woff2",)
