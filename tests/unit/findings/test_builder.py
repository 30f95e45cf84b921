"""make_findings: what a finding says, in every case, whatever the order of the rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import Config
from dideban.figures import figures
from dideban.findings import Affiliations, Finding
from dideban.findings.affiliations import Owner
from dideban.findings.builder import instant
from dideban.findings.contract import check_document, check_finding, findings_schema
from dideban.findings.explain import explain_finding
from dideban.findings.model import OPTIONAL, FollowedAccount, PairEvidence
from dideban.findings.pairs import MAX_PAIRS, best_pairs, weak_members
from dideban.messages import Message, say
from dideban.schema import GROUP_PAIRS, SHARES

GROUP = ["ana", "bo", "cy", "di"]
PAIR = PairEvidence(
    account_a="ana",
    account_b="bo",
    kind="link",
    scale_s=60.0,
    n_blocks=9,
    n_near=5,
    expected=1.5,
    p_value=0.01,
    e_value=30.0,
)


def test_counts_period_objects_leaders_and_bursts_by_hand(tools):
    rows = [
        ("ana", "link", "p", 0), ("bo", "link", "p", 10), ("cy", "link", "p", 30), ("zoe", "link", "p", 31),
        ("ana", "link", "q", 3600), ("bo", "link", "q", 3605), ("cy", "link", "q", 3645), ("zoe", "link", "q", 9000),
        ("bo", "link", "p", 5000), ("cy", "link", "p", 5001),
        ("ana", "link", "alone", 7000),
    ]  # fmt: skip
    traces = tools.traces(rows)
    (finding,), shares = tools.find(traces, tools.groups(["ana", "bo", "cy"]))
    assert finding.n_objects == 2
    assert finding.period == ["2024-03-01T12:00:00Z", "2024-03-01T13:23:21Z"]
    (trace,) = finding.traces
    assert (trace.n_objects, trace.n_posts, trace.n_pairs, trace.expected_pairs) == (2, 8, 7, None)
    assert [(o.id, o.n_accounts, o.n_posts) for o in finding.objects] == [("p", 3, 5), ("q", 3, 3)]
    leaders = {leader.account_id: (leader.n_objects, leader.median_lag_s, leader.n_first) for leader in finding.leaders}
    assert leaders == {"ana": (2, 0.0, 2), "bo": (2, 7.5, 0), "cy": (2, 37.5, 0)}
    assert finding.burst == {"n_bursts": 3.0, "median_span_s": 30.0, "median_accounts": 3.0}
    assert shares.filter("is_joint").height == 8
    assert shares.height == 9


def test_a_threshold_finding_has_no_error_rate_and_says_so(found_threshold):
    (finding,) = found_threshold
    assert (finding.method, finding.lead) == ("threshold", False)
    assert (finding.error_rate, finding.e_value, finding.p_value, finding.chance_one_in) == (None, None, None, None)
    assert "no stated error rate" in finding.statement["en"]
    assert {trace.kind for trace in finding.traces} == {"link", "text"}


def test_proved_findings_come_before_leads(found_proved):
    proved, lead = found_proved
    assert (proved.lead, proved.error_rate, proved.chance_one_in) == (False, 0.05, 20_000.0)
    assert (lead.lead, lead.error_rate) == (True, None)
    assert proved.accounts == ["ana", "bo", "cy"]
    assert proved.traces[0].n_pairs == 7


def test_ranking_is_by_e_value_then_size_then_id(tools):
    groups = [["a", "b", "c"], ["d", "e", "f", "g"], ["h", "i", "j"], ["k", "l", "m"]]
    rows = [row for i, accounts in enumerate(groups) for row in tools.chorus(accounts, n=3, seed=i)]
    proofs = tools.proofs(
        (0, 0.001, 9.0, False), (1, 0.001, 9.0, False), (2, 0.001, 90.0, False), (3, 0.1, 900.0, True)
    )
    kinds = tools.proof_traces(*[(ix, "link", 60.0, 0.001) for ix in range(4)])
    found, _ = tools.find(tools.traces(rows), tools.groups(*groups), proofs=proofs, proof_traces=kinds)
    assert ["".join(f.accounts) for f in found] == ["hij", "defg", "abc", "klm"]


def test_only_proved_groups_become_findings(tools):
    rows = tools.chorus(["a", "b", "c"], n=3) + tools.chorus(["d", "e", "f"], n=3, seed=2)
    proofs, kinds = tools.proofs((1, 0.001, 9.0, False)), tools.proof_traces((1, "link", 60.0, 0.001))
    found, shares = tools.find(
        tools.traces(rows), tools.groups(list("abc"), list("def")), proofs=proofs, proof_traces=kinds
    )
    assert [f.accounts for f in found] == [["d", "e", "f"]]
    assert set(shares["account_id"]) == {"d", "e", "f"}


def test_each_kind_is_shown_at_its_best_scale_and_words_rest_on_what_carries_evidence(tools):
    rows = tools.chorus(GROUP, n=4) + tools.chorus(GROUP, n=3, kind="hashtags", seed=2, spread=400.0)
    proofs = tools.proofs((0, 0.0001, 9.0, False))
    kinds = tools.proof_traces(
        (0, "link", 10.0, 0.2), (0, "link", 600.0, 0.0001), (0, "link", 60.0, 0.0001), (0, "hashtags", 600.0, 0.6)
    )
    (finding,), _ = tools.find(tools.traces(rows), tools.groups(GROUP), proofs=proofs, proof_traces=kinds)
    assert [(t.kind, t.scale_s, t.p_value) for t in finding.traces] == [
        ("link", 60.0, 0.0001),
        ("hashtags", 600.0, 0.6),
    ]
    assert finding.n_objects == 4
    assert "hashtags" not in finding.statement["en"]


def test_synchrony_counts_first_shares_alone(tools):
    rows = [
        ("a", "link", "p", 0),
        ("b", "link", "p", 900),
        ("a", "link", "p", 905),
        ("c", "link", "p", 910),
        *tools.chorus(list("abc"), n=2),
    ]
    proofs, kinds = tools.proofs((0, 0.001, 9.0, False)), tools.proof_traces((0, "link", 60.0, 0.001))
    (finding,), shares = tools.find(tools.traces(rows), tools.groups(list("abc")), proofs=proofs, proof_traces=kinds)
    joint = shares.filter("is_joint", object_id="p")
    assert joint["account_id"].to_list() == ["b", "c"]
    assert finding.n_objects == 3


def test_row_order_and_repetition_change_nothing(tools):
    rows = tools.chorus(GROUP, n=6) + tools.chorus(["ana", "ed", "fy"], n=5, kind="repost", seed=4)
    traces = tools.traces(rows)
    groups = tools.groups(GROUP, ["ana", "ed", "fy"])
    first, shares = tools.find(traces, groups)
    for seed in range(3):
        mixed = traces.sample(fraction=1.0, shuffle=True, seed=seed)
        again, shares_again = tools.find(
            mixed, groups.sample(fraction=1.0, shuffle=True, seed=seed), objects=tools.objects(mixed)
        )
        assert [f.id for f in again] == [f.id for f in first]
        assert orjson.dumps([f.to_dict() for f in again]) == orjson.dumps([f.to_dict() for f in first])
        assert shares_again.equals(shares)


def test_an_account_may_be_in_two_groups(tools):
    rows = tools.chorus(["ana", "bo", "cy"], n=3) + tools.chorus(["ana", "ed", "fy"], n=3, seed=4, kind="repost")
    found, shares = tools.find(tools.traces(rows), tools.groups(["ana", "bo", "cy"], ["ana", "ed", "fy"]))
    assert len(found) == 2
    assert shares.filter(account_id="ana")["finding_id"].n_unique() == 2


def test_no_groups_no_findings(tools):
    found, shares = tools.find(tools.traces(tools.chorus(GROUP, n=2)), tools.groups())
    assert found == []
    assert SHARES.check(shares).is_empty()


def test_a_group_without_a_joint_share_is_no_finding(tools):
    rows = [(account, "link", f"p{i}", 0.0) for i, account in enumerate(GROUP)]
    proofs, kinds = tools.proofs((0, 0.001, 9.0, False)), tools.proof_traces((0, "link", 60.0, 0.001))
    found, shares = tools.find(tools.traces(rows), tools.groups(GROUP), proofs=proofs, proof_traces=kinds)
    assert found == []
    assert shares.is_empty()


CLAIMED = {
    "method": "qut", "lead": True, "accounts": ["ana", "bo", "cy"], "period": ["2024-01-01T00:00:00Z"] * 2,
    "n_objects": 99, "objects_digest": "0" * 64,
}  # fmt: skip
"""What a finding claims, with other values."""


def test_ids_follow_what_is_claimed(found_threshold):
    (finding,) = found_threshold
    assert Finding.from_dict(finding.to_dict()) == finding
    assert Finding.from_dict(finding.to_dict()).id == finding.id
    for name, other in CLAIMED.items():
        assert dataclasses.replace(finding, **{name: other}).id != finding.id, name


def test_wording_figures_labels_and_versions_have_no_say_in_the_id(found_threshold):
    (finding,) = found_threshold
    others = {
        "method_version": "99", "config_digest": "0" * 16, "label": "declared", "traces": [], "error_rate": 0.5,
        "e_value": 7.0, "p_value": 0.1, "chance_one_in": 7.0, "objects": [], "leaders": [], "burst": {"x": 1.0},
        "benign": [], "techniques": [], "statement": {"en": "x"}, "posts": [], "pairs": [PAIR], "n_pairs": 3,
        "weak_members": ["ana"], "next_steps": [{"code": "step.ask"}], "group_id": "g0123456789abcdef",
        "kind": "both", "followed": [FollowedAccount(account_id="zed", n_objects=3, n_members=2)],
    }  # fmt: skip
    assert CLAIMED.keys() | others.keys() == {field.name for field in dataclasses.fields(Finding)}
    for name, other in others.items():
        assert dataclasses.replace(finding, **{name: other}).id == finding.id, name


def test_the_id_is_the_hash_that_the_documentation_describes(found_threshold):
    """Written out again from docs/reference/findings-json.md with nothing but the standard library."""
    (finding,) = found_threshold
    claim = {
        "accounts": sorted(finding.accounts), "method": "threshold", "n_objects": finding.n_objects,
        "objects": finding.objects_digest, "period": finding.period, "schema": "dideban.claim/1", "strength": "finding",
    }  # fmt: skip
    text = json.dumps(claim, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert finding.id == "f" + hashlib.sha256(text.encode()).hexdigest()[:16]
    objects = sorted([o.kind, o.id] for o in finding.objects)
    assert len(objects) == finding.n_objects
    digest = hashlib.sha256(json.dumps(objects, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
    assert finding.objects_digest == digest


def test_a_claim_holds_strings_and_whole_numbers_alone(found_threshold):
    (finding,) = found_threshold

    def leaves(data):
        parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
        return [data] if parts is None else [leaf for part in parts for leaf in leaves(part)]

    assert {type(leaf) for leaf in leaves(finding.claim)} == {str, int}


def test_figures_have_six_digits(tools):
    proofs, kinds = (
        tools.proofs((0, 1 / 1234567.891, 1234567.891, False)),
        tools.proof_traces((0, "link", 60.0, 1e-6 / 3)),
    )
    groups, traces = tools.groups(GROUP), tools.traces(tools.chorus(GROUP, n=6))
    (finding,), _ = tools.find(traces, groups, proofs=proofs, proof_traces=kinds)
    assert (finding.e_value, finding.p_value, finding.traces[0].p_value) == (1234570.0, 8.1e-7, 3.33333e-7)
    assert orjson.loads(orjson.dumps(finding.to_dict())) == figures(finding.to_dict())


@given(
    spread=st.lists(st.sampled_from([-1e-12, 0.0, 1e-12, 3e-13]), min_size=6, max_size=6),
    e_values=st.lists(st.sampled_from([30.0, 31.0, 1e4, 1e4, 7e8]), min_size=3, max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_last_digits_of_evidence_turn_nothing(tools, spread, e_values):
    """Evidence moved by a part in 10^12: the same ids in the same order, the same words, the same written figures."""
    rows = [row for seed in (1, 2, 3) for row in tools.chorus([f"{a}{seed}" for a in GROUP], n=5, seed=seed)]
    groups = tools.groups(*([f"{a}{seed}" for a in GROUP] for seed in (1, 2, 3)))

    def run(moved):
        e = [value * (1 + move) for value, move in zip(e_values, moved[:3], strict=True)]
        proofs = tools.proofs(*((ix, 1 / value, value, False) for ix, value in enumerate(e)))
        cells = [
            (ix, "link", scale_s, (1 + moved[3 + ix] * sign) / e_values[ix])
            for ix in range(3)
            for scale_s, sign in ((10.0, 1), (60.0, -1))
        ]
        found, _ = tools.find(tools.traces(rows), groups, proofs=proofs, proof_traces=tools.proof_traces(*cells))
        return orjson.dumps([finding.to_dict() for finding in found])

    assert run(spread) == run([0.0] * 6)


def test_the_id_of_the_group_is_no_content(found_threshold):
    (finding,) = found_threshold
    named = dataclasses.replace(finding, group_id="g0123456789abcdef")
    assert named.id == finding.id
    assert Finding.from_dict(named.to_dict()) == named
    assert not check_finding(named.to_dict())


def test_findings_made_before_there_were_pairs_can_be_read(found_threshold):
    (finding,) = found_threshold
    old = {name: value for name, value in finding.to_dict().items() if name not in OPTIONAL}
    assert not check_finding(old)
    assert Finding.from_dict(old).accounts == finding.accounts


def test_what_an_ordinary_explanation_would_produce_comes_later(tools):
    """The second group is stronger, but one account is always first: a wire would produce it."""
    plain, wire = ["ana", "bo", "cy"], ["di", "ed", "fy"]
    rows = tools.chorus(plain, n=6, seed=4)
    rows += [
        (a, "link", f"https://w.example/{i}", 3600 * i + 9 * j + 3 * i) for i in range(6) for j, a in enumerate(wire)
    ]
    proofs = tools.proofs((0, 1 / 100, 100.0, False), (1, 1 / 9_000, 9_000.0, False))
    kinds = tools.proof_traces((0, "link", 60.0, 0.01), (1, "link", 60.0, 0.0001))
    findings, _ = tools.find(tools.traces(rows), tools.groups(plain, wire), proofs=proofs, proof_traces=kinds)
    assert [(f.accounts[0], "wire-and-subscribers" in f.ordinary) for f in findings] == [("ana", False), ("di", True)]
    assert findings[0].ordinary == []


def pairs_table(*rows: tuple[int, str, str, str, float, int, float]) -> pl.DataFrame:
    """GROUP_PAIRS from (group, a, b, kind, scale, near of 10, e)."""
    full = [(ix, a, b, kind, scale, 10, near, 1.5, 1 / e, e) for ix, a, b, kind, scale, near, e in rows]
    return pl.DataFrame(full, schema=GROUP_PAIRS.dtypes, orient="row")


def test_pairs_stand_at_their_best_and_members_by_little_evidence_are_marked(tools):
    accounts = ["ana", "bo", "cy", "di"]
    table = pairs_table(
        (0, "ana", "bo", "link", 60.0, 8, 900.0), (0, "ana", "cy", "link", 60.0, 9, 900.0), (0, "bo", "cy", "link", 60.0, 3, 4.0),
        (0, "bo", "cy", "text", 60.0, 5, 12.0), (0, "ana", "di", "link", 60.0, 1, 2.0), (0, "ana", "di", "link", 10.0, 9, 1e6),
    )  # fmt: skip
    proofs = tools.proofs((0, 1e-4, 1e4, False))
    kinds = tools.proof_traces((0, "link", 60.0, 1e-4), (0, "text", 60.0, 0.5))
    (finding,), _ = tools.find(
        tools.traces(tools.chorus(accounts, n=6)),
        tools.groups(accounts),
        proofs=proofs,
        proof_traces=kinds,
        pairs=table,
    )
    shown = [(p.account_a, p.account_b, p.kind, p.scale_s, p.n_near, p.e_value) for p in finding.pairs]
    assert shown == [
        ("ana", "cy", "link", 60.0, 9, 900.0), ("ana", "bo", "link", 60.0, 8, 900.0),
        ("bo", "cy", "text", 60.0, 5, 12.0), ("ana", "di", "link", 60.0, 1, 2.0),
    ]  # fmt: skip
    assert finding.n_pairs == 4
    assert finding.weak_members == ["di"], "near once where 1.5 are expected"
    assert not check_finding(finding.to_dict())
    assert Finding.from_dict(finding.to_dict()).id == finding.id
    for lang in ("en", "fa", "ar"):
        said = explain_finding(finding, lang=lang)
        assert "ana – cy" in said
        assert say(Message("explain.weak"), lang) in said


def test_members_by_little_evidence_are_hardly_nearer_than_chance_has_it():
    """1.5 occasions are expected per pair: four pairs with 9 near in all are 1.5 times as many, three with 4 are fewer."""
    table = pairs_table(
        (0, "a", "b", "link", 60.0, 3, 9.0), (0, "a", "c", "link", 60.0, 1, 9.0), (0, "b", "c", "text", 60.0, 2, 9.0)
    )
    assert weak_members(table, accounts=["a", "b", "c", "d"]) == ["a", "c", "d"]
    assert weak_members(table.filter(pl.col("account_a") == "a", pl.col("account_b") == "b"), accounts=["a", "b"]) == []
    assert weak_members(table.with_columns(expected=pl.lit(0.0), n_near=pl.lit(0)), accounts=list("abc")) == list("abc")


def test_pairs_are_bounded_and_ties_are_settled(tools):
    names = [f"m{i:02d}" for i in range(12)]
    rows = [(0, a, b, "link", 60.0, 2, 5.0) for i, a in enumerate(names) for b in names[i + 1 :]]
    table = pairs_table(*rows)
    pairs, n = best_pairs(table.sample(fraction=1.0, shuffle=True, seed=3))
    assert (len(pairs), n) == (MAX_PAIRS, 66)
    assert [(p.account_a, p.account_b) for p in pairs] == [(a, b) for _, a, b, *_ in rows[:MAX_PAIRS]]


@pytest.mark.parametrize("nothing", [None, GROUP_PAIRS.empty()])
def test_groups_whose_pairs_were_not_weighed_say_so(tools, nothing):
    accounts = ["ana", "bo", "cy"]
    proofs, kinds = tools.proofs((0, 1e-4, 1e4, False)), tools.proof_traces((0, "link", 60.0, 1e-4))
    (finding,), _ = tools.find(
        tools.traces(tools.chorus(accounts, n=6)),
        tools.groups(accounts),
        proofs=proofs,
        proof_traces=kinds,
        pairs=nothing,
    )
    assert (finding.pairs, finding.n_pairs, finding.weak_members) == ([], None, [])


def test_texts_come_from_the_site_beside_them(tools):
    """A program that passes on one site's news as texts, at no steady delay, is recognised by the links beside them."""
    accounts = ["ana", "bo", "cy", "di"]
    traces = tools.traces(tools.chorus(accounts, n=6, kind="text"))

    def posts(site):
        table = traces.select("post_id").unique(maintain_order=True).with_row_index("n")
        names = [site(n) for n in table["n"]]
        return table.select(
            platform=pl.lit("x"), post_id=pl.col("post_id").str.strip_prefix("x/"), text=pl.lit("words"),
            urls=pl.Series([[f"https://{name}/{n}"] if name else [] for n, name in enumerate(names)], dtype=pl.List(pl.String)),
        ).lazy()  # fmt: skip

    def feed(site, some=traces):
        (finding,), _ = tools.find(some, tools.groups(accounts), posts=posts(site))
        return next(c for c in finding.benign if c.check == "feed-cross-posting")

    found = feed(lambda _: "news.example")
    assert (found.outcome, "6 of 6 joint links and texts come from news.example; 4 of 4" in found.detail) == (
        "explains",
        True,
    )
    assert feed(lambda n: f"site{n % 7}.example").outcome != "explains"
    assert feed(lambda _: "t.me").outcome != "explains"
    assert feed(lambda _: "").outcome != "explains"
    fewer = traces.filter(
        ~((pl.col("account_id") != "ana") & pl.col("object_id").str.ends_with("5")) | (pl.col("account_id") == "bo")
    )
    assert feed(lambda _: "news.example", fewer).outcome == "explains"
    half = traces.filter(pl.col("account_id").is_in(["ana", "bo"]) | pl.col("object_id").str.contains("[0-2]$"))
    assert feed(lambda _: "news.example", half).outcome != "explains"


