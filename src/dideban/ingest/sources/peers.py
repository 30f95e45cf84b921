"""Tables of two peer tools: CooRTweet's four columns, and the input of the QUT coordination network toolkit."""

from __future__ import annotations

import polars as pl

from dideban.ingest import notes as said
from dideban.ingest.format import Shape

LINK, REPEATED, POST = "object_id (link)", "object_id (repeated)", "content_id (or content_id~object_id)"


def derive(raw: pl.DataFrame) -> pl.DataFrame:
    """An object that is a link becomes a link; any other becomes what the post repeats.

    A post that is its own object is the original, which repeats nothing. A post with several objects has a row for
    each; so that none is lost it becomes a post for each.
    """
    thing, post = pl.col("object_id").cast(pl.String), pl.col("content_id").cast(pl.String)
    link = thing.str.contains(r"^(?:https?://|www\.)")
    return raw.with_columns(
        pl.when(link).then(pl.concat_list(thing)).otherwise(pl.lit([], pl.List(pl.String))).alias(LINK),
        pl.when(~link & (thing != post)).then(thing).alias(REPEATED),
        pl.when(thing.n_unique().over(post) > 1)
        .then(pl.concat_str([post, thing], separator="~"))
        .otherwise(post)
        .alias(POST),
    )


COORTWEET = Shape(
    name="coortweet",
    columns=lambda names: (
        names >= {"object_id", "account_id", "content_id"}
        and bool(names & {"timestamp_share", "timestamp"})
        and "text" not in names
    ),
    mapping={
        "post_id": POST,
        "account_id": "account_id",
        "created_at": ("timestamp_share", "timestamp"),
        "urls": LINK,
        "repost_of": REPEATED,
        "platform": "platform",
    },
    derive=derive,
    derived=(LINK, REPEATED, POST),
    own_objects=True,
    notes=(
        said.OBJECT_ID,
        said.SEVERAL_OBJECTS,
    ),
)

QUT = Shape(
    name="qut",
    columns=lambda names: names >= {"message_id", "user_id", "repost_id", "timestamp"},
    mapping={
        "post_id": "message_id",
        "account_id": "user_id",
        "created_at": "timestamp",
        "text": "message",
        "urls": "urls",
        "repost_of": "repost_id",
        "reply_to": "reply_id",
    },
)
