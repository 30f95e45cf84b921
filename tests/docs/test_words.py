"""The words of the glossary, used as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if path.name != "CHANGELOG.md"]
ENTRY = re.compile(r"^- \*\*([^*]+)\*\*: (.+)$", re.MULTILINE)
CORE = {
    "account", "block", "co-share", "edge", "finding", "finding package", "group", "lead", "member", "object", "period",
    "post", "pseudonym", "room", "scale", "stretch", "trace", "window", "e-value", "false discovery rate", "null hypothesis",
    "tick", "horizon", "spool", "reveal", "erasure", "hand-over", "source", "place", "scope", "stratum", "occupancy",
    "representative", "coordinator", "reach", "audit trail", "catalogue", "pipeline", "narrative", "case", "verdict", "alert",
}  # fmt: skip
MODEL = re.compile(r"^class (\w+)\((?:models\.Model|AbstractUser)\):", re.MULTILINE)
SPELLED = {"ApiToken": "api token", "Handover": "hand-over"}
CLAIMS = re.compile(r"\b(bots?|trolls?|fake|inauthentic|sock ?puppets?|astroturf\w*)\b", re.IGNORECASE)
ALLOWED = re.compile(r"never[^.|]{0,60}|(?:Coordinated Inauthentic)|\"[^\"]*\"|“[^”]*”|`[^`]*`", re.IGNORECASE)


def glossary() -> dict[str, str]:
    return dict(ENTRY.findall((ROOT / "GLOSSARY.md").read_text("utf-8")))


def test_the_core_words_are_explained() -> None:
    assert sorted(CORE - set(glossary())) == []


def models() -> list[str]:
    """Names of what the database of a room holds, as words: ``FollowedGroup`` is a followed group."""
    files = (ROOT / "src" / "dideban" / "room").glob("*/models.py")
    names = [name for path in files for name in MODEL.findall(path.read_text("utf-8"))]
    return [SPELLED.get(name, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()) for name in names]


def test_everything_in_the_database_of_a_room_is_explained() -> None:
    assert len(models()) > 25
    assert sorted(set(models()) - {word.lower() for word in glossary()}) == []


def test_a_lead_is_a_claim_and_never_a_person() -> None:
    """One word, one meaning: who manages a room is its coordinator, the earliest text of a message its representative."""
    person = re.compile(
        r"\b(?:a|the|room) leads? (?:deletes?|manages?|may|can|invites?|signs?|agrees?)\b", re.IGNORECASE
    )
    found = [f"{page.name}: {match[0]}" for page in PAGES for match in person.finditer(page.read_text("utf-8"))]
    assert found == []


def test_each_word_is_explained_once() -> None:
    words = [word.lower() for word, _ in ENTRY.findall((ROOT / "GLOSSARY.md").read_text("utf-8"))]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_calls_accounts_names(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if CLAIMS.search(ALLOWED.sub("", line)) and "http" not in line]
    assert lines == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_use_the_words_of_the_glossary(page: Path) -> None:
    """One thing, one word: what the glossary says to avoid is not used."""
    avoided = [
        word.strip()
        for meaning in glossary().values()
        for words in re.findall(r"Not: ([^.|]+)\.", meaning)
        for word in words.split(",")
    ]
    assert avoided
    if page.name == "GLOSSARY.md":
        return
    text = re.sub(r"^```.*?^```$|`[^`\n]*`|https?://\S+", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = [word for word in avoided if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
    assert found == []