def test_a_lead_says_why_it_is_none(tools):
    accounts = ["ana", "bo", "cy"]
    proofs, kinds = tools.proofs((0, 0.01, 40.0, True)), tools.proof_traces((0, "link", 60.0, 0.01))

    def lead(rows, origin=None):
        traces = tools.traces(rows)
        objects = tools.objects(traces, origin=origin)
        (finding,), _ = tools.find(traces, tools.groups(accounts), proofs=proofs, proof_traces=kinds, objects=objects)
        return finding.statement["en"]

    own = tools.chorus(accounts, n=6)
    crowd = [
        (f"z{i}-{j}", "link", f"https://example.org/link{i}", 3600 * i + 900 + 40 * j)
        for i in range(6)
        for j in range(9)
    ]
    assert "Hardly anyone else shared" in lead(own)
    assert "single source" in lead(own + crowd, "news.example")
    assert "source" not in lead(own + crowd)
    assert "no one to compare" not in lead(own + crowd)


def test_declared_owners_label_a_finding(tools):
    traces = tools.traces(tools.chorus(GROUP, n=4))
    one = Affiliations((Owner(name="Press", kind="brand", accounts=frozenset(GROUP), domains=frozenset()),))
    (finding,), _ = tools.find(traces, tools.groups(GROUP), affiliations=one)
    assert finding.label == "declared"
    assert "declared owner connects" in finding.statement["en"]
    assert next(c for c in finding.benign if c.check == "same-owner").outcome == "explains"


