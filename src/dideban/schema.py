"""Every table that passes between stages: columns, types, units, meaning.

A column exists here before it exists in code. Stages check tables at their edges with :meth:`Table.check` and
otherwise trust them.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dideban.errors import SchemaError
from dideban.kinds import slugs
from dideban.messages import Message

INSTANT = pl.Datetime("us", "UTC")

PSEUDONYM = r"^a[a-z2-7]{16}$"
"""Regular expression of the pseudonyms that intake gives accounts."""
STRINGS = pl.List(pl.String)

OBJECT_KINDS = slugs()
"""What can be shared, in the order reports show it (``kinds.py``)."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its type, whether it may be null, and what it means (units included)."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: a name and its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, in order."""
        return {c.name: c.dtype() if isinstance(c.dtype, type) else c.dtype for c in self.columns}

    def empty(self) -> pl.DataFrame:
        """Return the table without rows."""
        return pl.DataFrame(schema=self.dtypes)

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return ``frame`` with the columns of this table in order, or say what is wrong.

        A column of kinds may come from a version that knew fewer of them: it is widened.

        Raises
        ------
        SchemaError
            A column is missing, mistyped, or null where it must not be.
        """
        for name, dtype in self.dtypes.items():
            if name not in frame.columns:
                raise SchemaError(self.name, name, expected=str(dtype), got=Message("schema.no-such-column"))
            if _is_narrower(frame.schema[name], dtype):
                frame = frame.with_columns(pl.col(name).cast(dtype))
            if frame.schema[name] != dtype:
                raise SchemaError(self.name, name, expected=str(dtype), got=str(frame.schema[name]))
        for column in self.columns:
            if not column.nullable and (missing := frame[column.name].null_count()):
                raise SchemaError(self.name, column.name,
                    expected=Message("schema.no-nulls"), got=Message("schema.some-nulls", n=missing),
                )  # fmt: skip
        return frame.select(self.names)


def _is_narrower(got: pl.DataType, wanted: pl.DataType) -> bool:
    """Return whether a column of names knows some of the wanted names and no others."""
    if not isinstance(got, pl.Enum) or not isinstance(wanted, pl.Enum) or got == wanted:
        return False
    return set(got.categories) <= set(wanted.categories)


POSTS = Table(
    name="POSTS",
    columns=(
        Column(name="post_id", dtype=pl.String, meaning="id of the post on its platform"),
        Column(name="account_id", dtype=pl.String, meaning="observed author: a keyed pseudonym unless ids are kept"),
        Column(name="platform", dtype=pl.String, meaning="where it was posted: x, telegram, web, ..."),
        Column(name="source", dtype=pl.String, meaning="the file or feed it was read from"),
        Column(name="created_at", dtype=INSTANT, meaning="when it was posted"),
        Column(name="text", dtype=pl.String, meaning="text as displayed, never altered", nullable=True),
        Column(name="lang", dtype=pl.String, meaning="BCP 47 language as declared by the source", nullable=True),
        Column(name="urls", dtype=STRINGS, meaning="links as written, in order; empty list when none"),
        Column(name="hashtags", dtype=STRINGS, meaning="hashtags without #, in order, as written"),
        Column(name="mentions", dtype=STRINGS, meaning="accounts mentioned (pseudonyms like account_id)"),
        Column(name="media", dtype=STRINGS, meaning="perceptual hashes or ids of pictures and videos"),
        Column(name="repost_of", dtype=pl.String, meaning="id of the post that this one reposts", nullable=True),
        Column(name="reply_to", dtype=pl.String, meaning="id of the post or account replied to", nullable=True),
        Column(name="quote_of", dtype=pl.String, meaning="id of the post that this one quotes", nullable=True),
        Column(name="place", dtype=pl.String, meaning="place the source declares for the post", nullable=True),
        Column(name="reach", dtype=pl.Int64, meaning="shares or views where known, count", nullable=True),
    ),
)
"""Key: (platform, post_id). The first arrival wins; later ones update ``reach`` only."""

REJECTS = Table(
    name="REJECTS",
    columns=(
        Column(name="source", dtype=pl.String, meaning="the file that contains the row"),
        Column(name="row", dtype=pl.Int64, meaning="row or line number, 1-based, header not counted; 0 = whole file"),
        Column(name="column", dtype=pl.String, meaning="column at fault, or empty"),
        Column(name="reason", dtype=pl.String, meaning="reason slug, e.g. time-unreadable; see docs/reference"),
        Column(name="value", dtype=pl.String, meaning="the raw value, cut at 200 characters"),
    ),
)

TRACES = Table(
    name="TRACES",
    columns=(
        Column(name="account_id", dtype=pl.String, meaning="who shared"),
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of the object shared"),
        Column(name="object_id", dtype=pl.String, meaning="the object: canonical link, text print, post id, ..."),
        Column(name="post_id", dtype=pl.String, meaning="the post that shared it, as platform/post_id"),
        Column(name="created_at", dtype=INSTANT, meaning="when it was shared"),
    ),
)
"""One row per (post, object). An account may share an object several times."""

