"""A small world of posts, its findings, and a package of one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from dideban.config import Config
from dideban.evidence import link_accounts
from dideban.findings import Affiliations, Finding, make_findings
from dideban.findings.affiliations import Owner
from dideban.groups import cluster_accounts
from dideban.schema import POSTS
from dideban.store import package_posts, write_package
from dideban.store.page import package_page
from dideban.traces import extract_traces

START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
CREW = [f"crew{i}" for i in range(5)]
WORDS = [
    "river",
    "bridge",
    "market",
    "school",
    "harvest",
    "winter",
    "lantern",
    "teacher",
    "garden",
    "council",
    "railway",
    "station",
    "doctor",
    "bakery",
    "orchard",
    "museum",
    "library",
    "festival",
    "election",
    "budget",
    "kitchen",
    "mountain",
    "harbour",
    "pilot",
    "engine",
    "curtain",
    "mirror",
    "pencil",
    "blanket",
]


def make_posts(*, seed: int = 1) -> pl.DataFrame:
    """POSTS: a crew that pushes links, texts and reposts together among people who share the same."""
    chance = random.Random(seed)
    rows: list[dict] = []

    def post(account: str, seconds: float, **more: object) -> None:
        plain = {"urls": [], "hashtags": [], "mentions": [], "media": []}
        name = str(len(rows) + 1)
        at = START + dt.timedelta(seconds=seconds)
        rows.append(
            {
                "post_id": name,
                "account_id": account,
                "platform": "x",
                "source": "made",
                "created_at": at,
                **plain,
                **more,
            }
        )

    for i in range(8):
        post(f"author{i}", i * 7200.0, text=" ".join(chance.choices(WORDS, k=9)))
        original = str(len(rows))
        text = " ".join(chance.choices(WORDS, k=16))
        for account in CREW:
            post(account, i * 7200 + 60 + chance.random() * 45, urls=[f"https://news{i % 2}.example.org/{i}"])
            post(account, i * 7200 + 900 + chance.random() * 45, text=f"{text} {chance.choice(WORDS)}")
            post(account, i * 7200 + 1800 + chance.random() * 45, repost_of=original)
        for _ in range(25):
            account = f"reader{chance.randrange(60)}"
            post(account, i * 7200 + chance.random() * 3600, urls=[f"https://news{i % 2}.example.org/{i}"])
            post(f"reader{chance.randrange(60)}", i * 7200 + chance.random() * 5400, repost_of=original)
    post("crew0", 90_000.0, urls=["https://alone.example.org/"])
    return pl.DataFrame(rows, schema=POSTS.dtypes)


@dataclass(frozen=True)
class World:
    """Everything a scan would hold."""

    config: Config
    posts: pl.DataFrame
    traces: pl.DataFrame
    edges: pl.DataFrame
    groups: pl.DataFrame
    findings: list[Finding]
    shares: pl.DataFrame
    affiliations: Affiliations

    @property
    def finding(self) -> Finding:
        """The finding about the crew."""
        return next(finding for finding in self.findings if set(CREW) <= set(finding.accounts))

    def extra(self, **more: object) -> dict:
        """What a manifest of this run says."""
        cut = self.affiliations.only(self.finding.accounts)
        return {"config": self.config.to_dict(), "seed": 1, "affiliations": cut.to_dict(), **more}

    def write(self, folder: Path, **more: object) -> Path:
        """Write the package of the finding."""
        parts = package_posts(self.posts, traces=self.traces, shares=self.shares)
        part = next(p for p in parts if p.finding_id == self.finding.id)
        page = package_page(
            self.finding, posts=part.posts, shares=self.shares.filter(finding_id=self.finding.id), edges=self.edges,
            config=self.config, seed=1,
        )  # fmt: skip
        arguments = {
            "posts": part.posts,
            "edges": self.edges,
            "clusters": part.clusters,
            "others": part.others,
            "report_html": page,
            "manifest_extra": self.extra(),
        }
        return write_package(self.finding, folder=folder, **{**arguments, **more})


@pytest.fixture(scope="session")
def world() -> World:
    """A scanned world."""
    posts = make_posts()
    config = dataclasses.replace(Config(), method="threshold")
    found = extract_traces(posts, config=config.traces)
    edges = link_accounts(found.traces, config=config.coshare)
    groups = cluster_accounts(edges, config=config.groups, seed=config.seed)
    owner = Owner(name="Press", kind="brand", accounts=frozenset(["crew0", "crew1"]), domains=frozenset())
    affiliations = Affiliations((owner,))
    findings, shares = make_findings(
        groups, edges=edges, traces=found.traces, objects=found.objects, posts=posts.lazy(), config=config,
        affiliations=affiliations,
    )  # fmt: skip
    return World(config, posts, found.traces, edges, groups, findings, shares, affiliations)


@pytest.fixture
def package(world, tmp_path) -> Path:
    """A package folder."""
    return world.write(tmp_path / world.finding.id)
