"""Every page of the room that is looked at."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from dideban.room.alerts.models import Rule
from dideban.room.findings.models import KeptFinding

ACCOUNT = ("/account/preferences/", "/account/2fa/", "/account/sessions/", "/account/password/change/")


NO_PAGES = {
    "home": "leads to a room", "first": "until there is a member", "join": "needs an invitation",
    "site": "the public site has tests of its own", "site_file": "the same", "tell": "a form of the public site",
    "publish_page": "needs a page that was written", "publish_letter": "needs a letter of a reader",
    "publish_photo": "a file", "finding_file": "a file", "posts_file": "a file", "case_export": "a file",
    "case_file": "a file", "exercise": "needs an exercise that was made", "exercise_file": "a file",
    "responses_file": "a file", "sent_file": "a file", "source_import": "needs a file that was looked at",
    "webhook": "needs a webhook", "reveal_open": "needs a reveal that two agreed to",
    "review_file": "a file", "review_part": "a part of a page", "review_year": "a year that has passed",
    "source_preview": "a part of a page", "subscribe": "a page of the public site", "subscribe_answer": "the same",
    "subscribe_leave": "the same", "federation_record": "needs a record of rooms together",
    "federation_epoch": "the same", "federation_finding": "the same",
}  # fmt: skip
"""Addresses that answer to GET and are not among the pages here, and why. Whatever is neither here nor there fails."""


def routes() -> dict[str, URLPattern]:
    """Return every address of the board: name to route."""
    (board,) = (one for one in get_resolver().url_patterns
                if isinstance(one, URLResolver) and one.app_name == "board")  # fmt: skip
    return {one.name: one for one in board.url_patterns if isinstance(one, URLPattern) and one.name}


def looked_at() -> set[str]:
    """Return the names of the addresses that :func:`pages` leads to."""
    return {str(resolve(where.split("?")[0]).url_name) for where in pages()}


def pages() -> list[str]:
    """Return the addresses of all pages of the furnished room."""
    finding, rule = KeptFinding.objects.order_by("pk").first(), Rule.objects.order_by("pk").first()
    assert finding is not None
    assert rule is not None
    inside = (
        "", "findings/", "findings/?verdict=none&place=north&language=fa&sort=size&accounts=3&active=1&new=1&leads=1",
        "findings/1/", "findings/1/similar/", "past/", "past/?since=2026-01-01&until=2026-01-05", "past/1/", "past/2/", "triage/", "triage/?show=all", "narratives/", "narratives/1/",
        "narratives/?state=all&word=bridge&place=north&source=files&language=fa&posts=10&sort=size&proved=1&new=1",
        "posts/?narrative=1", f"f/{finding.finding_id}/", "posts/", "posts/?text=bridge", "search/", "search/?q=bridge", "search/?q=1", "search/?q=xyzzy", "compare/", "compare/?q=bridge&q=مدرسه&by=lang", "posts/?since=never", "cases/",
        "cases/?status=all&mine=1&text=a&severity=high&place=north&sort=number", "cases/new/", "cases/1/", "handovers/",
        "findings/1/share/?tlp=green", "narratives/1/share/", "cases/1/share/?text=a", "sent/", "federation/", "inbox/", "peers/",
        "responses/", "responses/1/", "responses/2/", "responses/3/",
        "sources/", "sources/?health=failing", "sources/new/feed/", "sources/new/mastodon/", "sources/new/bluesky/",
        "sources/new/intake/", "sources/new/telegram/", "sources/new/bluesky_search/", "sources/new/newsletter/", "sources/files/", "sources/wire/", "alerts/", "alerts/?show=all", "rules/",
        f"rules/{rule.pk}/", "members/", "tokens/", "interface/", "reveals/", "erasures/", "audit/", "review/",
        "review/?days=30", "review/service/", "review/months/", "review/misses/",
        "publish/", "publish/new/", "publish/site/", "publish/letters/", "exercises/", "cases/1/report/",
        "review/learning/", "queue/", "cases/1/review/", "cases/2/review/", "settings/",
    )  # fmt: skip
    return [f"/r/watch/{one}" for one in inside] + list(ACCOUNT)