def test_clock_habits_are_compared_with_others_who_shared_the_same(tools):
    rows = [(account, "link", f"p{i}", 3600.0 * i) for i in range(4) for account in GROUP]
    rows += [(f"other{j}", "link", f"p{i}", 3600.0 * i + 7 + 61 * j) for i in range(4) for j in range(10)]
    (finding,), _ = tools.find(tools.traces(rows), tools.groups(GROUP))
    batch = next(c for c in finding.benign if c.check == "platform-batch-timestamps")
    assert batch.outcome == "explains"
    assert batch.detail == (
        "On a round minute: 100% of the joint shares, 0% of others' shares of the same objects; "
        "in the same second as another account: 100% and 0%. "
        "Of 10 other accounts that shared these objects, 0 mostly posted in the same second as another account."
    )


def test_steady_delays_are_seen_as_feeds(tools):
    delays = {"ana": 0.0, "bo": 5.0, "cy": 12.0, "di": 20.0}
    rows = [(account, "link", f"p{i}", 3601.0 * i + delay) for i in range(8) for account, delay in delays.items()]
    (finding,), _ = tools.find(tools.traces(rows), tools.groups(GROUP))
    outcomes = {c.check: c.outcome for c in finding.benign}
    assert outcomes["feed-cross-posting"] == "explains"
    assert outcomes["wire-and-subscribers"] == "explains"
    assert outcomes["call-to-act"] == "no-sign"


