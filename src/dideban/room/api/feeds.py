"""Alerts as an Atom feed, for readers that cannot send headers: the token in the address opens nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dideban.room.access import Access
from dideban.room.alerts.models import Alert
from dideban.room.alerts.words import called, cut, link, sentence
from dideban.room.api.auth import TokenAuth
from dideban.room.wording.reading import reading_as

MAX_ENTRIES = 100
MOST_IN_TITLE = 200


@require_safe
def alerts(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the latest alerts that the holder of the token may see; needs the scope ``feed``."""
    found = TokenAuth().authenticate(request, token)
    if found is None or "feed" not in found.scopes:
        raise Http404
    access = Access(room=found.membership.room, membership=found.membership)
    with reading_as(access.member):
        title = f"{_('Alerts')} · \u2068{called(access.room)}\u2069 · Dideban"
        told = [(alert, sentence(alert)) for alert in _latest(access)]
    feed = Atom1Feed(
        title=title, link=f"{settings.SITE_URL}/r/{access.room.slug}/alerts/", description="",
        language=access.member.language,
    )  # fmt: skip
    for alert, text in told:
        feed.add_item(
            title=cut(text, MOST_IN_TITLE), link=link(alert), description=text, pubdate=alert.at, updateddate=alert.at,
            unique_id=f"tag:dideban,{alert.at:%Y-%m-%d}:{access.room.slug}/{alert.pk}",
        )  # fmt: skip
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _latest(access: Access) -> Iterable[Alert]:
    found: Iterable[Alert] = access.alerts().select_related("room", "task").order_by("-at", "-pk")[:MAX_ENTRIES]
    return found
