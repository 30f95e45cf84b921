"""Facebook and Instagram: Meta Content Library and CrowdTangle tables."""

from __future__ import annotations

from dideban.ingest.format import Shape

META = Shape(
    name="meta-content-library",
    title="Meta Content Library table",
    platform="facebook",
    columns=lambda names: (
        names >= {"id", "creation_time", "text"} and bool(names & {"post_owner.id", "post_owner.name"})
    ),
    mapping={
        "post_id": "id",
        "account_id": ("post_owner.id", "surface.id", "post_owner.username", "post_owner.name"),
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
)

CROWDTANGLE = Shape(
    name="crowdtangle",
    title="CrowdTangle table",
    platform="facebook",
    columns=lambda names: (
        "Post Created" in names
        and "URL" in names
        and bool(names & {"Facebook Id", "Page Name", "Group Name", "Account"})
    ),
    mapping={
        "post_id": "URL",
        "account_id": ("Facebook Id", "Group Id", "Page Id", "User Name", "Page Name", "Group Name", "Account"),
        "created_at": "Post Created",
        "text": ("Message", "Description"),
        "urls": ("Final Link", "Link"),
        "reach": ("Post Views", "Shares", "Views"),
    },
)
