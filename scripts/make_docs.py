"""Write the pages of documentation that the program itself knows best.

python scripts/make_docs.py            rewrite every generated page and the output of every example
python scripts/make_docs.py --check    exit 1 if a generated page is out of step (examples: tests/docs runs them)
python scripts/make_docs.py --pages    rewrite the generated pages only
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import modules  # noqa: E402
import reference  # noqa: E402
import sessions  # noqa: E402

PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/cli.md": reference.cli_page,
    "docs/reference/settings.md": reference.settings_page,
    "docs/reference/tables.md": reference.tables_page,
    "docs/reference/kinds.md": reference.kinds_page,
    "docs/reference/errors.md": reference.errors_page,
    "docs/reference/exit-codes.md": reference.exit_codes_page,
    "docs/reference/python-api.md": reference.python_page,
    "docs/modules.md": modules.modules_page,
}
"""Generated from the program: path to the function that writes the text."""
EXAMPLES = ("README.md", "docs/tutorial.md")
"""Pages whose examples are run."""


def out_of_step() -> list[str]:
    """Return the generated pages that differ from what the program says now."""
    return [name for name, page in PAGES.items() if _read(name) != page()]


def write_pages() -> None:
    """Rewrite the generated pages."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), "utf-8", newline="\n")


def refreshed(name: str) -> str:
    """Return a page with the output of its examples as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        return sessions.run_page(_read(name), folder=Path(folder))


def write_examples() -> None:
    """Rewrite the output of every example; seconds alone are no reason to."""
    for name in EXAMPLES:
        text = refreshed(name)
        if not sessions.same(_read(name), text):
            (ROOT / name).write_text(text, "utf-8", newline="\n")


def _read(name: str) -> str:
    path = ROOT / name
    return path.read_text("utf-8") if path.exists() else ""


def main() -> int:
    """Run the command line of this script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    if options.check:
        stale = out_of_step()
        for name in stale:
            print(f"{name} is out of step: run 'make docs'", file=sys.stderr)
        return 1 if stale else 0
    write_pages()
    if not options.pages:
        write_examples()
    return 0


if __name__ == "__main__":
    sys.exit(main())
