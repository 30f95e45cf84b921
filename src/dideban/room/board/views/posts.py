"""Posts: search, export, saved searches, reveals, deletion on request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dideban.errors import InputError
from dideban.room.access import Access, enter
from dideban.room.board.presenters.charts import per_step
from dideban.room.board.presenters.exports import MAX_POSTS, POST_FORMATS, export_posts
from dideban.room.board.presenters.marked import marked
from dideban.room.board.views.common import (
    attachment,
    key_of,
    number_of,
    open_cases,
    page,
    paged,
    post_action,
    to,
    unknown_action,
)
from dideban.room.cases.actions import keep_search, open_case
from dideban.room.posts.actions import (
    ask_erasures,
    ask_reveal,
    decide_reveal,
    note_refusal,
    open_reveal,
    remove_search,
    save_search,
    second_from,
)
from dideban.room.posts.search import DEFAULT_DAYS, Query, SearchResult, count_matches, first_posts, search_posts
from dideban.room.posts.thumbnails import pictures_of
from dideban.room.roles import Permission
from dideban.room.wording.problems import error_words

SHOWN = 40
BINS = 60


def posts(request: HttpRequest, slug: str) -> HttpResponse:
    """Search posts; the search stands in the address. About 12 queries."""
    access = enter(request, slug)
    asked: dict[str, Any] = dict(request.GET.lists())
    try:
        query = Query.from_dict(asked)
        shown = _bounded(query)
        page_at = request.GET.get("after", "")
        found: SearchResult | None = search_posts(slug, shown, scope=access.scope(), limit=SHOWN, after=page_at)
        hours, trouble = _over_time(found) if found else [], ("", "")
    except InputError as error:
        query, shown, found, hours, trouble = Query(), Query(), None, [], error_words(error)
    places, sources = list(access.places()), list(access.sources())
    rows = list(found.posts.iter_rows(named=True)) if found else []
    return page(
        request, access, "board/posts.html", query=query, shown=shown, found=found, hours=hours, trouble=trouble,
        rows=rows, pictures=pictures_of(slug, rows), places=places,
        texts=marked(found.posts["text"].to_list(), query.text) if found else [],
        last_at=query.until - timedelta(microseconds=1) if query.until else None,
        sources=sources, places_by={one.slug: one for one in places},
        source_names={one.slug: one.name for one in sources}, searches=list(access.searches()), formats=POST_FORMATS,
        address=urlencode(query.to_dict(), doseq=True), is_default=query.since is None and shown.since is not None,
        default_days=DEFAULT_DAYS, asked=request.GET, open_cases=open_cases(access) if query.to_dict() else [],
    )  # fmt: skip


def _bounded(query: Query) -> Query:
    """Look at the last days only where nothing says since when; what belongs to a finding is looked for always."""
    import dataclasses

    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    if query.since is not None or query.finding or query.narrative or query.until is not None:
        return query
    return dataclasses.replace(query, since=hour - timedelta(days=DEFAULT_DAYS))


def _over_time(found: SearchResult) -> list[int]:
    counts = count_matches(found.matches, every="1h")
    if counts.is_empty():
        return []
    first, last = counts["at"].min(), counts["at"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    step = max(timedelta(hours=1), (last + timedelta(hours=1) - first) / BINS)
    n = max(12, min(BINS, int((last - first) / step) + 1))
    return per_step(counts, since=first, n=n, step=step)


def posts_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return what a search finds as a file, at most 100,000 posts."""
    access = enter(request, slug)
    if kind not in POST_FORMATS:
        raise Http404
    query = _bounded(Query.from_dict(dict(request.GET.lists())))
    data, media = export_posts(first_posts(slug, query, scope=access.scope(), most=MAX_POSTS), kind)
    return attachment(data, name=f"posts.{POST_FORMATS[kind].ending}", kind=media)


@post_action
def search_act(request: HttpRequest, slug: str) -> str:
    """Save a search, forget one, or keep one with a case."""
    access = enter(request, slug, needs=Permission.WORK)
    query = Query.from_dict(dict(request.POST.lists()))
    match request.POST.get("do"):
        case "save":
            save_search(access.room, name=request.POST.get("name", ""), query=query, by=access.membership)
        case "remove":
            remove_search(access.search(key_of(request.POST.get("search"))), by=access.membership)
            return to("posts", slug)
        case "case":
            return _case_of(access, query, request.POST)
        case _:
            raise unknown_action()
    return f"{to('posts', slug)}?{urlencode(query.to_dict(), doseq=True)}"


def _case_of(access: Access, query: Query, form: QueryDict) -> str:
    """Keep a search with a case: a new one, or one that is open."""
    name, origin = form.get("name", "").strip(), {"kind": "search", "query": query.to_dict()}
    with transaction.atomic():
        if (chosen := number_of(form.get("case"))) is not None:
            case = access.case(chosen)
        else:
            case = open_case(access.room, title=name or query.text or "—", origin=origin, by=access.membership)
        keep_search(case, query=query.to_dict(), name=name, by=access.membership)
    return to("case", access.room.slug, case.number)


def reveals(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who asked to see an original account, and why. About 15 queries."""
    access = enter(request, slug)
    is_possible, possible_from = second_from(access.room, asker=access.member)
    return page(
        request, access, "board/reveals.html", is_possible=is_possible,
        possible_from=possible_from, found=paged(access.reveals(), request), now=timezone.now(),
        account=request.GET.get("account", ""), cases=list(access.cases().exclude(status="closed")[:50]),
    )  # fmt: skip


@post_action
def reveal_ask(request: HttpRequest, slug: str) -> str:
    """Ask for a reveal."""
    access = enter(request, slug, needs=Permission.WORK)
    chosen = number_of(request.POST.get("case"))
    ask_reveal(
        access.room, account_id=request.POST.get("account", "").strip(), reason=request.POST.get("reason", ""),
        case=access.case(chosen) if chosen else None, by=access.membership,
    )  # fmt: skip
    return to("reveals", slug)


@post_action
def reveal_decide(request: HttpRequest, slug: str, pk: int) -> str:
    """Agree to a reveal of another member, or refuse it."""
    access = enter(request, slug, needs=Permission.REVEAL)
    reveal, is_agreed = access.reveal(pk), request.POST.get("do") == "agree"
    try:
        decide_reveal(reveal, is_agreed=is_agreed, by=access.membership)
    except InputError:
        if is_agreed:
            note_refusal(reveal, by=access.membership)
        raise
    return to("reveals", slug)


@require_POST
def reveal_open(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the original account to one of the two members; that it was seen is noted, so it takes a POST."""
    access = enter(request, slug, needs=Permission.WORK)
    reveal = access.reveal(pk)
    original = open_reveal(reveal, by=access.membership)
    response = page(request, access, "board/reveal.html", reveal=reveal, original=original)
    response.headers["Cache-Control"] = "no-store"
    return response


def erasures(request: HttpRequest, slug: str) -> HttpResponse:
    """Show which posts were deleted on request: pseudonyms and counts. About 10 queries."""
    access = enter(request, slug, needs=Permission.ERASE)
    found = access.erasures().order_by("-asked_at")
    return page(request, access, "board/erasures.html", found=paged(found, request))


@post_action
def erasure_ask(request: HttpRequest, slug: str) -> str:
    """Delete the posts of a person."""
    access = enter(request, slug, needs=Permission.ERASE)
    ask_erasures(
        access.room, account=request.POST.get("account", ""), reason=request.POST.get("reason", ""),
        meant=request.POST.get("meant", ""), by=access.membership,
    )  # fmt: skip
    return reverse("board:erasures", args=[slug])
