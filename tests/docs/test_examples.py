"""What the pages show is what the program prints."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from types import ModuleType

import pytest


def show(old: str, new: str) -> str:
    return "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "page", "now", lineterm="", n=1))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "docs/tutorial.md"])
def test_examples_print_what_the_page_shows(name: str, root: Path, make_docs: ModuleType, sessions: ModuleType) -> None:
    page = (root / name).read_text("utf-8")
    now = make_docs.refreshed(name)
    assert sessions.same(page, now), "run 'make docs'\n" + show(page, now)


def test_the_tutorial_shows_what_its_text_says(root: Path) -> None:
    """Ana and Ben shared two things 20 s and 4 s apart: worked out by hand, so that no rewriting hides a mistake."""
    page = (root / "docs/tutorial.md").read_text("utf-8")
    table = page.split("$ dideban coshare shares.csv")[1].split("```text\n")[1].split("```")[0]
    (row,) = [[cell.strip() for cell in line.strip("│").split("┆")] for line in table.splitlines() if "ana" in line]
    assert row == ["ana", "ben", "2", "12.0"]
    assert "ok" in page.split("$ dideban verify")[1].split("```")[0]
    assert "checks hold" in page.split("$ dideban verify")[1].split("```")[0]


def test_pages_with_examples_are_the_ones_tested(root: Path, make_docs: ModuleType, sessions: ModuleType) -> None:
    pages = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("docs/how-to/*.md")]
    running = [
        path.relative_to(root).as_posix()
        for path in pages
        if any(match["kind"] == "python" or "$ dideban" in match["body"] for match in examples(path, sessions))
    ]
    assert set(running) == set(make_docs.EXAMPLES)


def examples(path: Path, sessions: ModuleType) -> list[dict[str, str]]:
    found = [match.groupdict() for match in sessions.BLOCK.finditer(path.read_text("utf-8"))]
    generated = "Written by scripts/make_docs.py" in path.read_text("utf-8")
    return [] if generated else found


class TestRunner:
    def test_output_is_put_under_commands_and_code(self, sessions: ModuleType, tmp_path: Path) -> None:
        page = (
            "# A page\n\n```console\n$ dideban --version\nold\n```\n\n```python\nprint(1 + 1)\n```\n```text\n3\n```\n"
        )
        now = sessions.run_page(page, folder=tmp_path)
        assert "$ dideban --version\ndideban, version" in now
        assert "```text\n2\n```" in now
        assert not sessions.same(page, now)

    def test_errors_are_shown_with_what_was_printed(self, sessions: ModuleType, tmp_path: Path) -> None:
        page = "```console\n$ dideban inspect nothing.csv\n```\n"
        assert "error: nothing.csv: no such file" in sessions.run_page(page, folder=tmp_path)

    def test_a_failing_example_fails(self, sessions: ModuleType, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            sessions.run_page("```python\n1 / 0\n```\n", folder=tmp_path)

    def test_long_output_stays_cut_where_it_was(self, sessions: ModuleType, tmp_path: Path) -> None:
        page = "```python\nprint(*range(9), sep='\\n')\n```\n```text\nx\n...\ny\nz\n```\n"
        assert "```text\n0\n...\n7\n8\n```" in sessions.run_page(page, folder=tmp_path)

    def test_ids_of_findings_follow_their_content(self, sessions: ModuleType, tmp_path: Path) -> None:
        old, new = "f" + "0" * 16, "f" + "1" * 16
        page = f"```python\nprint('f' + '1' * 16)\n```\n```text\n{old}\n```\nSee {old}.\n```python\nassert '{old}' == '{new}'\n```\n"
        assert f"See {new}." in sessions.run_page(page, folder=tmp_path)

    def test_seconds_alone_are_no_difference(self, sessions: ModuleType) -> None:
        assert sessions.same("done in 0.3 s", "done in 12.5 s")
        assert not sessions.same("3 edges in 0.3 s", "4 edges in 0.3 s")

    def test_settings_of_the_person_do_not_leak_in(
        self, sessions: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DIDEBAN_FDR", "0.5")
        now = sessions.run_page("```console\n$ dideban config\n```\n", folder=tmp_path)
        assert re.search(r"^fdr = 0.05 +# default$", now, re.MULTILINE)
