"""PROOFS (or EDGES of a threshold rule) to FINDINGS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.figures import figure, settle
from dideban.findings import facts as known
from dideban.findings import profile
from dideban.findings.affiliations import Affiliations
from dideban.findings.joint import JointShares, find_joint_shares
from dideban.findings.minimal import pick_posts
from dideban.findings.model import Finding, FollowedAccount, Leader, SharedObject, TraceEvidence, digest_objects
from dideban.findings.next_steps import closest_posts, suggest_steps
from dideban.findings.ordinary_explanations import check_explanations, label_group
from dideban.findings.pairs import describe_pairs
from dideban.findings.private import mask_labels, mask_template, pushed_contacts
from dideban.findings.pushed import add_said, count_others
from dideban.findings.statements import StatedClaim, StatedPart, round_chance, write_statements
from dideban.findings.techniques import Behaviour, suggest_techniques
from dideban.findings.templates import fill_templates
from dideban.messages import Message, translations
from dideban.proof import METHOD_VERSION
from dideban.proof.followed import best_scales, count_followed
from dideban.remembered import Remembered
from dideban.schema import FOLLOWED, PROOF_TRACES, PROOFS, SHARES
from dideban.traces import Pages, mask_text

METHOD_VERSIONS = {"synchrony": METHOD_VERSION, "threshold": "1", "coortweet": "2.1.3", "qut": "1.5.2"}
"""Grows when the same posts and settings give other findings; for a peer's rule, the version it reproduces."""

SUPPORT = 0.05
"""Largest p-value of a kind that the words of a finding still rest on (the best kind always counts)."""

FEW_OTHERS = 0.25
"""Shares by others, as a part of the joint shares, up to which a lead has its objects nearly to itself."""
MOST_ALIKE = 0.8
"""Part of a lead's joint shares that come after the usual delay of their account, from which it is always so."""
MOST_OF_ONE = 0.7
"""Part of a lead's joint objects that come from one site or author, from which one source sets its time."""

PAIR = 2
"""Accounts of a pair lead; a finding has more."""

Rows = dict[int, list[dict[str, Any]]]


def make_findings(
    groups: pl.DataFrame,
    *,
    edges: pl.DataFrame,
    traces: pl.DataFrame,
    objects: pl.DataFrame,
    posts: pl.LazyFrame,
    config: Config,
    proofs: pl.DataFrame | None = None,
    proof_traces: pl.DataFrame | None = None,
    followed: pl.DataFrame | None = None,
    pairs: pl.DataFrame | None = None,
    affiliations: Affiliations | None = None,
    is_exact: bool = False,
    pages: Pages | None = None,
    memory: Remembered | None = None,
) -> tuple[list[Finding], pl.DataFrame]:
    """Turn groups into findings: what they pushed, when, who leads, how sure, in plain words.

    Parameters
    ----------
    groups : GROUPS, (n_members,)
        Groups to describe.
    edges : EDGES, (n_edges,)
        Links inside the groups; for a threshold rule they determine which kinds of object count.
    traces, objects : TRACES, OBJECTS
        All of the run, any order.
    posts : POSTS
        All of the run; only texts of pushed objects, and links beside them, are read.
    config : Config
        Settings of the run; ``coshare.window_s`` is the window of a threshold rule.
    proofs, proof_traces : PROOFS, PROOF_TRACES
        Proofs of the groups; None = a threshold rule, whose findings carry no error rate. Only groups with a row in
        ``proofs`` become findings.
    followed : FOLLOWED
        Accounts that members may have come after; counted again here, at the scales that the finding states.
    pairs : GROUP_PAIRS
        Pairs inside the groups; groups without a row were not weighed. None = no pairs were.
    affiliations : Affiliations
        Declared owners; None = no list.
    is_exact : bool
        Keep every digit of computed figures, to compare with; else they have the six digits that are written.
    pages : Pages, optional
        Canonical pages that were read already. Never changes the result.
    memory : Remembered, optional
        What the run before found out. Never changes the result.

    Returns
    -------
    (list of Finding, SHARES)
        Findings with proofs first, then leads, those that were always first before the others; within them those
        without an ordinary explanation first; then by e-value, then size (both descending), then id.
        SHARES holds every share by their members, sorted by finding,
        kind, object, time, account, post.

    Notes
    -----
    Deterministic for any order of rows. Time O(n log n) in the shares of members.
    """
    if proofs is not None:
        groups = groups.join(proofs.select("group_ix"), on="group_ix", how="semi")
    members = groups.select("group_ix", "account_id").unique().sort("group_ix", "account_id")
    evidence = (
        _proved(proof_traces, proofs=proofs) if proofs is not None else _ruled(members, edges=edges, config=config)
    )
    joint = find_joint_shares(traces, members=members, windows=evidence, first_only=proofs is not None)
    desk = _Desk(
        config=config, members=members, evidence=evidence, joint=joint, objects=objects, posts=posts,
        traces=traces, digest=config.digest(), proofs=proofs, followed=followed, pairs=pairs, affiliations=affiliations,
        pages=pages, memory=memory, said=memory or Remembered(),
    )  # fmt: skip
    made = [(ix, finding if is_exact else finding.rounded()) for ix, finding in desk.write()]
    strength = {} if proofs is None else dict(proofs.select("group_ix", "e_value").iter_rows())
    ranked = sorted(made, key=lambda entry: _rank(entry[1], strength.get(entry[0])))
    return [finding for _, finding in ranked], _shares(joint, made)


