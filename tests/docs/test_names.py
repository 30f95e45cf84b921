"""Names of the program in the pages exist, and every module is on the map."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/how-to/*.md"), *ROOT.glob("docs/methods/*.md")]
    if path.name != "CHANGELOG.md"
]  # fmt: skip
DOTTED = re.compile(r"`(dideban(?:\.\w+)+)(?:\(|`)(?<!dideban\.toml`)(?<!dideban\.E\d{3}`)")
MODULES = sorted(
    path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in (SOURCE / "dideban").rglob("*.py")
    if "migrations" not in path.parts
)


@functools.cache
def names_of(module: Path) -> dict[str, ast.AST]:
    return dict(_bound(ast.parse(module.read_text("utf-8"))))


def _bound(tree: ast.Module | ast.ClassDef) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in ast.walk(tree) if isinstance(tree, ast.Module) else tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.append((node.name, node))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.append((node.target.id, node))
        elif isinstance(node, ast.Assign):
            found += [(target.id, node) for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found += [(alias.asname or alias.name, node) for alias in node.names]
    return found


def exists(dotted: str) -> bool:
    """Whether a dotted name leads to a module, or to something a module or a class binds. Nothing is imported."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        base = SOURCE.joinpath(*parts[:n])
        module = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if module.exists():
            return _holds(module, parts[n:])
    return False


def _holds(module: Path, rest: list[str]) -> bool:
    if not rest:
        return True
    node = names_of(module).get(rest[0])
    if node is None or len(rest) == 1:
        return node is not None
    return not isinstance(node, ast.ClassDef) or rest[1] in dict(_bound(node))


@pytest.mark.parametrize("page", PAGES)
def test_names_in_the_page_exist(page: str) -> None:
    names = set(DOTTED.findall((ROOT / page).read_text("utf-8")))
    assert sorted(name for name in names if not exists(name)) == []


def test_the_life_of_a_post_names_the_functions_it_meets() -> None:
    assert len(set(DOTTED.findall((ROOT / "docs/life-of-a-post.md").read_text("utf-8")))) > 50


def test_a_name_that_is_not_there_is_noticed() -> None:
    assert exists("dideban.proof.prove.prove_groups")
    assert not exists("dideban.proof.prove.prove_nothing")
    assert not exists("dideban.config.IngestConfig.everything")
    assert not exists("dideban.nowhere")


def test_every_module_is_on_the_map() -> None:
    page = (ROOT / "docs/modules.md").read_text("utf-8")
    assert [name for name in MODULES if f"`{name}`" not in page] == []
