"""Every page of the room that is looked at."""

from __future__ import annotations

from dideban.room.alerts.models import Rule
from dideban.room.findings.models import KeptFinding

ACCOUNT = ("/account/preferences/", "/account/2fa/", "/account/sessions/", "/account/password/change/")


def pages() -> list[str]:
    """Return the addresses of all pages of the furnished room."""
    finding, rule = KeptFinding.objects.order_by("pk").first(), Rule.objects.order_by("pk").first()
    assert finding is not None
    assert rule is not None
    inside = (
        "", "findings/", "findings/?verdict=none&place=north&language=fa&sort=size&accounts=3&active=1&new=1&leads=1",
        "findings/1/", "findings/1/similar/", "past/", "past/?since=2026-01-01&until=2026-01-05", "past/1/", "past/2/", "triage/", "triage/?show=all", "narratives/", "narratives/1/",
        "narratives/?state=all&word=bridge&place=north&source=files&language=fa&posts=10&sort=size&proved=1&new=1",
        "posts/?narrative=1", f"f/{finding.finding_id}/", "posts/", "posts/?text=bridge", "search/", "search/?q=bridge", "search/?q=1", "search/?q=xyzzy", "compare/", "compare/?q=bridge&q=market&by=lang", "posts/?since=never", "cases/",
        "cases/?status=all&mine=1&text=a&severity=high&place=north&sort=number", "cases/new/", "cases/1/", "handovers/",
        "findings/1/share/?tlp=green", "narratives/1/share/", "cases/1/share/?text=a", "sent/", "federation/", "inbox/", "peers/",
        "responses/", "responses/1/", "responses/2/", "responses/3/",
        "sources/", "sources/?health=failing", "sources/new/feed/", "sources/new/mastodon/", "sources/new/bluesky/",
        "sources/new/intake/", "sources/new/telegram/", "sources/new/bluesky_search/", "sources/new/newsletter/", "sources/files/", "sources/wire/", "alerts/", "alerts/?show=all", "rules/",
        f"rules/{rule.pk}/", "members/", "tokens/", "interface/", "reveals/", "erasures/", "audit/", "review/",
        "review/?days=30", "review/service/", "review/months/", "review/misses/",
        "review/learning/", "queue/", "cases/1/review/", "cases/2/review/", "settings/",
    )  # fmt: skip
    return [f"/r/watch/{one}" for one in inside] + list(ACCOUNT)
