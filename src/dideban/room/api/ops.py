"""For those who run the room: whether it is well, and figures."""

from __future__ import annotations

import hmac
import sys

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found, server_error

from dideban.messages import Message
from dideban.room.upkeep import health
from dideban.room.wording.problems import problem


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where web, database and worker are up, else 503. Open to anybody: it tells nothing else."""
    try:
        state = health.quick()
    except DatabaseError:
        state = {"database": False, "worker": False, "ok": False}
    return JsonResponse(state, status=200 if state["ok"] else 503)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer programs in JSON, people with a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(problem(Message("room.not-found")), status=404)
    return page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponseBase:
    """Answer a bug with 500; a database that is locked or away is none: 503, and it may be tried again."""
    is_busy = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        said = (
            (Message("room.database-away"), Message("room.try-in-a-moment")) if is_busy else (Message("room.broken"),)
        )
        answer: HttpResponseBase = JsonResponse(problem(*said), status=503 if is_busy else 500)
    elif is_busy:
        answer = HttpResponse(loader.render_to_string("503.html"), status=503)
    else:
        answer = server_error(request)
    if is_busy:
        answer["Retry-After"] = "5"
    return answer


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with figures for Prometheus; needs the token of the settings, and is not there where there is none."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=404)
    return HttpResponse(health.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")
