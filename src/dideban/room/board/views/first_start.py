"""The page of the first start: who leads, what the room is called, where and what it watches."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from dideban.errors import DidebanError, InputError
from dideban.messages import languages
from dideban.room.board.views.common import known_zone, see_other, sign_in, to, zones
from dideban.room.rooms.models import Room
from dideban.room.sources.preview import Preview, preview
from dideban.room.upkeep.first_start import FirstStart, begin, is_open
from dideban.room.wording import reading
from dideban.room.wording.problems import error_words

SOURCES = {"feed": "url", "telegram": "channel", "youtube": "channel", "page": "url"}
"""Types of a first source to the one setting that the page asks for."""


def first(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of the first start, try its source, or begin."""
    if not is_open(token):
        raise Http404
    trouble, seen = "", None
    if request.method == "POST":
        try:
            asked = _asked(request)
            if request.POST.get("do") != "preview":
                return _begin(request, asked)
            seen = _seen(asked)
        except DidebanError as error:
            trouble = ". ".join(part for part in error_words(error) if part)
        except ValidationError as error:
            trouble = " ".join(error.messages)
    context = {
        "given": request.POST, "trouble": trouble, "seen": seen, "kinds": list(SOURCES), "zones": zones(),
        "seen_trouble": ". ".join(part for part in error_words(seen.trouble) if part) if seen and seen.trouble else "",
        "names": {code: request.POST.get(f"name_{code}", "") for code in languages()},
    }  # fmt: skip
    return render(request, "board/first.html", context, status=400 if trouble else 200)


def _begin(request: HttpRequest, asked: FirstStart) -> HttpResponse:
    room = Room.objects.order_by("pk").first()
    if room is None:
        raise Http404
    lead = begin(room, asked)
    sign_in(request, lead.member)
    return see_other(to("now", room.slug))


def _asked(request: HttpRequest) -> FirstStart:
    form = request.POST
    language = form.get("language", "en")
    if language not in languages():
        raise InputError("room.no-such-language")
    kind, value = form.get("source_kind", ""), form.get("source_value", "").strip()
    if kind not in SOURCES or not value:
        kind = ""
    return FirstStart(
        username=form.get("username", ""), password=form.get("password", ""), email=form.get("email", "").strip(),
        names={code: form.get(f"name_{code}", "") for code in languages()}, language=language,
        time_zone=known_zone(form.get("time_zone", "")),
        calendar=chosen if (chosen := form.get("calendar", "")) in reading.CALENDARS else "gregorian",
        places=form.get("places", "").replace("،", ",").replace(",", "\n").splitlines(), source_kind=kind,
        source_name=form.get("source_name", "").strip() or value[:100],
        source_settings={SOURCES[kind]: value} if kind else {},
    )  # fmt: skip


def _seen(asked: FirstStart) -> Preview | None:
    if not asked.source_kind:
        return None
    room = Room.objects.order_by("pk").first()
    if room is None:
        return None
    return preview(
        asked.source_kind, settings=asked.source_settings, room=room.slug, horizon_days=room.horizon_days
    )  # fmt: skip
