"""A kind of object that the project does not have, added as one record: it goes through everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

RECORD = """
import sys

from dideban import kinds

kinds.KINDS = (
    *kinds.KINDS,
    kinds.Kind(slug="spot", extractor="spots", meaning="a place named", named="the place", words="object", is_words=True),
)
from dideban.cli import main

sys.exit(main())
"""
"""What ``kinds.py`` would hold more, before the program starts as always."""
EXTRACTOR = """
import polars as pl

from dideban.traces.tables import Found, PostColumns, plain_labels


def find(table: PostColumns) -> Found:
    events = table.column("place").rename({"place": "object_id"})
    shared = table.shared(events)
    return Found(events=shared, objects=plain_labels(shared), n_traces=events.height)
"""
HEAD = "post_id,account_id,platform,created_at,text,place\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kind")
    (folder / "program.py").write_text(RECORD)
    (folder / "spots.py").write_text(EXTRACTOR)
    rows = [
        f"{5 * n + m},account {m},x,2024-05-01T{n:02d}:00:{3 * m:02d}Z,words {n} {m},Spot {n}\n"
        for n in range(12)
        for m in range(5)
    ]
    (folder / "posts.csv").write_text(HEAD + "".join(rows))
    result = run(folder, "scan", "posts.csv", "--out", "out", "--method", "threshold", "--keep-ids")
    assert result.returncode == 0, result.stderr
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    environment |= {"DIDEBAN_TRACES__KINDS": "spot", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "program.py", *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=False, timeout=300, encoding="utf-8",
    )  # fmt: skip


def finding(folder: Path) -> dict[str, object]:
    (found,) = json.loads((folder / "out" / "findings.json").read_text("utf-8"))["findings"]
    return dict(found)


def test_it_is_found_and_said_in_every_language(folder: Path) -> None:
    found = finding(folder)
    assert (found["n_accounts"], found["n_objects"]) == (5, 12)
    assert [trace["kind"] for trace in found["traces"]] == ["spot"]  # type: ignore[attr-defined]
    statement: dict[str, str] = found["statement"]  # type: ignore[assignment]
    assert "shared 12 of the same objects" in statement["en"]
    assert "۱۲ محتوای یکسان" in statement["fa"]
    assert "١٢ مادة مشتركة" in statement["ar"]
    for lang in statement:
        explained = run(folder, "explain", "out", str(found["id"]), "--lang", lang)
        assert explained.returncode == 0, explained.stderr
        assert "Spot 7" in explained.stdout


def test_it_is_in_the_report_and_in_every_export(folder: Path) -> None:
    out, name = folder / "out", str(finding(folder)["id"])
    report = (out / "report.html").read_text("utf-8")
    assert "<bdi>spot</bdi>" in report  # a kind without words of its own is named as it is
    assert "Spot 7" in report
    assert "spot" in (out / "findings.csv").read_text("utf-8-sig")
    for network in ("network.gexf", "network.graphml"):
        assert "spot" in (out / network).read_text("utf-8")
    with zipfile.ZipFile(out / "findings.xlsx") as book:
        assert b"Spot 7" in b"".join(book.read(one) for one in book.namelist())
    verified = run(folder, "verify", f"out/findings/{name}")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_whoever_does_not_know_the_kind_says_so(folder: Path) -> None:
    package = folder / "out" / "findings" / str(finding(folder)["id"])
    plain = subprocess.run(
        [str(Path(sys.executable).with_name("dideban")), "verify", str(package)], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert plain.returncode not in (0, 1), plain.stdout
    assert "Traceback" not in plain.stderr
