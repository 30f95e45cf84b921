"""A room whose texts are what people send when nobody looks: nothing, far too much, mixed directions, emoji alone."""

from __future__ import annotations

import json
from itertools import cycle
from typing import Any

from dideban.room.alerts.models import Rule
from dideban.room.cases.models import Case, CaseFile, Handover, Note, Task
from dideban.room.findings.models import Comment, KeptFinding, Verdict
from dideban.room.members.models import Member
from dideban.room.narratives.models import Narrative
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import SavedSearch
from dideban.room.responses.models import Response
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.models import Source
from room.cast import post

HUGE = "W" * 4_000
TEXTS = (
    HUGE, "🙂" * 400, "سلام hello ۱۲۳ 123 " * 40, "\u202ehtml.exe\u202c " * 30, "https://x.example/" + "a" * 1_500,
    "a\u0301\u0302\u0303\u0304" * 200, "كلمة" * 500, " . ", "👨‍👩‍👧‍👦" * 90,
)  # fmt: skip
NAMES = ((Room, "name"), (Place, "name"), (Case, "title"), (Case, "summary"), (Task, "title"), (Note, "text"),
         (Comment, "text"), (Handover, "text"), (CaseFile, "name"), (SavedSearch, "name"), (Rule, "name"),
         (Source, "name"), (Source, "last_error"), (Member, "display_name"), (Response, "title"),
         (Verdict, "reason"))  # fmt: skip


def make_extreme(room: Room, *, most_findings: int = 1_000) -> int:
    """Write such texts wherever the room keeps texts, and send such posts; return how many posts were taken."""
    texts = cycle(TEXTS)
    for model, name in NAMES:
        limit = getattr(model._meta.get_field(name), "max_length", None)
        for pk in model.objects.values_list("pk", flat=True):
            model.objects.filter(pk=pk).update(**{name: next(texts)[: limit or None]})
    for finding in KeptFinding.objects.order_by("pk")[:most_findings]:
        KeptFinding.objects.filter(pk=finding.pk).update(document=_changed(finding.document, texts))
    for story in Narrative.objects.all():
        Narrative.objects.filter(pk=story.pk).update(terms=[next(texts)[:60] for _ in range(8)])
    lines = [post(n, text=text, account_id=f"a{n}{(text or '')[:40]}") for n, text in enumerate(("", None, *TEXTS))]
    lines += [post(90, text="many", hashtags=[f"t{n}" for n in range(900)], urls=[f"https://u{n}.example/" for n in range(400)]),
              post(91, text="pictures", media=["0" * 3_000, *(f"{n:016x}" for n in range(300))])]  # fmt: skip
    body = "\n".join(map(json.dumps, lines)).encode()
    taken = take_bytes(body, name="p.ndjson", origin=Origin(room=room.slug, source="wire"))
    merge_all(room.slug)
    return taken.n_posts


def _changed(value: Any, texts: Any) -> Any:
    """Return plain data with such a text in every text that is no id, time or number."""
    if isinstance(value, dict):
        return {key: _changed(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [_changed(one, texts) for one in value]
    return next(texts) if isinstance(value, str) and " " in value else value
