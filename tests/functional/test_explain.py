"""``dideban explain`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dideban.findings.explain import explain_finding
from dideban.findings.model import BenignCheck, Finding, Leader, SharedObject, TraceEvidence
from dideban.findings.statements import StatedClaim, StatedPart, write_statements
from dideban.store import write_findings


def make_finding(n: int, *, lead: bool = False) -> Finding:
    accounts = [f"account{i}" for i in range(n)]
    claim = StatedClaim(
        method="synchrony", n_accounts=n, parts=(StatedPart(kind="link", n_objects=31, window_s=600.0),), lead=lead,
        label="unexplained", chance_one_in=20_000.0, error_rate=None if lead else 0.05, min_weight=2,
    )  # fmt: skip
    at = "2024-03-01T00:00:00Z"
    return Finding(
        method="synchrony", method_version="1", config_digest="0" * 16, lead=lead, label="unexplained",
        accounts=accounts, period=[at, "2024-03-02T00:00:00Z"],
        traces=[TraceEvidence(kind="link", scale_s=600.0, n_objects=31, n_posts=90, n_pairs=120, expected_pairs=9.46, p_value=4e-5, e_value=310.0)],
        error_rate=claim.error_rate, e_value=310.0, p_value=4e-5, chance_one_in=20_000.0, n_objects=31,
        objects=[SharedObject(kind="link", id="u", label="https://example.org/\x1b[2J\u202egnp", n_accounts=n, n_posts=n, first_at=at, last_at=at)],
        leaders=[Leader(account_id=a, n_objects=20, median_lag_s=float(i), n_first=3) for i, a in enumerate(accounts)],
        burst={"n_bursts": 31.0, "median_span_s": 240.5, "median_accounts": 5.0},
        benign=[BenignCheck(check="own-domain", outcome="no-sign", detail="saw it", details={"en": "saw it", "fa": "دیده شد", "ar": "رُصد"})],
        techniques=[{"id": "T0115", "name": "Post Content", "values": {}, "why": {"en": "pushed links"}}],
        statement=write_statements(claim), posts=["x/1", "x/2"],
    )  # fmt: skip


@pytest.fixture
def scan(tmp_path) -> Path:
    """The folder of a scan with two findings and a lead."""
    write_findings(tmp_path / "findings.json", [make_finding(14), make_finding(5), make_finding(3, lead=True)], run={})
    return tmp_path


def test_several_findings_are_listed(run, scan):
    done = run("explain", scan)
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines)) == (0, 3)
    assert lines[0].startswith(make_finding(14).id)
    assert "(lead)" in lines[2]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            [
                "These 14 accounts shared 31 of the same links",
                "120 pairs of shares within 10 minutes; 9.5 expected by chance",
                "saw it",
                "T0115 Post Content",
                "x/2",
            ],
        ),
        ("fa", ["این ۱۴ حساب", "۱۲۰ جفت انتشار", "دیده شد", "توضیح‌های عادی"]),
        ("ar", ["وعددها ١٤ حسابًا", "رُصد", "التفسيرات العادية"]),
    ],
)
def test_one_finding_is_explained_with_its_evidence(run, scan, lang, words):
    done = run("explain", scan / "findings.json", make_finding(14).id[:9], "--lang", lang)
    assert done.returncode == 0
    assert [word for word in words if word not in done.stdout] == []


def test_data_cannot_steer_the_terminal(run, scan):
    done = run("explain", scan, make_finding(14).id)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "https://example.org/" in done.stdout


def test_headings_are_the_same_in_every_language():
    heads = {lang: explain_finding(make_finding(14), lang=lang).splitlines() for lang in ("en", "fa", "ar")}
    assert len({len(lines) for lines in heads.values()}) == 1


def test_long_lists_are_cut_and_counted(run, tmp_path):
    write_findings(tmp_path / "findings.json", [make_finding(30)], run={})
    done = run("explain", tmp_path)
    assert done.stdout.count("  account") == 20
    assert "… +10" in done.stdout


def test_an_unknown_id_lists_what_is_there(run, scan):
    done = run("explain", scan, "fzzz")
    assert done.returncode == 11
    assert make_finding(14).id in done.stderr


def test_no_findings(run, tmp_path):
    write_findings(tmp_path / "findings.json", [], run={})
    done = run("explain", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no findings\n")


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"schema":"dideban.findings/2","findings":[{}]}', b"\xff"])
def test_what_holds_no_findings_exits_14(run, tmp_path, content):
    path = tmp_path / "f.json"
    if content is not None:
        path.write_bytes(content)
    done = run("explain", path)
    assert done.returncode == 14
    assert "Traceback" not in done.stderr


def test_usage(run, scan):
    assert run("explain").returncode == 2
    assert run("explain", scan, "--lang", "de").returncode == 2
