"""Pages for the public: writing them, agreeing to them, who agreed to a story, letters of readers, the site itself."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from dideban.errors import InputError
from dideban.messages import languages, locale
from dideban.room.access import Access, enter
from dideban.room.board.views.common import (
    attachment,
    instant_of,
    key_of,
    number_of,
    page,
    paged,
    places_of,
    post_action,
    to,
    unknown_action,
)
from dideban.room.cases.models import Case
from dideban.room.cases.storage import path_of
from dideban.room.findings.models import FollowedGroup
from dideban.room.public import actions
from dideban.room.public.consent import is_live, lacking
from dideban.room.public.models import ConsentMethod, ConsentScope, Page
from dideban.room.public.photos import MOST_BYTES
from dideban.room.roles import Permission
from dideban.room.rooms.sealed_ids import open_text
from dideban.room.wording import reading
from dideban.site.cards import marked
from dideban.site.markdown import render_text
from dideban.site.records import FOLDERS, MEDIA_RATINGS
from dideban.site.theme import VARIABLES

CONSENT_YEARS = timedelta(days=730)
MOST_FILE = 200 * 1024 * 1024


def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """List pages for the public, and letters that wait. About 12 queries."""
    access = enter(request, slug)
    site = access.public_site()
    letters = list(access.letters().filter(answered_at=None)[:20])
    return page(
        request, access, "board/publish.html", found=paged(access.pages(), request), letters=letters, site=site,
        address=f"/site/{slug}/", now=timezone.now(),
        queue=f"{settings.COMMENTS_URL}/queue/" if settings.COMMENTS_URL else "",
    )  # fmt: skip


def publish_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of a new page; of a translation where the address names a page. About 10 queries."""
    access = enter(request, slug, needs=Permission.WORK)
    number = number_of(request.GET.get("of"))
    return page(
        request, access, "board/publish_new.html", of=access.written_page(number) if number else None,
        kinds=actions.WRITTEN, tongues=[(lang, locale(lang).name) for lang in languages()],
        places=list(access.places()),
    )  # fmt: skip


@post_action
def publish_write(request: HttpRequest, slug: str) -> str:
    """Begin a page."""
    access, form = enter(request, slug, needs=Permission.WORK), request.POST
    groups, case = _grounds(access, request)
    made = actions.write_page(
        access.room, kind=form.get("kind", ""), slug=form.get("address", ""), lang=form.get("lang", ""),
        title=form.get("title", ""), summary=form.get("summary", ""), body=form.get("body", ""),
        claims=_claims(request), places=places_of(access, form.getlist("places")), groups=groups, case=case,
        by=access.membership,
    )  # fmt: skip
    return to("publish_page", slug, made.number)


def publish_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one page: text, what waits, versions, consents, photos. About 20 queries."""
    access = enter(request, slug)
    one, now = access.written_page(number), timezone.now()
    shown = one.waiting or one.latest
    before = one.published if one.published_id and shown and one.published_id != shown.pk else None
    mine = set(one.places.values_list("slug", flat=True))
    return page(
        request, access, "board/publish_page.html", one=one, shown=shown, direction=locale(one.lang).direction,
        html=render_text(shown.body) if shown else "",
        change=marked(before.body, shown.body) if before and shown else "",
        versions=list(one.versions.select_related("by")[:30]), corrections=list(one.corrections.all()),
        consents=[(each, is_live(each, now=now)) for each in one.consents.all()], lacks=lacking(one, now=now),
        photos=list(one.photos.all()), scopes=list(ConsentScope), methods=list(ConsentMethod), media=MEDIA_RATINGS,
        claims=[*(shown.claims if shown else []), {}, {}][:5], default_end=now + CONSENT_YEARS,
        groups=list(one.groups.all()), places=list(access.places()), mine=mine,
        path=f"/site/{slug}/{one.lang}/{FOLDERS[one.kind]}/{one.slug}/", is_asker=one.asked_by_id == access.member.pk,
        tongues=[(lang, locale(lang).name) for lang in languages()],
    )  # fmt: skip


@post_action
def publish_act(request: HttpRequest, slug: str, number: int) -> str:
    """Change a page, ask, agree, refuse or withdraw."""
    form = request.POST
    needs = Permission.SHARE if form.get("do") in ("agree", "refuse", "withdraw") else Permission.WORK
    access = enter(request, slug, needs=needs)
    one, by = access.written_page(number), access.membership
    match form.get("do"):
        case "change":
            actions.change_page(
                one, title=form.get("title", ""), summary=form.get("summary", ""), body=form.get("body", ""),
                claims=_claims(request), by=by,
            )  # fmt: skip
        case "grounds":
            groups, of_case = _grounds(access, request)
            places = places_of(access, form.getlist("places"))
            actions.set_grounds(one, places=places, groups=groups, case=of_case, by=by)
        case "ask":
            actions.ask_publication(one, why=form.get("why", ""), by=by)
        case "agree" | "refuse":
            actions.decide_publication(one, is_agreed=form["do"] == "agree", by=by)
        case "withdraw":
            actions.withdraw_page(one, reason=form.get("reason", "room"), by=by)
        case _:
            raise unknown_action()
    return to("publish_page", slug, number)


@post_action
def publish_people(request: HttpRequest, slug: str, number: int) -> str:
    """Record or take back a consent; add or remove a photo."""
    access, form = enter(request, slug, needs=Permission.WORK), request.POST
    one, by = access.written_page(number), access.membership
    match form.get("do"):
        case "consent":
            _record(one, request, access)
        case "consent-withdraw":
            actions.withdraw_consent(access.consent(one, key_of(form.get("consent"))), by=by)
        case "photo":
            file = request.FILES.get("file")
            if file is None:
                raise InputError("public.not-a-photo")
            data = file.read(MOST_BYTES + 1)
            actions.add_photo(one, data=data, alt=form.get("alt", ""), caption=form.get("caption", ""), by=by)
        case "photo-remove":
            actions.remove_photo(access.photo(one, key_of(form.get("photo"))), by=by)
        case _:
            raise unknown_action()
    return f"{to('publish_page', slug, number)}#people"


def publish_photo(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Return a photo as readers will get it."""
    access = enter(request, slug)
    photo = access.photo(access.written_page(number), pk)
    path = path_of(slug, photo.sha256)
    if not path.is_file():
        raise Http404
    return attachment(path.read_bytes(), name=f"{photo.sha256[:12]}.jpg", kind="image/jpeg")


