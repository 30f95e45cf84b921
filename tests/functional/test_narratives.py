"""``dideban narratives`` and ``dideban copying`` as a person runs them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import polars as pl
import pytest

from dideban.simulate.stories import make_stories
from functional.program import dideban
from testdata.articles import write_pages

NETWORK = re.compile(r"""(?:src|href)\s*=\s*["'](?!#|data:)|@import|url\((?!data:)|<base|fetch\(|XMLHttpRequest""")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("narratives")
    made = make_stories(seed=1, n_posts=2_500, n_stories=12, days=6)
    made.posts.write_parquet(path / "posts.parquet")
    return path


def run(folder: Path, out: str, *more: object) -> subprocess.CompletedProcess[str]:
    return dideban("narratives", "posts.parquet", "--out", out, "--key-file", "key", *more, cwd=folder)


def test_narratives_writes_a_page_a_document_and_a_table(folder: Path) -> None:
    done = run(folder, "out")
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "out" / "narratives.json").read_text("utf-8"))
    assert document["schema"] == "dideban.narratives/1"
    assert document["counts"]["posts"] == 2_500
    first = document["narratives"][0]
    assert first["n_posts"] >= document["narratives"][-1]["n_posts"]
    assert first["id"] in done.stdout
    assert f"{len(document['narratives']):,} narratives hold" in done.stdout
    table = pl.read_parquet(folder / "out" / "posts.parquet")
    assert table.filter(pl.col("narrative_id") == first["id"]).height == first["n_posts"]
    page = (folder / "out" / "narratives.html").read_text("utf-8")
    assert first["id"] in page
    assert not NETWORK.search(page)
    assert re.search(r'http-equiv="Content-Security-Policy" content="default-src', page)


@pytest.mark.slow
def test_same_posts_same_bytes_and_a_result_is_replaced(folder: Path) -> None:
    assert run(folder, "again", "--quiet").stdout == ""
    before = {path.name: path.read_bytes() for path in (folder / "again").iterdir()}
    assert run(folder, "again", "--threads", 1).returncode == 0
    assert {path.name: path.read_bytes() for path in (folder / "again").iterdir()} == before


@pytest.mark.slow
def test_share_from_proved_groups_and_posts_of_a_scan(folder: Path) -> None:
    assert dideban("sample", "s.csv", "--posts", 6000, "--days", 7, "--quiet", cwd=folder).returncode == 0
    done = dideban("scan", "s.csv", "--out", "scan", "--key-file", "key", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    findings = json.loads((folder / "scan" / "findings.json").read_text("utf-8"))["findings"]
    done = dideban("narratives", "--findings", "scan", "--out", "with", "--min-posts", 5, cwd=folder)
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "with" / "narratives.json").read_text("utf-8"))
    assert document["counts"]["posts"] == 6_000
    proved = {name for item in document["narratives"] for name in item["proved"]}
    assert proved <= {f["id"] for f in findings if not f["lead"]}
    assert all(item["n_proved_posts"] is not None for item in document["narratives"])


def test_a_state_is_kept_from_run_to_run_and_a_damaged_one_refused(folder: Path) -> None:
    table = pl.read_parquet(folder / "posts.parquet").sort("created_at")
    table.head(1_400).write_parquet(folder / "one.parquet")
    table.tail(1_100).write_parquet(folder / "two.parquet")
    for name in ("one", "two"):
        command = (
            "narratives",
            f"{name}.parquet",
            "--out",
            f"out-{name}",
            "--state",
            "state",
            "--key-file",
            "key",
            "--min-posts",
            3,
        )
        done = dideban(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    one, two = (json.loads((folder / f"out-{name}" / "narratives.json").read_text("utf-8")) for name in ("one", "two"))
    old = {item["id"] for item in one["narratives"]}
    assert not any(item["n_posts_before"] for item in one["narratives"])
    went_on = [item for item in two["narratives"] if item["n_posts_before"]]
    assert went_on
    assert {item["id"] for item in went_on} & old
    assert all(item["known_since"] < item["first_seen"] for item in went_on)
    (folder / "state").write_bytes((folder / "state").read_bytes()[:-50])
    done = dideban(*command, cwd=folder)
    assert done.returncode == 13
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_not_ours_is_left_alone(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("years of work")
    done = run(folder, "mine")
    assert done.returncode == 13
    assert "not a result of this command" in done.stderr
    assert (folder / "mine" / "thesis.txt").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--out", "x"), 10, "no posts given"),
        (("none.csv", "--out", "x"), 10, "no such file"),
        (("posts.parquet", "--out", "x", "--findings", "."), 10, "not the folder of a scan"),
        (("posts.parquet", "--out", "x", "--min-accounts", "1"), 11, "min_accounts"),
        (("posts.parquet",), 2, "--out"),
    ],
)
def test_mistakes_are_explained(folder: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = dideban("narratives", *arguments, cwd=folder)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "x").exists()


def test_copying_of_article_pages(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    write_pages(tmp_path / "pages", seed=2, n_stories=3)
    (tmp_path / "pages" / "empty.html").write_text("")
    done = dideban("copying", "pages", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12 of 21 texts hold passages of an earlier one" in done.stdout
    assert "1 rejected" in done.stdout
    document = json.loads((tmp_path / "out" / "copying.json").read_text("utf-8"))
    assert document["schema"] == "dideban.copying/1"
    page = (tmp_path / "out" / "copying.html").read_text("utf-8")
    assert not NETWORK.search(page)
    assert "<del>" in page
    assert "<ins>" in page
    assert "Alder Herald" in page
    again = dideban("copying", "pages", "--out", "out", "--quiet", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert json.loads((tmp_path / "out" / "copying.json").read_text("utf-8")) == document


@pytest.mark.slow
def test_copying_among_posts(folder: Path) -> None:
    done = dideban("copying", "posts.parquet", "--out", "copies", "--min-letters", 60, "--key-file", "key", cwd=folder)
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "copies" / "copying.json").read_text("utf-8"))
    assert document["families"]
    assert document["n_read"] == 2_500


def test_copying_of_nothing_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html></html>")
    done = dideban("copying", "a.html", "--out", "x", cwd=tmp_path)
    assert done.returncode == 10
    assert "no article could be read" in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_signatures_are_kept_between_scans_and_change_nothing(tmp_path: Path) -> None:
    assert dideban("sample", "s.csv", "--posts", 3000, "--days", 7, "--quiet", cwd=tmp_path).returncode == 0
    results = []
    for more in ([], ["--signatures", "kept.parquet"], ["--signatures", "kept.parquet"]):
        done = dideban("scan", "s.csv", "--out", "out", "--key-file", "key", "--quiet", *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        results.append((tmp_path / "out" / "findings.json").read_bytes())
    assert results[0] == results[1] == results[2]
    assert (tmp_path / "kept.parquet").is_file()
