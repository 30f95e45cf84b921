"""``dideban coshare`` as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from dideban.cli import cli
from dideban.cli.console import run_guarded

SHARES = """account_id,object_id,content_id,timestamp_share
ana,o1,p1,1700000000
ben,o1,p2,1700000030
ana,o2,p3,1700000100
ben,o2,p4,1700000101
cy,o1,p5,1700000031
cy,o3,p6,1700000900
dee,o3,p7,1700000960
"""


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in this process, as ``main`` does, in a folder of its own."""

    def call(*arguments, table=SHARES, name="shares.csv"):
        if table is not None:
            (tmp_path / name).write_text(table)
        monkeypatch.chdir(tmp_path)
        for variable in [key for key in os.environ if key.startswith("DIDEBAN")]:
            monkeypatch.delenv(variable)
        monkeypatch.setenv("DIDEBAN_KEY_FILE", str(tmp_path / "key"))
        monkeypatch.setattr(sys, "argv", ["dideban", "coshare", name, *map(str, arguments)])
        capsys.readouterr()
        code = run_guarded(cli)
        return Done(code, *capsys.readouterr())

    return call


def test_as_a_program_of_its_own(tmp_path):
    (tmp_path / "shares.csv").write_text(SHARES)
    program = Path(sys.executable).parent / "dideban"
    command = [str(program), "coshare", "shares.csv", "--window", "60", "--keep-ids", "--out", "edges.csv"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DIDEBAN")}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120, env=clean)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "edges.csv").read_text().splitlines()[1].startswith("ana,ben,2,2,15.5")


def read(path):
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)


@pytest.mark.parametrize("name", ["edges.csv", "edges.parquet"])
def test_threshold(run, tmp_path, name):
    done = run("--window", 60, "--keep-ids", "--out", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    edges = read(tmp_path / name)
    assert edges.columns == [
        "account_a", "account_b", "weight", "n_pairs", "mean_delay_s", "n_posts_a", "n_posts_b", "symmetry", "is_strong",
    ]  # fmt: skip
    assert edges.rows() == [("ana", "ben", 2, 2, 15.5, 2, 2, 1.0, True)]
    assert "1 edges among 2 accounts from 7 shares" in done.stderr
    assert "not proof of concert" in done.stderr


def test_coortweet(run, tmp_path):
    done = run("--window", 60, "--method", "coortweet", "--keep-ids", "--out", "edges.csv")
    assert done.returncode == 0, done.stderr
    edges = read(tmp_path / "edges.csv")
    assert edges.columns == [
        "account_a", "account_b", "weight", "avg_time_delta", "n_content_id", "n_content_id_y", "edge_symmetry_score",
        "weight_threshold",
    ]  # fmt: skip
    assert edges.select("account_a", "account_b", "weight", "weight_threshold").rows() == [
        ("ana", "ben", 2, 1),
        ("ana", "cy", 1, 0),
        ("ben", "cy", 1, 0),
    ]


def test_qut_is_directed(run, tmp_path):
    done = run("--window", 60, "--method", "qut", "--min-weight", 2, "--keep-ids", "--out", "edges.csv")
    assert done.returncode == 0, done.stderr
    edges = read(tmp_path / "edges.csv")
    assert edges.columns == ["account_a", "account_b", "weight", "directed"]
    assert edges.rows() == [("ana", "ben", 2, True), ("ben", "ana", 2, True)]


@pytest.mark.parametrize("method", ["threshold", "coortweet", "qut"])
def test_pseudonyms_change_names_and_nothing_else(run, tmp_path, method):
    assert run("--method", method, "--min-weight", 1, "--keep-ids", "--out", "plain.csv").returncode == 0
    assert run("--method", method, "--min-weight", 1, "--out", "hidden.csv").returncode == 0
    plain, hidden = read(tmp_path / "plain.csv"), read(tmp_path / "hidden.csv")
    ends = ["account_a", "account_b"]
    names = {name for end in ends for name in plain[end]}
    assert names
    assert not names & {name for end in ends for name in hidden[end]}
    assert hidden.equals(hidden.sort(ends))
    weights = [table.drop(ends).sort(pl.all()) for table in (plain, hidden)]
    assert weights[0].equals(weights[1])
    assert run("--method", method, "--min-weight", 1, "--out", "again.csv").returncode == 0
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "hidden.csv").read_bytes()
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_threads_never_change_a_byte(run, tmp_path):
    rows = "".join(f"a{k % 13},o{k % 7},p{k},{1700000000 + k * 11 % 300}\n" for k in range(400))
    table = SHARES.splitlines()[0] + "\n" + rows
    for threads in (1, 3):
        assert run("--threads", threads, "--keep-ids", "--out", f"{threads}.csv", table=table).returncode == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "3.csv").read_bytes()
    assert read(tmp_path / "1.csv").height > 20


