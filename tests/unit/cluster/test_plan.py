"""Plans: sizes that add up, and rows that are those of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from dideban.cluster.held import hold, sign
from dideban.cluster.inputs import find_inputs
from dideban.cluster.plan import MOST_BYTES, ClusterPlan, make_plan
from dideban.config import Config, TraceConfig
from dideban.errors import ConfigError, InputError
from dideban.simulate import make_sample


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "posts.parquet"
    make_sample(seed=2, n_posts=3_000).posts.write_parquet(path)
    return path


def plan(path: Path, *, n_posts: int = 0, partitions: int = 0, config: Config | None = None) -> ClusterPlan:
    inputs = find_inputs([str(path)])
    return make_plan(inputs, config=config or Config(), n_posts=n_posts, partitions=partitions)


def test_rows_are_those_that_workers_make(path: Path) -> None:
    import polars as pl

    posts, config = pl.read_parquet(path), Config().traces
    rows = {stage.name: stage.n_rows for stage in plan(path).stages}
    assert rows["posts"] == 3_000
    assert rows["traces"] == hold(posts, config=config).height
    assert rows["texts"] == sign(posts, config=config).height


def test_sums_are_those_of_the_stages(path: Path) -> None:
    made = plan(path)
    assert made.written == sum(stage.written for stage in made.stages)
    assert made.shuffled == sum(stage.shuffled for stage in made.stages)
    assert made.driver == max(stage.driver for stage in made.stages)


def test_everything_grows_with_the_posts(path: Path) -> None:
    small, large = plan(path, n_posts=10**7), plan(path, n_posts=10**9)
    for one, other in zip(small.stages, large.stages, strict=True):
        assert other.written == pytest.approx(100 * one.written, rel=1e-3)
        assert other.shuffled == pytest.approx(100 * one.shuffled, rel=1e-3)


def test_advised_parts_are_small_enough(path: Path) -> None:
    first = plan(path, n_posts=10**10)
    assert first.advised_partitions > first.n_partitions
    again = plan(path, n_posts=10**10, partitions=first.advised_partitions)
    assert max(stage.partition for stage in again.stages) <= MOST_BYTES
    assert again.advised_partitions == again.n_partitions


def test_texts_cost_nothing_where_they_are_not_asked_for(path: Path) -> None:
    made = plan(path, config=Config(traces=TraceConfig(kinds=("link",))))
    assert next(stage for stage in made.stages if stage.name == "texts").n_rows == 0


def test_what_cannot_be_planned_is_told(path: Path) -> None:
    with pytest.raises(InputError):
        make_plan(find_inputs(["s3://bucket/posts"]), config=Config(), n_posts=10)
    both = find_inputs([str(path), "s3://bucket/posts"])
    with pytest.raises(ConfigError):
        make_plan(both, config=Config())
    assert make_plan(both, config=Config(), n_posts=10).n_posts == 10
