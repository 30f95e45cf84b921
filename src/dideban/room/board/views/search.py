"""The one search box: whatever is written into it is recognised, and what it finds is shown by kind."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.access import Access, enter
from dideban.room.board.presenters.marked import marked
from dideban.room.board.presenters.one_box import BoxHits, look_up
from dideban.room.board.views.common import page
from dideban.room.posts.box import AskedKind, Box, read_box
from dideban.room.posts.query import DEFAULT_DAYS, Query
from dideban.room.posts.search import SearchResult, get_posts, search_posts
from dideban.room.posts.thumbnails import pictures_of
from dideban.room.wording.problems import error_words

POSTS = 10


def search(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the box finds. About 12 queries; posts of the last 30 days, but for what names one thing."""
    access = enter(request, slug)
    box = read_box(request.GET.get("q", ""))
    found, posts, trouble = BoxHits(), None, ("", "")
    query = _bounded(box)
    try:
        found = look_up(access, box)
        posts = search_posts(slug, query, scope=access.scope(), limit=POSTS) if _asks_posts(box) else None
    except InputError as error:
        trouble = error_words(error)
    rows = _rows(access, box, posts)
    places = {one.slug: one for one in access.places()}
    return page(
        request, access, "board/search.html", box=box, found=found, posts=posts, trouble=trouble, rows=rows,
        pictures=pictures_of(slug, rows),
        texts=marked([str(row["text"] or "") for row in rows], box.text if box.kind is AskedKind.WORDS else ""),
        address=urlencode(box.query().to_dict(), doseq=True), is_bounded=query.since is not None,
        default_days=DEFAULT_DAYS, places_by=places, source_names={one.slug: one.name for one in access.sources()},
    )  # fmt: skip


def _asks_posts(box: Box) -> bool:
    return box.kind not in (AskedKind.NOTHING, AskedKind.POST)


def _bounded(box: Box) -> Query:
    """Look at the last days, as the page of posts does; what one finding or account wrote is looked for always."""
    query = box.query()
    if query.finding or query.account:
        return query
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    return dataclasses.replace(query, since=hour - timedelta(days=DEFAULT_DAYS))


def _rows(access: Access, box: Box, posts: SearchResult | None) -> list[dict[str, object]]:
    """Return the posts to show: those found, or the one whose name was written."""
    if box.kind is AskedKind.POST:
        return list(get_posts(access.room.slug, [box.text], scope=access.scope()).iter_rows(named=True))
    return list(posts.posts.iter_rows(named=True)) if posts else []
