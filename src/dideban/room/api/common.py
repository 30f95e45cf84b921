"""What the parts of the programming interface share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from ninja import Field
from ninja.pagination import LimitOffsetPagination

from dideban.room.api import schemas as s

PROBLEMS = {400: s.Problem, 401: s.Problem, 403: s.Problem, 404: s.Problem, 422: s.Problem}


class Pagination(LimitOffsetPagination):
    """Pagination by limit and offset, within what a database counts."""

    class Input(LimitOffsetPagination.Input):
        """What is asked for."""

        offset: int = Field(0, ge=0, le=2**31 - 1)


class Mapped:
    """A query set whose rows become plain data only where a page is cut out of it."""

    def __init__(self, found: QuerySet[Any], plain: Callable[[Any], dict[str, Any]]) -> None:
        self.found, self.plain = found, plain

    def __getitem__(self, cut: slice) -> list[dict[str, Any]]:
        return [self.plain(row) for row in self.found[cut]]

    def count(self) -> int:
        """Return how many there are."""
        return self.found.count()

    def __len__(self) -> int:
        return self.count()


def small(number: int) -> int:
    """Numbers that no database holds are of nothing."""
    if not 0 < number < 2**31:
        raise Http404
    return number
