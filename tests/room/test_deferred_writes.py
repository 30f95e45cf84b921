"""Small writes that no page waits for."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from dideban.room.deferred_writes import DeferredWrites, deferred
from dideban.room.members.models import Member, Membership


def test_of_one_name_the_last_is_written_and_trouble_with_one_is_no_trouble_for_others(data: Path) -> None:
    done: list[object] = []
    waiting = DeferredWrites()
    waiting.put("at once", lambda: done.append("now"))
    waiting.is_on = True
    waiting.put("a", lambda: done.append("first"))
    waiting.put("a", lambda: done.append("last"))
    waiting.put("b", lambda: done.append(1 // 0))
    waiting.put("c", lambda: done.append("c"))
    assert done == ["now"]
    assert waiting.flush() == 3
    assert done == ["now", "last", "c"]
    assert waiting.flush() == 0
    waiting.tidy(lambda: done.append("tidied"))
    waiting.step()
    assert done[-1] == "tidied"


def test_pages_leave_their_notes_for_later(lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.usersessions.models import UserSession

    monkeypatch.setattr(deferred, "is_on", True)
    client = Client()
    client.force_login(Member.objects.get(pk=lead.member_id), backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.all().delete()
    assert client.get("/r/watch/").status_code == 200
    lead.refresh_from_db()
    assert lead.last_seen_at is None
    assert deferred.flush() == 3  # the visit, the session, the device
    lead.refresh_from_db()
    assert lead.last_seen_at is not None
    assert UserSession.objects.filter(session_key=client.session.session_key).exists()


def test_a_session_that_ended_meanwhile_is_not_brought_back(lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.usersessions.models import UserSession

    monkeypatch.setattr(deferred, "is_on", True)
    client = Client()
    client.force_login(Member.objects.get(pk=lead.member_id), backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.all().delete()
    client.get("/r/watch/")
    client.logout()
    deferred.flush()
    assert not UserSession.objects.exists()
