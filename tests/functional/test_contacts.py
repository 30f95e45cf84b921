"""Contacts and short announcements from a file to a finding, and what a stranger may read of people's numbers."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from functional.program import dideban

PUSHED, PRIVATE = "0912 345 6789", "0935 111 2233"
CODES = ["Zorvex", "Quillon", "Tarnick", "Brevolt", "Maskow", "Ferrund", "Olvick", "Dantro", "Heskil", "Yurmen"]
HEAD = "post_id,account_id,platform,created_at,text\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return dideban(*arguments, cwd=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five accounts announce ten coins within seconds, in few words; four give one number, two another."""
    folder = tmp_path_factory.mktemp("contacts")
    rows = []
    for n, code in enumerate(CODES):
        for m in range(5):
            at = f"2024-05-{1 + n // 5:02d}T{(n % 5) * 3:02d}:00:{2 * m:02d}Z"
            rows.append(f"{n}-{m},m{m},x,{at},{code} soon ${code[:4].upper()}\n")
    for m in range(4):
        spelt = (PUSHED, "+98 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "wa.me/989123456789")[m]
        rows.append(f"p{m},m{m},x,2024-05-01T20:00:0{m}Z,Signals every day: {spelt}\n")
    for m in range(2):
        rows.append(
            f"q{m},m{m},x,2024-05-01T21:00:0{m}Z,My bicycle is for sale. Call {PRIVATE} in the evening please\n"
        )
    for n in range(400):
        text = (
            f"Good morning all number {n} of the long conversation about gardens {n % 7}" if n % 4 else "good morning"
        )
        rows.append(f"c{n},c{n % 40},x,2024-05-{1 + n % 20:02d}T{n % 24:02d}:{n % 60:02d}:{n % 53:02d}Z,{text}\n")
    (folder / "posts.csv").write_text(HEAD + "".join(rows), "utf-8")
    done = run(folder, "scan", "posts.csv", "--out", "out", "--method", "threshold", "--keep-ids", "--quiet")
    assert done.returncode == 0, done.stderr
    return folder


def the_finding(folder: Path) -> dict[str, Any]:
    (found,) = json.loads((folder / "out" / "findings.json").read_text("utf-8"))["findings"]
    return dict(found)


def test_few_words_and_what_they_name_are_evidence(folder: Path) -> None:
    found = the_finding(folder)
    assert found["accounts"] == [f"m{m}" for m in range(5)]
    joint = {trace["kind"]: trace["n_objects"] for trace in found["traces"]}
    assert joint["contact"] == 12  # ten coins and two numbers
    assert joint["text"] >= 10  # and the words themselves; a greeting that comes back every day is none
    labels = {one["label"] for one in found["objects"]}
    assert {f"${code[:4].upper()}" for code in CODES} <= labels
    assert not any("good morning" in label.lower() for label in labels)


def test_a_number_is_shown_where_three_members_gave_it(folder: Path) -> None:
    found = the_finding(folder)
    numbers = {one["label"]: one["n_accounts"] for one in found["objects"] if one["id"].startswith("phone:")}
    assert numbers == {"…123456789": 4, "…•••••••33": 2}
    assert all("3456789" not in one["id"] and "1112233" not in one["id"] for one in found["objects"])


def test_no_page_or_table_shows_the_number_of_somebody_else(folder: Path) -> None:
    out = folder / "out"
    name = the_finding(folder)["id"]
    shown = [(out / file).read_text("utf-8") for file in ("report.html", "findings.json", "findings.csv")]
    shown.append((out / "findings" / name / "report.html").read_text("utf-8"))
    shown += [run(folder, "explain", "out", name, "--lang", lang).stdout for lang in ("en", "fa", "ar")]
    with zipfile.ZipFile(out / "findings.xlsx") as book:
        shown.append(b"".join(book.read(one) for one in book.namelist()).decode())
    for text in shown:
        assert PRIVATE not in text
        assert PRIVATE.replace(" ", "") not in text
    assert "•••• ••• ••33" in shown[0]
    assert PUSHED in shown[0]
    kept = pl.read_parquet(out / "findings" / name / "posts.parquet")["text"]
    assert kept.str.contains(PRIVATE, literal=True).any()  # whoever recomputes the finding needs the words


def test_the_package_is_verified(folder: Path) -> None:
    done = run(folder, "verify", f"out/findings/{the_finding(folder)['id']}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_says_what_to_check_next(folder: Path) -> None:
    found = the_finding(folder)
    codes = [step["code"] for step in found["next_steps"]]
    assert 3 <= len(codes) <= 5
    assert codes[0] == "step.two-posts"
    assert codes[-1] == "step.ask"
    report = (folder / "out" / "report.html").read_text("utf-8")
    for step in found["next_steps"]:
        assert set(step["text"]) == {"en", "fa", "ar"}
    assert "What to check next" in report


def test_without_short_texts_and_contacts_there_is_nothing(folder: Path) -> None:
    settings = ["--set", "traces.short_texts=false", "--set", "traces.kinds=text,link"]
    done = run(
        folder, "scan", "posts.csv", "--out", "plain", "--method", "threshold", "--keep-ids", "--quiet", *settings
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "plain" / "findings.json").read_text("utf-8"))["findings"] == []
