# ruff: noqa: E501
"""Hooks of MkDocs: pages from the top folder join those of ``docs/``, links are turned to where pages lie on the site.

The pages stay as GitHub shows them. On the site README.md is ``readme.md``, the Persian and Arabic READMEs are start pages of
their own that run from right to left, and a link to a file that is no page leads to the repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGES = {
    "README.md": "readme.md",
    "README.fa.md": "fa/index.md",
    "README.ar.md": "ar/index.md",
    "GLOSSARY.md": "glossary.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "DEVELOPERS.md": "developers.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
}
"""Pages of the top folder, and what they are called on the site."""
RIGHT_TO_LEFT = {"fa/index.md": "fa", "ar/index.md": "ar"}
SECTIONS = {
    "methods": ("methods/synchrony.md", "methods/*.md"),
    "reference": ("reference/cli.md", "reference/*.md"),
    "decisions": ("decisions/index.md", "decisions/*.md"),
    "take-part": (
        "contributing.md", "developers.md", "code-of-conduct.md", "security.md", "architecture.md", "room-architecture.md",
        "life-of-a-post.md", "modules.md", "mutation-checks.md", "benchmark-history.md", "benchmarks.md", "stability.md", "design.md", "dependencies.md",
        "glossary.md", "changelog.md",
    ),
}  # fmt: skip
"""Sections of the menu: patterns of pages, in this order."""
LABELS = {
    "fa": {
        "Search": "جستجو", "Table of contents": "در این صفحه", "Start": "آغاز", "In short": "در یک نگاه", "Learn": "آموزش",
        "Do": "راهنماها", "Methods": "روش‌ها", "Reference": "مرجع", "Decisions": "تصمیم‌ها", "Take part": "مشارکت",
        "Type to start searching": "برای جستجو بنویسید", "Back to top": "بازگشت به بالا", "Skip to content": "رفتن به متن",
    },
    "ar": {
        "Search": "بحث", "Table of contents": "في هذه الصفحة", "Start": "البداية", "In short": "باختصار", "Learn": "تعلّم",
        "Do": "أدلة العمل", "Methods": "الطرائق", "Reference": "المرجع", "Decisions": "القرارات", "Take part": "المشاركة",
        "Type to start searching": "اكتب لتبدأ البحث", "Back to top": "العودة إلى الأعلى", "Skip to content": "إلى المحتوى",
    },
}  # fmt: skip
"""Words of the page around the text, where the text is Persian or Arabic."""
TREE = "https://github.com/dideban/dideban/blob/main/"
LINK = re.compile(r"(\]\(|(?:src|srcset|href)=\")([^)\s\"]+)")
CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
LIST = re.compile(r"^(?![ \t]*(?:[-*]|\d+\.) )(\S.*)\n(?=(?:[-*]|1\.) )", re.MULTILINE)


def on_config(config: Any) -> Any:
    """Fill the sections of the menu."""
    for entry in config.nav:
        for title, value in entry.items():
            if isinstance(value, str) and value in SECTIONS:
                entry[title] = section(value)
    return config


def section(name: str) -> list[str]:
    """Return the pages of a section, each once."""
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    there |= {page for top, page in PAGES.items() if (ROOT / top).exists()}
    found: dict[str, None] = {}
    for pattern in SECTIONS[name]:
        found |= dict.fromkeys(page for page in sorted(there) if Path(page).match(pattern) and _deep(page, pattern))
    return list(found)


def _deep(page: str, pattern: str) -> bool:
    return page.count("/") == pattern.count("/")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the top folder the style, and what lets search work from the disk."""
    for name, page in PAGES.items():
        if (ROOT / name).exists():
            files.append(File.generated(config, page, content=(ROOT / name).read_text("utf-8")))
    for name in ("site.css", "iframe-worker.js"):
        files.append(File.generated(config, f"assets/{name}", content=(HERE / name).read_text("utf-8")))
    return files


def on_page_markdown(text: str, *, page: Any, **_: Any) -> str:
    """Turn links to where things lie on the site, and markup of GitHub to that of Python-Markdown."""
    name = page.file.src_uri
    parts = CODE.split(text)
    parts[::2] = [LINK.sub(lambda match: match[1] + moved(match[2], page=name), part) for part in parts[::2]]
    parts[::2] = [LIST.sub(r"\1\n\n", part) for part in parts[::2]]
    text = "".join(parts)
    if name in RIGHT_TO_LEFT:
        text = re.sub(r'\A<div dir="rtl"[^>]*>\n', "", text).rstrip().removesuffix("</div>")
    return text.replace('<div dir="ltr">', '<div dir="ltr" markdown="1">')


def moved(target: str, *, page: str) -> str:
    """Return where a link of a page leads on the site.

    Parameters
    ----------
    target : str
        As it is written in the page.
    page : str
        Name of the page on the site.
    """
    if re.match(r"[a-z]+:|#", target):
        return target
    path, mark, anchor = target.partition("#")
    homes = {site: top for top, site in PAGES.items()}
    home = homes.get(page, f"docs/{page}")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(home), path))
    there = PAGES.get(file, file.removeprefix("docs/") if file.startswith("docs/") else "")
    if not there:
        return TREE + file + mark + anchor if (ROOT / file).exists() else target
    return posixpath.relpath(there, posixpath.dirname(page) or ".") + mark + anchor


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Let Persian and Arabic pages run from right to left."""
    language = RIGHT_TO_LEFT.get(page.file.src_uri)
    if language is None:
        return output
    for word, label in LABELS[language].items():
        output = re.sub(rf"(>\s*){re.escape(word)}(\s*<)", rf"\g<1>{label}\g<2>", output)
        output = re.sub(rf'="{re.escape(word)}"', f'="{label}"', output)
    output = re.sub(r'<html lang="en"', f'<html lang="{language}"', output, count=1)
    return re.sub(r'<body dir="ltr"', '<body dir="rtl"', output, count=1)
