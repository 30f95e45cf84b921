"""Facebook and Instagram: Meta Content Library and CrowdTangle tables."""

from __future__ import annotations

import polars as pl

from dideban.ingest.field_source import first
from dideban.ingest.format import Columns, Shape

_PLATFORM, _LINK = "platform (Meta)", "link that leads elsewhere"


def _library(raw: pl.DataFrame) -> pl.DataFrame:
    """Accounts of Instagram are called so; tables of Facebook have the page or group a post stands in."""
    kind = pl.col("post_owner.type") if "post_owner.type" in raw.columns else pl.lit(None, pl.String)
    whole = "facebook" if any(name.startswith(("surface.", "link_attachment.")) for name in raw.columns) else None
    said = pl.when(kind.cast(pl.String).str.contains("instagram")).then(pl.lit("instagram"))
    return raw.with_columns(said.otherwise(pl.lit(whole or "facebook")).alias(_PLATFORM))


META = Shape(
    name="meta-content-library",
    platform="facebook",
    columns=lambda names: (
        names >= {"id", "creation_time", "text"} and bool(names & {"post_owner.id", "post_owner.name"})
    ),
    mapping={
        "post_id": "id",
        "account_id": ("post_owner.id", "surface.id", "post_owner.username", "post_owner.name"),
        "platform": _PLATFORM,
        "created_at": "creation_time",
        "text": "text",
        "lang": ("lang", "language"),
        "urls": ("link_attachment.link", "link"),
        "hashtags": "hashtags",
        "media": ("multimedia", "media_ids"),
        "repost_of": ("shared_post_id", "shared_post.id"),
        "place": ("place.name", "location"),
        "reach": ("statistics.views", "statistics.view_count", "statistics.share_count"),
    },
    derive=_library,
    links_in_text=True,
    derived=(_PLATFORM,),
)


def _own_links(raw: pl.DataFrame) -> pl.DataFrame:
    """A link to one's own picture or post on Facebook shows the post itself and leads nowhere else."""
    columns = [name for name in ("Final Link", "Link") if name in raw.columns]
    link = pl.coalesce(pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)) for name in columns)
    own = [pl.col(name) for name in ("Facebook Id", "User Name", "Page Id", "Group Id") if name in raw.columns]
    homes = [pl.concat_str(pl.lit("facebook.com/"), name.cast(pl.String), pl.lit("/")) for name in own]
    is_own = pl.any_horizontal(link.str.contains(home, literal=True).fill_null(value=False) for home in homes)
    is_own = is_own | (link == pl.col("URL")).fill_null(value=False)
    return raw.with_columns(pl.when(~is_own).then(link).alias(_LINK))


def _is_facebook(names: Columns) -> bool:
    return (
        {"Post Created", "URL"} <= names
        and bool(names & {"Facebook Id", "Page Name", "Group Name"})
        and bool(names & {"Link", "Final Link"})
    )


CROWDTANGLE = Shape(
    name="crowdtangle",
    platform="facebook",
    columns=_is_facebook,
    mapping={
        "post_id": "URL",
        "account_id": ("Facebook Id", "Group Id", "Page Id", "User Name", "Page Name", "Group Name"),
        "created_at": "Post Created",
        "text": first("Message", "Description", "Image Text"),
        "urls": _LINK,
        "reach": ("Post Views", "Shares", "Views"),
    },
    derive=_own_links,
    links_in_text=True,
    derived=(_LINK,),
)

CROWDTANGLE_INSTAGRAM = Shape(
    name="crowdtangle-instagram",
    platform="instagram",
    columns=lambda names: {"Post Created", "URL", "Account", "Photo"} <= names and "Facebook Id" not in names,
    mapping={
        "post_id": "URL",
        "account_id": ("User Name", "Account"),
        "created_at": "Post Created",
        "text": first("Description", "Title", "Image Text"),
        "reach": ("Views", "Likes"),
    },
    permalink="URL",
)
