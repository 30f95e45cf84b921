"""What the worker does when asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dideban.room.alerts.deliver import send_test
from dideban.room.alerts.models import Webhook
from dideban.room.members import actions
from dideban.room.members.models import Member
from dideban.room.newsletter.sending import send_question
from dideban.room.posts.models import Erasure
from dideban.room.processes.public_site import try_build
from dideban.room.queue import TASKS
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.imports.look import look_at
from dideban.room.sources.models import Source, SourceRun
from dideban.room.sources.poll import poll as poll_source
from dideban.room.sources.poll import take_upload
from dideban.room.upkeep.erasure import try_erasure
from dideban.room.upkeep.undo_import import undo

Work = Callable[..., None]


def work(function: Work) -> Work:
    """Let a function be asked for by its name."""
    TASKS[function.__name__] = function
    return function


@work
def poll(*, source_id: int) -> None:
    """Ask a source for what is new."""
    source = Source.objects.select_related("room", "place").filter(pk=source_id, is_paused=False).first()
    if source is not None:
        poll_source(source)


@work
def run_source(*, run_id: int, **details: Any) -> None:
    """Do what a member asked of a source: test, backfill or upload."""
    run = SourceRun.objects.select_related("source__room", "source__place").filter(pk=run_id).first()
    if run is None or run.finished_at is not None:
        return
    if run.kind == "upload":
        folder = folder_of(run.source.room.slug).uploads / details["folder"]
        take_upload(run.source, run=run, folder=folder, mapping=details.get("mapping", {}))
        return
    since = details.get("since")
    poll_source(run.source, run=run, since=datetime.fromisoformat(since) if since else None)


@work
def look_at_files(*, run_id: int) -> None:
    """Look at files that a member brought, before they are taken in."""
    run = SourceRun.objects.select_related("source__room", "source__place").filter(pk=run_id, kind="look").first()
    if run is not None and run.finished_at is None:
        look_at(run)


@work
def undo_import(*, run_id: int) -> None:
    """Remove the posts of an import everywhere."""
    run = SourceRun.objects.select_related("source__room").filter(pk=run_id, undone_at=None).first()
    if run is not None and run.undo_asked_at is not None:
        undo(run)


@work
def test_webhook(*, webhook_id: int) -> None:
    """Send a test to a webhook."""
    hook = Webhook.objects.select_related("room").filter(pk=webhook_id).first()
    if hook is not None:
        send_test(hook)


@work
def tell_of_guessing(*, member_id: int) -> None:
    """Notify a member by mail that others try passwords with their name."""
    member = Member.objects.filter(pk=member_id, is_active=True).first()
    if member is not None:
        actions.tell_of_guessing(member)


@work
def erase(*, erasure_id: int) -> None:
    """Delete the posts of a person."""
    erasure = Erasure.objects.select_related("room").filter(pk=erasure_id, done_at__isnull=True).first()
    if erasure is not None:
        try_erasure(erasure)


@work
def ask_subscriber(*, name: str) -> None:
    """Ask the owner of an address whether they want the newsletter."""
    send_question(name)


@work
def build_site(*, room: str) -> None:
    """Build the public site of a room, where it has one and anything changed."""
    found = Room.objects.filter(slug=room, public_site__is_on=True).first()
    if found is not None:
        try_build(found)
