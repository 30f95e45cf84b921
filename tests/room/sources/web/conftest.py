"""One made-up server in place of all platforms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from dideban.room.sources import politeness
from room.hostile import Server


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One server in place of all platforms."""
    politeness.forget()
    monkeypatch.setattr(politeness, "PAUSE_S", 0.0)
    monkeypatch.setattr(politeness, "pause", lambda *a, **k: None)
    with Server().running() as running, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        for name in ("telegram", "youtube", "reddit", "vk"):
            module = __import__(f"dideban.room.sources.{name}.connector", fromlist=["HOME"])
            monkeypatch.setattr(module, "HOME", running.url)
            if hasattr(module, "pause"):
                monkeypatch.setattr(module, "pause", lambda *a, **k: None)
        for name in ("bluesky_search", "lemmy"):
            module = __import__(f"dideban.room.sources.{name}.connector", fromlist=["HOME"])
            monkeypatch.setattr(module, "pause", lambda *a, **k: None)
            if hasattr(module, "OPEN"):
                monkeypatch.setattr(module, "OPEN", running.url)
                monkeypatch.setattr(module, "SIGNED", running.url)
        yield running
