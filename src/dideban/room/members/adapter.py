"""How allauth behaves here: no self-registration, guessing locks out only the guesser, no secret in a log."""

from __future__ import annotations

import hmac
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import translation

from dideban.room.members.actions import note_guessing
from dideban.room.members.devices import is_known, mark_of, network_of
from dideban.room.members.models import Member
from dideban.room.queue import enqueue

log = logging.getLogger("dideban.room.members")
MOST_DIGITS = 20
CODE_TRIES = 200
"""Recovery codes that may be tried for a name in an hour: of a hundred million, ten are right."""


class RoomAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Members come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, always."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail about an account; without a mail server nothing is written anywhere: it may hold a secret."""
        if not settings.HAS_MAIL:
            log.warning(
                "a mail about an account was not sent: there is no mail server", extra={"mail": template_prefix}
            )
            return
        super().send_mail(template_prefix, email, context)

    def add_message(self, request: HttpRequest, *args: Any, **values: Any) -> None:
        """Say what was done in the language of the member, who may have signed in on a page in another."""
        member = request.user if isinstance(request.user, Member) else None
        with translation.override(member.language if member else translation.get_language()):
            super().add_message(request, *args, **values)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count tries; the owner of a name is notified when someone else runs out of them."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            if (member := _member_of(_name(credentials))) is None:
                raise
            if has_recovery_code(member, request.POST.get("recovery", "")):
                return  # the owner beside a guesser: the password is looked at, and the code is asked for again
            if note_guessing(member, network=network_of(self.get_client_ip(request))):
                enqueue("tell_of_guessing", member_id=member.pk)
            raise

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by name and network, those of a device that was signed in before by themselves.

        Whoever guesses from elsewhere locks no one out.
        """
        name, mark = _name(credentials), mark_of(request)
        whence = f"device:{mark}" if is_known(name, mark) else network_of(self.get_client_ip(request))
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{whence}"


def has_recovery_code(member: Member, code: str) -> bool:
    """Return whether a code is one of the member's that were not used yet. It is not used up. One query and a count.

    Codes are guessed as little as passwords: so many tries an hour for each name, wherever they come from.
    """
    code = "".join(code.split())
    if not code.isascii() or not code.isdigit() or len(code) > MOST_DIGITS:
        return False
    counter = f"recovery-tries:{member.pk}"
    cache.add(counter, 0, 3_600)
    if cache.incr(counter) > CODE_TRIES:
        return False
    kept = Authenticator.objects.filter(user=member, type=Authenticator.Type.RECOVERY_CODES).first()
    codes = RecoveryCodes(kept).get_unused_codes() if kept else []
    return any(hmac.compare_digest(code, one) for one in codes)


def _member_of(name: str) -> Member | None:
    named = Q(username__iexact=name) | Q(email__iexact=name)
    return Member.objects.filter(named, is_active=True).order_by("pk").first() if name else None


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()