OBJECTS = Table(
    name="OBJECTS",
    columns=(
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of the object"),
        Column(name="object_id", dtype=pl.String, meaning="as in TRACES"),
        Column(name="born_at", dtype=INSTANT, meaning="time of the original post where known", nullable=True),
        Column(name="origin", dtype=pl.String, meaning="domain, author or topic it comes from", nullable=True),
        Column(name="label", dtype=pl.String, meaning="what a person is shown: the link, the text, ..."),
    ),
)

EDGES = Table(
    name="EDGES",
    columns=(
        Column(name="account_a", dtype=pl.String, meaning="smaller of the two account ids"),
        Column(name="account_b", dtype=pl.String, meaning="larger of the two account ids"),
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of trace that links them"),
        Column(name="window_s", dtype=pl.Float64, meaning="longest gap between two shares, seconds, inclusive"),
        Column(name="weight", dtype=pl.Int64, meaning="distinct objects co-shared within the window, count"),
        Column(name="n_pairs", dtype=pl.Int64, meaning="pairs of shares within the window, count"),
        Column(name="mean_delay_s", dtype=pl.Float64, meaning="mean gap over those pairs, seconds"),
        Column(name="n_posts_a", dtype=pl.Int64, meaning="distinct posts of account_a in those pairs, count"),
        Column(name="n_posts_b", dtype=pl.Int64, meaning="distinct posts of account_b in those pairs, count"),
        Column(name="symmetry", dtype=pl.Float64, meaning="min/max of the two post counts, 0..1"),
        Column(name="is_strong", dtype=pl.Boolean, meaning="passes the weight threshold of the method"),
    ),
)
"""One row per (account_a, account_b, object_kind, window_s), sorted by it."""

GROUPS = Table(
    name="GROUPS",
    columns=(
        Column(name="group_ix", dtype=pl.Int64, meaning="dense code of the group within this table, from 0"),
        Column(name="account_id", dtype=pl.String, meaning="a member account"),
        Column(name="strength", dtype=pl.Float64, meaning="sum of the member's edge weights inside the group"),
    ),
)
"""Three accounts or more per group, two in leads of kind "pair"; sorted by group_ix, account_id.

Groups are ordered by size, then first member."""

FINDING_KINDS = ("exchange", "own", "both")
"""What proves a finding: exchange with others, the members' own pace, or both."""
LEAD_KINDS = (
    *("first", "turns", "occasions", "hours", "called", "coarse"),
    *("group", "pair", "objects", "followers", "source"),
)
"""Why a lead is no finding: always first (or at one delay), first by turns
where something public may set the time, close at all times as people with common
breaks are, at hours that return day after day, called each time by somebody else,
of times too coarse to show who came after whom, fewer than three members proved, two accounts only, objects
that hardly anybody else shares, one account is the first on most of them, all follow one source."""
PROOF_KINDS = (*FINDING_KINDS, *LEAD_KINDS)

PROOFS = Table(
    name="PROOFS",
    columns=(
        Column(name="group_ix", dtype=pl.Int64, meaning="group in the GROUPS table that travels with this one"),
        Column(name="p_value", dtype=pl.Float64, meaning="smallest valid p-value of the group, 0..1"),
        Column(name="e_value", dtype=pl.Float64, meaning="e-value of the group, averaged over splits and scales"),
        Column(name="n_tries", dtype=pl.Int64, meaning="groups tested in the same run, count"),
        Column(name="is_lead", dtype=pl.Boolean, meaning="weaker proof than the stated error rate"),
        Column(name="kind", dtype=pl.Enum(PROOF_KINDS), meaning="what proves a finding, or why a lead is none"),
    ),
)
"""One row per proved group."""

FOLLOWED = Table(
    name="FOLLOWED",
    columns=(
        Column(name="group_ix", dtype=pl.Int64, meaning="as in PROOFS"),
        Column(name="account_id", dtype=pl.String, meaning="an account that is not among the group's members"),
        Column(name="n_objects", dtype=pl.Int64, meaning="objects on which members came within the window after it"),
        Column(name="n_members", dtype=pl.Int64, meaning="members that did"),
    ),
)
"""Accounts that members of a group came after: source, target or unknowing; sorted by group_ix, account_id."""

PROOF_TRACES = Table(
    name="PROOF_TRACES",
    columns=(
        Column(name="group_ix", dtype=pl.Int64, meaning="as in PROOFS"),
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of trace"),
        Column(name="scale_s", dtype=pl.Float64, meaning="window of the test, seconds, inclusive"),
        Column(name="n_blocks", dtype=pl.Int64, meaning="blocks (object, stretch of time) that inform, count"),
        Column(name="n_pairs", dtype=pl.Int64, meaning="near pairs of members in them, count"),
        Column(name="expected_pairs", dtype=pl.Float64, meaning="near pairs expected by chance in them"),
        Column(name="p_value", dtype=pl.Float64, meaning="Monte-Carlo p-value, 0..1"),
        Column(name="e_value", dtype=pl.Float64, meaning="e-value"),
    ),
)
"""One row per (group, kind, scale) that informs: the breakdown that is kept beside PROOFS."""

