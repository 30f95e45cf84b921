"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def board(request: HttpRequest) -> dict[str, Any]:
    """Return what every page needs."""
    return {}
