"""Small worlds with a group that acts in concert."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from types import SimpleNamespace

import polars as pl
import pytest

from dideban.config import Config
from dideban.evidence import link_accounts
from dideban.findings import Finding, make_findings
from dideban.schema import EDGES, GROUPS, PROOF_TRACES, PROOFS, TRACES

START = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def make_traces(rows: list[tuple[str, str, str, float]]) -> pl.DataFrame:
    """TRACES from (account, kind, object, seconds after START); posts are numbered."""
    return pl.DataFrame(
        [
            (account, kind, name, f"x/{i:05d}", START + dt.timedelta(seconds=seconds))
            for i, (account, kind, name, seconds) in enumerate(rows)
        ],
        schema=TRACES.dtypes,
        orient="row",
    )


def make_groups(*groups: list[str]) -> pl.DataFrame:
    """GROUPS from lists of accounts."""
    rows = [(i, account, 1.0) for i, accounts in enumerate(groups) for account in accounts]
    return pl.DataFrame(rows, schema=GROUPS.dtypes, orient="row")


def make_objects(traces: pl.DataFrame, *, origin: str | None = None) -> pl.DataFrame:
    """OBJECTS of traces, labelled by their ids."""
    return (
        traces.select("object_kind", "object_id")
        .unique()
        .with_columns(
            born_at=pl.lit(None, pl.Datetime("us", "UTC")), origin=pl.lit(origin, pl.String), label="object_id"
        )
    )


def make_proofs(*rows: tuple[int, float, float, bool]) -> pl.DataFrame:
    """PROOFS from (group, p, e, lead)."""
    full = [(ix, p, e, 20_000, lead, "group" if lead else "exchange") for ix, p, e, lead in rows]
    return pl.DataFrame(full, schema=PROOFS.dtypes, orient="row")


def make_proof_traces(*rows: tuple[int, str, float, float]) -> pl.DataFrame:
    """PROOF_TRACES from (group, kind, scale, p)."""
    full = [(ix, kind, scale, 5, 7, 1.5, p, 1 / p) for ix, kind, scale, p in rows]
    return pl.DataFrame(full, schema=PROOF_TRACES.dtypes, orient="row")


def chorus(accounts: list[str], *, n: int, kind: str = "link", seed: int = 1, spread: float = 40.0) -> list[tuple]:
    """Every account shares each of ``n`` objects, an hour apart, within ``spread`` seconds."""
    chance = random.Random(seed)
    return [
        (account, kind, f"https://example.org/{kind}{i}", 3600 * i + chance.random() * spread)
        for i in range(n)
        for account in accounts
    ]


NO_POSTS = pl.LazyFrame(schema={"platform": pl.String, "post_id": pl.String, "text": pl.String})


def find(traces: pl.DataFrame, groups: pl.DataFrame, **more: object) -> tuple[list[Finding], pl.DataFrame]:
    """make_findings with everything not at issue filled in; a threshold rule unless proofs are given."""
    config = dataclasses.replace(Config(), method="synchrony" if "proofs" in more else "threshold")
    arguments = {
        "edges": EDGES.empty() if "proofs" in more else link_accounts(traces, config=config.coshare),
        "traces": traces,
        "objects": make_objects(traces),
        "posts": NO_POSTS,
        "config": config,
        **more,
    }
    return make_findings(groups, **arguments)


@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    """The makers above."""
    return SimpleNamespace(
        start=START, traces=make_traces, groups=make_groups, objects=make_objects, proofs=make_proofs,
        proof_traces=make_proof_traces, chorus=chorus, find=find,
    )  # fmt: skip


@pytest.fixture(scope="session")
def found_threshold() -> list[Finding]:
    """Findings of a threshold rule from posts with links and texts."""
    accounts = ["ana", "bo", "cy", "di"]
    traces = make_traces(chorus(accounts, n=6) + chorus(accounts, n=3, kind="text", seed=2))
    return find(traces, make_groups(accounts))[0]


@pytest.fixture(scope="session")
def found_proved() -> list[Finding]:
    """A proved finding and a lead."""
    a, b = ["ana", "bo", "cy"], ["di", "ed", "fy"]
    traces = make_traces(chorus(a, n=6) + chorus(b, n=4, kind="repost", seed=3))
    proofs = make_proofs((0, 1 / 20_001, 80.0, False), (1, 0.01, 4.0, True))
    kinds = make_proof_traces((0, "link", 60.0, 1 / 20_001), (1, "repost", 60.0, 0.01))
    return find(traces, make_groups(a, b), proofs=proofs, proof_traces=kinds)[0]
