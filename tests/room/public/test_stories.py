"""Stories: no consent, no page; a consent taken back takes the page with it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.members.models import Membership
from dideban.room.processes import public_site
from dideban.room.public import actions
from dideban.room.public.building import build_site, items_of, withdraw_fallen
from dideban.room.public.consent import lacking
from dideban.room.public.models import Consent, Page
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.site import verify_site


@pytest.fixture
def story(room: Room, ben: Membership) -> Page:
    return actions.write_page(
        room, kind="story", slug="zahra", lang="fa", title="کتابخانهٔ زهرا", body="زهرا در روستا کتابخانه ساخت.", by=ben
    )


def agree(page: Page, by: Membership, **values: Any) -> Consent:
    given = {
        "person": "Z", "text_shown": "what she read", "lang": "fa", "scopes": ["web"], "method": "witnessed",
        "given_at": timezone.now() - timedelta(days=1), **values,
    }  # fmt: skip
    return actions.record_consent(page, by=by, **given)


def picture(**values: Any) -> bytes:
    image = pytest.importorskip("PIL.Image")
    made = image.new("RGB", (1600, 1000), "teal")
    exif = made.getexif()
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    made.save(buffer, values.get("kind", "JPEG"), exif=exif)
    return buffer.getvalue()


def publish(page: Page, ben: Membership, eve: Membership) -> None:
    actions.ask_publication(page, by=ben)
    actions.decide_publication(page, is_agreed=True, by=eve)


def test_a_story_without_consent_is_not_even_asked_for(story: Page, ben: Membership) -> None:
    with pytest.raises(InputError) as caught:
        actions.ask_publication(story, by=ben)
    assert caught.value.message.code == "public.no-consent"


@pytest.mark.parametrize(
    "values",
    [
        {"scopes": []}, {"scopes": ["everything"]}, {"method": "telepathy"}, {"method": "signed"}, {"person": " "},
        {"is_minor": True}, {"given_at": None}, {"given_at": timezone.now() + timedelta(days=400)}, {"text_shown": ""},
        {"expires_at": timezone.now() - timedelta(days=90)},
    ],
    ids=range(10),
)  # fmt: skip
def test_a_consent_that_says_too_little_is_none(story: Page, ben: Membership, values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        agree(story, ben, **values)


def test_a_minor_needs_a_guardian(story: Page, ben: Membership) -> None:
    agree(story, ben, is_minor=True, guardian="G")
    assert lacking(story, now=timezone.now()) == []
    Consent.objects.update(guardian="")
    assert lacking(story, now=timezone.now()) == ["web"]


def test_everybody_in_a_story_agrees_for_themselves(story: Page, ben: Membership) -> None:
    agree(story, ben)
    agree(story, ben, person="Y", scopes=["print"])
    assert lacking(story, now=timezone.now()) == ["web"]


def test_a_photo_needs_its_own_consent(story: Page, ben: Membership) -> None:
    agree(story, ben)
    actions.add_photo(story, data=picture(), alt="Zahra among her books", by=ben)
    assert lacking(story, now=timezone.now()) == ["photo"]
    agree(story, ben, scopes=["photo"])
    assert lacking(story, now=timezone.now()) == []


def test_a_photo_is_drawn_anew_without_what_the_camera_said(story: Page, ben: Membership) -> None:
    photo = actions.add_photo(story, data=picture(), alt="books", by=ben)
    data = (folder_of(story.room.slug).case_files / photo.sha256).read_bytes()
    assert b"SECRET" not in data
    assert b"Exif" not in data
    assert len(data) <= 48 * 1024
    assert photo.width <= 1200


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff\xe0"], ids=range(4)
)
def test_what_is_no_photo_is_refused(story: Page, ben: Membership, content: bytes) -> None:
    pytest.importorskip("PIL")
    with pytest.raises(InputError):
        actions.add_photo(story, data=content, alt="x", by=ben)


def test_a_photo_without_words_is_refused(story: Page, ben: Membership) -> None:
    with pytest.raises(InputError):
        actions.add_photo(story, data=picture(), alt="\u200b ", by=ben)


def test_a_consent_taken_back_takes_the_story_off_the_site_and_its_feeds(
    room: Room, story: Page, ben: Membership, eve: Membership
) -> None:
    actions.change_site(room, is_on=True, by=None)
    consent = agree(story, ben, scopes=["web", "photo"])
    photo = actions.add_photo(story, data=picture(), alt="Zahra", by=ben)
    publish(story, ben, eve)
    build_site(room, transparency={}, always=True)
    home = folder_of(room.slug).site
    files = [p for p in home.rglob("*") if p.is_file() and "زهرا".encode() in p.read_bytes()]
    assert len(files) >= 4
    actions.withdraw_consent(consent, by=ben)
    build_site(room, transparency={})
    assert [p for p in home.rglob("*") if p.is_file() and "زهرا".encode() in p.read_bytes()] == []
    assert not (home / f"fa/stories/zahra/photo-{photo.sha256[:12]}.jpg").exists()
    assert "به خواست خود آن شخص" in (home / "fa/stories/zahra/index.html").read_text("utf-8")
    (taken,) = json.loads((home / "withdrawn.json").read_bytes())["withdrawn"]
    assert (taken["path"], taken["reason"]) == ("fa/stories/zahra/", "person")


def test_a_consent_that_ends_is_noticed_at_the_next_export(
    room: Room, story: Page, ben: Membership, eve: Membership
) -> None:
    consent = agree(story, ben, expires_at=timezone.now() + timedelta(days=1))
    publish(story, ben, eve)
    Consent.objects.filter(pk=consent.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert withdraw_fallen(room) == 1
    (item,) = items_of(room)
    assert item.withdrawn == "consent"


@pytest.mark.parametrize("way", ["withdrawn", "expired"])
def test_a_consent_that_ends_is_off_the_site_within_fifteen_minutes_even_where_nobody_asks_for_a_build(
    room: Room, story: Page, ben: Membership, eve: Membership, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The worker looks at all sites every few minutes: nothing but its clock moves here."""
    assert public_site.BUILD_S <= 15 * 60 / 2
    actions.change_site(room, is_on=True, by=None)
    consent = agree(story, ben, expires_at=timezone.now() + timedelta(days=1))
    publish(story, ben, eve)
    public_site.build_sites()
    page = folder_of(room.slug).site / "fa/stories/zahra/index.html"
    assert "زهرا" in page.read_text("utf-8")
    now = timezone.now()
    if way == "withdrawn":  # in the database of another process, whose queue is lost
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=now)
    else:
        now += timedelta(days=1, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=public_site.BUILD_S))
    public_site.build_sites()
    assert "زهرا" not in page.read_text("utf-8")
    assert "zahra" in (folder_of(room.slug).site / "withdrawn.json").read_text("utf-8")


