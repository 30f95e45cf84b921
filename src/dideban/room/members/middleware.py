"""A member reads in their own language and time zone, and has a second factor where the room wants one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation

from dideban.room.deferred_writes import deferred
from dideban.room.members.actions import note_device
from dideban.room.members.devices import give_mark, mark_of
from dideban.room.members.models import Member, Membership
from dideban.room.wording.reading import READER, ReadingHabits, habits_of, zone_of

Next = Callable[[HttpRequest], HttpResponseBase]
FREE = ("/account/", "/static/", "/api/", "/healthz", "/metrics", "/feeds/", "/join/")
"""Where a member without a second factor may still go."""


SEEN_S = 60.0
MOST_NOTED = 10_000


class MemberSettings:
    """Language, time zone, digits and calendar of the reader."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        member = request.user if isinstance(request.user, Member) else None
        token = READER.set(habits_of(member) if member else ReadingHabits())
        if isinstance(request.user, Member):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language() or "en"
            timezone.activate(zone_of(request.user.time_zone))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
            READER.reset(token)


class SeenSessions:
    """Notes when each session was last seen, once a minute, and no page waits for it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.noted: dict[str, float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        if key and isinstance(request.user, Member) and self._is_due(f"over:{key}") and is_over(key):
            logout(request)
            key = None
        if key and request.method == "GET" and isinstance(request.user, Member) and self._is_due(key):
            deferred.put(("session", key), partial(_note_session, request, key))
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        now = time.monotonic()
        if now - self.noted.get(key, -SEEN_S) < SEEN_S:
            return False
        if len(self.noted) >= MOST_NOTED:
            self.noted.clear()
        self.noted[key] = now
        return True


def is_over(key: str) -> bool:
    """Say whether a session was not used for long, or began long ago, whatever was written to it since. One query."""
    from allauth.usersessions.models import UserSession

    now = timezone.now()
    found = UserSession.objects.filter(session_key=key).values_list("created_at", "last_seen_at").first()
    if found is None:
        return False
    began, seen = found
    is_idle = now - seen > timedelta(hours=settings.SESSION_IDLE_HOURS)
    return bool(is_idle or now - began > timedelta(seconds=settings.SESSION_COOKIE_AGE))


def _note_session(request: HttpRequest, key: str) -> None:
    """Note that a session was seen; it may have ended meanwhile. One query, of a new one or a changed one more."""
    from allauth.account.adapter import get_adapter
    from allauth.usersessions.models import UserSession

    if not isinstance(request.user, Member) or request.session.session_key != key:
        return
    agent = request.META.get("HTTP_USER_AGENT", "")[: UserSession._meta.get_field("user_agent").max_length]
    same = UserSession.objects.filter(session_key=key, user=request.user, user_agent=agent)
    seen = same.filter(ip=get_adapter().get_client_ip(request)).update(last_seen_at=timezone.now())
    if not seen and request.session.exists(key):  # a new one, or one whose browser or address changed
        UserSession.objects.create_from_request(request)


class Devices:
    """Gives the browser of a member a mark, so that it is known again when somebody guesses their password."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        member, session = request.user, request.session
        if isinstance(member, Member) and not request.path.startswith("/api/") and session.get("device") is None:
            mark = mark_of(request) or give_mark(response)
            session["device"] = mark[:12]
            deferred.put(("device", member.pk, mark), partial(note_device, member, mark))
        return response


class SecondFactor:
    """Members of a room that wants a second factor are led to set one up before anything else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(FREE) and isinstance(request.user, Member) and lacks_factor(request.user):
            return redirect("mfa_index")
        return self.get_response(request)


def lacks_factor(member: Member) -> bool:
    """Return whether a room of the member wants a second factor and there is none. Two queries at most."""
    from allauth.mfa.utils import is_mfa_enabled

    wanted = Membership.objects.filter(member=member, room__needs_second_factor=True).exists()
    return wanted and not is_mfa_enabled(member)
