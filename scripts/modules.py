"""The map of modules: every module with the first line of its docstring, written from the source."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
GENERATED = "<!-- Written by scripts/make_docs.py from the program: change that, then run `make docs`. -->"
ORDER = [
    "dideban.messages",
    "dideban.kernels",
    "dideban.effect",
    "dideban.stats",
    "dideban.graph",
    "dideban.text",
    "dideban.ingest",
    "dideban.traces",
    "dideban.evidence",
    "dideban.groups",
    "dideban.proof",
    "dideban.findings",
    "dideban.report",
    "dideban.store",
    "dideban.exchange",
    "dideban.joint",
    "dideban.simulate",
    "dideban.federation",
    "dideban.pipelines",
    "dideban.validation",
    "dideban.cli",
    "dideban.room",
]
"""Packages from the bottom up; any other follows in the order of the alphabet."""


def modules() -> dict[str, str]:
    """Return every module and the first line of its docstring."""
    found = {}
    for path in sorted((SOURCE / "dideban").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        name = path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        found[name] = " ".join(doc.partition("\n\n")[0].split())
    return found


def modules_page() -> str:
    """Return the page, a table per package."""
    found = modules()
    packages = sorted({_package(name) for name in found}, key=lambda one: (_floor(one), one))
    parts = [
        "# Map of modules",
        GENERATED,
        "Every module, from the ground floor up. [Architecture](architecture.md) explains the floors, "
        "[the room](room-architecture.md) its applications, and [life of a post](life-of-a-post.md) follows one post "
        "through them.",
    ]
    for package in packages:
        rows = [f"| `{name}` | {_cell(text)} |" for name, text in found.items() if _package(name) == package]
        parts += [f"## {package}", "\n".join(["| module | what it does |", "| --- | --- |", *rows])]
    return "\n\n".join(parts) + "\n"


def _package(name: str) -> str:
    parts = name.split(".")
    if parts[:2] == ["dideban", "room"] and len(parts) > 2 and (SOURCE.joinpath(*parts[:3])).is_dir():
        return ".".join(parts[:3])
    return ".".join(parts[:2]) if SOURCE.joinpath(*parts[:2]).is_dir() and len(parts) > 1 else "dideban"


def _floor(package: str) -> int:
    top = ".".join(package.split(".")[:2])
    return ORDER.index(top) if top in ORDER else -1 if top == "dideban" else len(ORDER)


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|").replace("<", "&lt;")
