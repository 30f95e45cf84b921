"""How allauth behaves here: nobody signs up on their own."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class RoomAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Members come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, always."""
        return False
