"""Pages of the room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dideban.room.access import SignInRequiredError, enter
from dideban.room.members.models import Member, Membership


def home(request: HttpRequest) -> HttpResponse:
    """Lead a member to their room."""
    if not isinstance(request.user, Member):
        raise SignInRequiredError
    first = Membership.objects.filter(member=request.user).select_related("room").order_by("pk").first()
    if first is None:
        return render(request, "no_room.html", status=200)
    return redirect("board:now", slug=first.room.slug)


def now(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is new, growing, late, and waiting."""
    access = enter(request, slug)
    return render(request, "now.html", {"access": access})
