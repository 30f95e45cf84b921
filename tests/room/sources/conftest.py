"""A server on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from room.cast import HOME  # isort: skip # noqa: F401 - makes Django ready
from django.test import override_settings

from room.hostile import Server


@pytest.fixture(scope="module")
def web() -> Iterator[Server]:
    with Server().running() as running, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        yield running
