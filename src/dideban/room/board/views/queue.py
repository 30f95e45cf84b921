"""The review queue: findings to judge one by one, some of them made up to see how members judge."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dideban.room.access import enter
from dideban.room.board.presenters.queue import shown_of
from dideban.room.board.views.common import page, post_action, to, unknown_action
from dideban.room.findings.models import VerdictKind
from dideban.room.review import actions
from dideban.room.roles import Permission


def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the item at hand, and what the one before was. About 14 queries."""
    access = enter(request, slug, needs=Permission.WORK)
    mine = access.review_items()
    item = mine.filter(judged_at=None).exclude(finding=None, decoy=None).first()
    return page(
        request, access, "board/queue.html", item=item, shown=shown_of(item) if item else None,
        last=mine.exclude(judged_at=None).order_by("-judged_at", "-pk").first(), n_waiting=access.unjudged().count(),
        verdicts=list(VerdictKind), one_in=actions.ONE_IN,
    )  # fmt: skip


@post_action
def queue_act(request: HttpRequest, slug: str) -> str:
    """Take the next item, or judge the one at hand."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    match form.get("do"):
        case "next":
            pass
        case "judge":
            item = access.review_item(form.get("item", "")[:24])
            actions.judge_item(item, kind=form.get("kind", ""), reason=form.get("reason", ""), by=access.membership)
        case _:
            raise unknown_action()
    actions.next_item(access.room, groups=access.unjudged(), decoys=access.decoys(), by=access.membership)
    return to("queue", slug)
