"""Reading a handful of bytes the way a run does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings

from dideban.config import IngestConfig
from dideban.ingest import Intake, read_posts

settings.register_profile("untimed", deadline=None)  # kernels compile on their first call
settings.load_profile("untimed")

KEY = bytes(range(32))


@dataclass
class Result:
    intake: Intake
    posts: pl.DataFrame
    rejects: list[tuple[int, str]]

    @property
    def law(self) -> bool:
        i = self.intake
        return i.n_rows == i.n_posts + i.n_duplicates + i.n_rejects and self.posts.height == i.n_posts

    def column(self, name: str) -> list[Any]:
        return self.posts[name].to_list()


@pytest.fixture
def intake(tmp_path: Path) -> Callable[..., Result]:
    """Write files, read them, return posts and rejects; account ids are kept unless told otherwise."""

    def read(
        *contents: bytes | str | Path,
        mapping: Mapping[str, str] | None = None,
        name: str = "",
        **settings: Any,
    ) -> Result:
        paths = []
        for number, content in enumerate(contents):
            if isinstance(content, Path):
                paths.append(content)
                continue
            path = tmp_path / (name or f"input-{number}")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        config = IngestConfig(**{"keep_ids": True, "max_reject_share": 1.0, **settings})
        out = tmp_path / "out"
        got = read_posts(paths, out=out, key=KEY, config=config, mapping=mapping)
        rejects = pl.read_csv(got.rejects_path, infer_schema=False)
        posts = pl.read_parquet(got.posts_path)
        assert sorted(p.name for p in out.iterdir()) == ["posts.parquet", "rejects.csv"]
        rows = list(zip(rejects["row"].cast(pl.Int64).to_list(), rejects["reason"].to_list(), strict=True))
        return Result(got, posts, rows)

    return read
