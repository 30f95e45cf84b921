"""Applications of the room publish through one registry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dideban.errors import InputError
from dideban.room.public import published
from dideban.room.rooms.models import Room
from dideban.site import PublishedItem

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def item(slug: str, *, day: int = 1) -> PublishedItem:
    return PublishedItem(
        kind="bulletin", slug=slug, lang="en", title=slug, published_at=AT.replace(day=day), text="words"
    )


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_PROVIDERS", {})


def test_what_applications_publish_is_read_together_the_newest_first(room: Room) -> None:
    published.register("b", lambda _: [item("old")])
    published.register("a", lambda _: [item("new", day=9), item("newer", day=10)])
    assert [one.slug for one in published.published_items(room)] == ["newer", "new", "old"]


def test_two_applications_cannot_publish_the_same_page(room: Room) -> None:
    published.register("a", lambda _: [item("one")])
    published.register("b", lambda _: [item("one", day=2)])
    with pytest.raises(InputError, match="Two pages"):
        published.published_items(room)


def test_a_name_registered_again_is_replaced(room: Room) -> None:
    published.register("a", lambda _: [item("one")])
    published.register("a", lambda _: [item("two")])
    assert [one.slug for one in published.published_items(room)] == ["two"]
