"""Where readers ask for the newsletter, answer the question, and leave. No sign-in and no cookie of a member."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from dideban.errors import DidebanError
from dideban.messages import languages, locale
from dideban.room.access import open_site
from dideban.room.board.views.public_site import reader_language
from dideban.room.board.views.reader_limits import require_few
from dideban.room.newsletter import actions
from dideban.room.public.models import PublicSite
from dideban.room.wording.problems import error_words

PER_HOUR, PER_DAY = 5, 200
"""Forms of one network; questions of a room. One address is asked once a day at most, whoever types it."""


def subscribe(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, and take an address. Ten queries at most."""
    site = _open_newsletter(slug)
    lang, status = reader_language(request), 200
    shown: dict[str, Any] = {}
    with translation.override(lang):
        if request.method == "POST":
            try:
                _take(request, site)
                shown["is_done"] = True
            except DidebanError as error:
                shown["trouble"], _ = error_words(error)
                status = 400
        shown["tongues"] = [(tag, locale(tag).name) for tag in languages()]
        shown["places"] = [(one.slug, one.names.get(lang) or one.name) for one in site.room.places.order_by("name")]
        return _page(request, site, "subscribe", lang=lang, shown=shown, status=status)


def _take(request: HttpRequest, site: PublicSite) -> None:
    form = request.POST
    if form.get("website"):  # a field that people do not see
        return
    limits = {"per_hour": PER_HOUR, "per_day": PER_DAY}
    require_few(request, site.room, what="newsletter", trouble="newsletter.too-many", **limits)
    lang, places = form.get("lang", ""), form.getlist("places")
    actions.ask(site.room, address=form.get("address", ""), lang=lang, places=places)


def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the question that a mail led to, and take the answer: looking changes nothing, for mail servers look too."""
    site = _open_newsletter(slug)
    name, key = _link(request)
    found = actions.asked(site.room, name=name, key=key)
    lang, state = found.wanted["lang"] if found else reader_language(request), "asked" if found else "old"
    if request.method == "POST" and found:
        is_yes = request.POST.get("do") == "confirm"
        does = actions.confirm if is_yes else actions.block
        state = ("joined" if is_yes else "blocked") if does(site.room, name=name, key=key) else "old"
    with translation.override(lang):
        status = 404 if state == "old" else 200
        return _page(request, site, "subscribe_answer", lang=lang, shown={"state": state}, status=status)


@csrf_exempt
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave by one click: a mail program sends the form by itself (RFC 8058); in a browser there is a button.

    The key of the link is what allows it; a form of another site does not know it. What was deleted before, and what
    never was, is answered alike.
    """
    site = open_site(slug)
    name, key = _link(request)
    lang = reader_language(request)
    if request.method == "POST":
        actions.leave(site.room, name=name, key=key)
    with translation.override(lang):
        state = "left" if request.method == "POST" else "leave"
        return _page(request, site, "subscribe_answer", lang=lang, shown={"state": state}, status=200)


def _open_newsletter(slug: str) -> PublicSite:
    site = open_site(slug)
    if not actions.is_open(site):
        raise Http404("no newsletter")
    return site


def _link(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("who", "")[:64], request.GET.get("key", "")[:64]


def _page(
    request: HttpRequest, site: PublicSite, template: str, *, lang: str, shown: dict[str, Any], status: int
) -> HttpResponse:  # fmt: skip
    slug = site.room.slug
    about = {
        "lang": lang, "dir": locale(lang).direction, "home": f"/site/{slug}/{lang}/", "slug": slug,
        "name": site.names.get(lang) or site.room.name,
    }  # fmt: skip
    return render(request, f"board/{template}.html", {**about, **shown}, status=status)
