"""``dideban scan --affiliations``: what is declared stands first, in the summary, on the page and in the document."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest

from dideban.store import verify_package

FAST, SLOW, OTHERS = [f"fast{i}" for i in range(4)], [f"slow{i}" for i in range(3)], [f"other{i}" for i in range(4)]
OWNERS = """
[[owner]]
name = "Fast House"
accounts = ["fast0", "fast1", "fast2", "fast3"]
[[owner]]
name = "خانهٔ آهسته"
accounts = ["slow0", "slow1", "slow2", "slow9"]
[[owner]]
name = "Nobody here"
accounts = ["absent0", "absent1"]
"""


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """One house posts half of its links together within seconds; the other all of them, 24 minutes apart."""
    path = tmp_path / "posts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["post_id", "account_id", "created_at", "urls"])
        for crew, name, step_min in ((FAST, "fast", 0), (SLOW, "slow", 24), (OTHERS, "other", 0)):
            for n in range(16):
                for i, account in enumerate(crew):
                    alone = crew is FAST and n % 2
                    at = f"2024-03-{n + 1:02d}T{6 + i * step_min // 60:02d}:{i * step_min % 60:02d}:{3 * i:02d}Z"
                    link = f"https://{name}.example/{n}/{i if alone else 'all'}"
                    rows.writerow([f"{name}-{n}-{i}", account, at, link])
    (tmp_path / "owners.toml").write_text(OWNERS, "utf-8")
    return path


def test_declared_networks_come_first_everywhere_but_in_packages(tmp_path, posts, run):
    out = tmp_path / "out"
    rule = ("--method", "threshold", "--min-weight", 3, "--key-file", tmp_path / "key")
    code, said, _ = run("scan", posts, "--out", out, *rule, "--affiliations", tmp_path / "owners.toml")
    assert code == 0
    assert "2 declared networks" in said
    assert said.index("خانهٔ آهسته") < said.index("Fast House") < said.index("[no declared owner]")
    flat = " ".join(said.split())
    assert "[declared] 3 accounts: the closest two share 100% of the links of the smaller one" in flat
    assert "[declared] 4 accounts: the closest two share 50% of the links of the smaller one" in flat
    document = orjson.loads((out / "findings.json").read_bytes())
    networks = document["run"]["declared_networks"]
    assert [(one["owner"], one["share"], one["n_declared"]) for one in networks] == [
        ("خانهٔ آهسته", 1.0, 4), ("Fast House", 0.5, 4),
    ]  # fmt: skip
    assert networks[0]["findings"] == []  # 24 minutes apart: no finding by a window of a minute
    assert networks[1]["findings"] == [f["id"] for f in document["findings"] if f["label"] == "declared"]
    assert len(networks[1]["findings"]) == 1
    slow = networks[0]["kinds"][0]
    assert (slow["n_later"], slow["n_minute"], slow["n_hour"], slow["outside"]) == (32, 0, 32, None)
    page = (out / "report.html").read_text("utf-8")
    assert page.index("خانهٔ آهسته") < page.index('id="list-findings"')
    packages = sorted((out / "findings").iterdir())
    assert len(packages) == 2
    for package in packages:  # about one finding: it travels without what others declared
        assert "خانهٔ آهسته" not in (package / "report.html").read_text("utf-8")
        assert verify_package(package).ok


def test_the_list_of_owners_changes_no_group_and_without_it_nothing_is_said(tmp_path, posts, run):
    rule = ("--method", "threshold", "--min-weight", 3, "--key-file", tmp_path / "key")
    run("scan", posts, "--out", tmp_path / "with", *rule, "--affiliations", tmp_path / "owners.toml")
    code, said, _ = run("scan", posts, "--out", tmp_path / "without", *rule)
    assert code == 0
    assert "declared network" not in said
    documents = [orjson.loads((tmp_path / name / "findings.json").read_bytes()) for name in ("with", "without")]
    assert "declared_networks" not in documents[1]["run"]
    groups = [[(f["accounts"], f["objects"]) for f in one["findings"]] for one in documents]
    assert sorted(groups[0], key=str) == sorted(groups[1], key=str)
