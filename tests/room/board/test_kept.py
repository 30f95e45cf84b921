"""What is kept of the page of a finding: as long as its package is as it was, and nobody's posts were deleted."""

from __future__ import annotations

import html
from typing import Any

from django.test import Client

from dideban.room.board.presenters import finding as presenter
from dideban.room.findings.models import FollowedGroup
from dideban.room.findings.packages import package_of, read_posts, shares_path
from dideban.room.members.models import Member
from dideban.room.posts.models import Erasure
from dideban.room.rooms.models import Room
from dideban.room.upkeep.erasure import run_erasure


def shown(path: str) -> str:
    client = Client()
    client.force_login(Member.objects.get(username="alice"), backend="django.contrib.auth.backends.ModelBackend")
    return html.unescape(client.get(f"/r/watch/{path}").content.decode())


def one() -> tuple[FollowedGroup, str, list[dict[str, Any]]]:
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current
    name = group.current.finding_id
    return group, name, read_posts("watch", name).to_dicts()


def test_a_page_seen_before_its_package_was_written_shows_the_posts_afterwards(furnished: Room) -> None:
    _, name, posts = one()
    package, shares = package_of("watch", name), shares_path("watch", name)
    aside = package.with_name("aside")
    package.rename(aside)
    shares.rename(aside / "shares")
    before, list_before = shown("findings/1/"), shown("findings/")
    (aside / "shares").rename(shares)
    aside.rename(package)
    after = shown("findings/1/")
    assert not any(stands(post, before) for post in posts)
    assert any(stands(post, after) for post in posts)
    assert shown("findings/") != list_before


def test_no_page_keeps_what_an_erased_person_wrote(furnished: Room) -> None:
    group, _, posts = one()
    page = shown("findings/1/")
    seen = [post for post in posts if post["account_id"] in group.members and post["text"] and stands(post, page)]
    account = seen[0]["account_id"]
    others = {post["text"] for post in posts if post["account_id"] != account}
    alone = [post for post in seen if post["account_id"] == account and post["text"] not in others]
    assert alone
    assert presenter._render.cache_info().currsize
    lead = Member.objects.get(username="alice")
    run_erasure(Erasure.objects.create(room=furnished, account_id=account, reason="asked", member=lead))
    again = shown("findings/1/")
    assert not any(stands(post, again) for post in alone)
    presenter.let_go()
    assert presenter._render.cache_info().currsize == 0
    shown("findings/1/")
    Erasure.objects.update(done_at=None)
    presenter.let_go()
    assert presenter._render.cache_info().currsize == 1


def stands(post: dict[str, Any], page: str) -> bool:
    return f">{post['text']}</p>" in page
