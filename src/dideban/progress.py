"""How long-running work reports progress, independent of what displays it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class Stage(Protocol):
    """One stage under way; use it as a context manager."""

    def advance(self, n: int = 1, *, rejects: int = 0) -> None:
        """Add ``n`` finished units and ``rejects`` rows set aside."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Progress(Protocol):
    """Receives the stages of a run in order."""

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> Stage:
        """Open a stage, named by its slug, as is the unit; ``total`` is None where the size is not known beforehand.

        The words for both are in the catalogues, under ``stage`` and ``stage.unit``.
        """


class SilentStage:
    """A stage of which nothing is shown."""

    def advance(self, n: int = 1, *, rejects: int = 0) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class SilentProgress:
    """Says nothing: for libraries, tests and notebooks."""

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> Stage:
        return SilentStage()


SILENT = SilentProgress()
