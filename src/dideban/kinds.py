"""What can be shared: one record per kind of object, and whoever lists kinds asks here.

To add a kind, add a record (and the module that finds its objects). Its words stand in the catalogues under
``kind.<words>``; a kind without words of its own may borrow those of ``object``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["", "site", "author", "linked"]
"""Where an object comes from: nowhere known, the site it stands on, the account that wrote it, the site it links to."""


@dataclass(frozen=True, kw_only=True)
class Technique:
    """A DISARM technique that joint shares of a kind suggest."""

    code: str
    counts: Literal["objects", "members", ""] = "objects"
    """What is counted: joint objects, the most members on one object, or nothing."""
    least: int = 1


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of object."""

    slug: str
    extractor: str
    """Module whose ``find(table)`` finds its objects."""
    meaning: str
    """What the object is, for documentation."""
    named: str
    """What its id looks like."""
    born: str = ""
    """What its time of birth is, where it has one."""
    origin: Origin = ""
    words: str = ""
    """Whose words it uses in sentences; its own where empty."""
    by_default: bool = True
    """Whether a run looks for it without being asked."""
    is_words: bool = False
    """Whether people wrote the object as words, which may name a time of day."""
    is_clustered: bool = False
    """Whether which posts share the object depends on the other posts of the run."""
    copy_weight: int = 0
    """How much a copy says, where it is content that can be copied; anyone who agrees shares hashtags, sites and
    replies, which weigh nothing."""
    is_address: bool = False
    """Whether its label may be an address to open."""
    is_post: bool = False
    """Whether the object is a post, which says who wrote it and when."""
    is_contact: bool = False
    """Whether it may name a private person: shown in full only where a group pushes it."""
    techniques: tuple[Technique, ...] = field(default=())

    @property
    def stands_elsewhere(self) -> bool:
        """Whether the object exists outside the posts that share it; words, tags and pictures begin with a post."""
        return self.is_address or self.is_post

    @property
    def says(self) -> str:
        """Name of its words in the catalogues."""
        return self.words or self.slug


KINDS: tuple[Kind, ...] = (
    Kind(
        slug="link",
        extractor="dideban.traces.link",
        meaning="a web page ([urls.md](../methods/urls.md))",
        named="the canonical address",
        origin="site",
        copy_weight=3,
        is_address=True,
        techniques=(Technique(code="T0115", counts=""),),
    ),
    Kind(
        slug="domain",
        extractor="dideban.traces.domain",
        meaning="the registrable domain of a link; coarse, so on request only",
        named="the domain",
        origin="site",
        by_default=False,
        is_address=True,
        techniques=(Technique(code="T0115", counts=""),),
    ),
    Kind(
        slug="repost",
        extractor="dideban.traces.repost",
        meaning="the post that is handed on; a quote hands on too (`traces.quotes`)",
        named="`platform/post_id`",
        born="time of the original, where seen",
        origin="author",
        copy_weight=2,
        is_post=True,
        techniques=(Technique(code="T0118"),),
    ),
    Kind(
        slug="text",
        extractor="dideban.traces.text",
        meaning="a text, exactly or nearly ([text.md](../methods/text.md)); a short one where it is rare",
        named="`t` and 16 hex digits",
        origin="linked",
        is_words=True,
        is_clustered=True,
        copy_weight=4,
        techniques=(
            Technique(code="T0084.001", counts="members", least=3),
            Technique(code="T0115", counts=""),
            Technique(code="T0119", least=2),
        ),
    ),
    Kind(
        slug="hashtags",
        extractor="dideban.traces.hashtags",
        meaning="the ordered sequence of `min_hashtags` (3) or more different hashtags",
        named="`#a #b #c`",
        is_words=True,
        techniques=(Technique(code="T0015.001"),),
    ),
    Kind(
        slug="media",
        extractor="dideban.traces.media",
        meaning="a picture or video",
        named="the hash, or `platform/id`",
        is_clustered=True,
        copy_weight=1,
        techniques=(Technique(code="T0115", counts=""),),
    ),
    Kind(
        slug="reply",
        extractor="dideban.traces.reply",
        meaning="the post or account answered",
        named="`platform/id`",
        born="time of the post, where seen",
        origin="author",
        is_post=True,
        techniques=(Technique(code="T0049.005", counts="members", least=5), Technique(code="T0116")),
    ),
    Kind(
        slug="contact",
        extractor="dideban.traces.contact",
        meaning="what readers are asked to buy, call, join, write to or pay ([contacts.md](../methods/contacts.md))",
        named="`cashtag:NXS`, `pair:NXS/BTC`, `wallet:eth:0x…`, `invite:t.me/+…`, `phone:` and `email:` with a digest",
        is_contact=True,
        techniques=(Technique(code="T0115", counts=""),),
    ),
)
"""Every kind, in the order in which reports show them. A new kind goes to the end."""


def slugs(
    where: Callable[[Kind], bool] = lambda _: True, *, key: Callable[[Kind], int] = lambda _: 0
) -> tuple[str, ...]:
    """Return the slugs of the kinds that fulfil a condition, smallest ``key`` first, else in order.

    Examples
    --------
    >>> slugs(lambda kind: kind.is_post)
    ('repost', 'reply')
    """
    return tuple(kind.slug for kind in sorted(KINDS, key=key) if where(kind))


def kind_of(slug: str) -> Kind:
    """Return the record of a kind.

    Raises
    ------
    KeyError
        No such kind.
    """
    return {kind.slug: kind for kind in KINDS}[slug]
