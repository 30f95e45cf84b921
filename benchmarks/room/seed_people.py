"""People, findings, cases and alerts for a room that has posts: what a busy room looks like after some weeks."""

from __future__ import annotations

import os
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone

from dideban.room.alerts.models import Alert, Rule
from dideban.room.cases import actions as cases
from dideban.room.findings.actions import add_comment, give_verdict
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.actions import add_membership
from dideban.room.members.models import Member, Membership
from dideban.room.posts.actions import save_search
from dideban.room.posts.search import Query
from dideban.room.roles import Role
from dideban.room.rooms.actions import save_place
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source

LANGUAGES = ("en", "fa", "ar")
VERDICTS = ("confirmed", "declared", "false-alarm", "unsure")
ROLES = (Role.COORDINATOR, Role.EDITOR, Role.ANALYST, Role.ANALYST, Role.VIEWER)


def furnish(room: Room, *, n_findings: int, n_cases: int, n_members: int) -> None:
    """Fill the room; findings beyond those that a tick found are copies of them under other names."""
    chance = random.Random(1)
    people = _people(room, n_members)
    lead = people[0]
    places = [save_place(room, name=name.title(), by=lead) for name in ("north", "south", "coast", "hills")]
    for n in range(12):
        add_source(room, kind="intake", name=f"Wire {n}", place=places[n % len(places)], by=lead)
    with transaction.atomic():
        groups = _findings(room, n_findings, places, chance)
    for group in groups[::3]:
        give_verdict(group, finding=group.current, kind=chance.choice(VERDICTS), reason="Looked at.", by=lead)
    for n, group in enumerate(groups[::4]):
        add_comment(group, text=f"Seen before, number {n}. " * 5, by=people[n % 3])
    _cases(room, n_cases, groups, places, people, chance)
    save_search(room, name="bridge", query=Query(text="bridge"), by=lead)


def sessions(room: Room) -> list[str]:
    """Sign every member in; return what their cookies hold."""
    keys = []
    for member in Member.objects.filter(memberships__room=room).order_by("pk"):
        store = SessionStore()
        store["_auth_user_id"] = str(member.pk)
        store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        store["_auth_user_hash"] = member.get_session_auth_hash()
        store.save()
        keys.append(str(store.session_key))
    return keys


def _people(room: Room, n_members: int) -> list[Membership]:
    password, found = make_password("correct horse battery staple"), []
    for n in range(n_members):
        member = Member.objects.create(username=f"member{n}", password=password, language=LANGUAGES[n % 3])
        found.append(add_membership(room, member, role=ROLES[n % len(ROLES)], by=None))
    return found


def _findings(room: Room, wanted: int, places: list[Place], chance: random.Random) -> list[FollowedGroup]:
    groups = list(FollowedGroup.objects.filter(room=room, current__isnull=False).order_by("number"))
    assert groups, "a tick found nothing"
    home, rule = folder_of(room.slug).findings, Rule.objects.filter(room=room).first()
    for n in range(len(groups), wanted):
        groups.append(_copy(room, groups[n % len(groups)], n, home))
    for n, group in enumerate(groups):
        at = timezone.now() - timedelta(days=13 * chance.random())
        group.first_found_at, group.last_found_at = at, timezone.now()
        group.grew_at = at if n % 7 == 0 else None
        group.save()
        group.places.set([places[n % len(places)]])
        current = group.current
        assert current is not None
        about = {"group": group.number, "finding": current.finding_id, "n_accounts": current.n_accounts}
        about |= {"n_posts": current.n_posts, "n_objects": current.n_objects}
        Alert.objects.get_or_create(
            room=room, key=f"made:{group.number}",
            defaults={"rule": rule, "kind": "new-finding", "at": at, "decided_at": at, "params": about, "group": group},
        )  # fmt: skip
    return groups


def _copy(room: Room, group: FollowedGroup, n: int, home: Path) -> FollowedGroup:
    current = group.current
    assert current is not None
    name = f"f{n:016x}"
    if (home / current.finding_id).is_dir():
        shutil.copytree(home / current.finding_id, home / name, copy_function=os.link)
    if (home / f"{current.finding_id}.shares.parquet").exists():
        os.link(home / f"{current.finding_id}.shares.parquet", home / f"{name}.shares.parquet")
    fields = {f.attname: getattr(group, f.attname) for f in group._meta.concrete_fields if not f.primary_key}
    number = FollowedGroup.objects.filter(room=room).order_by("-number").values_list("number", flat=True)[0] + 1
    made = FollowedGroup.objects.create(**{**fields, "number": number, "group_id": f"g{n:016x}", "current_id": None})
    values: dict[str, Any] = {
        f.attname: getattr(current, f.attname) for f in current._meta.concrete_fields if not f.primary_key
    }
    document = {**current.document, "id": name}
    made.current = KeptFinding.objects.create(
        **{**values, "group_id": made.pk, "finding_id": name, "document": document, "found_at": timezone.now()}
    )
    made.save(update_fields=["current"])
    return made


def _cases(
    room: Room, wanted: int, groups: list[FollowedGroup], places: list[Place], people: list[Membership],
    chance: random.Random,
) -> None:  # fmt: skip
    able = [one for one in people if one.role != Role.VIEWER][:10]
    for n in range(wanted):
        by = able[n % len(able)]
        linked = chance.sample(groups, k=min(3, len(groups)))
        case = cases.open_case(
            room, title=f"Case about the harvest {n}", summary="**What** we know.\n\n" * 5, owner=by.member,
            severity=chance.choice(("low", "medium", "high")), places=[places[n % len(places)]], groups=linked, by=by,
        )  # fmt: skip
        for k in range(3):
            due_at = timezone.now() + timedelta(hours=chance.uniform(-48, 96))
            cases.add_task(case, title=f"Task {k}", owner=by.member, due_at=due_at, by=by)
            cases.add_note(case, text=f"Note {k}: we called, [nobody](https://example.org) answered.", by=by)
    cases.hand_over(room, text="Calm night.", to=people[1].member, cases=[], by=able[0])
