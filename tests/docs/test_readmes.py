"""The three READMEs are equals: the same commands, options, pages and sections in English, Persian and Arabic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"\bdideban ([a-z]+)\b")
TRANSLATED = ("README.fa.md", "README.ar.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def said(name: str) -> dict[str, object]:
    text = text_of(name)
    return {
        "commands": set(COMMAND.findall(text)),
        "targets": set(re.findall(r"\bmake [a-z]+\b(?!\.)", text)) & {f"make {t}" for t in ("demo", "test", "validate")},
        "options": set(re.findall(r"(?<![\w-])--(?:fdr|map|method|keep-ids|out|lang|window|min-weight)\b", text)),
        "ways in": {way for way in ("pip install .", "uvx --from . dideban demo") if way in text},
        "pages": {target for target in re.findall(r"\]\(([^)#]+)", text) if not target.startswith(("http", "README"))},
        "imports": set(re.findall(r"^(?:import|from) .*$", text, re.MULTILINE)),
        "sections": len(re.findall(r"^## ", text, re.MULTILINE)),
        "limits": [len(re.findall(r"^- ", part, re.MULTILINE)) for part in text.split("\n## ")[3:7]],
    }  # fmt: skip


@pytest.mark.parametrize("name", TRANSLATED)
@pytest.mark.parametrize(
    "what", ["commands", "targets", "options", "ways in", "pages", "imports", "sections", "limits"]
)
def test_translated_readmes_say_what_the_english_one_says(name: str, what: str) -> None:
    assert said(name)[what] == said("README.md")[what]


@pytest.mark.parametrize("name", TRANSLATED)
def test_code_in_a_right_to_left_page_stands_left_to_right(name: str) -> None:
    text = text_of(name)
    for block in re.finditer(r"^```\w+\n", text, re.MULTILINE):
        assert text[: block.start()].rstrip().endswith('<div dir="ltr">')
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"`", prose), "inline code needs <code dir='ltr'>"
