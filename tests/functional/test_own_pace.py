"""A finding that rests on how soon its members come after others travels as a package and is computed again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.findings import Finding
from dideban.pipelines import packages
from dideban.pipelines.analysis import Analysis, analyse
from dideban.pipelines.packages import make_packages
from dideban.simulate import Plant, make_stream
from dideban.simulate.files import stream_posts
from dideban.store import package_posts
from dideban.store.verify import verify_package

KINDS = ("link", "media")


@pytest.fixture(scope="module")
def found() -> Analysis:
    """Two groups with content of their own, one of them pictures, whose objects are clusters."""
    plants = [
        Plant(n_accounts=8, n_operations=30, jitter_s=40.0, where="exclusive", posts_per_day=6.0, kinds=(kind,))
        for kind in KINDS
    ]
    stream = make_stream(seed=7_700, n_accounts=900, n_shares=24_000, crowds=(), plants=plants, kinds=KINDS)
    config = Config(threads=1, proof=ProofConfig(n_shuffles=0))
    return analyse(stream_posts(stream).lazy(), config=config)


@pytest.fixture(scope="module")
def own(found: Analysis) -> list[Finding]:
    return [one for one in found.findings if one.kind == "own"]


def test_both_groups_are_found_by_their_own_pace(own: list[Finding]) -> None:
    assert {one.kind for finding in own for one in finding.traces} == set(KINDS)
    assert all(not finding.lead and finding.error_rate == 0.05 for finding in own)


def test_the_statement_says_that_the_data_do_not_show_what_sets_the_time(own: list[Finding]) -> None:
    english = own[0].statement["en"]
    assert "now one, now another of these accounts is the first" in english
    assert "one source that they all follow" in english
    assert {"en", "fa", "ar"} <= set(own[0].statement)
    assert "منبعی که همه دنبالش می‌کنند" in own[0].statement["fa"]
    assert "مصدر واحد تتابعه جميعها" in own[0].statement["ar"]


def test_packages_hold(found: Analysis, own: list[Finding], tmp_path: Path) -> None:
    for name in make_packages(found, findings=own, home=tmp_path):
        result = verify_package(tmp_path / name)
        assert result.ok, [(check[0], str(check[2])) for check in result.checks if not check[1]]


def test_a_package_without_the_pace_elsewhere_does_not(
    found: Analysis, own: list[Finding], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*given: object, own: object = (), **more: object) -> object:
        return package_posts(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(packages, "package_posts", without)
    (name,) = make_packages(found, findings=own[:1], home=tmp_path)
    result = verify_package(tmp_path / name)
    assert not result.ok
    assert any("proof by" in check[0] for check in result.checks if not check[1])


def test_others_are_inside_as_numbers_and_times_alone(found: Analysis, own: list[Finding], tmp_path: Path) -> None:
    (name,) = make_packages(found, findings=own[:1], home=tmp_path)
    posts, others = (pl.read_parquet(tmp_path / name / f"{table}.parquet") for table in ("posts", "others"))
    assert others.height
    followed = [one.account_id for one in own[0].followed]
    assert others.filter(~pl.col("account_id").is_in(followed))["account_id"].str.starts_with("~other-").all()
    assert set(posts["account_id"]) == set(own[0].accounts)
