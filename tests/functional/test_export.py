"""``dideban export`` as a person runs it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest
import stix2

from dideban.store import write_findings
from unit.exchange.made import SECRET, make_finding


@pytest.fixture
def scan(tmp_path) -> Path:
    """The folder of a scan with two findings, one with a package."""
    found = [make_finding(), make_finding(accounts=["a", "b", "c"])]
    write_findings(tmp_path / "findings.json", found, run={})
    package = tmp_path / "findings" / found[0].id
    package.mkdir(parents=True)
    (package / "manifest.json").write_bytes(b"{}")
    return tmp_path


def test_all_findings_become_one_bundle_that_others_parse(run, scan, tmp_path):
    out = tmp_path / "bundle.json"
    code, said, told = run("export", "stix", scan, "--tlp", "green", "--out", out)
    assert (code, said) == (0, "")
    assert "TLP:GREEN" in told
    objects = stix2.parse(out.read_text("utf-8")).objects
    assert sum(one["type"] == "campaign" for one in objects) == 2
    assert hashlib.sha256(b"{}").hexdigest() in out.read_text("utf-8")


def test_standard_output_is_the_bundle_and_the_same_each_time(run, scan):
    chosen = make_finding().id[:9]
    first, again = (run("export", "stix", scan, chosen, "--for-collection") for _ in range(2))
    assert first[1] == again[1]
    assert {one["type"] for one in orjson.loads(first[1])["objects"]} & {
        "extension-definition",
        "language-content",
    } == set()


def test_events_for_misp(run, scan):
    one = orjson.loads(run("export", "misp", scan, make_finding().id)[1])["Event"]
    assert {"name": "tlp:amber+strict"} in one["Tag"]
    assert [report["name"] for report in one["EventReport"]] != []
    several = orjson.loads(run("export", "misp", scan)[1])["response"]
    assert len({event["Event"]["uuid"] for event in several}) == 2


@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_a_preview_writes_nothing_and_names_nobody(run, scan, tmp_path, lang, monkeypatch):
    monkeypatch.setenv("DIDEBAN_LANG", lang)
    out = tmp_path / "none.json"
    code, said, _ = run("export", "stix", scan, make_finding().id, "--preview", "--out", out)
    assert code == 0
    assert not out.exists()
    assert len(said.splitlines()) == 14
    assert SECRET not in said


def test_what_is_not_there_is_said_with_what_is(run, scan):
    code, _, told = run("export", "stix", scan, "f00")
    assert (code, make_finding().id in told) == (11, True)
    code, _, told = run("export", "stix", scan, "--modified", "yesterday")
    assert (code, "yesterday" in told) == (11, True)
