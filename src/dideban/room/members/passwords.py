"""What a password needs, in words that every language of the room has."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from dideban.room.rooms.models import Room
from dideban.room.wording.reading import number

LEFT = 8
"""Characters of a password that are no word about the room."""


class NoWordsOfTheRoom:
    """No password of words that whoever attacks this room tries first: its name, its address, words of the team."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse what is little more than such words."""
        left = password.casefold()
        for word in sorted(words_of_the_room(), key=lambda word: (-len(word), word)):
            left = left.replace(word, "")
        if len(left) < min(LEFT, len(password)):
            raise ValidationError(self.get_help_text(), code="password_of_the_room")

    def get_help_text(self) -> str:
        """Say what a password is not made of."""
        return _("A password is not made of the names of the room and its team.")


def words_of_the_room() -> set[str]:
    """Return words of four characters and more: the program, the address, the rooms, and those of the settings."""
    names = Room.objects.values_list("name", flat=True)
    said = [
        "dideban",
        "دیده‌بان",
        "password",
        *settings.PASSWORD_WORDS,
        *names,
        urlsplit(settings.SITE_URL).hostname or "",
    ]
    return {word for text in said for word in re.findall(r"[^\W_]{4,}", text.casefold())}


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
