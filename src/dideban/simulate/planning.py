"""Who posts what and when in a sample, as arrays: everything but the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dideban.arrays import B1, I8
from dideban.simulate.background import organic_times
from dideban.simulate.campaigns import Campaign
from dideban.simulate.draws import draw_index, generator, rhythm_times
from dideban.simulate.model import ALL_CROWDS, require
from dideban.simulate.plants import Planted, add_plant
from dideban.simulate.stream import Group, organic, with_plants
from dideban.simulate.texts import n_topics
from dideban.simulate.world import Shares, World, make_world

KINDS = ("link", "repost", "text", "hashtags", "media")
LINK, REPOST, TEXT, HASHTAGS, MEDIA = range(5)
SHARING = 0.55
"""Share of posts that share an object; the others say something of their own."""
SHORT, REPLY, QUOTE = 0.10, 0.22, 0.04
"""Shares of the posts that share nothing."""
HEADLINE = 0.45
"""Share of link posts whose text is the headline, as share buttons fill it in."""
ON_TOPIC = 0.7
"""Share of a campaign's objects that are about its topic."""


class Style(IntEnum):
    """How a post is worded."""

    OWN = 0
    SHORT = 1
    REPLY = 2
    QUOTE = 3
    HEADLINE = 4
    COMMENT = 5
    REPOST = 6
    COPY = 7
    REWORD = 8
    HASHTAGS = 9
    MEDIA = 10
    ORIGINAL = 11


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Posts in order of time: arrays have one entry per post, those of :class:`PlannedObjects` one per object."""

    world: World
    objects: PlannedObjects
    second: I8
    account: I8
    object: I8
    """Object that is shared, or that this post is the original of; -1 = none."""
    style: I8
    language: I8
    answers: I8
    """Row of the post replied to or quoted; -1 = none."""
    groups: list[Group]
    planted: list[Planted]

    def __len__(self) -> int:
        return len(self.second)


@dataclass(frozen=True, kw_only=True)
class PlannedObjects:
    """What the objects of a plan are."""

    language: I8
    topic: I8
    author: I8
    """Account that the origin belongs to: it posts the originals of what others repost."""
    is_core: B1
    """A text that every copy rewords."""
    original: I8
    """Row of the original post; -1 = the object is no post."""


def make_plan(
    *, seed: int, n_posts: int, days: float, languages: tuple[str, ...], campaigns: Sequence[Campaign]
) -> Plan:
    """Draw a plan of exactly ``n_posts`` posts.

    Raises
    ------
    ConfigError
        The campaigns do not fit into the sample.
    """
    world = make_world(seed=seed, n_accounts=max(10, n_posts // 10), days=days, kinds=KINDS, languages=languages)
    rng = generator(seed, "plan")
    crowd, groups = organic(
        world, n_shares=int(SHARING * n_posts), crowds=ALL_CROWDS, alone=_alone(rng, world, n_posts)
    )
    sharing, alone = crowd.keep(crowd.object >= 0), crowd.keep(crowd.object < 0)
    planted = [_plant(world, campaign, number, sharing) for number, campaign in enumerate(campaigns)]
    uptake = [_take_up(rng, world, p, campaign) for p, campaign in zip(planted, campaigns, strict=True)]
    sharing = with_plants(Shares.join([sharing, *uptake]), [p.shares for p in planted])
    n_mine = sum(len(p.shares) for p in planted)
    author = _authors(world)
    originals = _originals(world, sharing, author)
    fixed = n_mine + len(originals)
    require(fixed <= n_posts, "n_posts", n_posts, "for-campaigns", least=fixed)
    sharing = sharing.keep(_trim(rng, len(sharing), n_mine=n_mine, room=n_posts - len(originals)))
    alone = _fill(rng, world, alone, n_posts - len(originals) - len(sharing))
    groups += [(p.name, campaign.kind, p.members) for p, campaign in zip(planted, campaigns, strict=True)]
    posts = Shares.join([originals, sharing, alone])
    is_original = np.arange(len(posts)) < len(originals)
    second = np.floor(posts.at_s).astype(np.int64)
    order = np.lexsort((posts.object, posts.account, ~is_original, second))
    posts, is_original = posts.keep(order), is_original[order]
    objects = _describe(rng, world, planted, campaigns, author=author, original=_rows_of(world, posts, is_original))
    style = _styles(rng, world, posts, is_original=is_original, objects=objects, groups=groups)
    language = _languages(world, posts, style, objects)
    answers = _answers(rng, language, style)
    style[(answers < 0) & np.isin(style, (Style.REPLY, Style.QUOTE))] = Style.OWN
    return Plan(
        world=world,
        objects=objects,
        second=second[order],
        account=posts.account,
        object=posts.object,
        style=style,
        language=language,
        answers=answers,
        groups=groups,
        planted=planted,
    )


def _alone(rng: np.random.Generator, world: World, n: int) -> Shares:
    """Return ``n`` posts that share nothing."""
    account = draw_index(rng, world.activity, n)
    at_s = rhythm_times(rng, offset_s=world.zone_s[account], days=world.days)
    return Shares(account=account, object=np.full(n, -1), at_s=at_s)


def _fill(rng: np.random.Generator, world: World, alone: Shares, n: int) -> Shares:
    """Return ``n`` of the posts that share nothing; more are made where crowds lost some past the end."""
    kept = alone.keep(np.sort(rng.permutation(len(alone))[:n]))
    return Shares.join([kept, _alone(rng, world, n - len(kept))])


def _plant(world: World, campaign: Campaign, number: int, sharing: Shares) -> Planted:
    language = None if campaign.language is None else world.languages.index(campaign.language)
    return add_plant(world, campaign.plant, number=number, crowd=sharing, language=language)


def _take_up(rng: np.random.Generator, world: World, planted: Planted, campaign: Campaign) -> Shares:
    """Let ordinary accounts come upon what the campaign made, in their own time."""
    made = planted.object[planted.is_popular == 0]
    what = np.repeat(made, rng.poisson(campaign.uptake, made.size))
    who = draw_index(rng, world.activity, what.size)
    reads = world.language_of(who) == world.home_language[world.objects.home[what]]
    who, what = who[reads], what[reads]
    birth_s = world.objects.birth_s[what]
    median_s = np.full(what.size, 1800.0)
    at_s = organic_times(rng, birth_s, median_s=median_s, zone_s=world.zone_s[who], end_s=world.end_s)
    return Shares(account=who, object=what, at_s=at_s)


def _authors(world: World) -> I8:
    """Return the account that each object's origin belongs to: one per origin and language."""
    objects = world.objects
    language = world.home_language[objects.home]
    author = np.zeros(language.size, np.int64)
    spoken = world.language_of(np.arange(world.n_accounts))
    for code in np.unique(language):
        speakers = np.flatnonzero(spoken == code)
        speakers = speakers if speakers.size else np.arange(world.n_accounts)
        rows = language == code
        author[rows] = speakers[(objects.origin[rows] * 2_654_435_761 + 97) % speakers.size]
    return author


