"""One finding as the page shows it: everything cut to size, in an order that never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dideban.findings.model import Finding, PairEvidence, SharedObject
from dideban.findings.private import pushed_contacts
from dideban.kinds import slugs
from dideban.report import raster
from dideban.report.network import Drawing, draw_group
from dideban.report.operation_timeline import Operation, OperationTimeline, operation_timeline
from dideban.report.pictures import Thumbnail
from dideban.report.safe import short_id, web_link
from dideban.report.template_variants import Wording, tell_wordings
from dideban.traces import mask_text

MAX_PAIRS = 20
"""Pairs shown of one finding."""
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})
NO_PICTURES: Mapping[str, Thumbnail] = {}
MAX_TEXT = 1_000
"""Characters shown of one post."""


@dataclass(frozen=True, kw_only=True)
class ShownAmounts:
    """How much of each finding is shown; less where there are many findings."""

    posts: int
    operations: int
    objects: int

    @classmethod
    def of(cls, n_findings: int) -> ShownAmounts:
        """Return the limits for a page of ``n_findings`` findings in full."""
        if n_findings <= 10:
            return cls(posts=200, operations=240, objects=120)
        if n_findings <= 25:
            return cls(posts=80, operations=120, objects=60)
        return cls(posts=40, operations=80, objects=40)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One finding with its place on the page and its id, which is a hash and so is computed once."""

    number: int
    id: str
    finding: Finding
    spark: str


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """One account of the group, in the order of rows."""

    number: int
    account_id: str
    short: str
    n_objects: int | None
    median_lag_s: float | None
    n_first: int | None
    is_weak: bool
    """Whether the member is there by little evidence."""


@dataclass(frozen=True, kw_only=True)
class PairRow:
    """One pair of members that carries the finding."""

    a: int
    """Number of the member."""
    b: int
    evidence: PairEvidence
    near: float
    """Share of the common occasions on which the two were near, percent: the bar."""
    expected: float
    """The same by chance: the mark on the bar."""


@dataclass(frozen=True, kw_only=True)
class OperationRow:
    """One line of the table of operations; the figure reads the same line."""

    number: int
    at: datetime
    x: int
    kind: str
    label: str
    n_accounts: int
    span_s: float
    offsets: list[tuple[int, float]]
    """(number of the member, seconds after the first)."""


@dataclass(frozen=True, kw_only=True)
class PostView:
    """One post as shown."""

    key: str
    at: datetime
    platform: str
    member: int
    account: str
    text: str
    lang: str
    urls: list[str]
    is_proof: bool


