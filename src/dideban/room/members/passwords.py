"""What a password needs, in words that every language of the room has."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dideban.room.wording.reading import number


class LongEnough(MinimumLengthValidator):
    """At least so many characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse what is too short."""
        if len(password) < self.min_length:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        """Describe how long a password is."""
        said = _("the password has at least %(n)s characters") % {"n": number(self.min_length)}
        return f"{said[:1].upper()}{said[1:]}."