def _originals(world: World, sharing: Shares, author: I8) -> Shares:
    """Return the original post of everything that is reposted."""
    used = np.unique(sharing.object)
    used = used[world.objects.kind[used] == REPOST]
    return Shares(account=author[used], object=used, at_s=world.objects.birth_s[used])


def _trim(rng: np.random.Generator, n: int, *, n_mine: int, room: int) -> B1:
    """Return which shares stay when there is room for fewer: those of campaigns, which stand last, all do."""
    keep = np.ones(n, np.bool_)
    if n > room:
        keep[rng.permutation(n - n_mine)[: n - room]] = False
    return keep


def _rows_of(world: World, posts: Shares, is_original: B1) -> I8:
    rows = np.full(world.objects.kind.size, -1)
    rows[posts.object[is_original]] = np.flatnonzero(is_original)
    return rows


def _describe(
    rng: np.random.Generator,
    world: World,
    planted: Sequence[Planted],
    campaigns: Sequence[Campaign],
    *,
    author: I8,
    original: I8,
) -> PlannedObjects:
    n = world.objects.kind.size
    most = min(n_topics(name) for name in world.languages)
    topic, is_core = rng.integers(0, most, n), np.zeros(n, np.bool_)
    for p, campaign in zip(planted, campaigns, strict=True):
        made = p.object[p.is_popular == 0]
        topic[made[rng.random(made.size) < ON_TOPIC]] = rng.integers(0, most)
        is_core[made] = campaign.kind == "reworded-text"
    return PlannedObjects(
        language=world.home_language[world.objects.home],
        topic=topic,
        author=author,
        is_core=is_core,
        original=original,
    )


def _styles(
    rng: np.random.Generator,
    world: World,
    posts: Shares,
    *,
    is_original: B1,
    objects: PlannedObjects,
    groups: Sequence[Group],
) -> I8:
    draw = rng.random(len(posts))
    cuts = np.cumsum([SHORT, REPLY, QUOTE])
    own = np.array([Style.SHORT, Style.REPLY, Style.QUOTE, Style.OWN])[np.searchsorted(cuts, draw, side="right")]
    is_feed = np.zeros(world.n_accounts, np.bool_)
    for _, group_kind, members in groups:
        is_feed[members] |= group_kind == "feed"
    shares = posts.object >= 0
    code = np.where(shares, posts.object, 0)
    kind = np.where(shares, world.objects.kind[code], -1) if world.objects.kind.size else np.full(len(posts), -1)
    is_headline = (draw < HEADLINE) | is_feed[posts.account]
    style = np.where(kind == LINK, np.where(is_headline, Style.HEADLINE, Style.COMMENT), own)
    for of_kind, how in ((REPOST, Style.REPOST), (TEXT, Style.COPY), (HASHTAGS, Style.HASHTAGS), (MEDIA, Style.MEDIA)):
        style[kind == of_kind] = how
    style[shares & (kind == TEXT) & _at(objects.is_core, code)] = Style.REWORD
    style[is_original] = Style.ORIGINAL
    return style.astype(np.int64)


def _at(values: B1, code: I8) -> B1:
    return values[code] if values.size else np.zeros(code.size, np.bool_)


def _languages(world: World, posts: Shares, style: I8, objects: PlannedObjects) -> I8:
    """Return the language of each post: the object's where its words are passed on, else the account's own."""
    language = world.language_of(posts.account)
    passed_on = np.isin(style, (Style.HEADLINE, Style.REPOST, Style.COPY, Style.REWORD, Style.HASHTAGS, Style.ORIGINAL))
    language[passed_on] = objects.language[posts.object[passed_on]]
    return language


def _answers(rng: np.random.Generator, language: I8, style: I8) -> I8:
    """Return the row of an earlier post in the same language for every reply and quote; mostly a recent one."""
    target = np.full(language.size, -1)
    for code in np.unique(language):
        rows = np.flatnonzero(language == code)
        place = np.flatnonzero(np.isin(style[rows], (Style.REPLY, Style.QUOTE)))
        earlier = place - rng.geometric(1 / 60, place.size)
        ok = earlier >= 0
        target[rows[place[ok]]] = rows[earlier[ok]]
    return target
