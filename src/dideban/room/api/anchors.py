"""Anchors of other installations: they send the end of their audit trail, and ask for what they sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dideban.errors import InputError
from dideban.messages import Message
from dideban.room.audit.models import AnchorPeer
from dideban.room.audit.peers import RefusedAnchorError, find_peer, keep, kept_lines
from dideban.room.members.tokens import hash_token
from dideban.room.wording.problems import problem, problem_of

MAX_LINE = 1_000


@csrf_exempt  # the token is in a header that no form sends
@require_http_methods(["GET", "HEAD", "POST"])
def anchors(request: HttpRequest) -> HttpResponse:
    """Keep an anchor (POST, one line of text), or answer with those that are kept (GET, ``?after=N``)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    peer = find_peer(hash_token(token.strip())) if scheme.lower() == "bearer" and token.strip() else None
    if peer is None:
        return JsonResponse(problem(Message("room.token-invalid")), status=401)
    return _keep(request, peer) if request.method == "POST" else _kept(request, peer)


def _keep(request: HttpRequest, peer: AnchorPeer) -> HttpResponse:
    body = request.read(MAX_LINE + 1)
    try:
        if len(body) > MAX_LINE:
            raise InputError("trail.no-anchor")
        return JsonResponse({"line": keep(peer, body.decode("ascii", "replace"))})
    except RefusedAnchorError as error:
        return JsonResponse(problem_of(error), status=409)
    except InputError as error:
        return JsonResponse(problem_of(error), status=400)


def _kept(request: HttpRequest, peer: AnchorPeer) -> HttpResponse:
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        return JsonResponse(problem(Message("room.unreadable")), status=400)
    return JsonResponse(kept_lines(peer, after=int(after)))