def test_an_export_by_a_timer_takes_a_story_off_where_neither_web_nor_worker_runs(
    room: Room, story: Page, ben: Membership, eve: Membership, tmp_path: Path
) -> None:
    """``dideban site build`` needs the database alone, and looks at the consents as they are now."""
    actions.change_site(room, is_on=True, by=None)
    agree(story, ben, expires_at=timezone.now() + timedelta(days=1))
    publish(story, ben, eve)
    out = tmp_path / "www"
    for says_it in (True, False):
        call_command("room_site", room=room.slug, out=str(out), zip=str(tmp_path / "site.zip"))
        found = [p for p in out.rglob("*") if p.is_file() and "زهرا".encode() in p.read_bytes()]
        assert bool(found) == says_it
        assert verify_site(out).ok
        assert verify_site(tmp_path / "site.zip").ok
        Consent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_a_minor_who_comes_of_age_or_loses_a_guardian_leaves_the_site(
    room: Room, story: Page, ben: Membership, eve: Membership
) -> None:
    agree(story, ben, is_minor=True, guardian="G")
    publish(story, ben, eve)
    assert withdraw_fallen(room) == 0
    Consent.objects.update(guardian="")
    assert withdraw_fallen(room) == 1


def test_a_pseudonym_of_a_megabyte_is_cut_and_holds_nothing_unseen(story: Page, ben: Membership) -> None:
    made = agree(story, ben, person="Z\u202e\u200b" + "a" * 1_000_000)
    assert len(made.person) <= 80
    assert made.person.isprintable()
