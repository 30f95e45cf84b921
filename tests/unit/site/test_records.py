"""Records of the site refuse what no page can be made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dideban.errors import InputError
from dideban.site import Attachment, PublishedItem

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def item(**values: Any) -> PublishedItem:
    return PublishedItem(**{
        "kind": "bulletin", "slug": "water", "lang": "fa", "title": "آب", "published_at": AT, "text": "متن", **values,
    })  # fmt: skip


@pytest.mark.parametrize(
    "slug", ["", "..", "../x", "a/b", "A", "-a", "a-", "a" * 81, "a\n", "con.", "آب", "a\x00", "a b", "a\u202eb"]
)
def test_a_slug_never_leads_out_of_its_folder(slug: str) -> None:
    with pytest.raises(InputError) as caught:
        item(slug=slug)
    assert caught.value.message.code == "site.slug"


@pytest.mark.parametrize(
    "name", ["", "..", "a/b.zip", ".zip", "index.html", "A.zip", "a", "a" * 90 + ".zip", "a\\b.zip"]
)
def test_a_file_beside_a_page_has_a_plain_name(name: str) -> None:
    with pytest.raises(InputError):
        Attachment(name=name, content=b"")


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "poem"}, {"lang": "xx"}, {"text": ""}, {"html": "<p>two"}, {"title": "x" * 1_000_000},
        {"summary": "x" * 601},
        {"attachments": (Attachment(name="a.zip", content=b"1"), Attachment(name="a.zip", content=b"2"))},
    ],
)  # fmt: skip
def test_what_no_page_can_be_made_of_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        item(**values)


def test_an_item_changed_when_it_last_changed() -> None:
    later = AT.replace(day=9)
    assert item().updated_at == AT
    assert item(changed_at=later).updated_at == later