PAIR_TRACES = Table(
    name="PAIR_TRACES",
    columns=(
        Column(name="account_a", dtype=pl.String, meaning="smaller of the two account ids"),
        Column(name="account_b", dtype=pl.String, meaning="larger of the two account ids"),
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of trace"),
        Column(name="scale_s", dtype=pl.Float64, meaning="longest gap that counts as near, seconds, inclusive"),
        Column(name="n_blocks", dtype=pl.Int64, meaning="blocks that both are in and that inform, count"),
        Column(name="n_near", dtype=pl.Int64, meaning="blocks among them in which the two are near, count"),
        Column(name="expected", dtype=pl.Float64, meaning="blocks in which they would be near by chance"),
        Column(name="p_value", dtype=pl.Float64, meaning="exact Poisson-binomial tail, 0..1"),
        Column(name="e_value", dtype=pl.Float64, meaning="bet with mean 1 by chance"),
    ),
)
"""Pairs inside one proved group, sorted by pair, kind and scale: an explanation of the group, never claims."""

GROUP_PAIRS = Table(
    name="GROUP_PAIRS",
    columns=(Column(name="group_ix", dtype=pl.Int64, meaning="as in PROOFS"), *PAIR_TRACES.columns),
)
"""PAIR_TRACES of several groups, of the part of the data that proved each."""

SHARES = Table(
    name="SHARES",
    columns=(
        Column(name="finding_id", dtype=pl.String, meaning="the finding that these shares belong to"),
        Column(name="account_id", dtype=pl.String, meaning="a member account of the finding"),
        Column(name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="kind of the object shared"),
        Column(name="object_id", dtype=pl.String, meaning="the object shared"),
        Column(name="post_id", dtype=pl.String, meaning="the post that shared it, as platform/post_id"),
        Column(name="created_at", dtype=INSTANT, meaning="when it was shared"),
        Column(name="is_joint", dtype=pl.Boolean, meaning="another member shared the object within the window"),
    ),
)
"""Every share by a member account of a finding, joint or not: what timelines and rasters draw."""

GROUP_EVENTS_NAMES = ("born", "split", "continues", "grew", "shrank", "returned", "merged", "ended")
"""What can happen to a group from one period to the next."""

GROUP_HISTORY = Table(
    name="GROUP_HISTORY",
    columns=(
        Column(
            name="period_ix", dtype=pl.Int64, meaning="analysis the row belongs to: 0 for the first, then ascending"
        ),
        Column(name="group_id", dtype=pl.String, meaning="g and 16 hex digits; never given to another group"),
        Column(name="account_id", dtype=pl.String, meaning="a member account"),
        Column(name="strength", dtype=pl.Float64, meaning="the member's evidence inside the group, as in GROUPS"),
        Column(name="is_core", dtype=pl.Boolean, meaning="holds half or more of the group's mean evidence"),
    ),
)
"""Members of every group in every period in which it was seen; sorted by period, group, account."""

GROUP_EVENTS = Table(
    name="GROUP_EVENTS",
    columns=(
        Column(name="period_ix", dtype=pl.Int64, meaning="the later of the two periods that are compared"),
        Column(name="group_id", dtype=pl.String, meaning="the group it happened to"),
        Column(name="event", dtype=pl.Enum(GROUP_EVENTS_NAMES), meaning="see docs/methods/groups.md"),
        Column(name="other_ids", dtype=STRINGS, meaning="groups it came from (split) or went into (merged, ended)"),
        Column(
            name="overlap", dtype=pl.Float64, meaning="share of the core's evidence that stayed, 0..1", nullable=True
        ),
        Column(name="n_before", dtype=pl.Int64, meaning="members when last seen, count; 0 where new"),
        Column(name="n_after", dtype=pl.Int64, meaning="members now, count; 0 where gone"),
        Column(name="n_stayed", dtype=pl.Int64, meaning="members then and now, count"),
    ),
)
"""One row per group of the current period and per group of the last period that is no more; sorted by group."""

TABLES = (
    POSTS,
    REJECTS,
    TRACES,
    OBJECTS,
    EDGES,
    GROUPS,
    PROOFS,
    PROOF_TRACES,
    FOLLOWED,
    PAIR_TRACES,
    SHARES,
    GROUP_HISTORY,
    GROUP_EVENTS,
)


def post_key(post_id: str = "post_id") -> pl.Expr:
    """Return the key of a post across tables: ``platform/post_id``.

    Parameters
    ----------
    post_id : str
        Column with an id on the platform of the row, such as ``repost_of``.
    """
    return pl.concat_str(pl.col("platform").cast(pl.String), pl.lit("/"), pl.col(post_id))
