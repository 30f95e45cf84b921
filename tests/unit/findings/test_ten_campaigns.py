"""From the list alone one can say what each of ten campaigns pushed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.evidence import link_accounts
from dideban.findings import make_findings
from dideban.findings.headline import headline
from dideban.messages import say
from dideban.schema import GROUPS, POSTS
from dideban.traces import extract_traces

START = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
CAMPAIGNS: dict[str, list[dict[str, Any]]] = {
    "river dam": [{"text": "Stop the river dam before the valley drowns, neighbours!"}],
    "سد رودخانه": [{"text": "جلوی ساختن سد رودخانه را بگیرید پیش از آن‌که دره زیر آب برود"}],
    "خزان المدينة": [{"text": "ماء خزان المدينة لا يصلح للشرب منذ أسبوع كامل"}],
    "#strike #bus #harbour": [{"text": "", "hashtags": ["strike", "bus", "harbour"]}] * 3
    + [{"text": "", "hashtags": ["strike", "tram", "harbour"]}],
    "pension reform explained": [
        {"text": "", "urls": ["https://daily.example/2024/pension-reform-explained"]},
        {"text": "", "urls": ["https://daily.example/2024/0012"]}],
    "Bus fares double": [{"text": f"Bus fares double in May {url}", "urls": [url]} for url in (
        "https://wire.example/a/1", "https://wire.example/a/2")],
    "Their mayor sold": [{"text": "Their mayor sold the old mill", "media": ["0f0f0f0f0f0f0f0f"]}],
    "The clinic closes": [{"text": "😡😡😡\n@all #now\nThe clinic closes on Friday and nobody was asked\nlink below"}],
    "vaccines": [{"text": "\u202eDoctors hide the list of vaccines\u202c from parents"}],
    "one picture": [{"text": "", "media": ["00ff13ff70ff02ff"]}, {"text": "", "media": ["13ff00ff02ff70ff"]}],
}  # fmt: skip
"""What must be read in the headline, and the posts of the campaign."""


def planted() -> tuple[pl.DataFrame, pl.DataFrame]:
    """POSTS of ten campaigns of five accounts amid greetings that everybody posts, and their GROUPS."""
    rows: list[dict[str, Any]] = []
    for i, posts in enumerate(CAMPAIGNS.values()):
        for j in range(5):
            shared = [*posts, {"text": "Good morning, dear friends, wherever you are"}]
            rows += [row(f"c{i}a{j}", len(rows) + k, 3600 * k + 7 * j, post) for k, post in enumerate(shared)]
    crowd = [{"text": "Good morning, dear friends, wherever you are"}] * 40
    rows += [row(f"other{n}", len(rows) + n, 7_200 + 3 * n, post) for n, post in enumerate(crowd)]
    groups = [(i, f"c{i}a{j}", 1.0) for i in range(len(CAMPAIGNS)) for j in range(5)]
    empty = POSTS.empty()
    posts = pl.DataFrame(rows, schema_overrides={"media": pl.List(pl.String), "urls": pl.List(pl.String)})
    return pl.concat([empty, posts], how="diagonal_relaxed").select(POSTS.names), pl.DataFrame(
        groups, schema=GROUPS.dtypes, orient="row"
    )


def row(account: str, number: int, seconds: float, given: dict[str, Any]) -> dict[str, Any]:
    at = START + dt.timedelta(seconds=seconds)
    return {
        "post_id": f"{account}-{number}", "account_id": account, "platform": "x", "created_at": at,
        "text": None, "urls": [], "hashtags": [], "media": [], "mentions": [], **given,
    }  # fmt: skip


def test_ten_findings_are_told_apart_by_their_headlines() -> None:
    posts, groups = planted()
    config = dataclasses.replace(Config(), method="threshold")
    found = extract_traces(posts.lazy(), config=config.traces)
    traces, objects = found.traces, found.objects
    edges = link_accounts(traces, config=config.coshare)
    findings, _ = make_findings(groups, edges=edges, traces=traces, objects=objects, posts=posts.lazy(), config=config)
    titles = {finding.accounts[0][:2]: say(headline(finding.objects).message(), "en") for finding in findings}
    assert len(titles) == len(set(titles.values())) == len(CAMPAIGNS)
    assert {name: titles[f"c{i}"] for i, name in enumerate(CAMPAIGNS) if name not in titles[f"c{i}"]} == {}
