"""What is in the files of a site."""

from __future__ import annotations

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from dideban.errors import InputError
from dideban.site import Attachment, PageCorrection, PagePhoto, ReviewedClaim, SiteInfo, site_files
from dideban.site.pages import POLICY
from unit.site.making import AT, item, site

ATOM = "{http://www.w3.org/2005/Atom}"


def files_of(*items, **values) -> dict[str, bytes]:
    return dict(site_files(site(*items, **values)))


def linked(page: bytes) -> list[dict]:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.decode())
    return json.loads(found)["@graph"]


def test_pages_of_one_thing_point_to_their_other_languages():
    files = files_of(item(lang="fa"), item(lang="ar", title="الماء"), item(lang="en", title="Water"))
    page = files["fa/bulletins/water/index.html"].decode()
    assert '<html lang="fa" dir="rtl">' in page
    for lang in ("fa", "ar", "en"):
        assert f'hreflang="{lang}" href="https://watch.example.org/{lang}/bulletins/water/"' in page
    assert '<html lang="en" dir="ltr">' in files["en/bulletins/water/index.html"].decode()
    assert 'href="../../../ar/bulletins/water/index.html"' in page, "the switch leads to the same page"


def test_a_day_is_said_in_both_calendars():
    files = files_of(item(lang="fa"), item(lang="en"))
    assert "۱۰ آبان ۱۴۰۵" in files["fa/bulletins/water/index.html"].decode()
    assert "۱ نوامبر ۲۰۲۶" in files["fa/bulletins/water/index.html"].decode()
    assert "1 November 2026" in files["en/bulletins/water/index.html"].decode()


def test_feeds_hold_what_stands_and_nothing_that_was_withdrawn():
    files = files_of(item("one", title="first"), item("two", title="Zahra of the library", withdrawn="person"))
    feed = ET.fromstring(files["fa/feed.xml"])
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["first"]
    assert [entry["title"] for entry in json.loads(files["fa/feed.json"])["items"]] == ["first"]
    for path, data in files.items():
        assert b"Zahra" not in data, path
    assert "به خواست خود آن شخص" in files["fa/bulletins/two/index.html"].decode()
    assert b"two" not in files["sitemap.xml"]
    assert json.loads(files["withdrawn.json"])["withdrawn"] == [
        {"path": "fa/bulletins/two/", "at": "2026-11-01T12:00:00Z", "reason": "person"}
    ]


def test_places_have_pages_and_feeds():
    files = files_of(item(places=("north",)), item("b", places=("بندر",)))
    assert b"\xd8\xb4\xd9\x85\xd8\xa7\xd9\x84" in files["fa/places/north/index.html"]
    assert "fa/places/north/feed.xml" in files
    assert [path for path in files if not path.isascii()] == []


def test_programs_read_the_article_and_the_claim():
    claim = ReviewedClaim(text="the water is poisoned", rating="Nothing supports it")
    media = ReviewedClaim(text="a video of the plant", rating="From 2019", media_rating="DecontextualizedContent")
    page = files_of(item(lang="en", claims=(claim, media)))["en/bulletins/water/index.html"]
    article, review, seen = linked(page)
    assert (article["@type"], article["inLanguage"], article["datePublished"]) == (
        "NewsArticle",
        "en",
        "2026-11-01T12:00:00Z",
    )
    assert (review["@type"], review["claimReviewed"]) == ("ClaimReview", "the water is poisoned")
    assert review["reviewRating"]["alternateName"] == "Nothing supports it"
    assert seen["mediaAuthenticityCategory"] == "https://schema.org/DecontextualizedContent"


def test_data_for_programs_cannot_close_its_element():
    page = files_of(item(title="</script><script>alert(1)</script>"))["fa/bulletins/water/index.html"].decode()
    assert "alert(1)</script>" not in page
    assert page.count("<script") == 1


def test_a_correction_shows_what_was_said_and_changes_the_dates():
    later = AT + timedelta(days=2)
    fix = PageCorrection(at=later, was="40 accounts shared it", now="14 accounts shared it", why="a typing error")
    files = files_of(item(lang="en", corrections=(fix,), changed_at=later))
    page = files["en/bulletins/water/index.html"]
    assert "<del>40</del> <ins>14</ins> accounts shared it" in page.decode()
    assert linked(page)[0]["dateModified"] == "2026-11-03T12:00:00Z"
    assert "a typing error" in files["en/corrections/index.html"].decode()
    assert "a typing error" in files["en/corrections/feed.xml"].decode()
    assert "a typing error" not in files["fa/corrections/index.html"].decode()