def test_reposts_of_one_author(tools):
    traces = tools.traces(tools.chorus(GROUP, n=5, kind="repost"))
    (finding,), _ = tools.find(traces, tools.groups(GROUP), objects=tools.objects(traces, origin="zoe"))
    assert next(c for c in finding.benign if c.check == "follower-of-one-account").outcome == "explains"


@pytest.mark.parametrize(
    "words",
    ["Tonight 21:30 everybody posts", "امشب ساعت ۹ همه بنویسید", "الليلة الساعة ٨ ننشر جميعًا", "post at 9 pm sharp"],
)
def test_a_text_that_names_a_time_is_a_call(tools, words):
    traces = tools.traces(tools.chorus(GROUP, n=5, kind="text"))
    objects = tools.objects(traces).with_columns(label=pl.lit(words))
    (finding,), _ = tools.find(traces, tools.groups(GROUP), objects=objects)
    call = next(c for c in finding.benign if c.check == "call-to-act")
    assert (call.outcome, "name a time of day: 5" in call.detail) == ("explains", True)


def test_at_most_fifty_objects_are_listed(tools):
    (finding,), _ = tools.find(tools.traces(tools.chorus(GROUP, n=60)), tools.groups(GROUP))
    assert (len(finding.objects), finding.n_objects) == (50, 60)


