"""What posts share, found on an engine: the traces, objects, counts and notes of this program, however posts are cut."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dideban.cluster import ClusterPosts, open_engine, read_cluster_posts
from dideban.cluster.inputs import find_inputs
from dideban.config import Config, IngestConfig, TraceConfig
from dideban.errors import InputError
from dideban.kinds import slugs
from dideban.pipelines.post_source import LocalPosts
from dideban.traces import Traces, extract_traces
from functional.cluster_posts import mixed_posts

pytestmark = pytest.mark.slow

KEY = b"k" * 32
EVERY = TraceConfig(kinds=slugs(), mentions=True)


def on_cluster(
    cluster: str, places: list[Path], tmp_path: Path, *, partitions: int, config: TraceConfig = EVERY
) -> tuple[Traces, pl.DataFrame]:
    """Return traces with the labels of all objects, and the posts that findings would need."""
    with open_engine(cluster, partitions=partitions, home=tmp_path) as engine:
        ingest = IngestConfig(keep_ids=True)
        read = read_cluster_posts(engine, find_inputs([str(place) for place in places]), key=KEY, config=ingest)
        posts = ClusterPosts(engine, read.frame, out=tmp_path / f"needed-{partitions}.parquet")
        found = posts.traces(config=Config(traces=config))
        about, needed = posts.about(found, accounts=found.traces["account_id"])
        assert about.traces.equals(found.traces)
        return about, needed.collect()


def cut(posts: pl.DataFrame, folder: Path) -> list[Path]:
    """Write posts shuffled, in files of different schemas, one of them without rows."""
    folder.mkdir()
    rows = posts.sample(fraction=1.0, shuffle=True, seed=7)
    third = rows.height // 3
    parts = {
        "a.parquet": rows.head(third).drop("place", "lang"),
        "b.parquet": rows.slice(third, third).cast({"reach": pl.Int32}),
        "c.parquet": rows.slice(2 * third),
        "d.parquet": rows.clear(),
    }
    for name, part in parts.items():
        part.write_parquet(folder / name, row_group_size=50)
    return [folder]


@pytest.mark.parametrize("partitions", [1, 4, 16])
def test_traces_are_those_of_this_program(cluster: str, tmp_path: Path, partitions: int) -> None:
    posts = mixed_posts(600)
    expected = extract_traces(posts, config=EVERY)
    found, needed = on_cluster(cluster, cut(posts, tmp_path / "in"), tmp_path, partitions=partitions)
    assert found.traces.equals(expected.traces)
    assert found.objects.equals(expected.objects)
    assert found.counts == expected.counts
    assert found.notes == expected.notes
    assert set(found.traces["object_kind"].unique()) == set(slugs())
    behind = posts.filter(pl.concat_str("platform", pl.lit("/"), "post_id").is_in(expected.traces["post_id"].implode()))
    assert behind.join(needed, on=["platform", "post_id"], how="anti").is_empty()


@pytest.mark.parametrize(
    "config", [TraceConfig(kinds=("text",), near_text=False), TraceConfig(kinds=("link", "repost"), quotes=False)]
)
def test_settings_mean_the_same(cluster: str, tmp_path: Path, config: TraceConfig) -> None:
    posts = mixed_posts(300, seed=3)
    posts.write_parquet(tmp_path / "posts.parquet")
    found, _ = on_cluster(cluster, [tmp_path / "posts.parquet"], tmp_path, partitions=3, config=config)
    expected = extract_traces(posts, config=config)
    assert found.traces.equals(expected.traces)
    assert found.objects.equals(expected.objects)


def test_very_popular_objects_are_joined_apart(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dideban.cluster import shared

    monkeypatch.setattr(shared, "HEAVY", 20)
    posts = mixed_posts(400)
    posts.write_parquet(tmp_path / "posts.parquet")
    found, _ = on_cluster(cluster, [tmp_path / "posts.parquet"], tmp_path, partitions=4)
    expected = extract_traces(posts, config=EVERY)
    assert found.traces.equals(expected.traces)
    assert found.objects.equals(expected.objects)


def test_busy_accounts_keep_their_moments(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dideban.cluster import shared

    monkeypatch.setattr(shared, "HEAVY", 20)
    posts = mixed_posts(400)
    posts.write_parquet(tmp_path / "posts.parquet")
    with open_engine(cluster, partitions=4, home=tmp_path) as engine:
        inputs = find_inputs([str(tmp_path / "posts.parquet")])
        read = read_cluster_posts(engine, inputs, key=KEY, config=IngestConfig(keep_ids=True))
        source = ClusterPosts(engine, read.frame, out=tmp_path / "needed.parquet")
        sharers = source.traces(config=Config(traces=EVERY)).traces["account_id"].unique()
        moments, facts = source.moments(), source.facts()
    mine = posts.filter(pl.col("account_id").is_in(sharers.implode())).select("account_id", "created_at").unique()
    assert moments.sort(moments.columns).equals(mine.sort(mine.columns))
    assert facts == LocalPosts(posts.lazy()).facts()


def test_repeated_posts_count_once(cluster: str, tmp_path: Path) -> None:
    posts = mixed_posts(200)
    later = posts.head(30).with_columns(reach=pl.lit(9, pl.Int64))
    other = posts.slice(30, 5).with_columns(account_id=pl.lit("zzz"), text=pl.lit("something else altogether"))
    pl.concat([posts, later, other]).write_parquet(tmp_path / "posts.parquet")
    with open_engine(cluster, partitions=4, home=tmp_path) as engine:
        inputs = find_inputs([str(tmp_path / "posts.parquet")])
        read = read_cluster_posts(engine, inputs, key=KEY, config=IngestConfig(keep_ids=True))
        kept = engine.take(read.frame, stage="posts").sort("post_id", "platform")
    assert (read.n_rows, read.n_posts, read.n_duplicates) == (235, 200, 30)
    assert read.reasons == {"id-conflict": 5}
    assert kept.drop("reach", "account_id", "text").equals(
        posts.sort("post_id", "platform").drop("reach", "account_id", "text")
    )
    assert kept["reach"].eq_missing(9).sum() == 30


def test_rows_are_judged_by_intake(cluster: str, tmp_path: Path) -> None:
    posts = mixed_posts(100).with_row_index("n")
    broken = posts.with_columns(account_id=pl.when(pl.col("n") % 10 != 0).then("account_id")).drop("n")
    broken.write_parquet(tmp_path / "posts.parquet")
    with open_engine(cluster, partitions=4, home=tmp_path) as engine:
        inputs = find_inputs([str(tmp_path / "posts.parquet")])
        read = read_cluster_posts(engine, inputs, key=KEY, config=IngestConfig())
        accounts = engine.take(read.frame.select("account_id"), stage="posts")["account_id"]
    assert read.reasons == {"account-missing": 10}
    assert read.n_posts == 90
    assert accounts.str.contains("^a[a-z2-7]{16}$").all()


def test_a_table_of_rejects_stops_the_run(cluster: str, tmp_path: Path) -> None:
    mixed_posts(40).with_columns(account_id=pl.lit(None, pl.String)).write_parquet(tmp_path / "posts.parquet")
    inputs = find_inputs([str(tmp_path / "posts.parquet")])
    with open_engine(cluster, home=tmp_path) as engine, pytest.raises(InputError) as caught:
        read_cluster_posts(engine, inputs, key=KEY, config=IngestConfig())
    assert caught.value.message.code == "ingest.no-usable-row"
