"""``dideban inspect`` as people run it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from functional.program import dideban

GOOD = "شناسه;کاربر;زمان;متن\n" + "".join(f"{i};کاربر{i};2024-05-01 12:00:{i:02};خبر #پل\n" for i in range(12))


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return dideban("inspect", *args)


def test_it_says_what_a_file_is_and_how_it_would_be_read(tmp_path: Path):
    path = tmp_path / "posts.txt"
    path.write_bytes((GOOD + "99;x;1412/05/01;y\n").encode("cp1256"))
    done = run(path)
    assert done.returncode == 0, done.stderr
    out = done.stdout
    assert "a table mapped by its column names (csv, cp1256, delimiter ';')" in out
    assert "account_id   <- کاربر  (by the name of the column)" in out
    assert "note: times without a zone are read as UTC" in out
    assert out.count("hashtags=['پل']") == 10
    assert "row 13: time-jalali \u2068زمان\u2069 1412/05/01" in out
    assert "urls         missing" in out
    assert "کاربر1 " not in out


def test_json_is_for_programs(tmp_path: Path):
    path = tmp_path / "posts.csv"
    path.write_text(GOOD, encoding="utf-8")
    done = run(path, "--json", "--keep-ids", "--map", "place=متن")
    found = json.loads(done.stdout)
    assert found["parts"][0]["reasons"]["place"] == "named by --map"
    assert found["parts"][0]["n_sample"] == 12
    assert len(found["parts"][0]["rows"]) == 10


def test_a_file_that_cannot_be_used_ends_with_exit_code_10(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("only words\nand more words\n")
    done = run(path)
    assert done.returncode == 10
    assert "single column" in done.stderr
    assert done.stdout == ""  # said once
    assert "Traceback" not in done.stderr
    assert run(tmp_path / "nowhere").returncode == 10


def test_an_unknown_target_ends_with_exit_code_11(tmp_path: Path):
    path = tmp_path / "posts.csv"
    path.write_text(GOOD, encoding="utf-8")
    done = run(path, "--map", "acount_id=کاربر")
    assert done.returncode == 11
    assert "did you mean 'account_id'?" in done.stderr
    assert run(path, "--map", "nonsense").returncode == 2


def test_data_cannot_steer_the_terminal(tmp_path: Path):
    path = tmp_path / "posts.csv"
    path.write_text("id,author,time,text\n1,a,2024-05-01T12:00:00Z,\x1b[31mred\u202eback\x07\n", encoding="utf-8")
    done = run(path, "--keep-ids")
    assert "red" in done.stdout
    assert not {"\x1b", "\u202e", "\x07"} & set(done.stdout)
    assert not {"\x1b", "\u202e", "\x07"} & set(run(path, "--json").stdout)
