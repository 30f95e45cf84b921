"""Members, invitations, tokens, and how each likes to read."""

from __future__ import annotations

import zoneinfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dideban.errors import DidebanError
from dideban.messages import languages
from dideban.room.access import SignInRequiredError, enter
from dideban.room.board.views.common import (
    key_of,
    known_zone,
    number_of,
    page,
    places_of,
    post_action,
    see_other,
    sign_in,
    to,
    unknown_action,
    zones,
)
from dideban.room.members import actions
from dideban.room.members.models import Member, Membership
from dideban.room.members.tokens import SCOPES
from dideban.room.roles import Permission, Role
from dideban.room.wording import reading
from dideban.room.wording.problems import error_words

PREFERENCES = ("display_name", "email", "language", "time_zone", "calendar", "theme", "mail_pace")
HOURS = ("digest_hour", "quiet_from", "quiet_until")
FLAGS = ("uses_local_digits", "uses_shortcuts")


def members(request: HttpRequest, slug: str) -> HttpResponse:
    """List who is in the room. About 13 queries."""
    access = enter(request, slug)
    invitations = access.invitations().filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return page(
        request, access, "board/members.html", found=list(access.memberships().prefetch_related("places")),
        roles=list(Role), places=list(access.places()), new_link=request.session.pop("invitation", ""),
        invitations=list(invitations),
    )  # fmt: skip


@post_action
def members_act(request: HttpRequest, slug: str) -> str:
    """Invite, revoke an invitation, change a role or places, remove."""
    access = enter(request, slug, needs=Permission.MEMBERS)
    form, by = request.POST, access.membership
    role = Role(form["role"]) if form.get("role") in set(Role) else Role.VIEWER
    places = places_of(access, form.getlist("places"))
    match form.get("do"):
        case "invite":
            _made, token = actions.invite(access.room, role=role, places=places, email=form.get("email", ""), by=by)
            request.session["invitation"] = request.build_absolute_uri(reverse("board:join", args=[token]))
        case "revoke":
            actions.revoke_invitation(access.invitation(key_of(form.get("invitation"))), by=by)
        case "change":
            one = access.membership_of(key_of(form.get("membership")))
            actions.change_membership(one, role=role, places=places, by=by)
        case "remove":
            actions.remove_membership(access.membership_of(key_of(form.get("membership"))), by=by)
        case _:
            raise unknown_action()
    return to("members", slug)


def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """List the member's own tokens; a coordinator sees all. About 10 queries."""
    access = enter(request, slug)
    return page(
        request, access, "board/tokens.html", found=list(access.tokens()), scopes=SCOPES, now=timezone.now(),
        new_token=request.session.pop("token", ""),
    )  # fmt: skip


@post_action
def tokens_act(request: HttpRequest, slug: str) -> str:
    """Make a token, or revoke one."""
    access = enter(request, slug, needs=Permission.WORK)
    form, by = request.POST, access.membership
    match form.get("do"):
        case "make":
            _token, secret = actions.make_api_token(
                name=form.get("name", ""), scopes=form.getlist("scopes"), days=number_of(form.get("days")), by=by
            )
            request.session["token"] = secret
        case "revoke":
            actions.revoke_api_token(access.token(key_of(form.get("token"))), by=by)
        case _:
            raise unknown_action()
    return to("tokens", slug)


def preferences(request: HttpRequest) -> HttpResponse:
    """Show and keep how a member likes to read."""
    if not isinstance(request.user, Member):
        raise SignInRequiredError
    member = request.user
    if request.method == "POST":
        return _keep(request, member)
    rooms = Membership.objects.filter(member=member).select_related("room")
    context = {"member": member, "rooms": list(rooms), "zones": sorted(zoneinfo.available_timezones())}
    return render(request, "board/preferences.html", context)


def _keep(request: HttpRequest, member: Member) -> HttpResponse:
    values: dict[str, object] = {name: request.POST[name] for name in PREFERENCES if name in request.POST}
    values |= {name: request.POST.get(name) == "on" for name in FLAGS}
    values |= {name: number_of(request.POST[name]) for name in HOURS if name in request.POST}
    if values.get("digest_hour", 0) is None:
        del values["digest_hour"]
    try:
        if str(values.get("language", "en")) not in languages():
            raise ValidationError(_("This language is not there."))
        if str(values.get("time_zone", "UTC")) not in zoneinfo.available_timezones():
            raise ValidationError(_("This time zone is not there."))
        actions.change_preferences(member, **values)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return see_other(reverse("board:preferences"))


def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation and take it up: as the member signed in, or as a new one."""
    made = actions.find_invitation(token)
    if made is None:
        return render(request, "board/join.html", {"invitation": None}, status=404)
    trouble = ""
    if request.method == "POST":
        try:
            return _take_up(request, token)
        except DidebanError as error:
            trouble = ". ".join(part for part in error_words(error) if part)
        except ValidationError as error:
            trouble = " ".join(error.messages)
    places = list(made.places.all())
    context = {
        "invitation": made,
        "trouble": trouble,
        "given": request.POST,
        "invited_places": places,
        "zones": zones(),
    }
    return render(request, "board/join.html", context, status=400 if trouble else 200)


@transaction.atomic
def _take_up(request: HttpRequest, token: str) -> HttpResponse:
    if isinstance(request.user, Member):
        found = actions.accept_invitation(token, member=request.user)
        return see_other(to("now", found.room.slug))
    form = request.POST
    language, calendar = form.get("language", "en"), form.get("calendar", "")
    member = actions.create_member(
        username=form.get("username", ""), password=form.get("password", ""), email=form.get("email", ""),
        display_name=form.get("display_name", "")[:100], language=language if language in languages() else "en",
        time_zone=known_zone(form.get("time_zone", "")), by=None,
        calendar=calendar if calendar in reading.CALENDARS else "gregorian",
    )  # fmt: skip
    joined = actions.accept_invitation(token, member=member)
    sign_in(request, member)
    messages.success(request, _("You are a member now, and signed in."))
    return see_other(to("now", joined.room.slug))