@post_action
def publish_letter(request: HttpRequest, slug: str, number: int) -> str:
    """Note what was answered to a reader."""
    access = enter(request, slug, needs=Permission.WORK)
    actions.answer_letter(access.letter(number), answer=request.POST.get("answer", ""), by=access.membership)
    return to("publish_letters", slug)


def publish_letters(request: HttpRequest, slug: str) -> HttpResponse:
    """List letters of readers; how to reach them is opened for who may work. About 10 queries."""
    access = enter(request, slug, needs=Permission.WORK)
    found = paged(access.letters(), request)
    rows = [
        (one, open_text(slug, one.sealed_contact, name=f"letter:{one.number}") if one.sealed_contact else "")
        for one in found
    ]  # fmt: skip
    return page(request, access, "board/publish_letters.html", found=found, rows=rows, now=timezone.now())


def publish_site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the settings of the public site. About 8 queries."""
    access = enter(request, slug, needs=Permission.SETTINGS)
    site = access.public_site()
    tongues = [(lang, locale(lang).name, site.names.get(lang, ""), site.taglines.get(lang, "")) for lang in languages()]
    return page(
        request, access, "board/publish_site.html", site=site, tongues=tongues,
        colours=[(name, site.theme.get(name, "")) for name in VARIABLES], has_mail=settings.HAS_MAIL,
        readers=[(locale(lang).name, reading.number(n)) for lang, n in access.newsletter_readers().items()],
    )  # fmt: skip


@post_action
def publish_site_act(request: HttpRequest, slug: str) -> str:
    """Change the settings of the public site."""
    access, form = enter(request, slug, needs=Permission.SETTINGS), request.POST
    actions.change_site(
        access.room, is_on=form.get("is_on") == "1", has_newsletter=form.get("has_newsletter") == "1",
        base_url=form.get("base_url", ""), email=form.get("email", ""), network=form.get("network", ""),
        names={lang: form.get(f"name-{lang}", "") for lang in languages()},
        taglines={lang: form.get(f"tagline-{lang}", "") for lang in languages()},
        theme={name: form[f"theme-{name}"] for name in VARIABLES if form.get(f"theme-{name}")}, by=access.membership,
    )  # fmt: skip
    return to("publish_site", slug)


def _claims(request: HttpRequest) -> list[dict[str, str]]:
    form = request.POST
    rows = zip(form.getlist("claim"), form.getlist("rating"), form.getlist("media"), strict=False)
    return [{"text": text, "rating": rating, "media": media} for text, rating, media in rows]


def _grounds(access: Access, request: HttpRequest) -> tuple[list[FollowedGroup], Case | None]:
    """Return the findings and the case that a form names, by their numbers."""
    numbers = [number_of(part) for part in request.POST.get("groups", "").replace(",", " ").split()[:20]]
    case = number_of(request.POST.get("case"))
    return [access.group(number) for number in numbers if number], access.case(case) if case else None


def _record(one: Page, request: HttpRequest, access: Access) -> None:
    """Record a consent; of the signed sheet or the recording only the hash is kept."""
    form, file = request.POST, request.FILES.get("file")
    digest = hashlib.sha256()
    if file is not None:
        if (file.size or 0) > MOST_FILE:
            raise InputError("room.file-too-large", n=MOST_FILE // 1024 // 1024)
        for chunk in file.chunks():
            digest.update(chunk)
    actions.record_consent(
        one, person=form.get("person", ""), text_shown=form.get("text_shown", ""), lang=form.get("consent_lang", ""),
        scopes=form.getlist("scopes"), method=form.get("method", ""), given_at=instant_of(form.get("given_at")),
        expires_at=instant_of(form.get("expires_at")), is_minor=form.get("is_minor") == "1",
        guardian=form.get("guardian", ""), file_sha256=digest.hexdigest() if file is not None else "",
        by=access.membership,
    )  # fmt: skip
