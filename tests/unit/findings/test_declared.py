"""Declared networks against an obvious twin: sets and loops."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.findings import Affiliations
from dideban.findings.declared import KINDS, LEAST, DeclaredNetwork, describe_declared
from dideban.schema import POSTS, TRACES

START = datetime(2026, 3, 2, tzinfo=UTC)
Row = tuple[str, str, str, float]


def traces_of(rows: Sequence[Row]) -> pl.DataFrame:
    """TRACES of (account, kind, object, seconds)."""
    full = [
        dict.fromkeys(TRACES.names)
        | {"account_id": a, "object_kind": kind, "object_id": o, "created_at": START + timedelta(seconds=s), "post_id": f"x/{i}"}
        for i, (a, kind, o, s) in enumerate(rows)
    ]  # fmt: skip
    return TRACES.check(pl.DataFrame(full, schema=TRACES.dtypes))


def posts_of(rows: Sequence[Row]) -> pl.LazyFrame:
    """POSTS that carry what the rows say; a text is its object's name in a sentence, shortened to nothing for none."""
    full = [
        dict.fromkeys(POSTS.names)
        | {"post_id": str(i), "account_id": a, "platform": "x", "source": "t", "created_at": START + timedelta(seconds=s),
           "urls": [], "hashtags": [], "mentions": [], "media": []}
        | ({"text": f"The people of {o} say that their bridge opens again on Monday."} if kind == "text" else {})
        | ({"urls": [f"https://site.example/{o}", f"https://site.example/{o}?utm_source=x"]} if kind == "link" else {})
        | ({"repost_of": o} if kind == "repost" else {})
        | ({"media": [o]} if kind == "media" else {})
        | ({"text": f"hi {o}"} if kind == "reply" else {})
        for i, (a, kind, o, s) in enumerate(rows)
    ]  # fmt: skip
    return POSTS.check(pl.DataFrame(full, schema=POSTS.dtypes)).lazy()


def describe(rows: Sequence[Row], owners: Affiliations) -> list[DeclaredNetwork]:
    return describe_declared(traces_of(rows), posts=posts_of(rows), affiliations=owners)


def owners_of(**accounts: Sequence[str]) -> Affiliations:
    return Affiliations.from_dict({"owner": [{"name": n, "accounts": list(a)} for n, a in accounts.items()]})


def copies(accounts: Sequence[str], n: int, *, first: int = 0, lag_s: float = 60.0, kind: str = "text") -> list[Row]:
    """Each account posts the same ``n`` objects, one after another."""
    return [
        (a, kind, f"{kind}{i}", i * 10_000 + j * lag_s) for i in range(first, first + n) for j, a in enumerate(accounts)
    ]


def test_networks_with_most_in_common_come_first() -> None:
    rows = [
        *copies(["a1", "a2"], 20),
        *copies(["b1", "b2"], 10, first=100),
        *copies(["b1"], 30, first=200),
        *copies(["b2"], 30, first=300),
        *copies(["c1", "c2"], 3, first=400),
        *copies(["alone"], 20, first=500),
    ]
    owners = owners_of(C=["c1", "c2"], B=["b1", "b2"], A=["a1", "a2", "a3"], D=["alone", "absent"])
    found = describe(rows, owners)
    assert [(one.owner, one.share, one.n_declared, one.accounts) for one in found] == [
        ("A", 1.0, 3, ["a1", "a2"]),
        ("B", 0.25, 2, ["b1", "b2"]),
        ("C", 0.0, 2, ["c1", "c2"]),  # fewer than LEAST texts: nothing is said
    ]
    (text,) = found[0].kinds
    assert (text.n_objects, text.n_joint, text.n_later, text.median_lag_s, text.inside, text.outside) == (40, 20, 20, 60.0, 1.0, None)  # fmt: skip
    assert (text.n_minute, text.n_hour, text.n_day) == (20, 20, 20)


def test_an_account_outside_that_comes_closer_is_seen_but_not_named() -> None:
    rows = [
        *copies(["a1", "a2", "stranger"], 6),
        *copies(["a1", "stranger"], 10, first=100),
        *copies(["a2"], 10, first=200),
    ]
    (one,) = describe(rows, owners_of(A=["a1", "a2"]))
    assert (one.kinds[0].inside, one.kinds[0].outside) == (0.375, 1.0)
    assert "stranger" not in str(one.to_dict())


