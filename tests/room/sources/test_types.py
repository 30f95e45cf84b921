"""A type of source is one folder: added, it is in forms, polling, health and pages; removed, nothing breaks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from room.cast import client_of, post  # isort: skip - makes Django ready
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from dideban.messages import languages
from dideban.room import sources
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources import registry
from dideban.room.sources.actions import add_source, ask_test, remove_source
from dideban.room.sources.health import claim_due, health_of
from dideban.room.sources.models import Health, Source, SourceRun
from dideban.room.sources.poll import poll
from dideban.room.sources.texts import texts_of
from dideban.room.wording.words import WORDS
from room.sources.helpers import again, stored

KIND = '''
"""Pigeons."""
from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(Field(name="loft", kind="text", required=True), Field(name="grain", kind="secret")),
    is_polled=True, can_test=True, can_look_back=True, has_own_health=True, checks_settings=True,
)
'''
CONNECTOR = """
import json
from dideban.errors import InputError
from dideban.room.sources.contract import Collected

def check(settings, room):
    if settings["loft"] == "none":
        raise InputError("the loft is empty")

def collect(settings, ask):
    n = ask.state.get("n", 0)
    line = json.dumps({**json.loads(settings["grain"]), "post_id": f"pigeon-{n}"})
    return Collected(parts=[("pigeon.ndjson", line.encode())], state={"n": n + 1}, n_items=1)
"""
HEALTH = """
from dideban.room.sources.models import Health

def health_of(source, now):
    return Health.SILENT if source.state.get("n", 0) == 2 else Health.OK
