"""Django application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from dideban.room.rooms.models import Room
    from dideban.site.records import PublishedItem


class PublicConfig(AppConfig):
    name = "dideban.room.public"
    label = "public"

    def ready(self) -> None:
        """Publish the pages that members write."""
        from dideban.room.public.published import register

        register("pages", _items_of)


def _items_of(room: Room) -> Iterable[PublishedItem]:
    """Import what reads pages when a site is built: it opens the queue, which a program that only looks has not."""
    from dideban.room.public.building import items_of

    return items_of(room)