def test_an_account_of_two_owners_counts_for_both() -> None:
    rows = copies(["paper", "radio", "tv"], 12)
    found = describe(rows, owners_of(Paper=["paper", "radio"], Holding=["paper", "radio", "tv"]))
    assert {one.owner: (len(one.accounts), one.kinds[0].outside) for one in found} == {
        "Paper": (2, 1.0),
        "Holding": (3, None),
    }


def test_links_speak_where_there_are_no_texts_and_hashtags_never() -> None:
    rows = [*copies(["a", "b"], 12, kind="link"), *copies(["a", "b"], 50, kind="hashtags")]
    (one,) = describe(rows, owners_of(A=["a", "b"]))
    assert [kind.kind for kind in one.kinds] == ["link"]
    assert one.share == 1.0


@pytest.mark.parametrize("owners", [Affiliations(), owners_of(A=[]), owners_of(A=["one"]), owners_of(A=["x", "y"])])
def test_nothing_declared_nothing_said(owners: Affiliations) -> None:
    assert describe(copies(["one", "two"], 12), owners) == []
    assert describe([], owners) == []


ROWS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["text", "link", "reply"]),
              st.integers(0, 24).map(lambda i: f"o{i:02d}"), st.sampled_from([0.0, 30.0, 60.0, 4_000.0, 90_000.0])),
    max_size=250,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(rows=ROWS, mixed=st.randoms(use_true_random=False))
def test_the_same_as_counting_by_hand_in_any_order(rows: list[Row], mixed: object) -> None:
    owners = owners_of(One=["a", "b", "c"], Two=["c", "d"])
    found = describe(rows, owners)
    again = list(rows)
    mixed.shuffle(again)  # type: ignore[attr-defined]
    assert describe(again, owners) == found
    assert {one.owner: one.kinds and [_plain(k) for k in one.kinds] for one in found} == {
        owner.name: by_hand(rows, sorted(owner.accounts))
        for owner in owners.owners
        if by_hand(rows, sorted(owner.accounts))
    }


def _plain(kind: object) -> dict[str, object]:
    return dict(vars(kind))


def by_hand(rows: Sequence[Row], members: Sequence[str]) -> list[dict[str, object]]:
    first: dict[tuple[str, str, str], float] = {}
    for account, kind, thing, at in rows:
        if kind in KINDS:
            first[account, kind, thing] = min(at, first.get((account, kind, thing), at))
    if len({account for account, _, _ in first} & set(members)) < 2:
        return []
    result: list[dict[str, object]] = []
    for kind in KINDS:
        held = {a: {o: at for (b, k, o), at in first.items() if (b, k) == (a, kind)} for a in "abcdef"}
        mine = {o for a in members for o in held[a]}
        if not mine:
            continue
        lags = []
        n_joint = 0
        for thing in mine:
            times = sorted(held[a][thing] for a in members if thing in held[a])
            n_joint += len(times) > 1
            lags += [at - times[0] for at in times[1:]]
        result.append({
            "kind": kind, "n_objects": sum(len(held[a]) for a in members), "n_joint": n_joint, "n_later": len(lags),
            "n_minute": sum(lag <= 60 for lag in lags), "n_hour": sum(lag <= 3600 for lag in lags),
            "n_day": sum(lag <= 86400 for lag in lags), "median_lag_s": statistics.median(lags) if lags else None,
            "inside": closest(held, itertools.combinations(members, 2)),
            "outside": closest(held, ((a, b) for a in members for b in "abcdef" if b not in members)),
        })  # fmt: skip
    return result


def closest(held: dict[str, dict[str, float]], pairs: object) -> float | None:
    shares = [
        round(len(held[a].keys() & held[b].keys()) / min(len(held[a]), len(held[b])), 6)
        for a, b in pairs  # type: ignore[attr-defined]
        if min(len(held[a]), len(held[b])) >= LEAST and held[a].keys() & held[b].keys()
    ]
    return max(shares, default=None)