"""
NAMES = {"en": "Carrier pigeon", "fa": "کبوتر نامه‌بر", "ar": "حمام زاجل"}
TEXT = 'name = "{name}"\nhelp = "{name} +"\n[field]\nloft = "{name} 1"\ngrain = "{name} 2"\n[hint]\nloft = "{name} 3"\n'


@pytest.fixture
def pigeon(tmp_path: Path) -> Iterator[str]:
    """A throw-away type of source: one folder, nothing else."""
    folder = tmp_path / "types" / "pigeon"
    (folder / "texts").mkdir(parents=True)
    for name, content in {
        "__init__": '"""Pigeons."""\n',
        "kind": KIND,
        "connector": CONNECTOR,
        "health": HEALTH,
    }.items():
        (folder / f"{name}.py").write_text(content, "utf-8")
    for language, name in NAMES.items():
        (folder / "texts" / f"{language}.toml").write_text(TEXT.format(name=name), "utf-8")
    sources.__path__.append(str(folder.parent))
    registry.forget()
    yield "pigeon"
    sources.__path__.remove(str(folder.parent))
    registry.forget()
    for name in [name for name in sys.modules if name.startswith(f"{sources.__name__}.pigeon")]:
        del sys.modules[name]
    for words in WORDS.values():
        for slug in [slug for slug in words if slug.split(".")[0] in ("pigeon", "loft", "grain")]:
            del words[slug]


def read(client: object, language: str, address: str) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language  # type: ignore[attr-defined]
    answer = client.get(address)  # type: ignore[attr-defined]
    assert answer.status_code == 200, address
    return str(answer.content.decode())


@pytest.mark.parametrize("language", NAMES)
def test_a_new_type_is_in_lists_forms_and_pages(room: Room, lead: Membership, pigeon: str, language: str) -> None:
    lead.member.language = language
    lead.member.save()
    client = client_of(lead)
    name = NAMES[language]
    assert name in read(client, language, reverse("board:sources", args=["watch"]))
    form = read(client, language, reverse("board:source_new", args=["watch", pigeon]))
    assert f"{name} 1" in form
    assert f"{name} 3" in form
    assert re.search(r'name="s_grain"[^>]*type="password"', form)
    sent = {"name": "Loft", "s_loft": "roof", "s_grain": "{}"}
    assert client.post(reverse("board:source_add", args=["watch", pigeon]), sent).status_code == 303
    page = read(client, language, reverse("board:source", args=["watch", "loft"]))
    assert name in page
    assert "{}" not in re.findall(r'name="s_grain"[^>]*>', page)[0]
    assert NAMES[language] in read(client, language, reverse("board:sources", args=["watch"]))


def test_a_new_type_is_polled_tested_and_has_its_own_health(room: Room, lead: Membership, pigeon: str) -> None:
    import json

    grain = json.dumps(post(1))
    source = add_source(room, kind=pigeon, name="Loft", settings={"loft": "roof", "grain": grain}, by=None)
    assert claim_due(timezone.now() + timedelta(seconds=1)) == [source.pk]
    assert SourceRun.objects.get(pk=ask_test(again(source), by=lead).pk).error == ""
    assert stored().is_empty()
    assert poll(again(source)).n_posts == 1
    assert health_of(again(source)) == Health.OK
    assert poll(again(source)).n_posts == 1
    assert health_of(again(source)) == Health.SILENT
    assert stored()["post_id"].to_list() == ["pigeon-0", "pigeon-1"]


def test_a_new_type_checks_its_settings_while_the_form_is_at_hand(room: Room, lead: Membership, pigeon: str) -> None:
    sent = {"name": "Loft", "s_loft": "none", "s_grain": "{}"}
    answer = client_of(lead).post(reverse("board:source_add", args=["watch", pigeon]), sent)
    assert answer.status_code == 303
    assert not Source.objects.exists()


def test_a_type_that_is_gone_breaks_no_page(room: Room, lead: Membership) -> None:
    source = add_source(room, kind="feed", name="Old", settings={"url": "https://news.example/"}, by=None)
    Source.objects.filter(pk=source.pk).update(kind="telegraph")
    source = again(source)
    assert health_of(source) == Health.FAILING
    assert claim_due(timezone.now() + timedelta(days=1)) == []
    assert "room.source-type-gone" in poll(source).error
    client = client_of(lead)
    for address in (reverse("board:sources", args=["watch"]), reverse("board:source", args=["watch", "old"])):
        assert "telegraph" in read(client, "en", address)
    sent = {"do": "change", "name": "Older"}
    assert client.post(reverse("board:source_act", args=["watch", "old"]), sent).status_code == 303
    assert again(source).settings == {
        "url": "https://news.example/",
        "full_text": False,
        "pictures": False,
        "thumbnails": False,
    }
    remove_source(again(source), by=lead)


@pytest.mark.parametrize("slug", registry.types())
def test_every_type_is_complete(slug: str) -> None:
    one = registry.type_of(slug)
    texts = texts_of(one.package)
    assert set(texts) == set(languages())
    wanted = {"name", "help", *(f"field.{field.name}" for field in one.fields)}
    for language, known in texts.items():
        assert wanted <= set(known), language
        assert set(known) == set(texts["en"]), language
        assert all(known.values()), language
    asked = one.is_polled or one.can_test or one.can_look_back
    assert not asked or callable(one.connector.collect)
    assert not one.speaks or callable(one.connector.listen)
    assert not one.checks_settings or callable(one.connector.check)
    assert not one.offers_choices or callable(one.connector.choices)
    assert not one.has_own_health or callable(one.health.health_of)
    assert asked or one.speaks or one.takes_files or one.takes_requests


def test_no_module_outside_its_folder_imports_a_type() -> None:
    """What a type can do is asked of the registry; only the demo room is made of one, and tells what comes."""
    home = Path(sources.__file__).parents[1]
    slugs = "|".join(registry.types())
    named = re.compile(rf"room\.sources\.({slugs})\b|room\.sources import .*\b({slugs})\b")
    found = {
        path.relative_to(home).as_posix()
        for path in home.rglob("*.py")
        if not re.match(rf"sources/({slugs})/", path.relative_to(home).as_posix())
        and named.search(path.read_text("utf-8"))
    }
    assert found == {"upkeep/demo_room.py", "board/presenters/demo.py"}
