"""Settings as a person meets them: the same options in every command, and ``dideban config``."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import pytest

from functional.program import dideban

POSTS = "id,writer,at,text\n1,ana,03/04/2024 09:00,one\n2,ben,03/04/2024 09:01,two\n"


@pytest.fixture
def run(tmp_path: Path):
    def go(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return dideban(*arguments, cwd=tmp_path, environment={"DIDEBAN_KEY_FILE": str(tmp_path / "key"), **environment})

    return go


def origin(text: str, key: str) -> str:
    return next(line for line in text.splitlines() if line.startswith((f"{key} ", f"# {key} "))).split("  # ", 1)[1]


def test_config_says_where_each_value_came_from(run, tmp_path):
    (tmp_path / "dideban.toml").write_text("fdr = 0.1\n[coshare]\nwindow_s = 5\nmin_weight = 3\n")
    done = run("config", "--set", "coshare.min_weight=4", DIDEBAN_COSHARE__WINDOW_S="7", DIDEBAN_SEED="1")
    assert done.returncode == 0, done.stderr
    assert origin(done.stdout, "method") == "default"
    assert origin(done.stdout, "fdr") == "dideban.toml; default 0.05"
    assert origin(done.stdout, "window_s") == "DIDEBAN_COSHARE__WINDOW_S; default 60.0"
    assert origin(done.stdout, "min_weight") == "--set; default 2"
    assert origin(done.stdout, "seed") == "DIDEBAN_SEED"
    assert origin(done.stdout, "percentile") == "default"
    values = tomllib.loads(done.stdout)
    assert (values["fdr"], values["coshare"]["window_s"], values["coshare"]["min_weight"]) == (0.1, 7.0, 4)
    # What is printed is a settings file: read again, it says the same.
    (tmp_path / "again.toml").write_text(done.stdout)
    assert tomllib.loads(run("config", "--config", "again.toml").stdout) == values


def test_config_refuses_what_no_setting_is(run):
    done = run("config", "--set", "coshare.windw_s=4")
    assert done.returncode == 11
    assert "coshare.window_s" in done.stderr


@pytest.mark.parametrize("how", ["options", "set", "file", "environment"])
def test_inspect_reads_settings_as_scan_does(run, tmp_path, how):
    (tmp_path / "posts.csv").write_text(POSTS)
    toml = "[ingest]\nday_first = true\ntime_zone = 'Asia/Tehran'\n"
    (tmp_path / "mine.toml").write_text(toml)
    options = {
        "options": ["--day-first", "--time-zone", "Asia/Tehran"],
        "set": ["--set", "ingest.day_first=true", "--set", "ingest.time_zone=Asia/Tehran"],
        "file": ["--config", "mine.toml"],
        "environment": [],
    }[how]
    variables = {"DIDEBAN_INGEST__DAY_FIRST": "1", "DIDEBAN_INGEST__TIME_ZONE": "Asia/Tehran"}
    said = variables if how == "environment" else {}
    maps = ["--map", "account_id=writer", "--map", "created_at=at"]
    done = run("inspect", "posts.csv", "--json", *maps, *options, **said)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["parts"][0]["rows"][0]["created_at"] == "2024-04-03 05:30:00+00:00"
    done = run("scan", "posts.csv", "--out", "out", "--quiet", "--method", "threshold", *maps, *options, **said)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "findings.json").read_text())["run"]["period"][0].startswith(
        "2024-04-03T05:30"
    )


@pytest.mark.parametrize("command", ["scan", "inspect", "coshare"])
def test_map_is_the_same_everywhere(run, tmp_path, command):
    (tmp_path / "posts.csv").write_text(POSTS)
    out = [] if command == "inspect" else ["--out", "out.csv"]
    assert "--map FIELD=COLUMN" in run(command, "--help").stdout
    done = run(command, "posts.csv", *out, "--map", "nonsense")
    assert done.returncode == 2
    assert "FIELD=COLUMN, e.g. account_id=author" in done.stderr
    done = run(command, "posts.csv", *out, "--map", "acount_id=writer")
    assert done.returncode == 11
    assert "did you mean 'account_id'?" in done.stderr
    done = run(command, "posts.csv", *out, "--map", "account_id=writter")
    assert done.returncode == 11
    assert "did you mean 'writer'?" in done.stderr


def test_missing_columns_are_asked_for_by_likely_names(run, tmp_path):
    (tmp_path / "posts.csv").write_text("row,posted_by_user,day and hour,words\n1,ana,2024-05-01,one\n")
    done = run("inspect", "posts.csv", "--map", "created_at=day and hour")
    assert (done.returncode, "posted_by_user" in done.stdout) == (0, True)  # found by a part of its name
    done = run("coshare", "posts.csv", "--out", "out.csv")
    assert done.returncode == 10
    assert "--map account_id=posted_by_user" in done.stderr


SHARES = "account_id,object_id,content_id,timestamp_share\n" + "".join(
    f"{name},o{k},{name}{k},{100 * k + place}\n" for k in range(4) for place, name in enumerate(("ana", "ben"))
)


@pytest.mark.parametrize("method", ["coortweet", "qut"])
def test_only_what_a_person_says_overrides_the_settings_file(run, tmp_path, method):
    table = SHARES + "ana,x,ax,9000\ncem,x,cx,9001\nana,y,ay,9100\ncem,z,cz,9900\n"
    (tmp_path / "shares.csv").write_text(table)

    def pairs(*options: object) -> int:
        done = run("coshare", "shares.csv", "--method", method, "--keep-ids", "--out", "edges.csv", "--quiet", *options)
        assert done.returncode == 0, done.stderr
        rows = [line.split(",")[:2] for line in (tmp_path / "edges.csv").read_text().splitlines()[1:]]
        return len({frozenset(row) for row in rows})

    assert pairs() == 2  # the peers' libraries give every edge
    (tmp_path / "dideban.toml").write_text("[coshare]\nmin_weight = 3\n")
    assert pairs() == 1
    assert pairs("--min-weight", 1) == 2


def test_a_header_without_rows_in_plain_words(run, tmp_path):
    (tmp_path / "posts.csv").write_text(POSTS.splitlines()[0].replace("writer", "author").replace("at", "time") + "\n")
    for arguments in (["inspect", "posts.csv"], ["scan", "posts.csv", "--out", "out"]):
        done = run(*arguments)
        assert done.returncode == 10
        assert "error: posts.csv: it has a header but no rows" in done.stderr


def test_a_scan_says_what_it_assumed_of_the_times(run, tmp_path):
    (tmp_path / "posts.csv").write_text(POSTS)
    maps = ["--map", "account_id=writer", "--map", "created_at=at"]
    done = run("scan", "posts.csv", "--out", "out", *maps)
    assert done.returncode == 0, done.stderr
    assert "note: posts.csv: dates like 03/04/2024 are read month first; if the day comes first, use" in done.stdout
    assert "times without a zone are read as UTC" in done.stdout
    done = run("scan", "posts.csv", "--out", "out", *maps, "--day-first")
    assert "are read day first" in done.stdout
    assert "period" in (tmp_path / "out" / "findings.json").read_text()
