"""``dideban effect``: from files to sentences, with rows set aside and nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import dideban
from dideban.cli import cli
from dideban.errors import InputError, StoreError
from dideban.pipelines.responses import MAX_RESPONSES, read_responses
from dideban.report.effect import draw_curve


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("effect")
    posts = folder / "p.parquet"
    said = ["simulate", str(posts), "--responses", "20x0.7:any", "--days", "50", "--seed", "3", "--quiet"]
    assert CliRunner().invoke(cli, said, catch_exceptions=False).exit_code == 0
    return folder


def run(files: Path, out: Path, *more: str, responses: Path | None = None) -> tuple[int, str]:
    table = responses or files / "p.responses.csv"
    said = ["effect", str(files / "p.parquet"), "--responses", str(table), "--out", str(out)]
    result = CliRunner().invoke(cli, [*said, "--key-file", str(files / "key"), *more])
    return result.exit_code, result.output


def test_what_was_planted_is_said_and_written(files: Path, tmp_path: Path) -> None:
    code, text = run(files, tmp_path / "out")
    assert code == 0
    assert "fewer posts within 48 hours" in text
    found = json.loads((tmp_path / "out" / "effect.json").read_text("utf-8"))
    truth = pl.read_csv(files / "p.effects.csv")
    (pooled,) = found["pooled"]
    assert pooled["verdict"] == "fewer"
    assert pooled["low"] < 0.7 < pooled["high"]
    posts = dict(truth.select("response", "posts").iter_rows())
    shown = [one for one in found["responses"] if one["identifiable"]]
    assert len(shown) > 10
    assert all(one["posts"] == posts[one["response"]] for one in shown)
    assert {"settings_digest", "method", "config_digest"} <= set(found)


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes_whatever_the_order_of_rows(files: Path, tmp_path: Path) -> None:
    posts = pl.read_parquet(files / "p.parquet").sample(fraction=1.0, shuffle=True, seed=5)
    turned = tmp_path / "turned"
    turned.mkdir()
    posts.write_parquet(turned / "p.parquet")
    run(files, tmp_path / "one")
    said = ["effect", str(turned / "p.parquet"), "--responses", str(files / "p.responses.csv"), "--out"]
    CliRunner().invoke(cli, [*said, str(tmp_path / "two"), "--key-file", str(files / "key")], catch_exceptions=False)
    for name in ("effect.json", "effect.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_rows_that_cannot_be_used_are_set_aside_with_their_reason(files: Path, tmp_path: Path) -> None:
    table = tmp_path / "r.csv"
    rows = (files / "p.responses.csv").read_text("utf-8").splitlines()
    target = rows[1].split(",")[1]
    bad = [
        f"late,{target},next week,48,correction,,",
        f"odd,{target},2026-01-09T00:00:00Z,soon,correction,,",
        rows[1],
        f"lot,{target},2026-01-10T00:00:00Z,48,correction,,https://a.example/1|https://a.example/2",
        "none,,2026-01-10T00:00:00Z,48,correction,,",
    ]
    table.write_text("\n".join([*rows, *bad]), "utf-8")
    found, rejects = read_responses(table)
    assert len(found) == len(rows) - 1
    assert [row for row, _ in rejects] == list(range(len(rows), len(rows) + len(bad)))
    assert len({why.code for _, why in rejects}) == len(bad)
    code, text = run(files, tmp_path / "out", responses=table)
    assert code == 0
    assert text.count("\nrow ") == len(bad)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b\n1,2\n", "effect.target-none"),
        ("response,target,at,horizon_h\n", "effect.no-response"),
        ("", "effect.target-none"),
        ("response,target,at,horizon_h\n" + "r,t,2026-01-01,48\n" * (MAX_RESPONSES + 1), "effect.too-many"),
        ('response,target,at,horizon_h\n"' + "x" * 200_000, "effect.no-response"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: str, code: str) -> None:
    table = tmp_path / "r.csv"
    table.write_text(content, "utf-8")
    with pytest.raises(InputError) as error:
        read_responses(table)
    assert error.value.message.code == code


def test_what_is_not_in_the_data_is_said_to_be_so(files: Path, tmp_path: Path) -> None:
    table = tmp_path / "r.csv"
    table.write_text("response,target,at,horizon_h\none,https://nowhere.example/,2026-01-20T00:00:00Z,48\n", "utf-8")
    code, text = run(files, tmp_path / "out", responses=table)
    assert code == 0
    assert "its target is not in the data" in text


def test_folders_of_others_are_left_alone(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", "utf-8")
    with pytest.raises(StoreError):
        dideban.measure_effects(files / "p.parquet", responses=files / "p.responses.csv", out=out, key=bytes(32))
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_names_from_outside_cannot_write_on_the_page(files: Path, tmp_path: Path) -> None:
    table = tmp_path / "r.csv"
    rows = (files / "p.responses.csv").read_text("utf-8").splitlines()
    table.write_text(
        "\n".join([rows[0], *(row.replace("correction", "<script>alert(1)</script>") for row in rows[1:])])
    )
    run(files, tmp_path / "out", responses=table)
    page = (tmp_path / "out" / "effect.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_long_curve_is_added_up() -> None:
    n = 1_000
    curve = {
        "hour": [float(hour) for hour in range(-72, n - 72)],
        **{name: [1.0] * n for name in ("treated", "low", "middle", "high")},
    }
    drawn = draw_curve(curve)
    assert drawn is not None
    assert drawn["treated"].count("L") < 240
    assert drawn["most"] == pytest.approx(1.0)
    assert draw_curve({}) is None


def test_it_is_said_in_persian(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIDEBAN_LANG", "fa")
    _, text = run(files, tmp_path / "out")
    assert "فرستهٔ کمتر" in text


def test_narratives_can_be_the_targets(files: Path, tmp_path: Path) -> None:
    folder = tmp_path / "nar"
    folder.mkdir()
    posts = pl.read_parquet(files / "p.parquet")
    members = posts.select(
        post_id=pl.format("{}/{}", pl.lit("unknown"), "post_id"), narrative_id=pl.col("urls").list.first()
    )
    members.write_parquet(folder / "posts.parquet")
    found = dideban.measure_effects(
        files / "p.parquet", responses=files / "p.responses.csv", narratives=folder, out=tmp_path / "out", key=bytes(32)
    )
    assert any(one.identifiable for one in found.effects)
