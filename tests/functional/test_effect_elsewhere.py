"""``dideban effect``: activity that moved to other things, and posts that disappeared."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from dideban.cli import cli
from dideban.errors import InputError

HOURS = 48


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    said = [
        "simulate",
        str(folder / "p.parquet"),
        "--responses",
        "20x0.3:drawn",
        "--days",
        "50",
        "--seed",
        "8",
        "--quiet",
    ]
    assert CliRunner().invoke(cli, said, catch_exceptions=False).exit_code == 0
    return folder


def answers(files: Path) -> list[tuple[str, Any]]:
    table = pl.read_csv(files / "p.responses.csv", try_parse_dates=True)
    return list(table.select("target", "at").iter_rows())


def share(posts: pl.DataFrame, target: str) -> pl.DataFrame:
    return posts.filter(pl.col("urls").list.contains(target))


def moved(files: Path) -> pl.DataFrame:
    """Return the posts, with three more about other things by each account that shared an answered target before."""
    posts = pl.read_parquet(files / "p.parquet")
    parts = [posts]
    for number, (target, at) in enumerate(answers(files)):
        accounts = share(posts, target).filter(pl.col("created_at") < at)["account_id"].unique(maintain_order=True)
        n = 3 * len(accounts)
        extra = (
            posts.head(1)
            .select(pl.all().repeat_by(n).explode())
            .with_columns(
                pl.Series("account_id", np.repeat(accounts.to_numpy(), 3)),
                pl.Series("post_id", [f"x{number}-{one}" for one in range(n)]),
                pl.Series("created_at", [at + timedelta(hours=2 + one % (HOURS - 4)) for one in range(n)]).cast(
                    posts.schema["created_at"]
                ),
                pl.Series("urls", [[f"https://other.example/{number}/{one}"] for one in range(n)]),
                pl.lit("").alias("text"),
            )
        )
        parts.append(extra.select(posts.columns))
    return pl.concat(parts)


def effect(folder: Path, posts: pl.DataFrame, files: Path, *more: str) -> tuple[dict[str, Any], str]:
    folder.mkdir(exist_ok=True)
    posts.write_parquet(folder / "p.parquet")
    said = ["effect", str(folder / "p.parquet"), "--responses", str(files / "p.responses.csv"), "--out"]
    result = CliRunner().invoke(cli, [*said, str(folder / "out"), "--key-file", str(folder / "key"), *more])
    assert result.exit_code == 0, result.output
    return json.loads((folder / "out" / "effect.json").read_text("utf-8")), result.output


def verdicts(found: dict[str, Any], what: str) -> list[str]:
    return [one["verdict"] for one in found["further"]["moved"] if one["what"] == what]


def test_accounts_that_turn_to_other_things_are_said_to(files: Path, tmp_path: Path) -> None:
    found, text = effect(tmp_path / "moved", moved(files), files)
    assert verdicts(found, "accounts") == ["more"]
    assert "may have moved there" in text
    page = (tmp_path / "moved" / "out" / "effect.html").read_text("utf-8")
    assert "wrote more about other things" in page
    still, _ = effect(tmp_path / "still", pl.read_parquet(files / "p.parquet"), files)
    assert "more" not in verdicts(still, "accounts")


def test_posts_of_the_target_itself_are_no_move(files: Path, tmp_path: Path) -> None:
    """Other posts are those that do not share the target: per response fewer than all posts of its accounts."""
    posts = pl.read_parquet(files / "p.parquet")
    found, _ = effect(tmp_path / "all", posts, files)
    for one, (target, at) in zip(found["responses"], answers(files), strict=True):
        for part in one["moved"]:
            early = share(posts, target).filter(pl.col("created_at") < at)["account_id"].unique()
            window = posts.filter(pl.col("account_id").is_in(early.implode()), pl.col("created_at") > at)
            others = window.filter(~pl.col("urls").list.contains(target))
            assert part["posts"] <= others.height


def gone_table(files: Path, *, treated: float, others: float) -> str:
    """Return a table in which posts disappear within two days of a moment, at one chance or another."""
    source = np.random.default_rng(3)
    posts = (
        pl.read_parquet(files / "p.parquet")
        .explode("urls")
        .filter(pl.len().over("urls") >= 20)
        .sort("created_at", "post_id")
    )
    at = dict(answers(files))
    rows = ["post_id,gone_at"]
    for target, part in posts.group_by(["urls"], maintain_order=True):
        moment = at.get(target[0])
        chance = others if moment is None else treated
        times = part["created_at"].to_list()
        ends = [(moment or one) + timedelta(hours=float(source.uniform(1, HOURS))) for one in times]
        hit = source.random(part.height) < chance
        rows += [
            f"{post},{end.isoformat()}"
            for post, came, end, is_gone in zip(part["post_id"], times, ends, hit, strict=True)
            if is_gone and came < end
        ]
    return "\n".join(rows)


def test_posts_that_disappear_after_a_response_are_counted(files: Path, tmp_path: Path) -> None:
    table = tmp_path / "gone.csv"
    table.write_text(
        gone_table(files, treated=0.5, others=0.05) + "\n,2026-01-05\nx,soon\nnot-there,2026-01-05", "utf-8"
    )
    posts = pl.read_parquet(files / "p.parquet")
    found, text = effect(tmp_path / "gone", posts, files, "--gone", str(table))
    (pooled,) = found["further"]["gone"]
    assert pooled["p_sooner"] <= 0.05
    assert pooled["n_gone"] > 1.5 * pooled["expected"]
    assert "went sooner than chance explains" in text
    notes = {note["code"]: note["values"]["n"] for note in found["notes"]}
    assert notes["effect.gone-rejected"] == 2
    assert notes["effect.gone-unknown"] == 1


@pytest.mark.parametrize("text", ["", "post_id,when\n1,2\n", "\x00\x01", "post_id;gone_at\n1;2\n"])
def test_a_table_of_posts_that_disappeared_can_be_wrong(files: Path, tmp_path: Path, text: str) -> None:
    table = tmp_path / "gone.csv"
    table.write_text(text, "utf-8")
    said = ["effect", str(files / "p.parquet"), "--responses", str(files / "p.responses.csv"), "--out"]
    result = CliRunner().invoke(
        cli, [*said, str(tmp_path / "o"), "--key-file", str(tmp_path / "k"), "--gone", str(table)]
    )
    assert isinstance(result.exception, InputError)
    assert not (tmp_path / "o").exists()
