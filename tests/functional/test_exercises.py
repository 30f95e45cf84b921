"""``dideban exercises``: from posts to worksheets."""

from __future__ import annotations

import csv
import json

from dideban.exercises import seed_of
from functional.program import dideban


def test_findings_with_a_verdict_become_exercises_in_three_languages(tmp_path):
    dideban("sample", tmp_path / "posts.csv", "--posts", "6000", "--quiet")
    assert dideban("scan", tmp_path / "posts.csv", "--out", tmp_path / "scan", "--quiet").returncode == 0
    found = json.loads((tmp_path / "scan" / "findings.json").read_text())["findings"]
    with (tmp_path / "verdicts.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["finding_id", "verdict"])
        rows.writerows([one["id"], "false-alarm" if one["lead"] else "confirmed"] for one in found)
        rows.writerow(["f0000000000000000", "confirmed"])
    given = ("exercises", tmp_path / "scan", "--verdicts", tmp_path / "verdicts.csv", "--out", tmp_path / "out")
    made = dideban(*given)
    assert made.returncode == 0, made.stderr
    packages = sorted((tmp_path / "scan" / "findings").iterdir())
    assert seed_of(packages) == seed_of(reversed(packages)) != seed_of(packages[1:])
    assert "no package here" in made.stderr
    for lang in ("en", "fa", "ar"):
        assert len(list((tmp_path / "out" / lang).glob("exercise-*.html"))) == 20
    text = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.html"))
    assert not any(account in text for one in found for account in one["accounts"])
    assert not any(thing["id"] in text for one in found for thing in one["objects"])


def test_a_verdict_file_that_names_nothing_here_is_told(tmp_path):
    (tmp_path / "verdicts.csv").write_text("finding_id,verdict\nf0000000000000000,confirmed\n../..,confirmed\n")
    (tmp_path / "findings").mkdir()
    made = dideban("exercises", tmp_path, "--verdicts", tmp_path / "verdicts.csv", "--out", tmp_path / "out")
    assert made.returncode == 10
    assert "no finding package" in made.stderr
