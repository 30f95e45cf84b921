"""Ticks that go on from earlier ones: what is remembered saves time and changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dideban.room.findings.follow import is_equivalent
from dideban.room.findings.models import KeptFinding
from dideban.room.members.models import Membership
from dideban.room.posts.models import Erasure
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.ticks.analysis import HorizonAnalysis, analyse_horizon
from dideban.room.ticks.run import config_of, run_tick
from dideban.room.ticks.tick_cache import TickCache
from dideban.room.upkeep.erasure import run_erasure
from room.test_ticks import arrive, sample, watch

pytestmark = pytest.mark.slow

__all__ = ["watch"]


@pytest.mark.parametrize(("engine", "least"), [({"proof.leads": True}, 1), ({"method": "threshold"}, 3)])
@pytest.mark.no_cover
def test_a_tick_that_goes_on_finds_byte_for_byte_what_one_from_nothing_finds(
    watch: Room, monkeypatch: pytest.MonkeyPatch, engine: dict[str, Any], least: int
) -> None:
    change_room(watch, engine=engine, by=None)
    posts, folder, seen = sample(), folder_of("watch"), list[HorizonAnalysis]()
    real = analyse_horizon
    monkeypatch.setattr(
        "dideban.room.ticks.run.analyse_horizon", lambda *a, **k: seen.append(real(*a, **k)) or seen[-1]
    )
    for part in (
        posts.head(3_000),
        posts.slice(3_000, 1_500).sample(fraction=1.0, shuffle=True, seed=1),
        posts.tail(500),
    ):
        arrive(part)
        tick = run_tick(watch)
        assert tick
        assert (tick.status, tick.error) == ("done", "")
    assert folder.signatures.exists()
    since = (tick.started_at - timedelta(days=watch.horizon_days)).replace(minute=0, second=0, microsecond=0)
    until = tick.started_at + timedelta(days=2)
    fresh = analyse_horizon(folder.posts, since=since, until=until, config=config_of(watch))
    stored = KeptFinding.objects.filter(current_of__is_active=True).values_list("document", flat=True)
    assert len(fresh.findings) == tick.n_findings >= least
    assert {plain(one.to_dict()) for one in fresh.findings} == {plain(one.to_dict()) for one in seen[-1].findings}
    told = {tuple(one["accounts"]): one for one in stored}
    assert all(is_equivalent(told[tuple(one.accounts)], one.to_dict()) for one in fresh.findings)
    run = json.loads((folder.scan / "run.json").read_bytes())
    if "method" not in engine:
        assert run["selfcheck"]["n_shuffles"] == 1
        assert run["selfcheck_at"] < tick.started_at.isoformat()


def plain(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


@pytest.mark.no_cover
def test_what_is_remembered_between_ticks_changes_nothing_and_goes_with_a_deletion(
    watch: Room, lead: Membership
) -> None:
    cache, posts = TickCache(), sample()
    arrive(posts.head(4_000))
    first = run_tick(watch, cache=cache)
    remembered = cache.signatures(folder_of("watch").signatures)
    assert first
    assert (first.status, first.error) == ("done", "")
    arrive(posts.tail(1_000))
    assert run_tick(watch, cache=cache)
    assert cache.signatures(folder_of("watch").signatures) is remembered
    assert remembered.leads.n_known > 0
    assert cache.pages.known.height > 0
    assert cache.contacts.known.height > 0
    kept = {f.finding_id for f in KeptFinding.objects.filter(current_of__is_active=True)}
    since = (timezone.now() - timedelta(days=watch.horizon_days)).replace(minute=0, second=0, microsecond=0)
    fresh = analyse_horizon(folder_of("watch").posts, since=since, until=timezone.now(), config=config_of(watch))
    assert kept <= {one.id for one in fresh.findings}
    account = next(f.document["accounts"][0] for f in KeptFinding.objects.all())
    run_erasure(Erasure.objects.create(room=watch, account_id=account, reason="asked", member=lead.member))
    emptied = cache.signatures(folder_of("watch").signatures)
    assert emptied is not remembered
    assert emptied.forms.is_empty()
    assert cache.pages.known.is_empty()
    assert cache.contacts.known.is_empty()
