"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class Problem(Schema):
    """What went wrong: a code that does not change, its values, and words in the language that was asked for."""

    code: str
    values: dict[str, Any] = Field(default_factory=dict)
    message: str
    hint: str = ""


class RoomOut(Schema):
    """A room."""

    slug: str
    name: str
    horizon_days: int
    tick_s: int
    role: str
    scopes: list[str]


class PeriodOut(Schema):
    """The past period whose run found a group."""

    run: int
    since: datetime
    until: datetime


class PastRunOut(Schema):
    """A run over a past period. Counts are of the whole room: null for a token limited to places."""

    number: int
    since: datetime
    until: datetime
    status: str
    asked_at: datetime
    finished_at: datetime | None
    error_rate: float | None
    n_posts: int | None
    n_findings: int | None
    n_leads: int | None
    method_version: str
    config_digest: str


class GroupOut(Schema):
    """A followed group with its current finding."""

    number: int
    finding_id: str
    first_found_at: datetime
    last_found_at: datetime
    is_active: bool
    is_lead: bool
    label: str
    method: str
    error_rate: float | None
    n_accounts: int
    n_posts: int
    n_objects: int
    first_at: datetime
    last_at: datetime
    verdict: str
    places: list[str]
    sources: list[str]
    languages: list[str]
    statement: dict[str, str]
    past_run: PeriodOut | None
    """Null = the watch found it."""


class FindingOut(Schema):
    """One immutable finding, whole."""

    finding_id: str
    group: int
    past_run: PeriodOut | None
    found_at: datetime
    redacted_at: datetime | None
    document: dict[str, Any]


class VerdictIn(Schema):
    """What a member says about a group."""

    finding_id: str = Field(max_length=20)
    kind: str = Field(max_length=12)
    reason: str = Field(max_length=20_000)


class VerdictOut(Schema):
    """A verdict."""

    finding_id: str
    kind: str
    reason: str
    member: str
    at: datetime


class BurstOut(Schema):
    """A stretch in which a narrative took a larger share of all posts than usual."""

    start: datetime
    end: datetime
    n_posts: int
    share: float
    usual_share: float
    weight: float
    goes_on: bool


class NarrativeOut(Schema):
    """Posts that tell of the same thing; counts are of the horizon. No claim about anybody."""

    number: int
    is_active: bool
    merged_into: int | None
    terms: list[str]
    n_posts: int
    n_texts: int
    n_accounts: int
    first_at: datetime
    last_at: datetime
    recent: int
    """Posts of the last 24 hours."""
    growth: int
    """The same less those of the 24 hours before."""
    burst_at: datetime | None
    """Start of the burst that goes on now."""
    languages: dict[str, int]
    platforms: dict[str, int]
    places: dict[str, int]
    sources: dict[str, int]
    domains: dict[str, int]
    share_proved: float
    """Share of its posts by accounts of groups that were found, 0..1."""


class SpreadOut(Schema):
    """An account that told a narrative among the first; a pseudonym."""

    account: str
    at: datetime
    source: str
    place: str
    platform: str
    post: str


class OneNarrativeOut(NarrativeOut):
    """A narrative, whole. Its posts: ``/posts?narrative=NUMBER``."""

    start_at: datetime
    step_s: int
    counts: list[int]
    """Posts per ``step_s`` seconds from ``start_at`` on."""
    days: dict[str, int]
    bursts: list[BurstOut]
    groups: dict[str, int]
    """Number of a group that was found to posts of its accounts, as far as the token may see the group."""
    spread: list[SpreadOut]
    examples: list[str]
    """Names of posts that stand for it."""


class PostOut(Schema):
    """A post; the account is a pseudonym."""

    post_id: str
    account_id: str
    platform: str
    source: str
    created_at: datetime
    arrived_at: datetime
    text: str | None
    lang: str | None
    urls: list[str]
    hashtags: list[str]
    mentions: list[str]
    media: list[str]
    repost_of: str | None
    reply_to: str | None
    quote_of: str | None
    place: str | None
    reach: int | None


class PostsOut(Schema):
    """A page of posts, newest first."""

    items: list[PostOut]
    count: int
    next: str


class AlertOut(Schema):
    """An alert."""

    id: int
    kind: str
    at: datetime
    text: str
    link: str
    group: int | None
    source: str | None
    handled_at: datetime | None


class CaseOut(Schema):
    """A case."""

    number: int
    title: str
    status: str
    severity: str
    owner: str
    places: list[str]
    groups: list[int]
    narratives: list[int]
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None


