"""A demo of three months: what the pages say of responses that work, do nothing and backfire, against what was planted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from room.cast import client_of  # isort: skip - makes Django ready

from django.utils.translation import override

from dideban.room.board.presenters.further import reading_of
from dideban.room.board.presenters.responses import verdict_of
from dideban.room.board.templatetags.board import foreign, of_demo
from dideban.room.members.models import Membership
from dideban.room.responses.models import ARRIVAL_H, EffectPool, EffectRun, FurtherPool, Response
from dideban.room.rooms.models import Place, Room
from dideban.room.upkeep.demo_history import PLANTED, make_history
from dideban.room.upkeep.effects import work_out_effects
from dideban.room.wording import made_up
from room.sources.helpers import stored


@pytest.mark.parametrize(("language", "words"), [("fa", "تصحیح (ساختگی: اثر می‌کند)"), ("ar", "تصحيح (مختلق: يؤثر)")])
def test_what_a_demo_wrote_is_read_in_the_language_of_the_reader(language: str, words: str) -> None:
    written = {one.title for one in PLANTED} | {made_up.CASE, made_up.NOTE, made_up.COAST, made_up.PAST}
    with override(language):
        assert words in foreign(made_up.WORKS)
        for text in written:
            assert str(of_demo(text)) != text, text
            assert text not in foreign(text), text
        assert of_demo("Coast desk of ours") == "Coast desk of ours"
        assert "Correction" in foreign("Correction")


@pytest.mark.slow
def test_the_pages_say_what_was_planted(room: Room, north: Place, lead: Membership) -> None:
    n = make_history(room, lead, n_units=60, n_responses=24)
    assert n == EffectRun.objects.count() == Response.objects.count() - 1 > 50
    assert sum(source.n_posts for source in room.sources.all()) == stored().height > 0, "sources count what is listed"
    pools = {pool.kind: pool for pool in EffectPool.objects.filter(split="")}
    for one, said in zip(PLANTED, ("fewer", "open", "more", "open", "fewer"), strict=True):
        pool = pools[one.kind]
        assert verdict_of(pool) == said, one.kind
        assert pool.low is not None
        assert pool.high is not None
        assert pool.low <= one.reduction <= pool.high, one.kind
        assert pool.n >= 10
    readings = {(row.pool.kind, row.what): reading_of(row) for row in FurtherPool.objects.select_related("pool")}
    assert {readings[one.kind, "gone"] for one in PLANTED if not one.then} == {"gone-open"}
    quiet = FurtherPool.objects.filter(pool__kind__in=[one.kind for one in PLANTED if not one.then])
    assert all(min(row.p_fewer, row.p_more) > 0.005 for row in quiet)  # each of nine may fall below 0.05 by chance
    assert readings["report", "gone"] == "gone-more"
    assert readings["other", "accounts"] == readings["other", "texts"] == "moved-more"
    parts = {(pool.split, pool.value) for pool in EffectPool.objects.exclude(split="")}
    assert {("language", one.language) for one in PLANTED} | {("place", "north")} <= parts
    for language, words in (
        ("en", (
            "fewer posts", "more posts", "not told from chance", "By delay, place and language",
            "removed sooner than chance explains", "more there: part of it may have moved", "Removals are known of:",
        )),
        ("fa", ("به تفکیک تأخیر، جا و زبان",)), ("ar", ("حسب التأخير والمكان واللغة",)),
    ):  # fmt: skip
        lead.member.language = language
        lead.member.save()
        html = client_of(lead).get("/r/watch/responses/").content.decode()
        assert 'id="further"' in html
        assert all(word in html for word in words), language
    one = Response.objects.filter(runs__reasons=[]).first()
    assert one is not None
    assert client_of(lead).get(f"/r/watch/responses/{one.number}/").status_code == 200
    (last,) = Response.objects.filter(runs=None)
    assert last.ends_at is not None
    known_at = last.ends_at + timedelta(hours=ARRIVAL_H)
    assert timedelta(0) < known_at - timezone.now() <= timedelta(hours=1), "one effect appears while one watches"
    assert work_out_effects(room, now=known_at) == 1
    assert last.runs.get().reasons == []
