"""Pages use the style and the script of the report: one look, one way to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

import dideban.report

SHARED = ("report.css", "report.js")


class ReportFinder(BaseFinder):
    """Finds ``report/report.css`` and ``report/report.js`` in the package of the report, and nothing else there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=Path(dideban.report.__file__).parent / "assets")
        self.storage.prefix = "report"  # type: ignore[attr-defined] # as Django's own finders do

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where a file lies; an empty list where it is none of ours."""
        folder, _, name = path.rpartition("/")
        if folder != "report" or name not in SHARED:
            return []
        found = self.storage.path(name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Return the two files."""
        for name in SHARED:
            yield name, self.storage
