from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest

from dideban.config import NarrativeConfig
from dideban.errors import ConfigError, StoreError
from dideban.findings.narratives import Tracker
from dideban.findings.narratives.read import read_messages
from dideban.simulate.stories import make_stories

CONFIG = NarrativeConfig()
Batch = tuple[pl.DataFrame, pl.DataFrame, int]


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    posts = make_stories(seed=8, n_posts=2_500, n_stories=16, days=6).posts
    posts = posts.with_columns(urls=pl.when(pl.int_range(pl.len()) % 7 == 0).then(
        pl.concat_list(pl.format("https://news.example/story/{}", pl.int_range(pl.len()) % 40))
    ).otherwise(pl.col("urls")))  # fmt: skip
    messages = read_messages(posts.lazy())
    found = []
    for (slot,), batch in messages.posts.group_by(pl.col("at_us") // 21_600_000_000, maintain_order=True):
        texts = batch.group_by("text_id", maintain_order=True).agg(n_posts=pl.len().cast(pl.Int64))
        texts = texts.join(messages.texts.select("text_id", "text"), on="text_id", maintain_order="left")
        pages = batch.select("name", "text_id", "account_id").join(messages.links, on="name").drop("name")
        found.append((texts, pages, (slot + 1) * 21_600_000_000))
    return found


class Lengths:
    """An embedder without meaning: enough to have vectors."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[len(text) % 5, len(text) % 7, 1] for text in texts], np.float32)


def texts_of(batches: Sequence[Batch]) -> list[str]:
    return sorted({text for texts, _, _ in batches for text in texts["text_id"]})


STOPS = (0, 1, 5, 13)
"""Batches after which a tracker is saved on its way."""


def told(tracker: Tracker, asked: list[str], to: Path) -> tuple[object, list[str], bytes]:
    """Return the numbers and names that a tracker gives, and its state to the last bit."""
    found = tracker.numbers_given(asked), tracker.names()
    tracker.save(to)
    return *found, to.read_bytes()


@pytest.fixture(scope="module", params=[None, Lengths()], ids=["words", "meaning"])
def straight(
    request: pytest.FixtureRequest, batches: list[Batch], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Lengths | None, object]:
    """A tracker that took every batch, saved on its way in a folder; what it gives in the end."""
    tracker, home = Tracker(CONFIG, embedder=request.param), tmp_path_factory.mktemp("straight")
    for number, (texts, pages, until_us) in enumerate(batches):
        if number in STOPS:
            tracker.save(home / str(number))
        tracker.update(texts, pages, until_us=until_us)
    return home, request.param, told(tracker, texts_of(batches), home / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("at", STOPS)
def test_a_tracker_loaded_goes_on_as_the_one_saved(
    tmp_path: Path, batches: list[Batch], at: int, straight: tuple[Path, Lengths | None, object]
) -> None:
    home, embedder, whole = straight
    second = Tracker.load(home / str(at), config=CONFIG, embedder=embedder)
    assert second.until_us == (batches[at - 1][2] if at else None)
    for texts, pages, until_us in batches[at:]:
        second.update(texts, pages, until_us=until_us)
    assert told(second, texts_of(batches), tmp_path / "two") == whole
    assert len(set(second.names())) == len(second.names())


@pytest.fixture
def saved(tmp_path: Path, batches: list[Batch]) -> Path:
    tracker = Tracker(CONFIG)
    for texts, pages, until_us in batches[:4]:
        tracker.update(texts, pages, until_us=until_us)
    tracker.save(tmp_path / "state")
    return tmp_path / "state"


def test_a_state_holds_no_text_and_leaves_no_part_behind(saved: Path, batches: list[Batch]) -> None:
    content = b"".join(zipfile.ZipFile(saved).read(name) for name in zipfile.ZipFile(saved).namelist())
    assert not any(text.encode()[:40] in content for text in batches[0][0]["text"])
    assert [path.name for path in saved.parent.iterdir()] == ["state"]


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -40])
def test_a_state_cut_short_is_refused(saved: Path, cut: int) -> None:
    saved.write_bytes(saved.read_bytes()[:cut])
    with pytest.raises(StoreError, match="damaged"):
        Tracker.load(saved, config=CONFIG)


def test_a_flipped_bit_anywhere_is_refused_or_harmless(saved: Path) -> None:
    data = saved.read_bytes()
    before = Tracker.load(saved, config=CONFIG).names()
    refused = 0
    for at in np.random.default_rng(3).integers(0, len(data), 60).tolist():
        saved.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        try:
            assert Tracker.load(saved, config=CONFIG).names() == before  # a date or an attribute of a member
        except StoreError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("parents", pl.col("parent") + 1),
        ("parents", pl.col("parent") - 1),
        ("texts", pl.col("number") + 10**6),
        ("pages", pl.col("number") - 10**6),
        ("centres", pl.col("gram") + (1 << 20)),
        ("centres", pl.col("weight") * float("nan")),
        ("grams", -pl.col("seen") - 1),
        ("alive", pl.col("mass") * float("inf")),
        ("alive", pl.col("number") * 0),
        ("texts", pl.col("number").cast(pl.String)),
    ],
)
def test_numbers_that_point_nowhere_are_refused(saved: Path, tmp_path: Path, name: str, change: pl.Expr) -> None:
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(tmp_path / "made", "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == f"{name}.parquet":
                pl.read_parquet(data).with_columns(change).write_parquet(tmp_path / "table")
                data = (tmp_path / "table").read_bytes()
            new.writestr(member, data)
    with pytest.raises(StoreError, match=f"damaged .*{name}"):
        Tracker.load(tmp_path / "made", config=CONFIG)


def test_a_packed_or_foreign_archive_is_refused(tmp_path: Path) -> None:
    for compression, content in ((zipfile.ZIP_DEFLATED, b"0" * 10**6), (zipfile.ZIP_STORED, b'{"format": "other"}')):
        with zipfile.ZipFile(tmp_path / "made", "w", compression) as archive:
            archive.writestr("state.json", content)
        with pytest.raises(StoreError, match="damaged"):
            Tracker.load(tmp_path / "made", config=CONFIG)


def test_no_file_other_settings_other_version_other_model(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        Tracker.load(tmp_path / "none", config=CONFIG)
    with pytest.raises(StoreError, match="cannot be read"):
        Tracker.load(tmp_path, config=CONFIG)
    with pytest.raises(ConfigError, match=r"half_life_d = 2\.0, not 3\.0"):
        Tracker.load(saved, config=NarrativeConfig(half_life_d=3.0))
    with pytest.raises(ConfigError, match="without a model"):
        Tracker.load(saved, config=CONFIG, embedder=Lengths())
    assert Tracker.load(saved, config=NarrativeConfig(min_posts=99, burst_raise=3.0)).names()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(tmp_path / "made", "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "state.json":
                data = orjson.dumps(orjson.loads(data) | {"text": "0/20/1.0"})
            new.writestr(member, data)
    with pytest.raises(StoreError, match="another version"):
        Tracker.load(tmp_path / "made", config=CONFIG)


def test_a_disk_that_cannot_be_written_keeps_the_old_state(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved.read_bytes()
    tracker = Tracker.load(saved, config=CONFIG)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(StoreError, match="disk is full"):
        tracker.save(saved)
    assert saved.read_bytes() == data
    assert [path.name for path in saved.parent.iterdir()] == ["state"]


def test_a_name_is_that_of_the_first_text() -> None:
    tracker = Tracker(CONFIG)
    texts = ["The library on Mill Street opens again on Monday.", "A hailstorm broke windows in Marrowby at noon."]
    batch = pl.DataFrame({"text_id": ["t00aa", "t00bb"], "text": texts, "n_posts": [1, 1]})
    links = pl.DataFrame(schema={"text_id": pl.String, "page": pl.String, "account_id": pl.String})
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=6)
    tracker.update(batch, links, until_us=int(at.timestamp() * 1_000_000))
    assert [tracker.names()[tracker.number(text)] for text in ("t00aa", "t00bb")] == ["n00aa", "n00bb"]
