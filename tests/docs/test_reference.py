"""Everything the program offers is documented, and every link leads somewhere."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import click
import pytest

from dideban.cli import COMMANDS, cli
from dideban.config import config_keys
from dideban.errors import DidebanError
from dideban.schema import OBJECT_KINDS, TABLES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if path.is_file()
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
MODULES = [
    "dideban", "dideban.ingest", "dideban.traces", "dideban.evidence", "dideban.groups", "dideban.proof",
    "dideban.findings", "dideban.report", "dideban.store", "dideban.exchange", "dideban.simulate", "dideban.text",
    "dideban.graph",
]  # fmt: skip
PUBLIC = [(module, name) for module in MODULES for name in importlib.import_module(module).__all__]
FUNCTIONS = [(m, n) for m, n in PUBLIC if inspect.isfunction(getattr(importlib.import_module(m), n))]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["cli", "settings", "tables", "errors", "exit-codes", "python-api"])
def test_generated_page_is_in_step(name: str, make_docs: ModuleType) -> None:
    page = f"docs/reference/{name}.md"
    assert read(page) == make_docs.PAGES[page](), "run 'make docs'"


@pytest.mark.slow
@pytest.mark.no_cover
def test_check_says_which_page_is_out_of_step(
    make_docs: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["make_docs.py", "--check"])
    assert make_docs.main() == 0
    monkeypatch.setitem(make_docs.PAGES, "docs/reference/cli.md", lambda: "something else")
    assert make_docs.main() == 1
    assert "docs/reference/cli.md" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_documented_with_every_option(command: str) -> None:
    page = read("docs/reference/cli.md").split(f"## dideban {command}\n")[1].split("\n## ")[0]
    whole = cli.get_command(None, command)  # type: ignore[arg-type]
    options = [name for p in whole.params for name in p.opts if name.startswith("--")]  # type: ignore[union-attr]
    assert options or isinstance(whole, click.Group)
    assert [name for name in options if f"`{name}`" not in page] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_command_and_its_options_explain_themselves(command: str) -> None:
    one = cli.get_command(None, command)  # type: ignore[arg-type]
    assert one is not None
    assert len(one.help or "") > 40
    assert [p.name for p in one.params if p.param_type_name == "option" and not getattr(p, "help", "")] == []


@pytest.mark.parametrize("key", config_keys())
def test_setting_is_documented(key: str) -> None:
    row = next(line for line in read("docs/reference/settings.md").splitlines() if line.startswith(f"| `{key}` |"))
    meaning = row.split(" | ")[-1].strip(" |")
    assert len(meaning) > 10


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_table_is_documented_with_every_column(table: object) -> None:
    section = read("docs/reference/tables.md").split(f"## {table.name}\n")[1].split("\n## ")[0]  # type: ignore[attr-defined]
    for column in table.columns:  # type: ignore[attr-defined]
        assert f"| `{column.name}` |" in section
        assert " ".join(column.meaning.split()) in section


def test_every_error_is_documented() -> None:
    page = read("docs/reference/errors.md")
    kinds, todo = set(), [DidebanError]
    while todo:
        kind = todo.pop()
        kinds.add(kind)
        todo += [one for one in kind.__subclasses__() if one.__module__ == "dideban.errors"]
    assert [
        kind.__name__ for kind in kinds if f"| `{kind.__name__}` | `{kind.code}` | {kind.exit_code} |" not in page
    ] == []
    codes = read("docs/reference/exit-codes.md")
    assert [k.exit_code for k in kinds if k.exit_code > 1 and f"| {k.exit_code} |" not in codes] == []


def test_every_reason_of_rejection_is_documented() -> None:
    from dideban.ingest.reasons import REASONS

    page = read("docs/reference/inputs.md")
    assert [slug for slug in REASONS if f"`{slug}`" not in page] == []


def test_every_kind_of_object_is_documented() -> None:
    page = read("docs/reference/kinds.md")
    assert [kind for kind in OBJECT_KINDS if f"`{kind}`" not in page] == []


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_public_name_is_documented(module: str, name: str) -> None:
    if not name.startswith("__"):
        assert f"### {module}.{name}\n" in read("docs/reference/python-api.md")


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_function_has_a_docstring_that_fits_its_parameters(module: str, name: str) -> None:
    function = getattr(importlib.import_module(module), name)
    doc = inspect.getdoc(function) or ""
    summary = doc.splitlines()[0] if doc else ""
    assert summary.endswith((".", ":"))
    parameters = list(inspect.signature(function).parameters)
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", doc, re.MULTILINE | re.DOTALL)
    if section is None:
        assert len(parameters) <= 2, "a function of three parameters or more describes them"
        return
    entries = re.findall(r"^(\w[\w, *]*?)(?: :.*)?$", section[1], re.MULTILINE)
    described = [entry.strip(" *") for line in entries for entry in line.split(",")]
    assert described
    assert [entry for entry in described if entry not in parameters] == []


@pytest.mark.parametrize("name", PAGES)
def test_relative_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    text = FENCE.sub("", page.read_text("utf-8"))
    for target in [one or other for one, other in LINK.findall(text)]:
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name} links to {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{name} links to {target}"


def anchors(page: Path) -> set[str]:
    """Anchors of headings, spelled as GitHub does."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).strip().replace(" ", "-") for title in titles}


def test_every_page_is_reached_from_the_readme() -> None:
    reached, todo = set(), ["README.md"]
    while todo:
        name = todo.pop()
        if name in reached or not (ROOT / name).is_file():
            continue
        reached.add(name)
        if not name.endswith(".md"):
            continue
        for one, other in LINK.findall(FENCE.sub("", read(name))):
            target = (one or other).partition("#")[0]
            if target and "://" not in target:
                todo.append(((ROOT / name).parent / target).resolve().relative_to(ROOT).as_posix())
    assert [page for page in PAGES if page not in reached] == []


def test_the_changelog_has_an_unreleased_section_with_entries() -> None:
    unreleased = read("CHANGELOG.md").split("## Unreleased")[1].split("\n## ")[0]
    assert re.search(r"^- \S", unreleased, re.MULTILINE)


def test_every_dependency_is_documented() -> None:
    import tomllib

    data = tomllib.loads(read("pyproject.toml"))
    groups = [*data["project"].get("optional-dependencies", {}).values(), *data.get("dependency-groups", {}).values()]
    lines = [line for group in [data["project"]["dependencies"], *groups] for line in group if isinstance(line, str)]
    asked = {re.match(r"[\w.-]+", line)[0] for line in lines if not line.startswith("dideban[")}  # type: ignore[index]
    page = read("docs/dependencies.md")
    assert [name for name in sorted(asked) if f"| {name} |" not in page] == []