class CaseIn(Schema):
    """A new case."""

    title: str = Field(min_length=1, max_length=200)
    summary: str = Field("", max_length=100_000)
    severity: str = Field("medium", max_length=8)
    groups: list[int] = Field(default_factory=list, max_length=100)
    narratives: list[int] = Field(default_factory=list, max_length=100)


class NoteIn(Schema):
    """A note in Markdown."""

    text: str = Field(min_length=1, max_length=100_000)
    kind: str = Field("note", max_length=10)


class NoteOut(Schema):
    """A note."""

    id: int
    kind: str
    text: str
    member: str
    at: datetime


class SourceOut(Schema):
    """A source and how it is."""

    slug: str
    name: str
    kind: str
    health: str
    place: str | None
    language: str
    last_post_at: datetime | None
    lag_s: float | None
    last_error: str
    n_posts: int
    n_rejects: int


class TakenOut(Schema):
    """What became of posts that were sent: everything accepted is on the disk."""

    rows: int
    accepted: int
    repeats: int
    rejected: int
    reasons: dict[str, int]


class FurtherOut(Schema):
    """What else one response did: whether activity moved, or whether posts are gone."""

    what: str
    """``accounts`` (other posts by the early accounts), ``texts`` (the same words elsewhere), ``gone``."""
    identifiable: bool
    reasons: list[dict[str, Any]]
    statements: list[dict[str, Any]]
    """``code``, ``values`` and ``text`` by language."""
    posts: int | None
    """Posts elsewhere within the horizon; for ``gone``, posts that were there before."""
    gone: int | None
    expected: float | None
    reduction: float | None
    """Negative where more came elsewhere."""
    low: float | None
    high: float | None
    p_fewer: float | None
    p_more: float | None
    """For ``gone``: how often chance alone lets so few, or so many, go."""


class FurtherPoolOut(Schema):
    """What else the responses of a pool did together."""

    what: str
    n: int
    statements: list[dict[str, Any]]
    posts: int | None
    gone: int | None
    expected: float | None
    reduction: float | None
    low: float | None
    high: float | None
    p_fewer: float
    p_more: float


class EffectOut(Schema):
    """What one response did, or why that cannot be known."""

    version: str
    at: datetime
    identifiable: bool
    drawn: bool
    """Estimated among the candidates of its lot: exact. Otherwise somebody chose."""
    reasons: list[dict[str, Any]]
    """``code``, ``values`` and ``text`` by language; empty where the figures stand."""
    n_controls: int
    posts: int | None
    expected: float | None
    reduction: float | None
    """Share of the expected posts that did not come; negative where more came."""
    low: float | None
    high: float | None
    """90% interval of the reduction."""
    p_fewer: float | None
    p_more: float | None
    e_value: float | None
    gamma: float | None
    placebo_p: float | None
    life_share: float | None
    digest: str
    further: list[FurtherOut]
    """Whether activity moved elsewhere, and whether posts are gone."""


class ResponseOut(Schema):
    """Something that was done about a target, planned before it happened."""

    response: int
    case: int
    kind: str
    title: str
    target: str
    """``narrative:3``, ``group:2``, ``link:https://...``, ``hashtag:...``; empty where the token may not see it."""
    outcome: str
    horizon_h: int
    state: str
    planned_at: datetime
    plan_digest: str
    at: datetime | None
    url: str
    language: str
    lot: int | None
    drawn: bool
    effect: EffectOut | None


class LotOut(Schema):
    """A draw among narratives, with what it takes to draw again."""

    lot: int
    case: int
    narratives: list[int]
    kind: str
    horizon_h: int
    chain_seq: int
    chain_hash: str
    seed: str
    """SHA-256 of ``chain_hash:room:lot:number``; modulo the number of narratives it counts through them."""
    drawn: int | None
    at: datetime
    refused_at: datetime | None


class PoolOut(Schema):
    """What the responses of one kind, horizon and way of choosing did together."""

    kind: str
    """Empty = all kinds but doing nothing."""
    split: str
    """``delay``, ``place`` or ``language``; empty = by kind alone."""
    value: str
    outcome: str
    horizon_h: int
    drawn: bool
    version: str
    at: datetime
    n: int
    reduction: float | None
    low: float | None
    high: float | None
    p_fewer: float
    p_more: float
    e_value: float
    gamma: float
    n_needed: int | None
    further: list[FurtherPoolOut]


class EffectsOut(Schema):
    """Pooled effects and lots of a room."""

    pools: list[PoolOut]
    lots: list[LotOut]
