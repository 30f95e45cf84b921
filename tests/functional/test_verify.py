"""``dideban verify`` as a person runs it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dideban.config import Config
from dideban.evidence import link_accounts
from dideban.findings import make_findings
from dideban.groups import cluster_accounts
from dideban.schema import POSTS
from dideban.store import package_posts, write_package, zip_package
from dideban.store.page import package_page
from dideban.traces import extract_traces


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A finding package."""
    start = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
    plain = {"platform": "x", "source": "made", "hashtags": [], "mentions": [], "media": []}
    posts = pl.DataFrame(
        [
            {
                "post_id": f"{i}-{a}", "account_id": a, "created_at": start + dt.timedelta(hours=i, seconds=7 * j),
                "text": f"\x1b[31m{a}\u202e", "urls": [f"https://example.org/{i}"], **plain,
            }
            for i in range(5)
            for j, a in enumerate(["ana", "bo", "cy"])
        ],
        schema=POSTS.dtypes,
    )  # fmt: skip
    config = dataclasses.replace(Config(), method="threshold")
    found = extract_traces(posts, config=config.traces)
    edges = link_accounts(found.traces, config=config.coshare)
    groups = cluster_accounts(edges, config=config.groups, seed=1)
    (finding,), shares = make_findings(
        groups, edges=edges, traces=found.traces, objects=found.objects, posts=posts.lazy(), config=config
    )
    (part,) = package_posts(posts, traces=found.traces, shares=shares)
    folder = tmp_path_factory.mktemp("made") / finding.id
    extra = {"config": config.to_dict(), "seed": config.seed, "n_posts_cut": part.n_cut}
    return write_package(
        finding,
        folder=folder,
        posts=part.posts,
        edges=edges,
        report_html=package_page(
            finding, posts=part.posts, shares=shares, edges=edges, config=config, seed=config.seed
        ),
        clusters=part.clusters,
        manifest_extra=extra,
    )


def test_a_package_that_holds(run, made):
    done = run("verify", made)
    assert done.returncode == 0
    assert "FAILS" not in done.stdout
    assert f"{made.name}: all " in done.stdout
    assert done.stderr == ""


def test_a_zip_and_json(run, made, tmp_path):
    done = run("verify", zip_package(made, to=tmp_path / "p.zip"), "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["ok"], document["finding_id"]) == (0, True, made.name)
    assert all(check["ok"] for check in document["checks"])


def test_a_number_changed_is_named_and_exits_14(run, made, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    for path in made.iterdir():
        data = path.read_bytes()
        if path.name == "finding.json":
            document = json.loads(data)
            document["finding"]["n_objects"] += 1
            data = json.dumps(document, ensure_ascii=False, indent=2).encode()
        (folder / path.name).write_bytes(data)
    done = run("verify", folder)
    assert done.returncode == 14
    assert "FAILS  hash of finding.json" in done.stdout
    assert "FAILS  id" in done.stdout
    assert "checks fail: hash of finding.json, id, manifest fields, n_objects" in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.parametrize("content", [None, b"", b"not a zip"])
def test_what_is_no_package_exits_14_with_one_line(run, tmp_path, content):
    path = tmp_path / "p.zip"
    if content is not None:
        path.write_bytes(content)
    done = run("verify", path)
    assert done.returncode == 14
    assert "not a finding package" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_that_did_not_sign(run, made, tmp_path):
    (tmp_path / "key").write_bytes(b"k" * 32)
    done = run("verify", made, "--key", tmp_path / "key")
    assert done.returncode == 14
    assert "FAILS  signature: the package is not signed" in done.stdout
    assert run("verify", made, "--key", tmp_path / "none").returncode == 11


def test_usage(run):
    assert run("verify").returncode == 2


@pytest.mark.slow
def test_as_a_process(made):
    done = subprocess.run(
        [sys.executable, "-c", "from dideban.cli import main; main()", "verify", made],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
