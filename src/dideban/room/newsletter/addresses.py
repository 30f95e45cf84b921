"""Which text is an address that mail can be sent to, and no more than that."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from dideban.errors import InputError

LONGEST = 254
_CHECK = EmailValidator(allowlist=[])


def checked_address(text: str) -> str:
    """Return an address of ASCII letters, without quotes, comments, names or anything that ends a header.

    Raises
    ------
    InputError
        It is none.
    """
    address = text.strip()
    is_plain = address.isascii() and address.isprintable() and not any(c in address for c in " \"'<>(),:;\\[]%")
    try:
        if not is_plain or len(address) > LONGEST:
            raise ValidationError("")
        _CHECK(address)
    except ValidationError as error:
        raise InputError("newsletter.no-address", hint="newsletter.no-address-hint") from error
    name, _, host = address.rpartition("@")
    return f"{name}@{host.lower()}"
