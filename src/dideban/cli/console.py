"""Owns the terminal: progress on stderr, errors as one line and a hint, Ctrl-C without a traceback."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click

from dideban.errors import DidebanError
from dideban.progress import Progress, Task

QUIET_S = 1.0
"""Stages shorter than this are never shown."""
REDRAW_S = 0.2


def run_guarded(command: click.Command) -> int:
    """Run a click command and return its exit code; only here are our errors caught."""
    try:
        result = command.main(standalone_mode=False, prog_name="dideban")
    except DidebanError as error:
        _say(f"error: {error.message}")
        if error.hint:
            _say(f"hint: {error.hint}")
        return error.exit_code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return 2
    except (KeyboardInterrupt, click.Abort):
        _say("\nstopped: nothing half-written was left behind")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0


def _say(line: str) -> None:
    click.echo(printable(line), err=True)


def printable(text: str) -> str:
    """Return ``text`` without control and bidi characters, so that data cannot steer the terminal."""
    return "".join(c if (c.isprintable() or c in "\n\t‌") else "�" for c in text)


class ConsoleProgress:
    """Progress for people: one line per stage on stderr, redrawn in place on a terminal, silent under a second."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.quiet, self.clock = quiet, clock
        self.live = sys.stderr.isatty()

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> Task:
        """Open a stage."""
        return _Line(self, name, total, unit)


class _Line:
    def __init__(self, owner: ConsoleProgress, name: str, total: int | None, unit: str) -> None:
        self.owner, self.name, self.total, self.unit = owner, name, total, unit
        self.done = self.rejects = 0
        self.start = self.drawn = owner.clock()

    def advance(self, n: int = 1, *, rejects: int = 0) -> None:
        self.done += n
        self.rejects += rejects
        now = self.owner.clock()
        if now - self.start > QUIET_S and now - self.drawn > (REDRAW_S if self.owner.live else 10.0):
            self.drawn = now
            self._draw(now, end="\r" if self.owner.live else "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        now = self.owner.clock()
        if now - self.start > QUIET_S:
            self._draw(now, end="\n")

    def _draw(self, now: float, *, end: str) -> None:
        if self.owner.quiet:
            return
        elapsed = max(now - self.start, 1e-9)
        parts = [f"{self.name:<28}"]
        if self.done:
            parts.append(f"{self.done:,}{f'/{self.total:,}' if self.total else ''} {self.unit}")
            parts.append(f"{self.done / elapsed:,.0f}/s")
        if self.rejects:
            parts.append(f"{self.rejects:,} rejected")
        if self.total and 0 < self.done < self.total:
            parts.append(f"{(self.total - self.done) * elapsed / self.done:.0f} s left")
        else:
            parts.append(f"{elapsed:.1f} s")
        line = printable("  ".join(parts))
        sys.stderr.write(f"{line:<78}{end}" if self.owner.live else line + end)
        sys.stderr.flush()


def progress(*, quiet: bool = False) -> Progress:
    """Return the progress display of a command."""
    return ConsoleProgress(quiet=quiet)
