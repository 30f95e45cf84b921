"""Runs that go on from a state: two runs one after the other give what one run over everything gives."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from dideban.config import NarrativeConfig
from dideban.errors import ConfigError, StoreError
from dideban.findings.narratives import Narratives, Tracker, make_narratives
from dideban.findings.narratives.checkpoint import write_state
from dideban.simulate.stories import make_stories

EVERY = NarrativeConfig(min_posts=1, min_accounts=3)


@pytest.fixture(scope="module")
def posts() -> pl.DataFrame:
    return make_stories(seed=3, n_posts=2_500, n_stories=14, days=7).posts


@pytest.fixture(scope="module")
def whole(posts: pl.DataFrame) -> Narratives:
    return make_narratives(posts.lazy(), config=EVERY)


def runs(parts: list[pl.DataFrame], path: Path, config: NarrativeConfig = EVERY) -> list[Narratives]:
    found = []
    for part in parts:
        found.append(make_narratives(part.lazy(), config=config, state=path))
        write_state(path, found[-1].state, config=config)  # type: ignore[arg-type]
    return found


def cut(posts: pl.DataFrame, hours: list[float]) -> list[pl.DataFrame]:
    first = posts["created_at"].min()
    edges = [first, *(first + timedelta(hours=h) for h in hours), first + timedelta(days=99)]  # type: ignore[operator]
    return [posts.filter(pl.col("created_at").is_between(a, b, closed="left")) for a, b in itertools.pairwise(edges)]


@pytest.mark.slow
@pytest.mark.parametrize("hours", [[80.0], [50.5, 51.0, 120.25], [24.0 * n for n in range(1, 7)]])
def test_runs_with_a_state_are_one_run(
    posts: pl.DataFrame, whole: Narratives, tmp_path: Path, hours: list[float]
) -> None:
    found = runs(cut(posts, hours), tmp_path / "state")
    # what a later run tells again counts
    told: dict[str, str] = {}
    for one in found:
        told |= dict(one.posts.select("post_id", "narrative_id").iter_rows())
    one_run = dict(whole.posts.select("post_id", "narrative_id").iter_rows())
    joined = {old: item.id for one in [*found, whole] for item in one.items for old in item.joined}
    both = told.keys() & one_run.keys()
    assert len(both) > 0.6 * len(one_run)  # a narrative of fewer than three accounts in one run is not listed by it
    agree = sum(joined.get(told[post], told[post]) == joined.get(one_run[post], one_run[post]) for post in both)
    assert agree > 0.8 * len(both)


def test_equal_texts_are_one_run_exactly(tmp_path: Path) -> None:
    made = make_stories(seed=6, n_posts=900, n_stories=6, days=5).posts
    # texts that nobody rewords: near-duplicates are what two runs may see otherwise
    said = made["text"].unique(maintain_order=True).gather_every(9)
    posts = made.with_columns(text=pl.Series([said[i % len(said)] for i in range(made.height)]))
    whole = make_narratives(posts.lazy(), config=EVERY)
    found = runs(cut(posts, [30.0, 61.0, 95.5]), tmp_path / "state")
    told: dict[str, tuple[str, str]] = {}
    for one in found:
        told |= {post: (name, text) for post, name, text in one.posts.iter_rows()}
    last = {item.id for item in whole.items}
    given = {old: item.id for one in [*found, whole] for item in one.items for old in item.joined}
    expected = {post: (name, text) for post, name, text in whole.posts.iter_rows()}
    assert {post: (given.get(name, name), text) for post, (name, text) in told.items() if post in expected} == {
        post: value for post, value in expected.items() if post in told
    }
    assert len(told.keys() & expected.keys()) > 0.7 * len(expected)
    for item in found[-1].items:
        if item.id in last:
            total = next(other for other in whole.items if other.id == item.id)
            assert item.n_posts + item.n_posts_before == total.n_posts
            assert (item.known_since or item.first_seen) == total.first_seen


def test_the_same_posts_again_change_nothing_that_is_settled(posts: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "state"
    first, again = runs([posts, posts], path)
    settled = [note for note in again.notes if note.code == "note.narratives-late"]
    assert settled
    assert again.n_posts < 0.2 * first.n_posts
    before = path.read_bytes()
    runs([posts], path)
    assert path.read_bytes() == before


def test_rows_in_any_order_leave_the_same_state(posts: pl.DataFrame, tmp_path: Path) -> None:
    for name, table in (("one", posts), ("two", posts.sample(fraction=1.0, shuffle=True, seed=4))):
        runs([table], tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_posts_first_and_few_posts_for_days(posts: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "state"
    few = posts.gather_every(60)  # a batch that is open for more than two days
    found = runs([posts.clear(), *cut(few, [70.0, 140.0])], path)
    assert found[0].items == []
    assert found[-1].n_with_text == make_narratives(few.lazy(), config=EVERY).n_with_text
    assert found[-1].n_with_text > 30


def test_a_state_of_a_tracker_alone_or_of_other_settings_is_refused(posts: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "state"
    Tracker(EVERY).save(path)
    with pytest.raises(StoreError, match="tracker alone"):
        make_narratives(posts.lazy(), config=EVERY, state=path)
    path.unlink()
    runs([posts.head(300)], path)
    with pytest.raises(ConfigError, match="half_life_d"):
        make_narratives(posts.lazy(), config=NarrativeConfig(half_life_d=9.0), state=path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StoreError, match="damaged"):
        make_narratives(posts.lazy(), config=EVERY, state=path)
