"""Whatever comes in is taken or refused in words. ``make fuzz`` does the same for longer."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from room.fuzzing import fuzz, surfaces  # isort: skip - makes Django ready

from dideban.config import Config
from dideban.room.rooms.models import Room

SECONDS = float(os.environ.get("DIDEBAN_FUZZ_S", "1"))
SEED = int(os.environ.get("DIDEBAN_FUZZ_SEED", "0"))
NAMES = (
    "bluesky", "mastodon", "feed", "article", "posts", "files", "intake", "api", "forms", "package", "backup", "anchors",
    "search",
)  # fmt: skip
IS_LONG = "DIDEBAN_FUZZ_S" in os.environ


@pytest.fixture(scope="session")
def sound_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package as a room writes them."""
    from dideban.pipelines.scan import scan
    from dideban.simulate import make_sample

    folder = tmp_path_factory.mktemp("sound")
    make_sample(seed=5, n_posts=3_000, days=4).posts.write_parquet(folder / "posts.parquet")
    config = dataclasses.replace(Config(), method="threshold")
    scan([folder / "posts.parquet"], out=folder / "out", config=config)
    return min(path.parent for path in (folder / "out").rglob("manifest.json"))


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("name", NAMES)
def test_what_comes_in_is_taken_or_refused_in_words(name: str, room: Room, tmp_path: Path, sound_package: Path) -> None:
    found = {one.name: one for one in surfaces(room, folder=tmp_path, sound_package=sound_package)}
    assert set(found) == set(NAMES)
    outcome = fuzz(found[name], seconds=SECONDS, seed=SEED, most_s=2.0 if IS_LONG else 30.0)
    figures = {
        "surface": name, "n": outcome.n, "refused": outcome.n_refused, "slowest_s": round(outcome.slowest_s, 2),
        "slowest_seed": outcome.slowest_seed,
        "worked_s": round(outcome.worked_s), "grown_mib": round(outcome.grown_mib, 1),
    }  # fmt: skip
    if path := os.environ.get("DIDEBAN_FUZZ_OUT"):
        with Path(path).open("a") as file:
            file.write(json.dumps(figures | {"faults": outcome.faults}) + "\n")
    assert not outcome.faults, figures
    assert outcome.n > 0
