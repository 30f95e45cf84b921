"""``dideban sample`` and ``dideban simulate`` as a person runs them."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import polars as pl
import pytest

from functional.program import dideban


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return dideban(*arguments)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_sample_writes_posts_and_truth_the_same_way_twice(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        out = tmp_path / name / "posts.csv"
        result = run("sample", out, "--posts", 20_000, "--seed", 7)
        assert result.returncode == 0, result.stderr
        assert result.stdout == ""
        digests.append((digest(out), digest(tmp_path / name / "truth.csv")))
    assert digests[0] == digests[1]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["posts.csv", "truth.csv"]
    posts, truth = pl.read_csv(out), pl.read_csv(out.with_name("truth.csv"))
    assert len(posts) == 20_000
    plants = truth.filter("is_plant")
    assert plants["group"].n_unique() == 5
    assert plants["account_id"].is_in(posts["account_id"].implode()).all()
    assert "20,000 posts" in result.stderr
    assert "14 accounts" in result.stderr


@pytest.mark.parametrize(("name", "format"), [("p.ndjson", None), ("p.jsonl", None), ("p.parquet", None), ("p", "csv")])
def test_sample_formats_hold_the_same_posts(tmp_path: Path, name: str, format: str | None) -> None:
    out = tmp_path / name
    flags = ["--format", format] if format else []
    result = run("sample", out, "--posts", 300, "--no-campaigns", "--quiet", *flags)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    readers = {"p.parquet": pl.read_parquet, "p": pl.read_csv}
    posts = readers.get(name, pl.read_ndjson)(out)
    assert len(posts) == 300
    assert posts["post_id"].n_unique() == 300
    assert not pl.read_csv(tmp_path / "truth.csv")["is_plant"].any()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--posts", "0"], 11, "n_posts"),
        (["--posts", "10", "--days", "-1"], 11, "days"),
        (["--posts", "10", "--language", "xx"], 11, "languages"),
        (["--posts", "ten"], 2, "--posts"),
    ],
)
def test_sample_refuses_in_one_line(tmp_path: Path, arguments: list[str], code: int, word: str) -> None:
    result = run("sample", tmp_path / "p.csv", *arguments)
    assert result.returncode == code
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_sample_says_where_it_cannot_write(tmp_path: Path) -> None:
    result = run("sample", tmp_path / "missing" / "p.csv", "--posts", 10)
    assert result.returncode == 13
    assert "cannot be written" in result.stderr
    assert run("sample", tmp_path / "truth.csv", "--posts", 10).returncode == 11


def test_simulate_writes_the_same_stream_twice(tmp_path: Path) -> None:
    arguments = ["--accounts", 800, "--shares", 8_000, "--days", 5, "--plant", "6x8x30:exclusive", "--copies", 2]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        result = run("simulate", tmp_path / name / "s.parquet", *arguments, "--crowd", "schedulers")
        assert result.returncode == 0, result.stderr
        assert result.stdout == ""
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    kinds = (
        "accounts.csv",
        "moments.parquet",
        "objects.parquet",
        "operations.csv",
        "parquet",
        "posts.parquet",
        "truth.csv",
    )
    assert names == [f"s.{kind}" for kind in kinds]
    for name in names:
        assert digest(tmp_path / "one" / name) == digest(tmp_path / "two" / name)
    truth = pl.read_csv(tmp_path / "one" / "s.truth.csv")
    assert truth["kind"].unique().to_list() == ["plant"]
    assert len(truth) == 12
    assert "plant: 2 groups, 12 accounts" in result.stderr


def test_simulate_marks_every_account_and_writes_posts_that_a_scan_reads(tmp_path: Path) -> None:
    arguments = ("--accounts", "400", "--shares", "4000", "--days", "3", "--crowd", "clocks_sparse")
    result = run("simulate", tmp_path / "s.parquet", *arguments, "--frame", "2x3:busyx20")
    assert result.returncode == 0, result.stderr
    assert "attacker: 1 groups, 2 accounts" in result.stderr
    accounts = pl.read_csv(tmp_path / "s.accounts.csv")
    assert dict(accounts.group_by("role").len().iter_rows())["copied"] == 3
    assert accounts.filter(part="clocks_sparse")["period_s"].null_count() == 0
    result = run("inspect", tmp_path / "s.posts.parquet")
    assert result.returncode == 0, result.stderr
    assert set(pl.read_parquet(tmp_path / "s.posts.parquet")["account_id"]) == set(accounts["account_id"])


def test_simulate_says_what_an_adversary_gives_up(tmp_path: Path) -> None:
    arguments = ["--accounts", 800, "--shares", 8_000, "--plant", "6x8x30", "--crowd", "none", "--strength", 1]
    result = run("simulate", tmp_path / "s.parquet", *arguments, "--adversary", "rotate")
    assert result.returncode == 0, result.stderr
    assert "of its reach within 60 s" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["s.csv"], 11, "parquet"),
        (["s.parquet", "--plant", "8x12"], 11, "8x12"),
        (["s.parquet", "--crowd", "wizards"], 11, "crowds"),
        (["s.parquet", "--adversary", "delay"], 2, "--plant"),
        (["s.parquet", "--copies", "0"], 11, "copies"),
        (["s.parquet", "--frame", "1x3:nobody"], 11, "1x3:nobody"),
        (["s.parquet", "--frame", "1x3:busy", "--plant", "8x12x40"], 2, "--frame"),
        (["s.parquet", "--plant", "8x12x40,moment=never"], 11, "moment"),
        (["s.parquet", "--own-posts", "-1"], 11, "own_posts"),
    ],
)
def test_simulate_refuses_in_one_line(tmp_path: Path, arguments: list[str], code: int, word: str) -> None:
    result = run("simulate", tmp_path / arguments[0], *arguments[1:])
    assert result.returncode == code
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["sample", "simulate"])
def test_files_of_somebody_else_are_not_touched(tmp_path: Path, command: str) -> None:
    options = ["--posts", 50] if command == "sample" else ["--accounts", 60, "--shares", 300, "--crowd", "none"]
    out = tmp_path / "s.parquet"
    others = tmp_path / ("truth.csv" if command == "sample" else "s.truth.csv")
    for mine in (others, out):
        mine.write_text("years of work\n")
        result = run(command, out, *options)
        assert result.returncode == 13
        assert f"{mine}: exists and was not made by dideban" in result.stderr
        assert mine.read_text() == "years of work\n"
        assert [path.name for path in tmp_path.iterdir()] == [mine.name]
        mine.unlink()
    assert run(command, out, *options).returncode == 0
    before = digest(out)
    assert run(command, out, *options, "--seed", 2).returncode == 0  # an earlier one of ours is replaced
    assert digest(out) != before


@pytest.mark.parametrize("name", ["p.csv", "p.ndjson", "p.parquet"])
def test_a_sample_is_replaced_in_every_format_but_other_posts_are_not(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    assert run("sample", out, "--posts", 50).returncode == 0
    assert run("sample", out, "--posts", 60).returncode == 0
    out.write_text("post_id,account_id,platform,created_at\n1,ann,x,2024-05-01\n")
    assert run("sample", out, "--posts", 50).returncode == 13
    assert "ann" in out.read_text()
