"""Accounts that somebody calls: each time somebody else, and not always the same, has just asked for it.

A call is an answer to the post that they repost, or the very post that they answer or repost. Somebody else's share of
the same thing is none: whatever is popular is shared by somebody now and then, and a campaign that hides among its
shares comes after one of them.

Programs that answer when they are named, repost what a person asks them to, or search for words come close together on
things of any age, whoever owns them: the person sets the time. So do all that take up fresh posts of many authors
within a minute. Members of a group have no such person before them, or always the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dideban.proof.moments import SITTING_S

CALL_S = 60.0
"""How soon after a call accounts come; shares of one thing this close are one joint act."""
LEAST_ACTS = 9
"""Joint acts, one of each quarter of an hour, from which calls are believed."""
MOST_OF_THEM = 2 / 3
"""Part of them that somebody must have called."""
BEYOND = 0.5
"""Part of them by which calls before must exceed what others post about the same things in the minute after."""
ONE_CALLER = 0.5
"""Part of the calls that one account may make: who always begins is a leader, and tells nothing else."""
ANSWER = "reply"
POSTS = (ANSWER, "repost")
"""Kinds whose objects are posts: an answer to a post and a repost of it are about the same thing."""
THING = ["of_post", "object_id"]
COLUMNS = {
    "account_id": pl.String,
    "of_post": pl.String,
    "object_id": pl.String,
    "t": pl.Float64,
    "is_answer": pl.Boolean,
}


@dataclass(frozen=True, kw_only=True)
class Talk:
    """Who posted about what, of the things that some accounts share."""

    about: pl.DataFrame
    """(account_id, of_post, object_id, t, is_answer) of shares, answers and reposts."""
    written: pl.DataFrame
    """The same of the posts that are answered and reposted: who wrote them, and when."""

    @classmethod
    def of(cls, traces: pl.DataFrame, objects: pl.DataFrame | None, accounts: pl.Series) -> Talk:
        """Return what anybody posted about the things of some accounts.

        Parameters
        ----------
        traces : TRACES
            Of everybody.
        objects : OBJECTS or None
        """
        things = traces.filter(pl.col("account_id").is_in(accounts.implode())).select("object_id").unique()
        about = _about(traces.join(things, on="object_id", how="semi"))
        return cls(about=about, written=_written(objects, things))


def are_called(talk: Talk, members: pl.Series, *, proposed: pl.Series) -> bool:
    """Say whether somebody outside a group had written or answered most of what it acted on together, right before.

    Parameters
    ----------
    members, proposed : account ids
        Who is claimed; who was proposed with them, and calls nobody.
    """
    acts = _acts(talk.about.filter(pl.col("account_id").is_in(members.implode())))
    if acts["sitting"].n_unique() < LEAST_ACTS:
        return False
    is_other = ~pl.col("account_id").is_in(proposed.implode())
    others, written = talk.about.filter(is_other), talk.written.filter(is_other)
    asked = _near(acts.filter("is_share"), others.filter("is_answer"), side=-1)
    before = pl.concat([asked, _near(acts, written, side=-1)])
    after = _near(acts, others, side=1)
    n, n_before, n_after = (one["sitting"].n_unique() for one in (acts, before, after))
    if n_before < MOST_OF_THEM * n or n_before - n_after < BEYOND * n:
        return False
    callers = before.select("sitting", "account_id").unique().group_by("account_id").len()
    return int(callers["len"].max() or 0) <= ONE_CALLER * n_before  # type: ignore[arg-type]


def _about(traces: pl.DataFrame) -> pl.DataFrame:
    """Return (account_id, of_post, object_id, t, is_answer): who posted about what."""
    kind = pl.col("object_kind").cast(pl.String)
    of_post = pl.when(kind.is_in(POSTS)).then(pl.lit("post")).otherwise(kind)
    known = traces.filter(kind != "domain")
    t = pl.col("created_at").dt.epoch("us") / 1e6
    return known.select("account_id", "object_id", of_post=of_post, t=t, is_answer=kind == ANSWER).select(*COLUMNS)


def _acts(mine: pl.DataFrame) -> pl.DataFrame:
    """Return (of_post, object_id, begin, end, is_share, sitting) of runs of one thing by two accounts or more.

    ``is_share`` where one of them is no answer.
    """
    new = (pl.col("t").diff() > CALL_S).fill_null(value=True)
    return (
        mine.sort(*THING, "t")
        .with_columns(act=new.over(THING).cum_sum())
        .group_by(*THING, "act")
        .agg(
            begin=pl.col("t").min(),
            end=pl.col("t").max(),
            n=pl.col("account_id").n_unique(),
            is_share=~pl.col("is_answer").all(),
        )
        .filter(pl.col("n") > 1)
        .select(*THING, "begin", "end", "is_share", sitting=(pl.col("begin") / SITTING_S).floor())
    )


def _written(objects: pl.DataFrame | None, things: pl.DataFrame) -> pl.DataFrame:
    if objects is None:
        return pl.DataFrame(schema=COLUMNS)
    is_post = pl.col("object_kind").cast(pl.String).is_in(POSTS)
    is_known = pl.col("born_at").is_not_null() & pl.col("origin").is_not_null()
    known = objects.filter(is_post, is_known).join(things, on="object_id", how="semi")
    t = pl.col("born_at").dt.epoch("us") / 1e6
    return known.select(
        account_id="origin", of_post=pl.lit("post"), object_id="object_id", t=t, is_answer=pl.lit(value=False)
    )


def _near(acts: pl.DataFrame, others: pl.DataFrame, *, side: int) -> pl.DataFrame:
    """Return acts beside which somebody else posted, at most CALL_S apart and not at the same instant.

    Joined by minute as well: a thing may have a million shares, and a group many acts on it.

    Parameters
    ----------
    side : -1 or 1
        Before an act begins, or after its end.
    """
    edge = pl.col("begin" if side < 0 else "end")
    minute = (edge / CALL_S).floor()
    both = pl.concat([acts.with_columns(minute=minute), acts.with_columns(minute=minute + side)])
    apart_s = side * (pl.col("t") - edge)
    met = both.join(others.with_columns(minute=(pl.col("t") / CALL_S).floor()), on=[*THING, "minute"])
    return met.filter(apart_s > 0, apart_s <= CALL_S)


__all__ = ["Talk", "are_called"]
