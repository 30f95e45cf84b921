"""What puzzles a newcomer: a second factor without confirmed mail, a demo that seems late, a check of nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from dideban.config import load_config
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.demo.connector import listen
from dideban.room.sources.models import Source
from dideban.room.ticks import run as tick_run
from room.cast import PASSWORD, client_of


def test_a_second_factor_needs_no_confirmed_address(lead: Membership) -> None:
    EmailAddress.objects.create(user=lead.member, email="alice@example.org", primary=True, verified=False)
    client, address = client_of(lead), "/account/2fa/totp/activate/"
    page = client.post(f"/account/reauthenticate/?next={address}", {"password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == address
    assert 'id="authenticator_secret"' in page.content.decode()


def test_the_simulated_stream_tells_its_own_lag(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its posts are dated a day back; that says nothing about how late the room is."""
    made = add_source(room, kind="demo", name="Stream", settings={"seed": 3, "pace": 60}, by=None)
    source = Source.objects.select_related("room", "place").get(pk=made.pk)
    rounds = iter([False, False, True])
    clock = SimpleNamespace(sleep=lambda _s: None)
    monkeypatch.setattr("dideban.room.sources.demo.connector.time", clock)
    source.state = {"round": 0, "began": (timezone.now() - timedelta(seconds=2)).isoformat(), "sent_s": -1.0}
    listen(source, lambda: next(rounds))
    made.refresh_from_db()
    assert made.lag_s is not None
    assert 0 <= made.lag_s < 60


@pytest.mark.parametrize(("is_enough", "kept"), [(True, True), (False, False)])
def test_a_check_of_too_little_is_made_again(tmp_path: Path, is_enough: bool, kept: bool) -> None:
    config, now = load_config(), timezone.now()
    made_at = (now - timedelta(minutes=1)).isoformat()
    check = {"enough_data": is_enough, "n_found": 0, "n_found_shuffled": 0}
    run = {"selfcheck": check, "selfcheck_at": made_at, "config_digest": config.digest()}
    (tmp_path / "run.json").write_bytes(orjson.dumps(run))
    assert tick_run._selfcheck(tmp_path / "run.json", config, now) == (
        (check, made_at) if kept else (None, now.isoformat())
    )
