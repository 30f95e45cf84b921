"""How allauth behaves here: no self-registration, guessing locks out only the guesser, no secret in a log."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from dideban.room.members.actions import note_guessing
from dideban.room.members.devices import is_known, mark_of, network_of
from dideban.room.members.models import Member

log = logging.getLogger("dideban.room.members")


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

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count tries; whoever owns a name is told when somebody else runs out of them."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            name = _name(credentials)
            if member := Member.objects.filter(username__iexact=name).first() if name else None:
                note_guessing(member, network=network_of(self.get_client_ip(request)))
            raise

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by name and network, those of a device that was signed in before by themselves.

        Whoever guesses from elsewhere locks nobody out.
        """
        name, mark = _name(credentials), mark_of(request)
        whence = f"device:{mark}" if is_known(name, mark) else network_of(self.get_client_ip(request))
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{whence}"


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()