def test_a_claim_carries_its_package_and_the_command():
    package = Attachment(name="finding.zip", content=b"PK..", title="")
    claim = ReviewedClaim(text="in concert", finding_id="f0123456789abcdef", package="finding.zip")
    files = files_of(item(lang="en", attachments=(package,), claims=(claim,)))
    page = files["en/bulletins/water/index.html"].decode()
    assert files["en/bulletins/water/finding.zip"] == b"PK.."
    assert "dideban verify finding.zip" in page
    assert hashlib.sha256(b"PK..").hexdigest() in page


def test_no_page_needs_a_script_and_only_two_have_one():
    files = files_of(item(), item("b", lang="en", places=("north",)))
    scripted = {p for p, data in files.items() if p.endswith(".html") and re.search(rb"<script [^>]*src=", data)}
    assert scripted == {f"{lang}/{name}/index.html" for lang in ("fa", "ar", "en") for name in ("check", "search")}
    for path, data in files.items():
        if path.endswith(".html"):
            assert b"Content-Security-Policy" in data, path
            assert (b"script-src" in data) == (path in scripted), path
            assert not re.search(rb'\son\w+=|style="|javascript:', data), path
    assert POLICY.startswith("default-src 'none'")


def test_nothing_is_loaded_from_elsewhere_and_every_inner_link_leads_somewhere():
    files = files_of(item(lang="fa"), item(lang="en", places=("north",)), item("x", kind="lesson", lang="en"))
    for path, data in files.items():
        if not path.endswith(".html"):
            continue
        html = data.decode()
        loaded = re.findall(r'<(?:img|script|link rel="(?:icon|stylesheet)")[^>]* (?:src|href)="([^"]+)"', html)
        assert [one for one in loaded if "://" in one] == [], path
        here = path.split("/")[:-1]
        for way in re.findall(r'(?:href|src)="([^"#:?]+)"', html):
            steps = list(here)
            for step in way.split("/"):
                steps = steps[:-1] if step == ".." else [*steps, step]
            assert "/".join(steps) in files, (path, way)


def test_photos_have_words_for_those_who_do_not_see_them():
    with pytest.raises(InputError):
        PagePhoto(name="a.jpg", alt=" ", width=1, height=1)
    photo = PagePhoto(name="a.jpg", alt='A woman with a "book"', width=640, height=480)
    files = files_of(item(kind="story", photos=(photo,), attachments=(Attachment(name="a.jpg", content=b"x"),)))
    assert 'alt="A woman with a &#34;book&#34;"' in files["fa/stories/water/index.html"].decode()


@pytest.mark.parametrize(
    "base", ["javascript:alert(1)", "https://x/", "http://10.0.0.1/", "https://e.org/?a", 'https://e.org/"x']
)
def test_a_base_address_is_a_public_one(base: str) -> None:
    with pytest.raises(InputError):
        files_of(info=SiteInfo(names={"en": "x"}, base_url=base))


@pytest.mark.parametrize(
    "theme", [{"paper": "red"}, {"paper": "#fff;}*{display:none"}, {"unknown": "#ffffff"}, {"ink": "url(x)"}]
)
def test_a_theme_is_colours_and_nothing_else(theme: dict[str, str]) -> None:
    with pytest.raises(InputError):
        files_of(info=SiteInfo(names={"en": "x"}, theme=theme))


def test_a_theme_sets_colours_for_light_and_dark():
    css = files_of(info=SiteInfo(names={"en": "x"}, theme={"accent": "#0B5C6B", "dark-accent": "#6ACFE0"}))[
        "assets/site.css"
    ]
    assert css.endswith(b":root{--accent:#0b5c6b;}\n@media (prefers-color-scheme:dark){:root{--accent:#6acfe0;}}\n")


def test_a_document_of_its_own_is_written_as_it_is():
    page = b"<!doctype html><p>an exercise"
    assert files_of(item(kind="exercise", document=page))["fa/exercises/water/index.html"] == page


def test_long_lists_are_cut_into_pages():
    items = [item(f"n-{n}", published_at=AT + timedelta(minutes=n)) for n in range(65)]
    files = files_of(*items)
    names = [path for path in files if path.startswith("fa/bulletins/") and path.count("/") == 2]
    assert sorted(names) == ["fa/bulletins/index.html", "fa/bulletins/page-2.html", "fa/bulletins/page-3.html"]
    assert "n-64" in files["fa/bulletins/index.html"].decode()
    assert len(re.findall(r"<entry>", files["fa/feed.xml"].decode())) == 30
