"""What to check next: which steps are made from which evidence, and that every finding has three to five."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.findings.facts import Facts
from dideban.findings.model import BenignCheck, Leader, SharedObject
from dideban.findings.next_steps import LEAST_STEPS, MOST_STEPS, closest_posts, suggest_steps
from dideban.messages import Message, languages, say

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
ACCOUNTS = ["ana", "bea", "cai", "dov"]


def leaders(*n_first: int) -> list[Leader]:
    return [
        Leader(account_id=a, n_objects=10, median_lag_s=1.0, n_first=n) for a, n in zip(ACCOUNTS, n_first, strict=True)
    ]


FACTS = Facts(accounts=ACCOUNTS, leaders=leaders(3, 3, 2, 2), n_objects=10, n_shares=40, n_others=5)


def joint(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"object_kind": "link", "object_id": o, "account_id": a, "post_id": f"x/{n}",
             "created_at": START + timedelta(seconds=s)}
            for n, (o, a, s) in enumerate(rows)
        ]
    )  # fmt: skip


SHARES = joint(("p", "ana", 0), ("p", "bea", 5), ("p", "cai", 7), ("q", "ana", 50), ("q", "bea", 50.5))


def two_of(shares: pl.DataFrame) -> Message | None:
    return closest_posts(shares.with_columns(group_ix=pl.lit(0))).get(0)


def shared(**changes: Any) -> SharedObject:
    plain = {"kind": "link", "id": "p", "label": "p", "n_accounts": 3, "n_posts": 6, "first_at": "", "last_at": ""}
    return SharedObject(**{**plain, **changes})


def check(name: str, outcome: Any) -> BenignCheck:
    return BenignCheck(check=name, outcome=outcome, detail="")


def steps(
    facts: Facts = FACTS,
    *,
    shares: pl.DataFrame = SHARES,
    checks: tuple[BenignCheck, ...] = (),
    objects: tuple[SharedObject, ...] = (),
    weak: tuple[str, ...] = (),
    **changes: Any,
) -> dict[str, dict[str, Any]]:
    facts = dataclasses.replace(facts, **changes)
    found = suggest_steps(facts, two_posts=two_of(shares), checks=checks, objects=objects, weak_members=weak)
    assert LEAST_STEPS <= len(found) <= MOST_STEPS
    return {step.code: dict(step.values) for step in found}


def test_the_closest_two_posts_on_the_most_shared_object_come_first() -> None:
    (code, values), *_ = steps().items()
    assert code == "step.two-posts"
    assert values == {"first": "x/1", "second": "x/2", "gap_s": 2.0, "n": 3}  # q is closer, but fewer shared it


def test_one_account_is_never_compared_with_itself() -> None:
    shares = joint(("p", "ana", 0), ("p", "ana", 1), ("p", "bea", 9))
    assert steps(shares=shares)["step.two-posts"] == {"first": "x/1", "second": "x/2", "gap_s": 8.0, "n": 2}


@pytest.mark.parametrize(
    ("n_first", "code"), [((6, 2, 1, 1), "step.first"), ((3, 3, 2, 2), "step.no-first"), ((9, 9, 9, 9), "step.at-once")]
)
def test_who_was_first(n_first: tuple[int, ...], code: str) -> None:
    found = steps(leaders=leaders(*n_first))
    assert [name for name in found if name in ("step.first", "step.no-first", "step.at-once")] == [code]
    if code == "step.first":
        assert found[code] == {"account": "ana", "k": 6, "n": 10}


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("not-checkable", "step.owner-unlisted"), ("explains", "step.owner-declared"), ("no-sign", "step.owner-none")],
)
def test_owners(outcome: Any, code: str) -> None:
    assert code in steps(checks=(check("same-owner", outcome),))


@pytest.mark.parametrize(
    ("changes", "code", "values"),
    [
        ({"site": "a.example", "n_site": 5}, "step.site", {"site": "a.example", "k": 5, "n": 10}),
        ({"authors": [("zoe", 8), ("yan", 1)]}, "step.author", {"account": "zoe", "k": 8, "n": 10}),
        ({"n_peak": 20, "peak_at": "2024-05-01 12:00 UTC"}, "step.moment", {"at": "2024-05-01 12:00 UTC", "k": 20, "n": 40}),
    ],
)  # fmt: skip
def test_what_half_of_it_comes_from(changes: dict[str, Any], code: str, values: dict[str, Any]) -> None:
    assert steps(**changes)[code] == values
    assert code not in steps()


def test_contacts_templates_and_weak_members() -> None:
    contact = shared(kind="contact", id="phone:x", label="…123456789", n_accounts=4)
    assert steps(objects=(contact,))["step.contact"] == {"label": "…123456789", "n": 4}
    assert "step.contact" not in steps(objects=(dataclasses.replace(contact, n_accounts=2),))
    text = shared(kind="text", template=[{"text": "a"}, {"slot": ["b", "c"]}, {"slot": ["d", "e"]}])
    assert steps(objects=(text,))["step.variants"] == {"n": 2, "posts": 6}
    assert steps(weak=("dov",))["step.weak"] == {"k": 1, "n": 4}


EVERYTHING: dict[str, Any] = {
    "checks": (check("same-owner", "no-sign"),), "weak": ("dov",), "site": "a.example", "n_site": 9, "n_peak": 40,
    "peak_at": "x", "objects": (shared(kind="contact"), shared(template=[{"slot": ["a", "b"]}])),
}  # fmt: skip


def test_the_last_step_is_always_to_ask() -> None:
    assert list(steps())[-1] == "step.ask"
    found = steps(**EVERYTHING)
    assert len(found) == MOST_STEPS
    assert list(found)[-1] == "step.ask"


def test_steps_are_said_in_every_language() -> None:
    for message in suggest_steps(FACTS, two_posts=two_of(SHARES), checks=(), objects=(), weak_members=()):
        said = {lang: say(message, lang) for lang in languages()}
        assert len(set(said.values())) == len(said)


def test_of_own_pace_it_says_that_somebody_may_stand_around_an_account() -> None:
    found = suggest_steps(FACTS, two_posts=two_of(SHARES), checks=(), objects=(), weak_members=(), by_own_pace=True)
    assert [message.code for message in found].count("step.foreseen") == 1
    assert "step.foreseen" not in steps(**EVERYTHING)


ROWS = st.lists(
    st.tuples(st.sampled_from("pqr"), st.sampled_from(ACCOUNTS), st.integers(0, 3)), min_size=2, max_size=20
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_two_posts_do_not_depend_on_the_order_of_rows(rows: list[tuple[str, str, int]], chance: Any) -> None:
    table = joint(*rows)
    order = list(range(table.height))
    chance.shuffle(order)
    one = suggest_steps(FACTS, two_posts=two_of(table), checks=(), objects=(), weak_members=())
    assert one == suggest_steps(FACTS, two_posts=two_of(table[order]), checks=(), objects=(), weak_members=())