def _rank(finding: Finding, strength: float | None) -> tuple[bool, bool, bool, float, int, str]:
    """Order of a list; a lead states no strength, but the run that made it knows one."""
    last = finding.lead and finding.kind not in ("first", "turns")
    ordinary, strength = bool(finding.ordinary), figure(strength or 0.0)
    return (finding.lead, last, ordinary, -strength, -len(finding.accounts), finding.id)


def _proved(proof_traces: pl.DataFrame | None, *, proofs: pl.DataFrame) -> pl.DataFrame:
    """Keep the scale with the best evidence per group and kind, and say which kinds the words rest on.

    A lead states no p-values: they would rest on objects that no one can look at. Its words rest on every kind.
    """
    best = best_scales(PROOF_TRACES.empty() if proof_traces is None else proof_traces)
    leads = pl.col("group_ix").is_in(proofs.filter("is_lead")["group_ix"].implode())
    hidden = [pl.when(~leads).then(name).alias(name) for name in ("p_value", "e_value")]
    best = best.with_columns(*hidden, p=pl.when(leads).then(1.0).otherwise("p"))
    supports = (pl.col("p") <= float(settle(SUPPORT))) | (pl.col("p") == pl.col("p").min().over("group_ix"))
    return best.with_columns(counts=supports, window_s=pl.col("scale_s")).drop("p")


def _ruled(members: pl.DataFrame, *, edges: pl.DataFrame, config: Config) -> pl.DataFrame:
    """List the kinds that link members of each group by the threshold rule, with its window."""
    a = members.rename({"account_id": "account_a"})
    b = members.rename({"account_id": "account_b"})
    pairs = edges.select("account_a", "account_b", "object_kind").unique()
    kinds = pairs.join(a, on="account_a").join(b, on=["account_b", "group_ix"]).select("group_ix", "object_kind")
    empty = {name: pl.lit(None, dtype=pl.Float64) for name in ("expected_pairs", "p_value", "e_value")}
    return kinds.unique().with_columns(
        scale_s=pl.lit(config.coshare.window_s), window_s=pl.lit(config.coshare.window_s), counts=pl.lit(value=True),
        n_pairs=pl.lit(None, dtype=pl.Int64), **empty,
    )  # fmt: skip