def test_columns_can_be_named(run, tmp_path):
    table = SHARES.replace("account_id,object_id,content_id,timestamp_share", "who,what,which,at")
    assert run("--out", "edges.csv", table=table).returncode == 10
    names = ["account_id=who", "object_id=what", "post_id=which", "created_s=at"]
    maps = [part for name in names for part in ("--map", name)]
    done = run(*maps, "--keep-ids", "--out", "edges.csv", table=table)
    assert done.returncode == 0, done.stderr
    assert read(tmp_path / "edges.csv").height == 1


def test_formulas_in_ids_are_inert_in_csv_and_whole_in_parquet(run, tmp_path):
    table = SHARES.replace("ana", "=1+1").replace("ben", "@SUM(A1)")
    assert run("--keep-ids", "--out", "edges.csv", table=table).returncode == 0
    assert run("--keep-ids", "--out", "edges.parquet", table=table).returncode == 0
    assert read(tmp_path / "edges.csv").select("account_a", "account_b").rows() == [("'=1+1", "'@SUM(A1)")]
    assert read(tmp_path / "edges.parquet").select("account_a", "account_b").rows() == [("=1+1", "@SUM(A1)")]


def test_rows_that_cannot_be_used_are_counted(run):
    done = run("--keep-ids", "--out", "edges.csv", table=SHARES + ",o1,p9,1700000000\neve,o1,p10,soon\n")
    assert done.returncode == 0, done.stderr
    assert "2 rows set aside" in done.stderr


def test_no_edges_is_an_answer(run, tmp_path):
    done = run("--window", 0, "--keep-ids", "--out", "edges.csv")
    assert done.returncode == 0, done.stderr
    assert read(tmp_path / "edges.csv").height == 0
    assert (tmp_path / "edges.csv").read_text().startswith("account_a,account_b,weight")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--out", "edges.txt"], 2),
        ([], 2),
        (["--method", "guess", "--out", "edges.csv"], 2),
        (["--window", "-5", "--out", "edges.csv"], 11),
        (["--percentile", "2", "--out", "edges.csv"], 11),
        (["--map", "account_id", "--out", "edges.csv"], 2),
        (["--out", "no/such/folder/edges.csv"], 13),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(run, tmp_path, arguments, code):
    done = run(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert {path.name for path in tmp_path.iterdir()} <= {"shares.csv", "key"}


@pytest.mark.parametrize("table", ["", "account_id,object_id,content_id,timestamp_share\n", "one\n1\n2\n", "\0\1\2"])
def test_tables_without_shares(run, table):
    done = run("--out", "edges.csv", table=table)
    assert done.returncode == 10, done.stderr
    assert "Traceback" not in done.stderr


def test_packed_and_semicolon_tables(run, tmp_path):
    import gzip

    (tmp_path / "shares.gz").write_bytes(gzip.compress(SHARES.replace(",", ";").encode("utf-16")))
    assert run("--keep-ids", "--out", "edges.csv", table=None, name="shares.gz").returncode == 0
    assert read(tmp_path / "edges.csv").height == 1


def test_ragged_rows_are_set_aside(run, tmp_path):
    done = run("--keep-ids", "--out", "edges.csv", table=SHARES + "eve,o1\neve,o1,p11,1700000000,more,and more\n")
    assert done.returncode == 0, done.stderr
    assert "2 rows set aside: row-ragged (2)" in done.stderr
    assert read(tmp_path / "edges.csv").height == 1


def test_numbers_that_are_no_times_are_set_aside(run):
    done = run("--keep-ids", "--out", "edges.csv", table=SHARES + "eve,o1,p12,999999999999999999\n")
    assert done.returncode == 0, done.stderr
    assert "time-out-of-range (1)" in done.stderr


def test_a_missing_table(run):
    done = run("--out", "edges.csv", table=None)
    assert done.returncode == 10
    assert "shares.csv" in done.stderr


def test_an_output_that_cannot_be_written_keeps_the_old_one(run, tmp_path):
    (tmp_path / "edges.csv").mkdir()
    done = run("--out", "edges.csv")
    assert done.returncode == 13
    assert "Traceback" not in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".edges")]


def test_settings_come_from_the_file_and_flags_win(run, tmp_path):
    (tmp_path / "dideban.toml").write_text("[coshare]\nmin_weight = 1\nwindow_s = 0.5\n[ingest]\nkeep_ids = true\n")
    assert run("--window", 60, "--out", "edges.csv").returncode == 0
    edges = read(tmp_path / "edges.csv")
    assert edges.height == 3
    assert edges["account_a"].to_list() == ["ana", "ana", "ben"]
