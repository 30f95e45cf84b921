"""The recipes of CONTRIBUTING.md, followed: what they say is enough."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.atomic import replacing
from dideban.config import IngestConfig
from dideban.errors import StoreError
from dideban.exchange.files import clean
from dideban.ingest import read_posts
from dideban.ingest import sources as formats
from dideban.ingest.format import NotAPost, Shape

ROOT = Path(__file__).resolve().parents[2]
RECIPE = re.compile(r"^### (.+?)$(.*?)(?=^###? |\Z)", re.MULTILINE | re.DOTALL)
WANTED = {"trace kind", "source type", "file format", "language", "export", "null hypothesis"}


def recipes() -> dict[str, str]:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Recipes")[1]
    return dict(RECIPE.findall(text))


def test_every_recipe_is_there() -> None:
    titles = " ".join(recipes())
    assert [word for word in WANTED if word not in titles] == []


@pytest.mark.parametrize("title", sorted(recipes()))
def test_each_recipe_is_followed_by_a_test(title: str) -> None:
    found = re.findall(r"Followed by `([^`]+)`", recipes()[title])
    assert found
    for test in found:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), test


@pytest.mark.parametrize("title", sorted(recipes()))
def test_the_files_a_recipe_names_exist(title: str) -> None:
    named = re.findall(
        r"`((?:traces|schema|room|ingest|messages|exchange|proof|tests)[\w/]*\.\w+|tests/[\w/]+)`", recipes()[title]
    )
    places = [ROOT if name.startswith("tests") else ROOT / "src" / "dideban" for name in named]
    assert [name for name, place in zip(named, places, strict=True) if not (place / name).exists()] == []


def pigeon(record: dict[str, Any], _: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one message of a made-up platform."""
    if record["kind"] == "coo":
        raise NotAPost
    return [{"account_id": record["bird"], "created_at": record["at"], "text": record["says"], "post_id": record["nr"]}]


PIGEON = Shape(name="pigeon", title="Pigeon post", platform="pigeon", record=lambda one: "bird" in one, extract=pigeon)


def test_a_file_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    (tmp_path / "birds.ndjson").write_text(
        '{"kind": "post", "nr": "1", "bird": "ana", "at": "2026-03-01T10:00:00Z", "says": "hello"}\n'
        '{"kind": "coo", "nr": "2", "bird": "ana", "at": "2026-03-01T10:00:01Z", "says": ""}\n'
        '{"kind": "post", "nr": "3", "bird": "ben", "at": "never", "says": "hello"}\n'
        '{"kind": "post", "nr": "4", "bird": "ben"}\n',
        "utf-8",
    )
    config = IngestConfig(max_reject_share=1.0)
    intake = read_posts([tmp_path / "birds.ndjson"], out=tmp_path / "out", key=bytes(32), config=config)
    posts = pl.read_parquet(intake.posts_path)
    assert [file.shape for file in intake.files] == ["pigeon"]
    assert posts["post_id"].to_list() == ["1"]
    assert posts["platform"].to_list() == ["pigeon"]
    assert intake.n_rows == intake.n_posts + intake.n_duplicates + intake.n_rejects


def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the format to the list, wherever the list was imported."""
    import sys

    known = (*formats.SHAPES, PIGEON)
    for module in list(sys.modules.values()):
        if getattr(module, "SHAPES", None) is formats.SHAPES and module is not formats:
            monkeypatch.setattr(module, "SHAPES", known)
    monkeypatch.setattr(formats, "SHAPES", known)


def write_lines(path: Path, texts: list[str]) -> None:
    """Write one text a line: the smallest export that keeps the rules."""
    with replacing(path, survives="kill") as part:
        part.write_text("".join(clean(text) + "\n" for text in texts), "utf-8")


def test_an_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "texts.txt"
    write_lines(path, ["سلام", "a\x00b", "a\u202eb"])
    assert path.read_text("utf-8").splitlines() == ["سلام", "a\ufffdb", "a\ufffdb"]

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError):
        write_lines(path, ["another"])
    assert path.read_text("utf-8").startswith("سلام"), "the earlier file stands"
    assert list(tmp_path.iterdir()) == [path]
