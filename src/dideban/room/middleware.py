"""What happens around every request: a log line, a strict content policy, plain words for our own errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.shortcuts import render

from dideban.errors import ConfigError, DidebanError, ExchangeError, InputError, SourceError, StoreError
from dideban.messages import Message
from dideban.room.access import SignInRequiredError, lead_to_sign_in
from dideban.room.members.models import Member
from dideban.room.sources.uploads import MAX_BYTES
from dideban.room.wording.problems import error_words, problem, words_of

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
MOST_OF_MEMBERS = MAX_BYTES + 16 * 1024 * 1024
MOST_OF_STRANGERS = 1024 * 1024
FOR_PROGRAMS = ("/api/", "/taxii2/")
"""What has limits of its own."""
"""Bytes of one request."""
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
        if not request.path.startswith("/static/"):
            # what a member saw is not shown again from a cache after they signed out
            is_api = request.path.startswith("/api/")
            response.headers.setdefault("Cache-Control", "private, no-cache" if is_api else "private, no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class PlainErrors:
    """One line and a hint for our own errors; anything else is a bug and crashes."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a DidebanError into a page, and "no one is signed in" into the way to sign in."""
        if isinstance(error, SignInRequiredError):
            return lead_to_sign_in(request)
        if not isinstance(error, DidebanError):
            return None
        message, hint = error_words(error)
        context = {"message": message, "hint": hint}
        return render(request, "error.html", context, status=status_of(error))


class Bounded:
    """Refuses what is too large before anything reads it, and NUL, which no text has and no database takes.

    Forms are read before a view has said who may send them: without a bound, anybody could fill the disk.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        most = MOST_OF_MEMBERS if isinstance(request.user, Member) else MOST_OF_STRANGERS
        if _length(request) > most and not request.path.startswith(FOR_PROGRAMS):
            return _refused(request, Message("room.body-too-large"), 413)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _refused(request, Message("room.unreadable"), 400)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *args: object) -> HttpResponseBase | None:
        """Look at forms, once they are read."""
        is_form = request.method == "POST" and not request.path.startswith(FOR_PROGRAMS)
        if is_form and any("\x00" in text for _, texts in request.POST.lists() for text in texts):
            return _refused(request, Message("room.unreadable"), 400)
        return None


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _refused(request: HttpRequest, message: Message, status: int) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse(problem(message), status=status)
    return render(request, "error.html", {"message": words_of(message), "hint": ""}, status=status)


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
