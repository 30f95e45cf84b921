"""What happens around every request: a log line, a strict content policy, plain words for our own errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.shortcuts import render

from dideban.errors import ConfigError, DidebanError, ExchangeError, InputError, SourceError, StoreError
from dideban.room.access import SignInRequiredError, lead_to_sign_in

log = logging.getLogger("dideban.room.requests")
Next = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
STATUS: tuple[tuple[type[DidebanError], int], ...] = (
    (InputError, 400),
    (ConfigError, 400),
    (SourceError, 502),
    (StoreError, 503),
    (ExchangeError, 502),
)


def status_of(error: DidebanError) -> int:
    """Return the HTTP status of one of our errors."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


class ContentPolicy:
    """Nothing inline, nothing from outside, no frames."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class PlainErrors:
    """One line and a hint for our own errors; anything else is a bug and crashes."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a DidebanError into a page, and "nobody is signed in" into the way to sign in."""
        if isinstance(error, SignInRequiredError):
            return lead_to_sign_in(request)
        if not isinstance(error, DidebanError):
            return None
        context = {"message": error.message, "hint": error.hint}
        return render(request, "error.html", context, status=status_of(error))


class ApiMarks(ConditionalGetMiddleware):
    """Answers for programs carry an ETag; where nothing changed they are 304 and empty."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Mark answers below /api/ only: pages carry form tokens that differ every time."""
        if not request.path.startswith("/api/"):
            return response
        return super().process_response(request, response)


class RequestLog:
    """One log line per request; no query string, no address of the reader."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "seconds": round(time.monotonic() - began, 4),
                },
            )
        return response
