"""One of everything that a room can hold, with a mark in its words: what tests of access name by id."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from dideban.room.alerts.models import Alert, Rule, Webhook
from dideban.room.cases.actions import (
    add_file,
    add_note,
    add_task,
    hand_over,
    keep_search,
    link_cases,
    link_narrative,
    open_case,
)
from dideban.room.cases.models import Case, CaseReview
from dideban.room.exercises.models import KeptExercise
from dideban.room.findings.actions import add_comment
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.actions import invite, make_api_token
from dideban.room.members.models import Membership
from dideban.room.narratives.models import Narrative
from dideban.room.past.models import PastRun
from dideban.room.posts.actions import save_comparison, save_search
from dideban.room.posts.models import Erasure, Reveal
from dideban.room.posts.search import Query
from dideban.room.public.actions import write_page
from dideban.room.public.models import Consent, Letter, Page, Photo
from dideban.room.responses.actions import draw_lot, plan_response
from dideban.room.responses.models import EffectRun, Lot, Response
from dideban.room.responses.targets import Target
from dideban.room.review.models import Miss, ReviewItem, SettingProposal
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import SourceRun
from room.joint.made import put_joint
from room.sharing.cast import furnish_sharing


@dataclass
class Things:
    """One of everything in one place of one room."""

    room: Room
    boss: Membership
    group: FollowedGroup
    narrative: Narrative
    case: Case
    other_case: Case
    rule: Rule
    webhook: Webhook
    alert: Alert
    keys: dict[str, Any] = field(default_factory=dict)


def furnish(room: Room, boss: Membership, place: Place | None, *, number: int, mark: str) -> Things:
    """Make one of everything; numbers begin at ``number``, names hold ``mark``."""
    now = timezone.now()
    places = [place] if place else []
    slug = mark.lower().replace(" ", "-")
    group = FollowedGroup.objects.create(room=room, number=number, first_found_at=now, last_found_at=now)
    name = f"f{zlib.crc32(mark.encode()):016d}"
    statement = dict.fromkeys(("en", "fa", "ar"), f"{mark} statement.")
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=name, found_at=now, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=9, n_objects=3, first_at=now, last_at=now,
        document={"id": name, "statement": statement, "accounts": ["a" * 17], "posts": [], "objects": [],
                  "traces": [], "leaders": [], "benign": [], "techniques": [], "burst": {}, "period": ["", ""]},
    )  # fmt: skip
    group.save()
    group.places.set(places)
    story = Narrative.objects.create(
        room=room, number=number, key=number, terms=[mark], first_at=now, last_at=now, found_at=now, start_at=now,
        n_posts=9, burst_at=now, burst_posts=9,
    )  # fmt: skip
    story.places.set(places)
    Case.objects.filter(room=room).order_by("-number").first()
    case = open_case(room, title=f"{mark} case", summary=f"{mark} summary", places=places, groups=[group], by=boss)
    other = open_case(room, title=f"{mark} other case", places=places, by=boss)
    Case.objects.filter(pk=case.pk).update(number=number)
    Case.objects.filter(pk=other.pk).update(number=number + 1)
    case.refresh_from_db()
    other.refresh_from_db()
    link = link_cases(case, other=other, reason=f"{mark} reason", by=boss)
    task = add_task(case, title=f"{mark} task", owner=boss.member, by=boss)
    note = add_note(case, text=f"{mark} note", by=boss)
    file = add_file(case, name=f"{mark}.txt", chunks=[mark.encode()], by=boss)
    kept = keep_search(case, query={"text": mark}, name=f"{mark} kept search", by=boss)
    comment = add_comment(group, text=f"{mark} comment", by=boss)
    search = save_search(room, name=f"{mark} search", query=Query(text=mark), by=boss)
    compared = save_comparison(room, name=f"{mark} comparison", asked={"q": [mark], "by": ""}, by=boss)
    source = add_source(room, kind="intake", name=f"{mark} source", place=place, by=None)
    looked = SourceRun.objects.create(source=source, kind="look", started_at=now, finished_at=now)
    rule = Rule.objects.create(room=room, kind="new-finding", name=f"{mark} rule", search=search)
    rule.places.set(places)
    hook = Webhook.objects.create(room=room, name=f"{mark} hook", url="https://h.example/", secret="s" * 64)
    alert = Alert.objects.create(
        room=room, rule=rule, kind="new-finding", key=mark, at=now, group=group, source=source,
        params={"group": number, "name": mark, "n_accounts": 3, "n_posts": 9, "n_objects": 3},
    )  # fmt: skip
    alert.places.set(places)
    page = write_page(room, kind="story", slug=f"s{number}", lang="en", title=mark, body=mark, places=places, by=boss)
    Page.objects.filter(pk=page.pk).update(number=number)
    photo = Photo.objects.create(page=page, sha256="0" * 64, alt=mark, at=now, width=1, height=1, n_bytes=1)
    reveal = Reveal.objects.create(room=room, account_id="b" * 17, reason=f"{mark} reveal", asked_by=boss.member)
    erasure = Erasure.objects.create(room=room, account_id="c" * 17, reason=f"{mark} erasure", member=boss.member)
    handover = hand_over(room, text=f"{mark} hand-over", cases=[case], by=boss)
    invitation, _ = invite(room, role=Role.VIEWER, email=f"{slug}@example.org", by=boss)
    token, _ = make_api_token(name=f"{mark} token", scopes=["read"], days=1, by=boss)
    other_story = Narrative.objects.create(
        room=room, number=number + 1, key=number + 1, terms=[mark], first_at=now, last_at=now, found_at=now,
        start_at=now, n_posts=9,
    )  # fmt: skip
    other_story.places.set(places)
    link_narrative(case, narrative=story, by=boss)
    link_narrative(case, narrative=other_story, by=boss)
    lot = draw_lot(
        case, narratives=[story, other_story], kind="bulletin", title=f"{mark} drawn", horizon_h=24, by=boss
    )  # fmt: skip
    Response.objects.filter(lot=lot).update(number=number)
    Lot.objects.filter(pk=lot.pk).update(number=number, refused_at=now, refused_reason=f"{mark} refusal")
    response = plan_response(
        case, kind="report", title=f"{mark} response", target=Target.of_object("hashtag", slug), horizon_h=24, by=boss
    )  # fmt: skip
    Response.objects.filter(pk=response.pk).update(number=number + 1)
    EffectRun.objects.create(response=response, version="effect-1", at=now, digest=f"{mark} digest")
    item = ReviewItem.objects.create(
        room=room, member=boss.member, token=f"{number:024x}", finding=group.current, offered_at=now
    )
    miss = Miss.objects.create(
        room=room, number=number, source=f"{mark} paper", what=f"{mark} miss", at=now, why="unknown", by=boss.member,
        noted_at=now,
    )  # fmt: skip
    proposal = SettingProposal.objects.create(
        room=room, number=number, kind="owners", key=f"owners:{number}", figures={"members": 1}, made_at=now
    )
    verdict = Verdict.objects.create(
        group=group, finding=group.current, member=boss.member, kind="unsure", reason=f"{mark} verdict", at=now
    )
    exercise = KeptExercise.objects.create(
        room=room, number=number, case=case, group=group, form="timeline", documents={}, difficulty=0.0, basis={},
        made_by=boss.member, made_at=now,
    )  # fmt: skip
    consent = Consent.objects.create(
        page=page, person=f"{mark} person", text_shown=mark, lang="en", method="recorded", given_at=now
    )
    letter = Letter.objects.create(
        room=room, number=number, kind="complaint", page=page, text=f"{mark} letter", at=now, due_at=now
    )
    past = PastRun.objects.create(
        room=room, number=number, since=now, until=now, asked_by=boss.member, asked_at=now, error=f"{mark} run"
    )
    CaseReview.objects.create(case=case, at=now, by=boss.member, went_well=f"{mark} went well")
    keys = {
        "epoch": put_joint(room, boss, places, number=number, mark=mark)[0].number,
        **furnish_sharing(room, boss, places, number=number, mark=mark),
        "item": item.token, "miss": miss.number, "proposal": proposal.number,
        "response": number, "lot": number,
        "number": number, "finding_id": name, "task": task.pk, "note": note.pk, "file": file.pk, "files": file.pk,
        "photos": photo.pk,
        "webhooks": hook.pk, "imports": looked.pk, "verdict": verdict.pk, "exercise": exercise.number,
        "past": past.number, "comparison": compared.pk,
        "page": page, "consent": consent.pk, "letter": letter.number,
        "kept": kept.pk, "link": link.pk if link else 0, "comment": comment.pk, "search": search.pk,
        "source": source.slug, "rules": rule.pk, "webhook": hook.pk, "alert": alert.pk, "reveals": reveal.pk,
        "erasure": erasure.pk, "handovers": handover.pk, "invitation": invitation.pk, "api_token": token.pk,
        "membership": boss.pk, "member": boss.member_id, "place": place.slug if place else "",
    }  # fmt: skip
    return Things(room, boss, group, story, case, other, rule, hook, alert, keys)