def _shares(joint: JointShares, made: list[tuple[int, Finding]]) -> pl.DataFrame:
    ids = pl.DataFrame(
        {"group_ix": [ix for ix, _ in made], "finding_id": [finding.id for _, finding in made]},
        schema={"group_ix": pl.Int64, "finding_id": pl.String},
    )
    keys = ["finding_id", "object_kind", "object_id", "created_at", "account_id", "post_id"]
    return SHARES.check(joint.shares.join(ids, on="group_ix").sort(keys))


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """Everything on the table while findings are written."""

    config: Config
    members: pl.DataFrame
    evidence: pl.DataFrame
    joint: JointShares
    objects: pl.DataFrame
    posts: pl.LazyFrame
    traces: pl.DataFrame
    digest: str
    proofs: pl.DataFrame | None
    followed: pl.DataFrame | None
    pairs: pl.DataFrame | None
    affiliations: Affiliations | None
    pages: Pages | None
    memory: Remembered | None
    said: Remembered

    @cached_property
    def around(self) -> pl.DataFrame:
        """Every share of an object that members shared together, whoever shared it."""
        keys = ["object_kind", "object_id"]
        return self.traces.join(self.joint.joint.select(keys).unique(), on=keys, how="semi")

    def write(self) -> list[tuple[int, Finding]]:
        """Write every finding; groups without a single joint share are not findings."""
        joint = self.joint.joint
        pushed = self._describe(profile.count_objects(joint))
        lags = profile.measure_lags(joint)
        listed = pushed.filter(pl.int_range(pl.len()).over("group_ix") < profile.MAX_OBJECTS)
        shown = fill_templates(mask_labels(self._name(listed)), joint=joint, posts=self.posts, memory=self.memory)
        kinds = self.evidence.join(
            profile.count_kinds(self.joint.near), on=["group_ix", "object_kind"], how="left"
        ).join(self.joint.pairs, on=["group_ix", "object_kind"], how="left", suffix="_counted")
        sheets = _Sheets(
            accounts=_lists(self.members, "account_id"),
            kinds=_rows(kinds.sort("group_ix", "object_kind")),
            objects=_rows(shown),
            leaders=_rows(profile.rank_leaders(lags)),
            bursts=_rows(profile.measure_bursts(joint)),
            proofs=_rows(self.proofs if self.proofs is not None else PROOFS.empty()),
            facts=self._facts(joint, pushed=pushed, lags=lags),
            joint=_parts_of(_numbered_apart(joint)),
            two_posts=closest_posts(joint),
            digests=_digests(pushed),
            pairs=_parts_of(self.pairs) if self.pairs is not None else {},
            followed=_rows(self._count_followed()),
        )
        return [(ix, _write_one(ix, sheets=sheets, desk=self)) for ix in sorted(sheets.joint)]

    def pick_posts(self, joint: pl.DataFrame, *, accounts: list[str]) -> list[str]:
        """Pick the posts that show a group, or take those of the run before where its joint shares are the same."""
        least = self.config.coshare.min_weight
        if self.memory is None:
            return pick_posts(joint, min_objects=least)
        key = "posts", tuple(accounts)
        return self.memory.get(key, (joint, least), lambda: pick_posts(joint, min_objects=least))

    def say_in_all(self, message: Message) -> dict[str, str]:
        """Say a message in every language, each but once: findings have many sentences in common."""
        return dict(self.said.get(("said", repr(message)), (), lambda: translations(message)))

    def _name(self, listed: pl.DataFrame) -> pl.DataFrame:
        counted = count_others(listed, shares=self.joint.shares, traces=self.around)
        return add_said(counted, joint=self.joint.joint, posts=self.posts)

    def _count_followed(self) -> pl.DataFrame:
        if self.followed is None or not self.followed.height:
            return FOLLOWED.empty()
        counted = count_followed(self.traces, groups=self.members, asked=self.followed, windows=self.evidence)
        return counted.sort("group_ix", "n_objects", "account_id", descending=[False, True, False])

    def _describe(self, pushed: pl.DataFrame) -> pl.DataFrame:
        keys = ["object_kind", "object_id"]
        about = self.objects.select(*keys, "origin", "label").join(pushed.select(keys).unique(), on=keys, how="semi")
        about = about.sort(*keys, "label", "origin").unique(keys, keep="first", maintain_order=True)
        return pushed.join(about, on=keys, how="left", maintain_order="left")

    def _facts(self, joint: pl.DataFrame, *, pushed: pl.DataFrame, lags: pl.DataFrame) -> dict[int, dict[str, Any]]:
        domains = known.count_origins(pushed, kinds=known.SITES)
        authors = known.count_origins(pushed, kinds=known.AUTHORS)
        clock = known.count_clock(joint, traces=self.around, members=self.members)
        counts, steady, peaks = known.count_objects_of(pushed), known.count_steady(lags), known.find_peaks(joint)
        ages = known.count_ages(joint, traces=self.around)
        sites = known.count_sites(self.joint.shares, pushed=pushed, posts=self.posts, pages=self.pages)
        totals = dict(pushed.group_by("group_ix").len().iter_rows())
        return {
            ix: {
                "domains": domains.get(ix, []), "authors": authors.get(ix, []), "n_objects": totals[ix],
                "n_peak": peaks[ix][0], "peak_at": peaks[ix][1],
                **ages[ix], **clock[ix], **counts[ix], **steady[ix], **sites.get(ix, {}),
            }
            for ix in totals
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Sheets:
    """The same facts cut into one entry per group."""

    accounts: dict[int, list[str]]
    kinds: Rows
    objects: Rows
    leaders: Rows
    bursts: Rows
    proofs: Rows
    facts: dict[int, dict[str, Any]]
    joint: dict[int, pl.DataFrame]
    two_posts: dict[int, Message]
    digests: dict[int, str]
    pairs: dict[int, pl.DataFrame]
    followed: Rows


def _write_one(ix: int, *, sheets: _Sheets, desk: _Desk) -> Finding:
    accounts, joint, kinds = sheets.accounts[ix], sheets.joint[ix], sheets.kinds[ix]
    proof = sheets.proofs.get(ix, [{}])[0]
    leaders = _leaders(sheets.leaders[ix], accounts)
    facts = known.Facts(accounts=accounts, leaders=leaders, **sheets.facts[ix])
    followed = _followed(sheets.followed.get(ix, []))
    claim = replace(_claim(facts, proof=proof, kinds=kinds, desk=desk), n_followed=len(followed))
    checks = check_explanations(facts, affiliations=desk.affiliations, say_in_all=desk.say_in_all)
    objects = _objects(sheets.objects[ix])
    pairs = describe_pairs(sheets.pairs.get(ix), accounts=accounts, kinds=kinds)
    steps = suggest_steps(
        facts, two_posts=sheets.two_posts.get(ix), checks=checks, objects=objects,
        weak_members=pairs.get("weak_members", []), by_own_pace=claim.kind == "own",
    )  # fmt: skip
    return Finding(
        method=claim.method,
        method_version=METHOD_VERSIONS[claim.method],
        config_digest=desk.digest,
        lead=claim.lead,
        label=claim.label,
        accounts=accounts,
        period=[instant(joint["created_at"].min()), instant(joint["created_at"].max())],
        traces=[_trace(row) for row in kinds],
        error_rate=claim.error_rate,
        e_value=None if claim.lead else proof.get("e_value"),
        p_value=None if claim.lead else proof.get("p_value"),
        chance_one_in=claim.chance_one_in,
        n_objects=facts.n_objects,
        objects_digest=sheets.digests[ix],
        objects=objects,
        leaders=leaders,
        burst={name: n for name, n in sheets.bursts[ix][0].items() if name != "group_ix"},
        benign=checks,
        techniques=suggest_techniques(_behaviour(joint, kinds, sheets.objects[ix]), say_in_all=desk.say_in_all),
        statement=write_statements(claim, say_in_all=desk.say_in_all),
        posts=desk.pick_posts(joint, accounts=accounts),
        next_steps=[{**step.to_dict(), "text": desk.say_in_all(step)} for step in steps],
        kind=claim.kind,
        followed=followed,
        **pairs,
    )


def _claim(facts: known.Facts, *, proof: dict[str, Any], kinds: list[dict[str, Any]], desk: _Desk) -> StatedClaim:
    """Return what is claimed of one group; without a proof, by the threshold rule of the run."""
    config, lead = desk.config, bool(proof.get("is_lead", False))
    rule = config.method if config.method != "synchrony" else "threshold"
    kind = lead_kind(proof["kind"], facts) if lead else proof.get("kind", "")
    return StatedClaim(
        method="synchrony" if proof else rule, n_accounts=len(facts.accounts), parts=_parts(kinds), lead=lead,
        label=label_group(facts.accounts, affiliations=desk.affiliations),
        chance_one_in=None if lead else _chance(proof.get("p_value")),
        error_rate=config.fdr if proof and not lead else None,
        min_weight=config.coshare.min_weight, kind=kind,
    )  # fmt: skip


def lead_kind(kind: str, facts: known.Facts) -> str:
    """Describe why a group is a lead only, as its shares show it: what a run takes it for must show in them too."""
    if len(facts.accounts) == PAIR:
        return "pair"
    from_one = max([facts.n_site, *(n for _, n in facts.authors[:1])]) >= MOST_OF_ONE * facts.n_objects
    after_one = max([one.n_first for one in facts.leaders], default=0) >= MOST_OF_ONE * facts.n_objects
    if kind in ("turns", "occasions", "hours", "called", "coarse") and not after_one and not from_one:
        return kind
    if facts.n_others <= FEW_OTHERS * facts.n_shares:
        return "followers" if after_one and not from_one else "objects"
    if from_one:
        return "source"
    if kind == "first" and facts.n_alike >= MOST_ALIKE * facts.n_shares:
        return "first"
    return "followers" if after_one else "group"


def _followed(rows: list[dict[str, Any]]) -> list[FollowedAccount]:
    return [FollowedAccount(**{k: v for k, v in row.items() if k != "group_ix"}) for row in rows]


def _parts(kinds: list[dict[str, Any]]) -> tuple[StatedPart, ...]:
    return tuple(
        StatedPart(kind=row["object_kind"], n_objects=row["n_objects"], window_s=row["window_s"])
        for row in kinds
        if row["counts"] and row["n_objects"]
    )


def _trace(row: dict[str, Any]) -> TraceEvidence:
    n_pairs = row["n_pairs"] if row["n_pairs"] is not None else row["n_pairs_counted"]
    return TraceEvidence(
        kind=row["object_kind"], scale_s=row["scale_s"], n_objects=row["n_objects"] or 0, n_posts=row["n_posts"] or 0,
        n_pairs=n_pairs or 0, expected_pairs=row["expected_pairs"], p_value=row["p_value"], e_value=row["e_value"],
    )  # fmt: skip


def _objects(rows: list[dict[str, Any]]) -> list[SharedObject]:
    objects = [_object(row) for row in rows]
    shown = pushed_contacts(objects)
    return [_masked(one, shown) if one.template or one.said else one for one in objects]


def _masked(one: SharedObject, shown: frozenset[str]) -> SharedObject:
    return replace(one, template=mask_template(one.template, shown=shown), said=mask_text(one.said, shown=shown))


def _object(row: dict[str, Any]) -> SharedObject:
    return SharedObject(
        kind=row["object_kind"], id=row["object_id"], label=row["label"] or row["object_id"],
        n_accounts=row["n_accounts"], n_posts=row["n_posts"],
        first_at=instant(row["first_at"]), last_at=instant(row["last_at"]), template=row["template"],
        n_others=row["n_others"], said=row["said"],
    )  # fmt: skip


def _leaders(rows: list[dict[str, Any]], accounts: list[str]) -> list[Leader]:
    leaders = [Leader(**{k: v for k, v in row.items() if k != "group_ix"}) for row in rows]
    missing = sorted(set(accounts) - {leader.account_id for leader in leaders})
    return leaders + [Leader(account_id=a, n_objects=0, median_lag_s=0.0, n_first=0) for a in missing]


def _behaviour(joint: pl.DataFrame, kinds: list[dict[str, Any]], shown: list[dict[str, Any]]) -> Behaviour:
    widest: dict[str, int] = {}
    for row in shown:
        widest[row["object_kind"]] = max(widest.get(row["object_kind"], 0), row["n_accounts"])
    platforms = joint.select(pl.col("post_id").str.extract(r"^([^/]*)/", 1).drop_nulls().unique())
    return Behaviour(
        n_objects={row["object_kind"]: row["n_objects"] for row in kinds if row["counts"] and row["n_objects"]},
        n_posts=joint["post_id"].n_unique(),
        widest=widest,
        platforms=frozenset(platforms.to_series()),
    )


def _chance(p_value: float | None) -> float | None:
    """Return the chance as stated: from the p-value as written, so that a reader can work it out again."""
    return round_chance(None if p_value is None else figure(p_value))


def _digests(pushed: pl.DataFrame) -> dict[int, str]:
    named = pushed.select("group_ix", "object_id", kind=pl.col("object_kind").cast(pl.String))
    return {
        int(str(ix)): digest_objects(part.select("kind", "object_id").iter_rows())
        for (ix,), part in named.partition_by("group_ix", as_dict=True).items()
    }


def instant(at: Any) -> str:
    """Write an instant as ISO 8601 in UTC: ``2024-03-01T12:00:00Z``; microseconds only where there are any."""
    text: str = at.replace(tzinfo=None).isoformat()
    return text + "Z"


def _parts_of(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    parts = frame.partition_by("group_ix", as_dict=True, include_key=False)
    return {int(str(key[0])): part for key, part in parts.items()}


def _numbered_apart(joint: pl.DataFrame) -> pl.DataFrame:
    """Number accounts and bursts of each group from one, in the same order: what other groups do has no say in it."""
    return joint.with_columns(pl.col("account_ix", "burst_ix").rank("dense").over("group_ix"))


def _lists(frame: pl.DataFrame, column: str) -> dict[int, list[str]]:
    grouped = frame.group_by("group_ix", maintain_order=True).agg(column)
    return dict(grouped.iter_rows())


def _rows(frame: pl.DataFrame) -> Rows:
    rows: Rows = {}
    for row in frame.iter_rows(named=True):
        rows.setdefault(row["group_ix"], []).append(row)
    return rows
