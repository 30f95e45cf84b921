"""Who signs in: as allauth does it, and in the same time whether there is such a member or not."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class MemberBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """Checks a password once for each member, however many ways lead to them: hashing twice would tell of them."""

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """Return the member; None where name or password do not fit."""
        self._checked: dict[Any, Any] = {}
        return super().authenticate(request, **credentials)

    def _check_password(self, user: Any, password: str) -> Any:
        if user is None:
            return None
        if user.pk not in self._checked:
            self._checked[user.pk] = super()._check_password(user, password)
        return self._checked[user.pk]
