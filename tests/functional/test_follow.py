"""``dideban scan --after`` and ``dideban follow``: the same groups from one scan to the next."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest

from dideban.store import read_findings, verify_package

CREW, OTHERS = [f"crew{i}" for i in range(5)], [f"fan{i}" for i in range(4)]


def write_day(path: Path, *, day: int, groups: list[list[str]]) -> Path:
    """Posts of one day: each group shares eight links of its own within seconds."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["post_id", "account_id", "created_at", "urls"])
        for g, members in enumerate(groups):
            for hour in range(8):
                for i, account in enumerate(members):
                    at = f"2024-03-{day:02d}T{hour + 4:02d}:{10 + g:02d}:{3 * i:02d}Z"
                    rows.writerow([f"{day}-{g}-{hour}-{i}", account, at, f"https://site{g}.example/{day}/{hour}"])
    return path


@pytest.fixture
def days(tmp_path, run):
    """Two scans: the crew grows by one, the fans are gone, newcomers appear."""
    rule = ("--method", "threshold", "--min-weight", 3, "--key-file", tmp_path / "key")
    first = write_day(tmp_path / "1.csv", day=1, groups=[CREW, OTHERS])
    second = write_day(tmp_path / "2.csv", day=2, groups=[[*CREW, "late"], ["new0", "new1", "new2"]])
    assert run("scan", first, "--out", tmp_path / "one", *rule)[0] == 0
    code, said, _ = run("scan", second, "--out", tmp_path / "two", "--after", tmp_path / "one", *rule)
    assert code == 0
    return tmp_path, said


def test_groups_keep_their_ids_from_scan_to_scan(days):
    folder, said = days
    one, two = (read_findings(folder / name / "findings.json")[0] for name in ("one", "two"))
    ids = {len(f.accounts): f.group_id for f in one}
    assert {len(f.accounts): f.group_id for f in two}[6] == ids[5]
    assert len({f.group_id for f in [*one, *two]}) == 3
    assert all(f.group_id.startswith("g") and len(f.group_id) == 17 for f in [*one, *two])
    assert "groups since the earlier result: 1 born, 1 grew, 1 ended" in said
    assert f"{ids[5]}  grew from 5 to 6 accounts, 5 stayed" in said
    run = orjson.loads((folder / "two" / "findings.json").read_bytes())["run"]
    assert run["groups"]["followed"] is True
    assert {event["event"] for event in run["groups"]["events"]} == {"born", "grew", "ended"}


def test_packages_hold_although_groups_have_names_of_their_own(days):
    folder, _ = days
    packages = sorted((folder / "two" / "findings").iterdir())
    assert packages
    for package in packages:
        assert b"group_id" not in (package / "finding.json").read_bytes()
        assert verify_package(package).ok


def test_follow_compares_results_that_are_there(days, run):
    folder, _ = days
    code, said, _ = run("follow", folder / "one", folder / "two")
    assert code == 0
    assert "grew from 5 to 6 accounts, 5 stayed" in said
    assert "ended: 4 accounts" in said
    assert said.count("new: ") == 3
    lines = [orjson.loads(line) for line in run("follow", "--json", folder / "one", folder / "two")[1].splitlines()]
    assert [line["event"] for line in lines if line["result"] == str(folder / "one")] == ["born", "born"]
    assert {(line["n_before"], line["n_after"]) for line in lines if line["event"] == "grew"} == {(5, 6)}


def test_a_folder_without_a_history_is_refused_before_anything_is_read(tmp_path, run):
    code, _, said = run("scan", tmp_path / "nothing.csv", "--out", tmp_path / "out", "--after", tmp_path)
    assert code == 10
    assert "history.parquet" in said
    assert not (tmp_path / "out").exists()
    assert run("follow", tmp_path)[0] == 10
