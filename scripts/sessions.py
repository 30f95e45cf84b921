"""Run the examples of a page of documentation and put what they really print under them.

A page is read from top to bottom, like a notebook; all its examples share one folder and one Python namespace.

- ```` ```console ````: lines that start with ``$ dideban`` are run as commands of the program, ``$ cd`` is passed over;
  what follows until the next ``$`` is what they print, standard output and standard error together. Progress is left
  out (it shows seconds). Lines are folded as on a terminal of 100 columns; a line of three dots cuts a long output
  short.
- ```` ```python ````: run; a ```` ```text ```` block that follows at once is what it prints.
- Any other block (``sh``, ``toml``, ...) is left alone.

A finding is named by its content, so its id changes when anything about it does. The ids of an example's old output are
matched in order with those of the new one, and replaced everywhere on the page, commands included.

Pseudonyms are stable because the key of the examples is fixed; it protects nobody.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

KEY = b"the key of the documentation    "
BLOCK = re.compile(r"^```(?P<kind>console|python|text)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r"\b\d+\.\d+ s\b")
FINDING = re.compile(r"\bf[0-9a-f]{16}\b")
CUT = "..."
WIDTH = 100
"""Columns of the terminal."""


@dataclass
class Page:
    """A page under way: its folder, its names, and what its examples printed."""

    folder: Path
    names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    printed: str = ""
    """What the last Python block printed."""
    ids: dict[str, str] = field(default_factory=dict)
    """Ids of findings on the page as it was, and what they are now."""

    def now(self, text: str) -> str:
        """Return ``text`` with the ids of findings as they are now."""
        return FINDING.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def put(self, old: str, new: str) -> str:
        """Return ``new``, cut where ``old`` is, and take note of the ids in it."""
        new = _shortened(old, new)
        before, after = (list(dict.fromkeys(FINDING.findall(text))) for text in (old, new))
        if after:
            self.ids.update((one, after[min(i, len(after) - 1)]) for i, one in enumerate(before))
        return new


def run_page(text: str, *, folder: Path) -> str:
    """Return ``text`` with the output of every example as it is now.

    Parameters
    ----------
    text : str
        Markdown.
    folder : path
        An empty folder in which the examples work.
    """
    page = Page(folder=folder)
    (folder / "key").write_bytes(KEY)
    with _at_home(folder):
        return page.now(BLOCK.sub(lambda match: _block(page, match, text), text))


def same(old: str, new: str) -> bool:
    """Say whether two pages agree, seconds apart."""
    return SECONDS.sub("0 s", old) == SECONDS.sub("0 s", new)


@contextlib.contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    """Work in ``folder`` with settings that nobody's own settings can touch."""
    here, environment = Path.cwd(), dict(os.environ)
    for name in [name for name in os.environ if name.startswith("DIDEBAN_")]:
        del os.environ[name]
    os.environ["DIDEBAN_KEY_FILE"] = "key"
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(environment)


def _block(page: Page, match: re.Match[str], text: str) -> str:
    kind, body = match["kind"], match["body"]
    if kind == "console":
        body = "".join(_step(page, step) for step in re.split(r"^(?=\$ )", body, flags=re.MULTILINE) if step)
    elif kind == "python":
        body = page.now(body)
        page.printed = _python(page, body)
    elif text[: match.start()].rstrip("\n").endswith("```") and page.printed:
        body, page.printed = page.put(body, page.printed), ""
    return f"```{kind}\n{body}```"


def _step(page: Page, step: str) -> str:
    command, _, old = step.partition("\n")
    command = page.now(command)
    words = shlex.split(command.removeprefix("$ "), comments=True)
    if not words or words[0] != "dideban":
        return step
    return f"{command}\n{page.put(old, run_command(words[1:]))}"


def _shortened(old: str, new: str) -> str:
    """Cut ``new`` where ``old`` is cut: at a line of three dots, keep as many lines before and after it."""
    lines = old.splitlines()
    if CUT not in lines:
        return new
    fresh, at = new.splitlines(), lines.index(CUT)
    after = len(lines) - at - 1
    if len(fresh) <= at + after:
        return new
    return "\n".join([*fresh[:at], CUT, *fresh[len(fresh) - after :]]) + "\n"


def run_command(words: list[str]) -> str:
    """Run one command of the program in this process and return what it prints."""
    from dideban.cli import cli, console

    said, arguments, quiet_s = io.StringIO(), sys.argv, console.QUIET_S
    try:
        sys.argv, console.QUIET_S = ["dideban", *words], float("inf")
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            console.run_guarded(cli)
    finally:
        sys.argv, console.QUIET_S = arguments, quiet_s
    return _tidy(said.getvalue())


def _python(page: Page, code: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "example", "exec"), page.names)
    return _tidy(said.getvalue())


def _tidy(printed: str) -> str:
    """Drop blank lines at both ends and blanks at line ends; fold long lines as a terminal does."""
    lines = [part for line in printed.strip("\n").splitlines() for part in _folded(line.rstrip())]
    return "\n".join(lines) + "\n" if lines else ""


def _folded(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
