"""Owns the terminal: progress on stderr, errors as one line and a hint, Ctrl-C without a traceback."""

from __future__ import annotations

import contextlib
import gettext
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import click

from dideban.errors import DidebanError
from dideban.messages.clean import FSI, LRI, PDI
from dideban.messages.message import Message, Value
from dideban.progress import Progress, Stage

_LANG = ""
QUIET_S = 1.0
"""Stages shorter than this are never shown."""
REDRAW_S = 0.2
STOPPED = 130
"""What a shell expects of a program that Ctrl-C ended."""


def run_guarded(command: click.Command) -> int:
    """Run a click command and return its exit code; only here are our errors caught."""
    speak("")  # a run before this one may have asked for another language
    with _library_language(), _Interrupt() as interrupt:
        try:
            code = _run(command)
        except KeyboardInterrupt:
            code = STOPPED
        except BaseException:  # a compiled library's panic over the interrupt
            if not interrupt.asked:
                raise
            code = STOPPED
        if not interrupt.asked:
            return code
        interrupt.give_back_stderr()
        if code:
            click.echo(err=True)
            tell(Message("cli.stopped"))
        return STOPPED if code else 0


@contextlib.contextmanager
def _library_language() -> Iterator[None]:
    """Let the command line library, which asks gettext for its words, speak the language of the person."""
    before = os.environ.get("LANGUAGE")
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))
    os.environ["LANGUAGE"] = language()
    try:
        yield
    finally:
        os.environ.pop("LANGUAGE")
        os.environ.update({} if before is None else {"LANGUAGE": before})


class _Interrupt:
    """Remember that Ctrl-C was pressed, whatever becomes of the exception it raises.

    Compiled libraries turn a KeyboardInterrupt that reaches them into a panic of their own, printed at length and
    raised as something else. From the signal on, what is written to stderr is dropped, and anything that ends the
    command counts as the interrupt it comes from. Clean-up code runs as for any exception.
    """

    def __init__(self) -> None:
        self.asked = False
        self._stderr: int | None = None
        self._before: object = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back_stderr()
        if callable(self._before) or isinstance(self._before, int):
            signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        self._silence_stderr()
        raise KeyboardInterrupt

    def _silence_stderr(self) -> None:
        if self._stderr is not None:
            return
        with contextlib.suppress(OSError):
            sys.stderr.flush()
            kept = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            self._stderr = kept

    def give_back_stderr(self) -> None:
        """Let stderr be seen again."""
        if self._stderr is None:
            return
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os.dup2(self._stderr, 2)
        os.close(self._stderr)
        self._stderr = None


def _run(command: click.Command) -> int:
    try:
        result = command.main(standalone_mode=False, prog_name="dideban")
    except DidebanError as error:
        tell(Message("cli.error", message=error.message))
        if error.hint:
            tell(Message("cli.hint", message=error.hint))
        return error.exit_code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return 2
    except (KeyboardInterrupt, click.Abort):
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0


def tell(message: Message) -> None:
    """Render a message on stderr in the language of the person; what foreign text is in it was made harmless before."""
    from dideban.messages import say

    click.echo(say(message, language()), err=True)


def usage_error(code: str, **values: Value) -> click.UsageError:
    """Return a mistake in how a command is called, said in the language of the person."""
    from dideban.messages import say

    return click.UsageError(say(Message(code, **values), language()))


def speak(lang: str) -> None:
    """Set the language of this run, before the one that the environment names."""
    global _LANG
    _LANG = lang


def language() -> str:
    """Return the language of the person: what an option said, else ``DIDEBAN_LANG``, else English."""
    from dideban.messages import match_language

    return match_language(_LANG or os.environ.get("DIDEBAN_LANG", "")) or "en"


OPENING, ISOLATES = FSI + LRI, FSI + LRI + PDI


def printable(text: str) -> str:
    """Return ``text`` without control and bidi characters, so that data cannot steer the terminal.

    Isolates stay in lines that close each of them: messages set values of the other direction apart by them.
    """
    return "\n".join(_printable_line(line) for line in text.split("\n"))


def _printable_line(line: str) -> str:
    kept = "\t\u200c" + (ISOLATES if _is_closed(line) else "")
    return "".join(c if c.isprintable() or c in kept else "\ufffd" for c in line)


def _is_closed(line: str) -> bool:
    depth = 0
    for c in line:
        depth += (c in OPENING) - (c == PDI)
        if depth < 0:
            return False
    return depth == 0


class ConsoleProgress:
    """Progress for people: one line per stage on stderr, redrawn in place on a terminal, silent under a second."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.quiet, self.clock = quiet, clock
        self.live = sys.stderr.isatty()

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> Stage:
        """Open a stage."""
        return _Line(self, name, total, unit)


class _Line:
    def __init__(self, owner: ConsoleProgress, name: str, total: int | None, unit: str) -> None:
        self.owner, self.name, self.total, self.unit = owner, name, total, unit
        self.done = self.rejects = 0
        self.start = self.drawn = owner.clock()
        self.shown = -1

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
        stands_there = not self.owner.live and self.shown == self.done and now - self.drawn <= QUIET_S
        if now - self.start > QUIET_S and not stands_there:
            self._draw(now, end="\n")

    def _draw(self, now: float, *, end: str) -> None:
        if self.owner.quiet:
            return
        self.shown = self.done
        line = printable("  ".join(self._parts(max(now - self.start, 1e-9))))
        sys.stderr.write(f"{line:<78}{end}" if self.owner.live else line + end)
        sys.stderr.flush()

    def _parts(self, elapsed_s: float) -> list[str]:
        from dideban.messages import say

        said = [Message("stage.part.rejected", n=self.rejects)] if self.rejects else []
        if self.done:
            code = "stage.part.done-of" if self.total else "stage.part.done"
            unit = _named("stage.unit", self.unit)
            said.insert(0, Message(code, n=self.done, total=self.total, unit=unit))
            said.insert(1, Message("stage.part.rate", n=round(self.done / elapsed_s)))
        if self.total and 0 < self.done < self.total:
            said.append(Message("stage.part.left", seconds=(self.total - self.done) * elapsed_s / self.done))
        else:
            said.append(Message("stage.part.took", seconds=elapsed_s))
        name = say(_named("stage", self.name), language())
        return [f"{name:<28}", *(say(one, language()) for one in said)]


def _named(section: str, slug: str) -> Message:
    """Return the words for a stage or a unit; one that a caller made up is shown as it is."""
    from dideban.messages import has_text

    code = f"{section}.{slug}"
    return Message(code) if has_text(code) else Message("sentence.english", text=slug)


def progress(*, quiet: bool = False) -> Progress:
    """Return the progress display of a command."""
    return ConsoleProgress(quiet=quiet)