@dataclass(frozen=True, kw_only=True)
class RasterView:
    """Both views of the timeline, ready to draw."""

    height: int
    row_height: int
    single: str
    joint: str
    strokes: str
    ticks: list[raster.AxisMark]
    bands: list[tuple[float, float]]
    columns: str
    column_lines: str
    column_ticks: list[raster.AxisMark]
    reach_s: float
    bars: list[raster.Bar]
    n_single: int
    n_joint: int


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding in full."""

    number: int
    id: str
    finding: Finding
    members: list[MemberRow]
    pairs: list[PairRow]
    raster: RasterView
    operations: list[OperationRow]
    n_operations: int
    network: Drawing
    objects: list[SharedObject]
    pictures: Mapping[str, Thumbnail]
    """Small pictures, by object."""
    has_slots: bool
    """Whether a template among the objects shows what was swapped."""
    wordings: dict[str, list[Wording]]
    """Which member wrote which variant, by object."""
    posts: list[PostView]
    n_posts: int


def view_finding(
    card: Card,
    *,
    shares: pl.DataFrame,
    posts: Mapping[str, Mapping[str, Any]],
    edges: pl.DataFrame,
    limits: ShownAmounts,
    seed: int,
    pictures: Mapping[str, Thumbnail] = NO_PICTURES,
) -> FindingView:
    """Return what the page shows of one finding.

    Parameters
    ----------
    card : Card
        The finding and its place on the page.
    shares : SHARES
        Rows of this finding.
    posts : mapping
        ``platform/post_id`` to a row of POSTS.
    edges : EDGES
        Any; only those between members are drawn.
    limits : Limits
    seed : int
        Seed of the placement of the network.
    pictures : mapping
        Object to a small picture of it, where one may be shown.
    """
    finding = card.finding
    story = operation_timeline(finding, shares)
    operations = _largest(story.operations, limits.operations)
    objects = finding.objects[: limits.objects]
    keys = proof_first(finding, shares)
    return FindingView(
        number=card.number,
        id=card.id,
        finding=finding,
        members=_members(finding, story),
        pairs=_pairs(finding, story),
        raster=_raster(story, operations),
        operations=_rows(finding, story, operations),
        n_operations=len(story.operations),
        network=draw_group(story.accounts, edges, seed=seed),
        objects=objects,
        pictures={entry.id: pictures[entry.id] for entry in objects if entry.id in pictures},
        has_slots=any("slot" in piece for entry in objects for piece in entry.template or []),
        wordings=tell_wordings(
            objects, shares, posts, numbers={account: n for n, account in enumerate(story.accounts, start=1)}
        ),
        posts=_posts(finding, story, keys[: limits.posts], posts),
        n_posts=len(keys),
    )


def proof_first(finding: Finding, shares: pl.DataFrame) -> list[str]:
    """Return the posts of the finding: those that carry the proof in their order, then the other joint ones by time."""
    joint = shares.filter("is_joint").sort("created_at", "post_id")["post_id"].to_list()
    return list(dict.fromkeys([*finding.posts, *joint]))


def _largest(operations: Sequence[Operation], limit: int) -> list[Operation]:
    """Return the operations of most accounts, at most ``limit``, again in order of time."""
    if len(operations) <= limit:
        return list(operations)
    by_size = sorted(range(len(operations)), key=lambda ix: (-len(operations[ix].members), ix))
    return [operations[ix] for ix in sorted(by_size[:limit])]


def _members(finding: Finding, story: OperationTimeline) -> list[MemberRow]:
    known = {leader.account_id: leader for leader in finding.leaders}
    return [
        MemberRow(
            number=number,
            account_id=account,
            short=short_id(account),
            n_objects=known[account].n_objects if account in known else None,
            median_lag_s=known[account].median_lag_s if account in known else None,
            n_first=known[account].n_first if account in known else None,
            is_weak=account in finding.weak_members,
        )
        for number, account in enumerate(story.accounts, start=1)
    ]


def _pairs(finding: Finding, story: OperationTimeline) -> list[PairRow]:
    """Return the pairs with most evidence, named by the numbers of their rows."""
    number = {account: ix for ix, account in enumerate(story.accounts, start=1)}
    return [
        PairRow(
            a=number.get(pair.account_a, 0), b=number.get(pair.account_b, 0), evidence=pair,
            near=round(100 * pair.n_near / max(pair.n_blocks, 1), 2),
            expected=round(min(100 * pair.expected / max(pair.n_blocks, 1), 100.0), 2),
        )
        for pair in finding.pairs[:MAX_PAIRS]
    ]  # fmt: skip


def _raster(story: OperationTimeline, operations: Sequence[Operation]) -> RasterView:
    span = raster.extent(story)
    height = raster.row_height(len(story.accounts))
    reach_s = raster.reach(operations)
    n = len(operations)
    return RasterView(
        height=height * len(story.accounts),
        row_height=height,
        single=raster.dots(story.single, span),
        joint=raster.dots(story.joint, span),
        strokes=raster.strokes(story.operations, span),
        ticks=raster.time_ticks(span),
        bands=[(round(ix / n * 100, 3), round(100 / n, 3)) for ix in range(0, n, 2)],
        columns=raster.column_dots(operations, reach_s=reach_s),
        column_lines=raster.column_lines(operations),
        column_ticks=raster.column_ticks(n),
        reach_s=reach_s,
        bars=raster.histogram(story.operations),
        n_single=len(story.single),
        n_joint=len(story.joint),
    )


def _rows(finding: Finding, story: OperationTimeline, operations: Sequence[Operation]) -> list[OperationRow]:
    labels = {(entry.kind, entry.id): entry.label for entry in finding.objects}
    span = raster.extent(story)
    return [
        OperationRow(
            number=number,
            at=raster.moment(operation.start_us),
            x=int(raster.place(operation.start_us, span)),
            kind=operation.kind,
            label=labels.get((operation.kind, operation.object_id), operation.object_id),
            n_accounts=len(operation.members),
            span_s=operation.span_s,
            offsets=[(row + 1, lag) for row, lag in operation.members],
        )
        for number, operation in enumerate(operations, start=1)
    ]


def _posts(
    finding: Finding, story: OperationTimeline, keys: Sequence[str], posts: Mapping[str, Mapping[str, Any]]
) -> list[PostView]:
    number = {account: ix for ix, account in enumerate(story.accounts, start=1)}
    proof, shown = set(finding.posts), pushed_contacts(finding.objects)
    rows = [(key, posts[key]) for key in keys if key in posts]
    return [
        PostView(
            key=key,
            at=row["created_at"],
            platform=row["platform"],
            member=number.get(row["account_id"], 0),
            account=row["account_id"],
            text=mask_text(row["text"] or "", shown=shown),
            lang=language_tag(row["lang"]),
            urls=[mask_text(url, shown=shown) for url in (row["urls"] or [])[:5] if url],
            is_proof=key in proof,
        )
        for key, row in rows
    ]


def language_tag(tag: str | None) -> str:
    """Return a declared language where it has the form of one, else nothing."""
    return tag if tag and len(tag) <= 12 and tag.replace("-", "").isalnum() and tag.isascii() else ""


def direction(tag: str | None) -> str:
    """Return the direction of a text in a declared language, ``auto`` where it is not known to be right-to-left."""
    return "rtl" if (tag or "").partition("-")[0].lower() in RIGHT_TO_LEFT else "auto"


def link_of(entry: SharedObject) -> str | None:
    """Return the address that an object offers to open, if any."""
    if entry.kind not in slugs(lambda kind: kind.is_address):
        return None
    return web_link(entry.label) or web_link(entry.id)
