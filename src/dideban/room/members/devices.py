"""Which browser asks: a random mark in a cookie, signed, of which the database keeps the hash."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dideban.room.members.models import KnownDevice, Member

COOKIE: str = settings.DEVICE_COOKIE_NAME
SALT = "dideban.device"
AGE_S = 400 * 86_400
"""As long as browsers keep a cookie."""


def mark_of(request: HttpRequest) -> str:
    """Return the hash of the mark a browser carries; empty where it carries none of ours."""
    try:
        mark = request.get_signed_cookie(COOKIE, salt=SALT, max_age=AGE_S) or ""
    except (KeyError, signing.BadSignature):
        return ""
    return hashlib.sha256(mark.encode()).hexdigest()


def give_mark(response: HttpResponseBase) -> str:
    """Give a browser a mark; return its hash."""
    mark = secrets.token_urlsafe(24)
    response.set_signed_cookie(
        COOKIE, mark, salt=SALT, max_age=AGE_S, httponly=True, samesite="Lax", secure=settings.HTTPS
    )
    return hashlib.sha256(mark.encode()).hexdigest()


def is_known(name: str, mark: str) -> bool:
    """Return whether the member of a name or e-mail address was signed in from a device before. One query."""
    if not mark or not name:
        return False
    known = KnownDevice.objects.filter(mark=mark, member__is_active=True)
    return known.filter(member__username__iexact=name).exists() or known.filter(member__email__iexact=name).exists()


def share_a_device(one: Member | None, other: Member | None) -> bool:
    """Return whether two members were signed in from the same browser. One query."""
    if one is None or other is None:
        return False
    marks = KnownDevice.objects.filter(member=one).values("mark")
    return KnownDevice.objects.filter(member=other, mark__in=marks).exists()


def network_of(address: str) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6.

    Examples
    --------
    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::3"), network_of("")
    ('203.0.113.0/24', '2001:db8:1::/48', '')
    """
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