def test_findings_keep_the_documented_format(found_threshold, found_proved):
    entries = [finding.to_dict() for finding in [*found_threshold, *found_proved]]
    assert [check_finding(entry) for entry in entries] == [[], [], []]
    assert check_document({"schema": "dideban.findings/2", "run": {}, "findings": entries}) == []


def test_the_schema_knows_exactly_the_fields_of_the_model(found_proved):
    def same_fields(rule: dict, data: object) -> None:
        if isinstance(data, dict) and "properties" in rule:
            assert list(rule["properties"]) == list(data)
            for name, value in data.items():
                same_fields(rule["properties"][name], value)
        if isinstance(data, list):
            for value in data:
                same_fields(rule.get("items", {}), value)

    same_fields(findings_schema()["$defs"]["finding"], found_proved[0].to_dict())


@pytest.mark.parametrize(
    ("path", "value"),
    [("id", "g123"), ("accounts", ["a"]), ("kind", "magic"), ("followed", [{"account_id": "a"}]), ("period", ["today", "now"]), ("lead", 0), ("n_objects", -1), ("n_objects", "3"),
     ("method", "magic"), ("extra", 1), ("statement", {"fa": "y"}), ("statement", {"en": "x", "de": 3}), ("objects", [{}]), ("traces", None), ("benign", "x")],
)  # fmt: skip
def test_the_schema_refuses_what_breaks_it(found_threshold, path, value):
    assert check_finding({**found_threshold[0].to_dict(), path: value})


def test_instants():
    assert instant(dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)) == "2024-03-01T12:00:00Z"
    assert instant(dt.datetime(2024, 3, 1, 12, 0, 0, 250, tzinfo=dt.UTC)) == "2024-03-01T12:00:00.000250Z"


def test_the_peer_rule_is_named(tools):
    config = dataclasses.replace(Config(), method="qut")
    (finding,), _ = tools.find(tools.traces(tools.chorus(GROUP, n=4)), tools.groups(GROUP), config=config)
    assert finding.method == "qut"
    assert "QUT" in finding.statement["ar"]
