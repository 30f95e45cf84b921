"""How often readers may write to a room: a few times from one network, some hundreds of times a day in all."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.rooms.models import Room

HOUR_S, DAY_S = 3_600, 86_400


def require_few(request: HttpRequest, room: Room, *, what: str, per_hour: int, per_day: int, trouble: str) -> None:
    """Count a request of a reader. The network is kept as a keyed hash that changes every day, for an hour.

    Raises
    ------
    InputError
        Too many from its network within an hour, or in all within a day; ``trouble`` is its code.
    """
    day = timezone.now().date().isoformat()
    address = request.META.get("REMOTE_ADDR", "")
    network = address.rsplit(".", 1)[0] if "." in address else ":".join(address.split(":")[:3])
    who = hmac.new(settings.SECRET_KEY.encode(), f"{day} {network}".encode(), hashlib.sha256).hexdigest()[:24]
    for name, most, seconds in ((who, per_hour, HOUR_S), (day, per_day, DAY_S)):
        key = f"{what}:{room.pk}:{name}"
        cache.add(key, 0, seconds)
        if cache.incr(key) > most:
            raise InputError(trouble)
