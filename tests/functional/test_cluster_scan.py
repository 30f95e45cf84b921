"""``dideban scan --engine``: the findings of this program to the byte, and plain words when an engine fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.errors import ConfigError, SourceError, StoreError
from dideban.pipelines.cluster_scan import scan_on_cluster
from dideban.pipelines.scan import scan
from dideban.schema import TRACES
from dideban.simulate import make_sample
from functional.program import dideban

pytestmark = pytest.mark.slow

KEY = b"k" * 32
QUICK = Config(proof=ProofConfig(n_shuffles=0))


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with planted campaigns, as one file."""
    path = tmp_path_factory.mktemp("sample") / "posts.parquet"
    make_sample(seed=1, n_posts=6_000).posts.write_parquet(path)
    return path


@pytest.fixture(scope="module")
def expected(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of this program."""
    out = tmp_path_factory.mktemp("here") / "out"
    result = scan(posts, out=out, config=QUICK, key=KEY)
    assert any(not one.lead for one in result.findings)
    return out


def findings_of(out: Path) -> list[bytes]:
    return [json.dumps(one).encode() for one in json.loads((out / "findings.json").read_bytes())["findings"]]


def packages_of(out: Path) -> dict[str, bytes]:
    """Every file of the packages that says what was found; posts name the file they were read from."""
    files = sorted((out / "findings").rglob("finding.json"))
    return {one.relative_to(out).as_posix(): one.read_bytes() for one in files}


@pytest.mark.parametrize(
    "partitions", [pytest.param(1, marks=pytest.mark.slow), 4, pytest.param(16, marks=pytest.mark.slow)]
)
def test_findings_are_equal_to_the_byte(
    cluster: str, posts: Path, expected: Path, tmp_path: Path, partitions: int
) -> None:
    shuffled = tmp_path / "in"
    shuffled.mkdir()
    rows = pl.read_parquet(posts).sample(fraction=1.0, shuffle=True, seed=partitions)
    for place, part in enumerate(rows.iter_slices(2_500)):
        part.write_parquet(shuffled / f"{place}.parquet", row_group_size=700)
    out = tmp_path / "out"
    scan_on_cluster([str(shuffled)], out=out, engine=cluster, partitions=partitions, config=QUICK, key=KEY)
    assert findings_of(out) == findings_of(expected)
    assert packages_of(out) == packages_of(expected)
    assert (
        json.loads((out / "run.json").read_bytes())["counts"]
        == json.loads((expected / "run.json").read_bytes())["counts"]
    )
    assert (out / "report.html").is_file()
    assert list(tmp_path.glob("dideban-cluster-*")) == []


def test_packages_of_a_cluster_verify_themselves(cluster: str, posts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = dideban("scan", posts, "--engine", cluster, "--out", out, "--set", "proof.n_shuffles=0")
    assert done.returncode == 0, done.stderr
    package = next(iter(sorted((out / "findings").iterdir())))
    assert dideban("verify", package).returncode == 0


def test_delta_and_parquet_come_in_and_go_out(cluster: str, posts: Path, expected: Path, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    rows = pl.read_parquet(posts)
    deltalake.write_deltalake(
        str(tmp_path / "posts"), rows.with_columns(day=pl.lit("2026-03-02")), partition_by=["day"]
    )
    tables = tmp_path / "traces"
    result = scan_on_cluster(
        [str(tmp_path / "posts")], out=tmp_path / "out", engine=cluster, config=QUICK, key=KEY, tables=f"delta:{tables}"
    )
    assert findings_of(tmp_path / "out") == findings_of(expected)
    written = pl.from_arrow(deltalake.DeltaTable(str(tables)).to_pyarrow_table())
    assert isinstance(written, pl.DataFrame)
    assert set(written.columns) == set(TRACES.names)
    assert written.height > 0
    assert result.intake.n_posts == rows.height


def test_a_delta_table_is_read_as_it_was_found(cluster: str, posts: Path, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    from dideban.cluster import open_engine, read_cluster_posts
    from dideban.cluster.inputs import find_inputs

    rows = pl.read_parquet(posts)
    deltalake.write_deltalake(str(tmp_path / "posts"), rows.head(500))
    inputs = find_inputs([str(tmp_path / "posts")])
    deltalake.write_deltalake(str(tmp_path / "posts"), rows.tail(500), mode="append")
    with open_engine(cluster, home=tmp_path) as engine:
        read = read_cluster_posts(engine, inputs, key=KEY, config=QUICK.ingest)
    assert read.n_posts == 500


def test_a_cluster_that_goes_away_leaves_nothing(posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sail = pytest.importorskip("pysail.spark", reason="the extra dideban[cluster] is not installed")
    from dideban.cluster import source

    server = sail.SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    found = source.find_traces

    def vanish(*given: Any, **named: Any) -> Any:
        server.stop()
        return found(*given, **named)

    monkeypatch.setattr(source, "find_traces", vanish)
    address = f"sc://127.0.0.1:{server.listening_address[1]}"
    with pytest.raises(SourceError) as caught:
        scan_on_cluster([str(posts)], out=tmp_path / "out", engine=address, config=QUICK, key=KEY)
    assert caught.value.message.code == "cluster.gone"
    assert list(tmp_path.iterdir()) == []


def test_a_stage_that_fails_is_told_in_plain_words(
    cluster: str, posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dideban.cluster import traces

    def fail(posts: pl.DataFrame, *, config: object) -> pl.DataFrame:
        raise RuntimeError("no room on the disk of a worker")

    monkeypatch.setattr(traces, "hold", fail)
    with pytest.raises(SourceError) as caught:
        scan_on_cluster([str(posts)], out=tmp_path / "out", engine=cluster, config=QUICK, key=KEY)
    assert caught.value.message.code == "cluster.failed"
    assert "no room on the disk of a worker" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("engine", "scratch", "code"),
    [
        ("spark://host", "", "cluster.no-engine"),
        ("sc://", "", "cluster.no-engine"),
        ("sc://cluster.example:15002", "", "cluster.needs-scratch"),
    ],
)
def test_engines_that_cannot_be_meant_are_refused(
    posts: Path, tmp_path: Path, engine: str, scratch: str, code: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        scan_on_cluster([str(posts)], out=tmp_path / "out", engine=engine, scratch=scratch, key=KEY)
    assert caught.value.message.code == code


def test_a_scratch_folder_that_cannot_be_made_is_told(cluster: str, posts: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError):
        scan_on_cluster([str(posts)], out=tmp_path / "out", engine=cluster, scratch=str(tmp_path / "file"), key=KEY)
    assert not (tmp_path / "out").exists()


def dated(days: list[str], folder: Path) -> Path:
    rows = {"post_id": [f"id-{n:012}" for n in range(len(days))], "account_id": ["ana"] * len(days), "created_at": days}
    pl.DataFrame(rows).write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def test_the_order_of_dates_is_that_of_the_first_rows(cluster: str, tmp_path: Path) -> None:
    table = dated(["13/03/2026 10:00"] * 5 + ["01/03/2026 10:00"] * 5, tmp_path)
    done = scan_on_cluster([str(table)], out=tmp_path / "out", engine=cluster, config=QUICK, key=KEY)
    assert done.run["period"] == ["2026-03-01T10:00:00+00:00", "2026-03-13T10:00:00+00:00"]


def test_dates_that_only_a_later_row_explains_are_refused(cluster: str, tmp_path: Path) -> None:
    table = dated(["01/03/2026 10:00"] * 1_500 + ["13/03/2026 10:00"] * 500, tmp_path)
    with pytest.raises(ConfigError) as caught:
        scan_on_cluster([str(table)], out=tmp_path / "out", engine=cluster, config=QUICK, key=KEY)
    assert caught.value.message.code == "cluster.read-once"
    assert caught.value.hint.code == "cluster.hint-day-first"
    day_first = replace(QUICK, ingest=replace(QUICK.ingest, day_first=True))
    done = scan_on_cluster([str(table)], out=tmp_path / "out", engine=cluster, config=day_first, key=KEY)
    assert done.run["period"][0].startswith("2026-03-01")


def test_a_file_that_is_not_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("a,b\n1,2\n")
    done = dideban("scan", tmp_path / "posts.csv", "--engine", "local-cluster", "--out", tmp_path / "out")
    assert done.returncode == 10
    assert "posts.csv" in done.stderr


def test_options_of_the_other_way_are_refused(posts: Path, tmp_path: Path) -> None:
    engine = ("--engine", "local-cluster", "--out", tmp_path / "out")
    assert dideban("scan", posts, *engine, "--read-pictures").returncode == 2
    assert dideban("scan", posts, "--out", tmp_path / "out", "--partitions", "4").returncode == 2
    assert dideban("scan", posts).returncode == 2


def test_a_plan_needs_no_engine_and_writes_nothing(posts: Path, tmp_path: Path) -> None:
    done = dideban(
        "scan", posts, "--engine", "sc://nowhere.example", "--plan", "--plan-posts", "10000000", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "10,000,000" in done.stdout
    assert list(tmp_path.iterdir()) == []
